"""Worksheets as rows of values, and what a reader of values passes over: hidden rows, formulas, errors."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from openpyxl.utils import column_index_from_string
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from geo_service.errors import InvalidInput
from geo_service.exchange.archives import check_archive
from geo_service.exchange.values import Share

UNCALCULATED = "formula"
"""Why a cell has no value: a formula whose result the file lacks; other cells name their error: ``#REF!``."""

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
# The reader lays a sheet out as a full grid: one word in the last cell of an empty sheet would take 500 GB.
_MOST_CELLS = 10_000_000
_CELL = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_REFERENCES = re.compile(rb"""\br\s*=\s*["']\s*([A-Za-z]*)(\d+)""")
_HIDDEN_ROWS = re.compile(rb"""<(?:\w+:)?row\b[^>]*\bhidden\s*=\s*["'](?:1|true)["'][^>]*>""")
_ROW_NUMBER = re.compile(rb"""\br\s*=\s*["'](\d+)""")
_ERRORS = re.compile(rb"""\bt\s*=\s*["']e["']""")
_TEXT_RESULT = re.compile(rb"""\bt\s*=\s*["']str["']""")
_FORMULAS = re.compile(rb"<(?:\w+:)?f[\s/>]")
_CELL_TAG = re.compile(rb"<(?:\w+:)?c\s[^>]*>")
_CELL_END = re.compile(rb"</(?:\w+:)?c>")
_VALUE = re.compile(rb"<(?:\w+:)?v[^>/]*>([^<]*)<")
_STYLE = re.compile(rb"""\bs\s*=\s*["'](\d+)["']""")
_STYLES = "xl/styles.xml"
_PERCENT_FORMATS = {"9": "0%", "10": "0.00%"}  # Excel's own, which no file spells out
_QUOTED = re.compile(r'"[^"]*"|\\.')

Merged = tuple[int, int, int, int]


@dataclass(frozen=True)
class Sheet:
    """One worksheet; rows and columns are counted from 1.

    Parameters
    ----------
    rows : sequence of lists
        None where a cell is empty.
    merged : sequence of (first row, first column, last row, last column)
    hidden : sequence of int
        Rows that are not shown.
    broken : mapping of (row, column) to str
        Cells without a value although something stands in them, and why.
    """

    name: str
    rows: Sequence[Sequence[Any]]
    merged: Sequence[Merged]
    hidden: Sequence[int]
    broken: Mapping[tuple[int, int], str]


def read_sheets(path: Path, *, only: str | None = None) -> Iterator[Sheet]:
    """The worksheets of a workbook in its order, one after the other.

    Raises
    ------
    InvalidInput
        When it is no workbook, has a password, is of the old format, lacks the sheet ``only``, or a sheet
        reaches too far out.
    """
    _refuse_old_formats(path)
    try:
        _check_members(path)
        with zipfile.ZipFile(path) as archive, CalamineWorkbook.from_path(path) as workbook:
            parts, percent_styles = _parts(archive), _percent_styles(archive)
            names = [sheet.name for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
            if only is not None and only not in names:
                raise InvalidInput(
                    "import.layer_unknown", where=path.name, layer=only, layers=", ".join(names)
                )
            for name in names if only is None else [only]:
                notes = _notes(archive.read(parts[name]), percent_styles, where=f"{path.name} {name}")
                yield _sheet(name, workbook.get_sheet_by_name(name), notes)
    except (
        zipfile.BadZipFile, CalamineError, ElementTree.ParseError,
        KeyError, ValueError, EOFError, NotImplementedError, RuntimeError,
    ) as error:  # fmt: skip
        raise InvalidInput("import.not_readable", where=path.name, suffix=".xlsx") from error


def _refuse_old_formats(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(len(_OLD_OFFICE)) != _OLD_OFFICE:
            return
        locked = _ENCRYPTED in file.read()
    raise InvalidInput("import.workbook_locked" if locked else "import.workbook_old", where=path.name)


def _check_members(path: Path) -> None:
    """Read once what the reader loads at once: whatever is longer than it claims fails here, not there."""
    with zipfile.ZipFile(path) as archive:
        check_archive(archive, where=path.name)
        for member in archive.namelist():
            if not member.startswith("xl/worksheets/"):
                archive.read(member)


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """The file of each sheet inside the workbook."""
    targets = {
        relation.get("Id"): relation.get("Target", "")
        for relation in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - no entity is expanded
    }
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314
    parts = {}
    for sheet in book.iter():
        if sheet.tag.endswith("}sheet"):
            target = targets[next(value for key, value in sheet.attrib.items() if key.endswith("}id"))]
            parts[sheet.get("name", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return parts


def _percent_styles(archive: zipfile.ZipFile) -> frozenset[bytes]:
    """The styles, by their number, of cells that show a number in percent."""
    if _STYLES not in archive.namelist():
        return frozenset()
    styles = {part.tag.rpartition("}")[2]: part for part in ElementTree.fromstring(archive.read(_STYLES))}  # noqa: S314
    own = {each.get("numFmtId", ""): each.get("formatCode", "") for each in styles.get("numFmts", ())}
    formats = {number for number, code in (_PERCENT_FORMATS | own).items() if "%" in _QUOTED.sub("", code)}
    cells = enumerate(styles.get("cellXfs", ()))
    return frozenset(str(number).encode() for number, style in cells if style.get("numFmtId") in formats)


@dataclass(frozen=True)
class _Notes:
    """How far out a sheet's cells reach, and what is odd among them."""

    rows: int
    columns: int
    hidden: list[int]
    broken: dict[tuple[int, int], str]
    in_percent: list[tuple[int, int]]


def _notes(xml: bytes, percent_styles: Set[bytes], *, where: str) -> _Notes:
    notes = _scan(xml, percent_styles)
    if notes.rows * notes.columns > _MOST_CELLS:
        rows, columns = _filled(xml)
        if rows * columns > _MOST_CELLS:
            raise InvalidInput("import.sheet_too_large", where=where, rows=rows, columns=columns)
    return notes


def _scan(xml: bytes, percent_styles: Set[bytes]) -> _Notes:
    """What a sheet's XML says; by patterns, for a parser takes ten times as long as reading the values."""
    references = _REFERENCES.findall(xml)
    hidden = [int(found[1]) for tag in _HIDDEN_ROWS.findall(xml) if (found := _ROW_NUMBER.search(tag))]
    return _Notes(
        max((int(row) for _, row in references), default=0),
        max((column_index_from_string(c.decode()) for c in {c for c, _ in references} if c), default=0),
        hidden,
        dict(_broken(xml)),
        list(_in_percent(xml, percent_styles)),
    )


def _in_percent(xml: bytes, styles: Set[bytes]) -> Iterator[tuple[int, int]]:
    """Where cells show a number in percent."""
    for tag in _CELL_TAG.findall(xml) if styles else ():
        style, place = _STYLE.search(tag), _REFERENCES.search(tag)
        if style and place and place[1] and style[1] in styles:
            yield int(place[2]), column_index_from_string(place[1].decode())


def _filled(xml: bytes) -> tuple[int, int]:
    """How far the cells with something in them reach: counted only where formatted ones reach too far."""
    rows, columns = 0, 0
    place = (0, 0)
    for event, element in ElementTree.iterparse(io.BytesIO(xml), ("start", "end")):  # noqa: S314
        name = element.tag.rpartition("}")[2]
        if event == "end":
            if name == "row":
                element.clear()
            continue
        if name == "c":
            found = _CELL.fullmatch(element.get("r", ""))
            place = (int(found[2]), column_index_from_string(found[1])) if found else place
        elif name in ("v", "is"):
            rows, columns = max(rows, place[0]), max(columns, place[1])
    return rows, columns


def _broken(xml: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    starts = set()
    if b'"e"' in xml or b"'e'" in xml:
        starts = {xml.rfind(b"<", 0, found.start()) for found in _ERRORS.finditer(xml)}
    for found in _FORMULAS.finditer(xml):
        starts.add(xml.rfind(b"<", 0, found.start()))
    for start in sorted(starts):
        cell = _CELL_TAG.match(xml, start)
        closing = _CELL_END.search(xml, start)
        place = cell and _CELL.search(cell[0].decode(errors="replace"))
        if cell is None or closing is None or place is None:
            continue
        inside = xml[cell.end() : closing.start()]
        value = _VALUE.search(inside)
        said = value[1].decode(errors="replace").strip() if value else ""
        at = int(place[2]), column_index_from_string(place[1])
        if _ERRORS.search(cell[0]):
            yield at, said or "#"
        elif not said and not _TEXT_RESULT.search(cell[0]):
            yield at, UNCALCULATED


def _sheet(name: str, read: CalamineSheet, notes: _Notes) -> Sheet:
    rows = [[None if cell == "" else cell for cell in row] for row in read.to_python(skip_empty_area=False)]
    for row, column in notes.in_percent:
        if row <= len(rows) and column <= len(rows[row - 1]):
            cell = rows[row - 1][column - 1]
            rows[row - 1][column - 1] = Share(cell) if type(cell) in (int, float) else cell
    merged = [
        (first[0] + 1, first[1] + 1, last[0] + 1, last[1] + 1)
        for first, last in read.merged_cell_ranges or ()
    ]
    return Sheet(name, rows, merged, notes.hidden, notes.broken)
