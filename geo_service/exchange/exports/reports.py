"""Workbooks of reports: a bulletin as it was told, and the milestone curve as a chart."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.chart import LineChart, Reference
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from geo_service.exchange.exports.workbook import cell_text, sheet_name
from geo_service.exchange.formulas import guarded
from geo_service.planning.documents.milestones import milestones_document
from geo_service.planning.documents.model import Column, Document, Row, Table, Words

_TITLE = Font(bold=True, size=14)
_HEADING_FONT = Font(bold=True, color="FFFFFF")
_HEADING_FILL = PatternFill("solid", fgColor="2F5D8A")
_MISSED_FILL = PatternFill("solid", fgColor="FDECE3")
_TOTAL = Font(bold=True)
_NOTICE = Font(bold=True, color="B00020")
_THIN = Side(style="thin", color="B8C4CF")
_BORDER = Border(top=_THIN, bottom=_THIN, left=_THIN, right=_THIN)
_CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
_DATE, _PERCENT = "yyyy-mm-dd", "0.00%"
_NUMBER_FORMATS = {"rate": _PERCENT, "score": "0.00"}
_FIRST_HEADING = 4
_CHART_CM = (24, 11)


def write_document(path: Path, document: Document) -> None:
    """The main table on the first sheet, with what it comes to and by what it is checked; then the others.

    Rates and scores stay numbers.
    """
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = sheet_name(document.name, ())
    main, others = document.tables[0], document.tables[1:]
    _write(sheet.cell(1, 1), document.title, font=_TITLE)
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(main.columns))
    _write(sheet.cell(2, 1), document.subtitle)
    _write(sheet.cell(3, 1), document.notice or None, font=_NOTICE)
    row = _table(sheet, _FIRST_HEADING, main) + 1
    sheet.freeze_panes = sheet.cell(_FIRST_HEADING + 1, 1)
    for line in document.lines:
        _write(sheet.cell(row, 1), line)
        row += 1
    for label, value in document.facts:
        row += 1
        _write(sheet.cell(row, 1), label)
        _write(sheet.cell(row, 3), value)
    _widths(sheet, _column_widths(main))
    _other_sheets(workbook, others)
    workbook.save(path)


def write_rows(path: Path, table: Table) -> None:
    """A table as CSV, with the mark at its beginning by which Excel knows UTF-8."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.heading for column in table.columns])
        writer.writerows(
            [guarded(value) if isinstance(value, str) else value for value in row.cells] for row in table.rows
        )


def _other_sheets(workbook: Workbook, tables: Sequence[Table]) -> None:
    """A sheet for every further table; two of one title keep theirs apart by their number."""
    for number, table in enumerate(tables, start=2):
        sheet = workbook.create_sheet(sheet_name(f"{number} {table.title}", workbook.sheetnames))
        _write(sheet.cell(1, 1), table.title, font=_TITLE)
        _table(sheet, 3, table)
        _widths(sheet, _column_widths(table))


def _table(sheet: Worksheet, row: int, table: Table) -> int:
    """Write a table; the row after its last."""
    _headings(sheet, row, [column.heading for column in table.columns])
    for each in table.rows:
        row += 1
        font = _TOTAL if each.mark == "total" else None
        for place, (column, value) in enumerate(zip(table.columns, each.cells, strict=True), start=1):
            cell = sheet.cell(row, place)
            _write(cell, value, font=font)
            cell.border = _BORDER
            cell.number_format = _NUMBER_FORMATS.get(column.kind, "General")
            if each.mark == "missed":
                cell.fill = _MISSED_FILL
    return row + 1


def _column_widths(table: Table) -> list[int]:
    return [max(8, 2 * column.width) for column in table.columns]


def write_curve(path: Path, report: Mapping[str, Any], *, language: str) -> None:
    """Plan and actual as a table and a chart; milestones and where each part stands on sheets of their own.

    Parameters
    ----------
    report : mapping
        As ``pipeline.milestones`` prints it.
    language : {"zh", "en"}
    """
    words, document = Words(language), milestones_document(report, language)
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = sheet_name(document.name, ())
    _write(sheet.cell(1, 1), document.title, font=_TITLE)
    _write(sheet.cell(2, 1), document.subtitle)
    points = _points(report, words)
    last = _table(sheet, 3, points) - 1
    for row in range(4, last + 1):
        sheet.cell(row, 1).number_format = _DATE
    _widths(sheet, _column_widths(points))
    chart = LineChart()
    chart.title = words.title(report["target"])
    chart.width, chart.height = _CHART_CM
    chart.add_data(Reference(sheet, min_col=2, max_col=3, min_row=3, max_row=last), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=4, max_row=last))
    chart.x_axis.number_format = _DATE
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.scaling.min = 0
    sheet.add_chart(chart, "G3")
    _other_sheets(workbook, document.tables)
    workbook.save(path)


def _points(report: Mapping[str, Any], words: Words) -> Table:
    """Every day that was counted or is a milestone: what was asked for by then, and what there was."""
    plan = {step["date"]: step["required"] for step in report["total"]["steps"]}
    actual = {point["date"]: point for point in report["total"]["points"]}
    rows = []
    for day in sorted({*plan, *actual}):
        asked = [plan[each] for each in sorted(plan) if each <= day]
        point = actual.get(day, {})
        counts = (point.get(key) for key in ("numerator", "denominator", "rate"))
        rows.append(Row((date.fromisoformat(day), asked[-1] if asked else 0, *counts)))
    columns = (
        Column(words.word("date"), width=7),
        *(Column(words.word(key), "count") for key in ("required", "covered", "base")),
        Column(words.word("rate"), "rate"),
    )
    return Table("", columns, tuple(rows))


def _write(cell: Cell, value: Any, *, font: Font | None = None) -> None:
    cell.value = cell_text(value) if isinstance(value, str) else value
    if isinstance(value, str):
        # A name that begins with "=" stays a name: without this it would be run as a formula.
        cell.data_type = "s"
    if font:
        cell.font = font


def _headings(sheet: Worksheet, row: int, titles: Sequence[str]) -> None:
    for column, title in enumerate(titles, start=1):
        cell = sheet.cell(row, column)
        _write(cell, title, font=_HEADING_FONT)
        cell.fill, cell.alignment, cell.border = _HEADING_FILL, _CENTRED, _BORDER


def _widths(sheet: Worksheet, widths: Sequence[int]) -> None:
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
