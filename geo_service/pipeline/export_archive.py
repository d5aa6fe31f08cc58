"""One ZIP with the files of every sub-district of an area: written one after the other, then packed."""

from __future__ import annotations

import csv
import io
import re
import tempfile
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from geo_service.errors import InvalidInput
from geo_service.exchange.exports.staging import staged
from geo_service.exchange.formulas import guarded
from geo_service.pipeline.export_formats import Format
from geo_service.pipeline.export_reading import Export
from geo_service.pipeline.export_report import ExportedFile, ExportReport
from geo_service.store.areas import areas_inside

# A code or a name is the user's own and may hold anything.
_NOT_IN_FILE_NAMES = re.compile(r"[^\w.-]")
_LONGEST_NAME = 60


def in_file_name(words: str) -> str:
    """``words`` as a part of a file's name, whatever signs are in it."""
    return _NOT_IN_FILE_NAMES.sub("_", words)


def write_archive(export: Export, format: Format, suffix: str, each: str, out: Path) -> ExportReport:
    """Write a ZIP of a folder for each area of the kind ``each`` in the area asked for, all as of one moment.

    A layer that is empty in one of them is there with its columns; an area with nothing that the format
    could show has no file. The table of contents lists all of them.

    Raises
    ------
    InvalidInput
        When the area has none of that kind, or none of them has anything.
    """
    code = export.request.area or ""
    parts = areas_inside(export.connection, code, each)
    if not parts:
        raise InvalidInput("export.no_parts", where=code, each=export.word(f"each_{each}"))
    if out.is_dir() or not out.suffix:
        out = out / f"{in_file_name(code)}-{suffix}.zip"
    listed: list[tuple[str, str, str, str, int]] = []
    remarks = list(export.remarks)
    with staged(out.parent) as scratch:
        with zipfile.ZipFile(scratch / out.name, "w", zipfile.ZIP_DEFLATED) as bundle:
            for number, (part, name) in enumerate(parts.items()):
                export.progress("export.parts", number, len(parts))
                one = _part_of(export, part, name)
                file_name = "" if format.a_file_a_layer else f"{in_file_name(part)}.{suffix}"
                written = _pack(one, format, file_name, scratch, bundle)
                listed += [(part, name, layer, path, features) for layer, path, features in written]
                remarks += [f"{name}: {remark}" for remark in one.remarks]
            features = sum(row[-1] for row in listed)
            export.refuse_empty(features)
            bundle.writestr(f"{export.word('contents')}.csv", _contents(export, listed))
        export.progress("export.parts", len(parts), len(parts))
    return ExportReport((ExportedFile(out, "", features, out.stat().st_size),), tuple(remarks))


def _part_of(export: Export, code: str, name: str) -> Export:
    return replace(
        export,
        area_name=name,
        request=replace(export.request, area=code),
        may_be_empty=True,
        total=None,
        written=Counter(),
        remarks=[],
    )


def _pack(
    export: Export, format: Format, file_name: str, scratch: Path, bundle: zipfile.ZipFile
) -> list[tuple[str, str, int]]:
    """Write one part's files, and move them into the archive: the disk holds those of one part at a time."""
    folder = f"{in_file_name(export.request.area or '')}_{in_file_name(export.area_name)[:_LONGEST_NAME]}"
    with tempfile.TemporaryDirectory(dir=scratch) as aside:
        try:
            written = format.write(export, Path(aside), file_name)
        except InvalidInput as error:
            if error.key != "export.empty":
                raise
            return [("", "", 0)]
        for path in sorted(Path(aside).iterdir()):
            bundle.write(path, f"{folder}/{path.name}")
    return [(layer, f"{folder}/{path.name}", features) for path, layer, features in written]


def _contents(export: Export, listed: Sequence[tuple[str, str, str, str, int]]) -> bytes:
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(export.word(f"contents_{key}") for key in ("code", "name", "layer", "file", "features"))
    titles = {layer.name: layer.title.in_language(export.language) for layer in export.layers}
    for code, name, layer, path, features in listed:
        writer.writerow([guarded(code), guarded(name), titles.get(layer, layer), path, features])
    return table.getvalue().encode("utf-8-sig")
