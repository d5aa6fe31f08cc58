"""Shapefiles: short ASCII names with a dictionary of them, texts in UTF-8 or GBK, none cut through a sign."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from geo_service.errors import InvalidInput, Unavailable
from geo_service.exchange.exports.arrow import ArrowTable
from geo_service.exchange.exports.table import ExportField, ExportTable
from geo_service.exchange.exports.vector import write_by_gdal
from geo_service.exchange.field_dictionary import HEADINGS, dictionary_path

ENCODINGS = ("utf-8", "gbk")
NAME_LENGTH = 10
LONGEST_TEXT_BYTES = 254
# What GDAL says of a file of which ArcGIS could open no more.
_TOO_LARGE = "2GB"


def write_shapefile(path: Path, table: ExportTable, *, encoding: str = "utf-8") -> tuple[Path, Counter[str]]:
    """One table as a Shapefile (with .cpg), and the dictionary of its shortened field names.

    Parameters
    ----------
    encoding : str
        One of ``ENCODINGS``.

    Returns
    -------
    Path
        The dictionary, a CSV that Excel opens: short name, name, title, unit, and how many texts were cut
        because a Shapefile holds 254 bytes of each.
    Counter of str
        Texts cut, by field.

    Raises
    ------
    InvalidInput
        When a text has a sign that GBK lacks, or the file outgrows 2 GB.
    Unavailable
        When GDAL cannot write the file.
    """
    names = short_names([field.name for field in table.fields])
    texts = _Texts(table.name, encoding)
    try:
        write_by_gdal(
            path,
            ArrowTable(table, names, texts.fitted),
            driver="ESRI Shapefile",
            encoding=encoding.upper(),
            layer_options={"2GB_LIMIT": "YES"},
            **({"geometry_type": table.geometry_type.removeprefix("Multi")} if table.has_geometry else {}),
        )
    except Unavailable as error:
        if _TOO_LARGE in str(error.values.get("reason")):
            raise InvalidInput("export.shapefile_too_large", where=table.name) from error
        raise
    _check_complete(path, table)
    return _write_dictionary(path, table, names, texts.cut), texts.cut


def _check_complete(path: Path, table: ExportTable) -> None:
    """Refuse a Shapefile of which the disk took a part only: GDAL does not always hear of it."""
    with path.with_suffix(".dbf").open("rb") as file:
        head = file.read(12)
    rows, start, row = (int.from_bytes(head[a:b], "little") for a, b in ((4, 8), (8, 10), (10, 12)))
    whole = path.with_suffix(".dbf").stat().st_size >= start + rows * row
    if table.has_geometry:
        with path.open("rb") as file:
            file.seek(24)
            stated = 2 * int.from_bytes(file.read(4), "big")
        whole = whole and path.stat().st_size >= stated
        whole = whole and path.with_suffix(".shx").stat().st_size >= 100 + 8 * rows
    if not whole:
        raise Unavailable("export.disk_full", where=path.name)


class _Texts:
    """Fits texts to what a dBase table holds, and counts those that lost their end."""

    def __init__(self, layer: str, encoding: str) -> None:
        self.layer = layer
        self.encoding = encoding
        self.cut: Counter[str] = Counter()

    def fitted(self, name: str, texts: pa.StringArray) -> pa.StringArray:
        """The same texts, each of 254 bytes at most in the encoding of the file."""
        longest = pc.max(pc.binary_length(texts)).as_py() or 0
        if longest <= LONGEST_TEXT_BYTES and self.encoding == "utf-8":
            return texts
        coded = texts.dictionary_encode()
        fitted = [self._cut(name, text) for text in coded.dictionary.to_pylist()]
        self.cut[name] += sum(
            fitted[index] is not None and fitted[index] != text
            for index, text in zip(coded.indices.to_pylist(), texts.to_pylist(), strict=True)
            if index is not None
        )
        return pa.array(fitted, pa.string()).take(coded.indices)

    def _cut(self, name: str, text: str) -> str:
        try:
            written = text.encode(self.encoding)
        except UnicodeEncodeError as error:
            where = f"{self.layer}.{name}"
            raise InvalidInput("export.not_in_gbk", where=where, text=text, sign=text[error.start]) from error
        if len(written) <= LONGEST_TEXT_BYTES:
            return text
        return written[:LONGEST_TEXT_BYTES].decode(self.encoding, "ignore")


def _write_dictionary(path: Path, table: ExportTable, names: Sequence[str], cut: Counter[str]) -> Path:
    dictionary = dictionary_path(path)
    with dictionary.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        for short, field in zip(names, table.fields, strict=True):
            writer.writerow(
                [short, field.name, field.title, field.unit, _coded(field), cut.get(field.name, "")]
            )
        if table.is_shifted:
            writer.writerow(["geometry", "", table.described, "", "", ""])
    return dictionary


def _coded(field: ExportField) -> str:
    return "; ".join(f"{code} = {label}" for code, label in field.values.items())


def short_names(names: Sequence[str]) -> list[str]:
    """Distinct names of at most 10 ASCII characters, as a dBase table needs them.

    >>> short_names(["households", "households_covered", "households_rate"])
    ['households', 'househol_1', 'househol_2']
    """
    taken: list[str] = []
    for name in names:
        short, number = name[:NAME_LENGTH], 0
        while short in taken:
            number += 1
            suffix = f"_{number}"
            short = name[: NAME_LENGTH - len(suffix)] + suffix
        taken.append(short)
    return taken
