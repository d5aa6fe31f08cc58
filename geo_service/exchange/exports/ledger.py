"""The ledger (台账) as a workbook: a sheet a community, laid out as the plan's form, ready to be printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from geo_service.exchange.exports.ledger_layout import COLUMNS, SERIAL, TICK, LedgerColumn
from geo_service.exchange.exports.table import ExportTable
from geo_service.exchange.exports.workbook import cell_text, sheet_name, write_sheet
from geo_service.exchange.field import ValueType
from geo_service.exchange.ledger_footer import Footer

Unit = Mapping[str, Any]

TITLE = "住宅小区基本情况台账"
_FOOTER = (
    ("填写人：", "filler", 1), ("联系电话：", "filler_phone", 5),
    ("负责人：", "person_in_charge", 9), ("联系电话：", "charge_phone", 13),
)  # fmt: skip
_TOTAL = "合计"
_YES_NO = {True: "是", False: "否"}
_FIRST_ROW = 4
_FROZEN = "F4"  # below the header, right of the name
_DATE = "yyyy-mm-dd"
_CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
_HEAD_FILL = PatternFill("solid", fgColor="E4ECF5")


def write_ledger(
    path: Path,
    units: Iterable[Unit],
    *,
    on: date,
    columns: Sequence[LedgerColumn] = COLUMNS,
    footers: Mapping[str, Footer] = MappingProxyType({}),
    further: Callable[[], Iterable[ExportTable]] = tuple,
) -> Counter[str]:
    """Write the units, which come community by community; returns how many each sheet has.

    Every cell is read back as it was by ``exchange.ledger``. What the last line of a sheet has nothing for is
    left to be filled in by hand.

    Parameters
    ----------
    units : iterable of mappings
        By the names of the ledger's fields, as ``store.ledger`` has them.
    columns : sequence of LedgerColumn
        With a district's own types where it has some.
    footers : mapping of str to Footer
        By the community's code.
    further : callable
        Tables that follow on sheets of their own; asked for once all units are written.
    """
    workbook = Workbook(write_only=True)
    written: Counter[str] = Counter()
    for (subdistrict, community, code), together in groupby(units, key=_community):
        name = sheet_name(_sheet_title(subdistrict, community, list(written)), list(written))
        sheet = workbook.create_sheet(name)
        try:
            title = f"{subdistrict or ''}{community}{TITLE}（{on}）"
            written[name] = _write_sheet(sheet, columns, together, title, footers.get(code, Footer()))
        finally:
            # Rows wait in a temporary file that must be closed, whatever happens.
            sheet.close()
    names = list(written)
    for table in further():
        names.append(sheet_name(table.title, names))
        sheet = workbook.create_sheet(names[-1])
        try:
            write_sheet(sheet, table, {"total": _TOTAL, "yes": _YES_NO[True], "no": _YES_NO[False]})
        finally:
            sheet.close()
    if written:
        workbook.save(path)
    return written


def _community(unit: Unit) -> tuple[str | None, str, str]:
    return unit["subdistrict"], unit["community"], unit["community_code"]


def _sheet_title(subdistrict: str | None, community: str, taken: list[str]) -> str:
    """The community's name; with its street's where another community of that name has a sheet."""
    is_taken = sheet_name(community, []).casefold() in map(str.casefold, taken)
    return f"{subdistrict} {community}" if is_taken and subdistrict else community


def _write_sheet(
    sheet: WriteOnlyWorksheet,
    columns: Sequence[LedgerColumn],
    units: Iterable[Unit],
    title: str,
    footer: Footer,
) -> int:
    _set_up(sheet, columns)
    _write_head(sheet, columns, title)
    totals: Counter[int] = Counter()
    count = 0
    for count, unit in enumerate(units, 1):
        sheet.append(list(_cells(sheet, columns, count, unit, totals)))
    _write_totals(sheet, columns, totals)
    _write_footer(sheet, columns, footer)
    _offer_choices(sheet, columns, last=_FIRST_ROW + count - 1)
    return count


def _set_up(sheet: WriteOnlyWorksheet, columns: Sequence[LedgerColumn]) -> None:
    for number, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.freeze_panes = _FROZEN
    sheet.print_title_rows = "1:3"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A3
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    # Lines come from the printer: a border on every empty cell doubles the time of writing.
    sheet.print_options.gridLines = True
    sheet.oddFooter.center.text = "&P / &N"


def _write_head(sheet: WriteOnlyWorksheet, columns: Sequence[LedgerColumn], title: str) -> None:
    heading = _text(sheet, title)
    heading.font, heading.alignment = Font(bold=True, size=16), _CENTRED
    sheet.append([heading])
    sheet.merged_cells.add(f"A1:{get_column_letter(len(columns))}1")
    sheet.append([_heading(sheet, column.group or column.title) for column in columns])
    sheet.append([_heading(sheet, column.title if column.group else "") for column in columns])
    for group, members in groupby(enumerate(columns, 1), key=lambda each: each[1].group):
        numbers = [number for number, _ in members]
        if group:
            sheet.merged_cells.add(f"{_at(numbers[0], 2)}:{_at(numbers[-1], 2)}")
        else:
            for number in numbers:
                sheet.merged_cells.add(f"{_at(number, 2)}:{_at(number, 3)}")


def _at(column: int, row: int) -> str:
    return f"{get_column_letter(column)}{row}"


def _heading(sheet: WriteOnlyWorksheet, words: str) -> WriteOnlyCell:
    cell = _text(sheet, words)
    cell.font, cell.fill, cell.alignment = Font(bold=True), _HEAD_FILL, _CENTRED
    return cell


def _text(sheet: WriteOnlyWorksheet, words: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, cell_text(words))
    # A name that begins with "=" stays a name: without this it would be run as a formula.
    cell.data_type = "s"
    return cell


def _cells(
    sheet: WriteOnlyWorksheet, columns: Sequence[LedgerColumn], serial: int, unit: Unit, totals: Counter[int]
) -> Iterator[Any]:
    for place, column in enumerate(columns):
        value = serial if column.field == SERIAL else unit.get(column.field)
        if value is None:
            yield None
            continue
        if column.option is not None:
            ticked = column.option in value if column.type is ValueType.OPTIONS else column.option == value
            totals[place] += ticked
            yield TICK if ticked else None
            continue
        if column.total:
            totals[place] += value
        yield _cell(sheet, column, value)


def _cell(sheet: WriteOnlyWorksheet, column: LedgerColumn, value: Any) -> Any:
    if isinstance(value, bool):
        return _YES_NO[value]
    if isinstance(value, str):
        words = column.words.get(value, value)
        # Only what could be taken for something else needs a cell of its own: that costs as much again.
        return _text(sheet, words) if words[:1] in "=#" or "_x" in words or not words.isprintable() else words
    if isinstance(value, date):
        cell = WriteOnlyCell(sheet, value)
        cell.number_format = _DATE
        return cell
    if isinstance(value, float) and float(f"{value:.16g}") != value:
        # The writer keeps 16 digits, and the seventeenth tells two numbers apart.
        cell = WriteOnlyCell(sheet, repr(value))
        cell.data_type = "n"
        return cell
    return value


def _write_totals(sheet: WriteOnlyWorksheet, columns: Sequence[LedgerColumn], totals: Counter[int]) -> None:
    line: list[Any] = [None] * len(columns)
    line[0] = _heading(sheet, _TOTAL)
    for place, total in totals.items():
        cell = WriteOnlyCell(sheet, round(total, 2))
        cell.font = Font(bold=True)
        line[place] = cell
    sheet.append(line)


def _write_footer(sheet: WriteOnlyWorksheet, columns: Sequence[LedgerColumn], footer: Footer) -> None:
    line: list[Any] = [None] * len(columns)
    for words, name, column in _FOOTER:
        said = getattr(footer, name)
        line[column - 1 : column + 1] = [words, None if said is None else _text(sheet, said)]
    sheet.append(line)


def _offer_choices(sheet: WriteOnlyWorksheet, columns: Sequence[LedgerColumn], *, last: int) -> None:
    for number, column in enumerate(columns, 1):
        if (choices := _choices(column)) is not None:
            rule = DataValidation(type="list", formula1=f'"{",".join(choices)}"', allow_blank=True)
            if column.hint:
                rule.promptTitle, rule.prompt, rule.showInputMessage = column.title, column.hint, True
            rule.add(f"{_at(number, _FIRST_ROW)}:{_at(number, last)}")
            sheet.data_validations.append(rule)


def _choices(column: LedgerColumn) -> list[str] | None:
    if column.option is not None:
        return [TICK]
    if column.type is ValueType.ANSWER:
        return list(_YES_NO.values())
    return list(column.words.values()) or None
