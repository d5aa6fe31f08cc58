"""The verb that exports layers of an area to files other programs open."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, Engine

from geo_service import messages
from geo_service.access import Actor
from geo_service.errors import InvalidInput
from geo_service.exchange.exports.staging import staged
from geo_service.exchange.exports.target_crs import target_srid
from geo_service.pipeline.export_archive import in_file_name, write_archive
from geo_service.pipeline.export_formats import DRAWINGS, FORMATS, PROJECTS, STORAGE_SRID
from geo_service.pipeline.export_reading import Export
from geo_service.pipeline.export_report import ExportedFile, ExportReport
from geo_service.pipeline.policies import by_policy, in_own_words
from geo_service.pipeline.sheet_choice import SheetChoice
from geo_service.progress import Progress, silent
from geo_service.publish.load import load_layers
from geo_service.publish.map_mark import LONGEST_REVIEW_NUMBER
from geo_service.publish.model import Layer, LayerSet
from geo_service.publish.statements import LayerRequest
from geo_service.resources import layers_dir
from geo_service.store.areas import require_area, today
from geo_service.store.layers import crs_is_known, read_extent
from geo_service.store.plans import require_plan
from geo_service.store.record_batches import BatchReader
from geo_service.store.session import transaction

EACH = ("subdistrict", "community")
"""What a ZIP of an area's parts may be divided by."""
DATUMS = ("cgcs2000", "gcj02")
_DEGREES = (STORAGE_SRID, 4326)


def export_layers(
    engine: Engine,
    actor: Actor,
    *,
    area_code: str,
    layers: Sequence[str],
    format: str,
    out: Path,
    on: date | None = None,
    crs: str | None = None,
    datum: str = DATUMS[0],
    encoding: str = "utf-8",
    each: str | None = None,
    plan_id: int | None = None,
    target: str | None = None,
    measure: str | None = None,
    language: str = messages.DEFAULT_LANGUAGE,
    map_review_no: str | None = None,
    sheet: SheetChoice = SheetChoice(),  # noqa: B008 - frozen
    service: str | None = None,
    layer_set: LayerSet | None = None,
    progress: Progress = silent,
) -> ExportReport:
    """Write layers of an area to files.

    Parameters
    ----------
    layers : sequence of str
        Layer names; none takes every layer the role may read, for the formats that show a whole map.
    format : str
        One of ``FORMATS``.
    out : Path
        The file; a folder where the format gives several files or the path has no suffix. Files of the same
        name are replaced once the new ones are complete.
    on : date, optional
        The day the layers show; today by default.
    crs : str, optional
        EPSG code of the coordinates; EPSG:4490 by default. Some formats know one CRS alone.
    datum : str
        ``gcj02`` shifts the coordinates for hand-over to consumer maps, and the file says so.
    encoding : str
        Of the texts of a Shapefile: ``utf-8``, or ``gbk``, which refuses signs it lacks.
    each : str, optional
        One of ``EACH``: write one ZIP with a folder for each of them in the area.
    plan_id : int, optional
        Show this plan's zones instead of the published ones.
    target : str, optional
        The target of the policy profile whose milestones are shown; all by default, and drawn by the first.
    measure : str, optional
        What layers of coverage are coloured by.
    map_review_no : str, optional
        审图号 for png and pdf; without one they bear the internal mark.
    sheet : SheetChoice
        The paper of png and pdf, and which kind of sheet.
    service : str, optional
        Address of the running service that a QGIS project (qgz) reads, instead of a GeoPackage beside it.
    layer_set : LayerSet, optional
        The layers to choose from; those that ship by default.

    Raises
    ------
    InvalidInput, NotFound, Forbidden
        For an unknown format, CRS, layer, area, plan or target, one that does not go with another, a layer
        not for this role, or nothing to export or to draw.
    Unavailable
        When the disk is full, or the machine lacks a Chinese typeface for a drawing.
    """
    _check(format, datum, encoding, crs, each)
    _check_drawing(format, sheet, map_review_no, service)
    available = (layer_set or load_layers(layers_dir())).by_measure(measure)
    readable = [layer.name for layer in available.readable_by(actor.role)]
    if not layers and not FORMATS[format].all_by_default:
        raise InvalidInput("export.no_layers", where="--layers", known=", ".join(readable))
    chosen = [available.get(name, actor.role) for name in dict.fromkeys(layers or readable)]
    _check_shapes(format, chosen)
    # What a link points at is replaced, not the link.
    out = out.resolve() if out.is_symlink() else out
    _check_name(out, format, each, len(chosen))
    with (
        transaction(engine, actor, read_only=True) as connection,
        closing(BatchReader(connection, actor)) as reader,
    ):
        area = require_area(connection, area_code)
        if plan_id is not None:
            require_plan(connection, plan_id)
        available = in_own_words(connection, available).by_target(target)
        export = Export(
            connection=connection,
            reader=reader,
            actor=actor,
            area_name=area.name,
            request=by_policy(connection, LayerRequest(on or today(connection), area_code, plan_id, target)),
            layers=[available.get(layer.name) for layer in chosen],
            available=available,
            srid=_srid(connection, crs, format, area_code),
            language=language,
            map_review_no=map_review_no,
            progress=progress,
            datum=datum,
            encoding=encoding,
            sheet=sheet,
            service=service,
        )
        for layer in chosen if layers else ():
            if not FORMATS[format].holds(layer):
                export.remark("table_left_out", layer=layer.name, format=format)
        if each is not None:
            return write_archive(export, FORMATS[format], format, each, out)
        folder, name = _destination(out, format, area_code, len(chosen))
        with staged(folder) as scratch:
            written = FORMATS[format].write(export, scratch, name)
    return ExportReport(
        tuple(
            ExportedFile(folder / path.name, layer, features, (folder / path.name).stat().st_size)
            for path, layer, features in written
        ),
        tuple(export.remarks),
    )


def _check(format: str, datum: str, encoding: str, crs: str | None, each: str | None) -> None:
    if format not in FORMATS:
        raise InvalidInput("export.unknown_format", where=format, format=format, known=", ".join(FORMATS))
    if datum not in DATUMS:
        raise InvalidInput("export.datum_unknown", where="--datum", datum=datum, known=", ".join(DATUMS))
    if datum == "gcj02":
        if not FORMATS[format].holds_gcj02:
            raise InvalidInput("export.datum_not_for_format", where="--datum", format=format)
        if crs is not None and crs.strip().upper().removeprefix("EPSG:") not in map(str, _DEGREES):
            raise InvalidInput("export.datum_with_crs", where="--crs", crs=crs)
    if encoding not in FORMATS[format].encodings:
        known = ", ".join(FORMATS[format].encodings)
        raise InvalidInput(
            "export.encoding_unknown", where="--encoding", encoding=encoding, format=format, known=known
        )
    if each is not None and each not in EACH:
        raise InvalidInput("export.each_unknown", where="--each", each=each, known=", ".join(EACH))


def _check_drawing(format: str, sheet: SheetChoice, map_review_no: str | None, service: str | None) -> None:
    if sheet != SheetChoice() and format not in DRAWINGS:
        raise InvalidInput("sheet.not_a_drawing", where="--paper", format=format)
    if map_review_no is not None and len(map_review_no) > LONGEST_REVIEW_NUMBER:
        raise InvalidInput("sheet.review_number_long", where="--map-review-no", most=LONGEST_REVIEW_NUMBER)
    if service is not None and format not in PROJECTS:
        raise InvalidInput("qgis_project.no_project", where="--service")


def _check_shapes(format: str, chosen: Sequence[Layer]) -> None:
    if not any(FORMATS[format].holds(layer) for layer in chosen):
        names = ", ".join(layer.name for layer in chosen)
        raise InvalidInput("export.nothing_to_draw", where="--layers", format=format, layers=names)


def _check_name(out: Path, format: str, each: str | None, layer_count: int) -> None:
    """Refuse a file name that says another format than the file has, or one name for several files."""
    suffix, expected = out.suffix.lower(), ".zip" if each else f".{format}"
    if out.is_dir() or suffix not in {".zip", *(f".{name}" for name in FORMATS)}:
        return
    if suffix != expected and format not in PROJECTS:
        raise InvalidInput("export.name_of_another", where=str(out), suffix=suffix, expected=expected)
    if FORMATS[format].a_file_a_layer and layer_count > 1 and each is None:
        raise InvalidInput("export.several_files", where=str(out), format=format, count=layer_count)


def _srid(connection: Connection, crs: str | None, format: str, area_code: str) -> int:
    fixed = FORMATS[format].fixed_srid
    if crs is None:
        return fixed or STORAGE_SRID
    srid = target_srid(crs, read_extent(connection, area_code, STORAGE_SRID))
    if not crs_is_known(connection, srid):
        raise InvalidInput("export.crs_unreadable", where="--crs", crs=crs)
    if fixed and srid != fixed:
        raise InvalidInput("export.crs_not_for_format", where="--crs", crs=crs, format=format)
    return srid


def _destination(out: Path, format: str, area_code: str, layer_count: int) -> tuple[Path, str]:
    """The folder, and the file name in it; the name is empty where every layer names its own file."""
    chosen = FORMATS[format]
    is_folder = out.is_dir() or not out.suffix
    if chosen.a_file_a_layer and (is_folder or chosen.names_parts or layer_count > 1):
        single_named = chosen.names_parts and layer_count == 1 and not is_folder
        return (out.parent, out.name) if single_named else (out, "")
    return (out, f"{in_file_name(area_code)}.{format}") if is_folder else (out.parent, out.name)
