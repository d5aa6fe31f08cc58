"""Excel workbooks: a sheet a layer, readable headings, numbers as numbers, totals where they make sense."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from geo_service.errors import InvalidInput
from geo_service.exchange.exports.table import ExportField, ExportTable

MAX_ROWS = 1_048_576
_SHEET_NAME_LENGTH = 31
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_RESERVED = {"history"}
# What XML has no sign for makes Excel refuse the whole workbook.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A text that Excel would take for an escaped character is escaped itself.
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_HEADING_FONT = Font(bold=True, color="FFFFFF")
_HEADING_FILL = PatternFill("solid", fgColor="2F5D8A")
_HEADING_ALIGNMENT = Alignment(horizontal="center", vertical="center", wrap_text=True)
_TOTAL_FONT = Font(bold=True)
_TOTAL_BORDER = Border(top=Side(style="thin"))
_NUMBER_FORMATS = {"integer": "0", "number": "#,##0.00", "date": "yyyy-mm-dd", "degree": "0.0000000"}
_PERCENT = "0.00%"
_WIDTHS = {"text": 20, "integer": 11, "number": 14, "boolean": 9, "date": 12, "degree": 14}


def write_workbook(path: Path, tables: Sequence[ExportTable], *, words: Mapping[str, str]) -> None:
    """One sheet a table.

    Parameters
    ----------
    words : mapping
        ``total``, ``yes`` and ``no`` in the reader's language.

    Raises
    ------
    InvalidInput
        When a table has more rows than a sheet can hold.
    """
    workbook = Workbook(write_only=True)
    names: list[str] = []
    try:
        for table in tables:
            names.append(sheet_name(table.title, names))
            write_sheet(workbook.create_sheet(names[-1]), table, words)
    finally:
        # Rows wait in temporary files that must be closed, whatever happens.
        for sheet in workbook:
            sheet.close()
    workbook.save(path)


def cell_text(words: str) -> str:
    """Words as a cell can hold them."""
    return _ESCAPED.sub("_x005F_", _NO_XML.sub("", words))


def sheet_name(title: str, taken: Sequence[str]) -> str:
    """A name that Excel allows and that no other sheet has: it counts in UTF-16 and tells no case apart."""
    plain = _NOT_IN_SHEET_NAMES.sub(" ", _NO_XML.sub("", title)).strip(" '")
    name = _cut(plain, _SHEET_NAME_LENGTH) or "layer"
    used = {each.casefold() for each in taken} | _RESERVED
    number = 1
    while name.casefold() in used:
        number += 1
        name = f"{_cut(plain, _SHEET_NAME_LENGTH - 1 - len(str(number)))} {number}"
    return name


def _cut(words: str, length: int) -> str:
    return words.encode("utf-16-le")[: 2 * length].decode("utf-16-le", "ignore").rstrip(" '")


def write_sheet(sheet: WriteOnlyWorksheet, table: ExportTable, words: Mapping[str, str]) -> None:
    """One table; ``words`` as of ``write_workbook``."""
    fields = list(table.fields)
    for place, field in enumerate(fields, start=1):
        widest = max(_WIDTHS[field.type], 2 * min(len(field.heading), 8))
        sheet.column_dimensions[get_column_letter(place)].width = widest
    sheet.freeze_panes = "A2"
    sheet.append([_heading_cell(sheet, field.heading) for field in fields])
    totals: dict[str, float] = {field.name: 0 for field in fields if field.total}
    written = 1
    for rows in table.rows():
        written += len(rows)
        if written > MAX_ROWS - 1:
            raise InvalidInput("export.too_many_rows", where=table.name, most=MAX_ROWS - 2)
        for row in rows:
            named = dict(zip((field.name for field in fields), row, strict=False))
            for name in totals:
                totals[name] += named[name] or 0
            sheet.append([_cell(sheet, field, named[field.name], words) for field in fields])
    if totals and written > 1:
        sheet.append(_total_cells(sheet, fields, totals, words))


def _heading_cell(sheet: WriteOnlyWorksheet, title: str) -> WriteOnlyCell:
    cell = _text_cell(sheet, title)
    cell.font, cell.fill, cell.alignment = _HEADING_FONT, _HEADING_FILL, _HEADING_ALIGNMENT
    return cell


def _text_cell(sheet: WriteOnlyWorksheet, value: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, cell_text(value))
    # A name that begins with "=" stays a name: without this it would be run as a formula.
    cell.data_type = "s"
    return cell


def _cell(sheet: WriteOnlyWorksheet, field: ExportField, value: Any, words: Mapping[str, str]) -> Any:
    if value is None:
        return None
    if isinstance(value, bool):
        return words["yes" if value else "no"]
    if isinstance(value, str):
        return _text_cell(sheet, field.values.get(value, value))
    cell = WriteOnlyCell(sheet, value)
    cell.number_format = _PERCENT if field.ratio else _NUMBER_FORMATS.get(field.type, "General")
    return cell


def _total_cells(
    sheet: WriteOnlyWorksheet,
    fields: Sequence[ExportField],
    totals: Mapping[str, float],
    words: Mapping[str, str],
) -> list[Any]:
    cells: list[Any] = []
    for place, field in enumerate(fields):
        value: Any = totals.get(field.name)
        if field.ratio:
            numerator, denominator = (totals.get(name, 0) for name in field.ratio)
            value = numerator / denominator if denominator else None
        cell = _text_cell(sheet, words["total"]) if place == 0 else _cell(sheet, field, value, words)
        if cell is not None:
            cell.font, cell.border = _TOTAL_FONT, _TOTAL_BORDER
        cells.append(cell)
    return cells
