"""Workbooks of reports: the ranking of a month as it was told, and the milestone curve as a chart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.chart import LineChart, Reference
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

Word = Callable[[str], str]

_TITLE = Font(bold=True, size=14)
_HEADING_FONT = Font(bold=True, color="FFFFFF")
_HEADING_FILL = PatternFill("solid", fgColor="2F5D8A")
_MISSED_FILL = PatternFill("solid", fgColor="FDECE3")
_TOTAL = Font(bold=True)
_THIN = Side(style="thin", color="B8C4CF")
_BORDER = Border(top=_THIN, bottom=_THIN, left=_THIN, right=_THIN)
_CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
_DATE, _PERCENT = "yyyy-mm-dd", "0.00%"
_RATE_COLUMN = 5  # of every table here
_CHART_CM = (24, 11)


def write_bulletin(path: Path, bulletin: Mapping[str, Any], *, word: Word, language: str) -> None:
    """The ranking of a month, its corrections, and the hash by which it can be checked.

    Parameters
    ----------
    bulletin : mapping
        As ``pipeline.bulletins`` prints it.
    word : callable
        A heading by its key.
    language : {"zh", "en"}
    """
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = bulletin["month"]
    columns = ("rank", "name", "covered", "base", "rate", "change", "gap_to_next", "meets_due")
    _write(sheet.cell(1, 1), f"{bulletin['area_name']} {bulletin['month']} {word('bulletins')}", font=_TITLE)
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(columns))
    _write(sheet.cell(2, 1), bulletin["profile"][f"title_{language}"])
    _headings(sheet, 4, [word(column) for column in columns])
    row = 5
    for ranked in bulletin["rows"]:
        values = (ranked["rank"], ranked["name"], *_figures(ranked), ranked["change"], ranked["gap_to_next"])
        _table_row(
            sheet, row, (*values, _yes_no(ranked["meets_due"], word)), missed=ranked["meets_due"] is False
        )
        row += 1
    _table_row(sheet, row, ("", word("total"), *_figures(bulletin["total"]), None, None, None), font=_TOTAL)
    row += 2
    for key in ("cut_off", "issued_by", "issued_at", "objections_until", "content_sha256"):
        _write(sheet.cell(row, 1), word(key))
        _write(sheet.cell(row, 3), str(bulletin[key]))
        row += 1
    for correction in bulletin["corrections"]:
        row += 1
        _write(sheet.cell(row, 1), f"{word('corrections')} {correction['issued_at'][:10]}", font=_TOTAL)
        _write(sheet.cell(row, 3), correction["reason"])
        for changed in correction["differences"]:
            row += 1
            _write(sheet.cell(row, 2), changed["name"] or word("total"))
            _write(sheet.cell(row, 3), _shown(changed["told"]))
            _write(sheet.cell(row, 4), _shown(changed["known"]))
    _widths(sheet, (8, 22, 12, 12, 12, 12, 16, 16))
    sheet.freeze_panes = "A5"
    workbook.save(path)


def write_curve(path: Path, report: Mapping[str, Any], *, word: Word, language: str) -> None:
    """Plan and actual as a table and a chart, and where each part stands.

    Parameters
    ----------
    report : mapping
        As ``pipeline.milestones`` prints it.
    """
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = report["on"]
    total = report["total"]
    _write(sheet.cell(1, 1), f"{report['area_name']} · {report['target'][f'title_{language}']}", font=_TITLE)
    _headings(sheet, 3, [word(key) for key in ("date", "required", "covered", "base", "rate")])
    plan = {step["date"]: step["required"] for step in total["steps"]}
    actual = {point["date"]: point for point in total["points"]}
    days = sorted({*plan, *actual})
    for row, day in enumerate(days, start=4):
        due = [plan[each] for each in sorted(plan) if each <= day]
        figures = _figures(actual[day]) if day in actual else (None, None, None)
        _table_row(sheet, row, (date.fromisoformat(day), due[-1] if due else 0, *figures))
    last = 3 + len(days)
    chart = LineChart()
    chart.title = report["target"][f"title_{language}"]
    chart.width, chart.height = _CHART_CM
    chart.add_data(Reference(sheet, min_col=2, max_col=3, min_row=3, max_row=last), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=4, max_row=last))
    chart.x_axis.number_format = _DATE
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.scaling.min = 0
    sheet.add_chart(chart, f"G{3}")
    ranking = workbook.create_sheet(word("rank"))
    _headings(ranking, 1, [word(key) for key in ("rank", "name", "covered", "base", "rate", "gap", "flag")])
    best_first = sorted(
        report["rows"], key=lambda each: (each["rank"] is None, each["rank"] or 0, each["code"])
    )
    for row, part in enumerate(best_first, start=2):
        gap = part["next"] and part["next"]["gap"]
        values = (part["rank"], part["name"], *_figures(part), gap, word(part["flag"]))
        _table_row(ranking, row, values, missed=part["flag"] == "red")
    _widths(sheet, (13, 12, 12, 12, 12))
    _widths(ranking, (8, 22, 12, 12, 12, 12, 12))
    workbook.save(path)


def _figures(figure: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    return figure["numerator"], figure["denominator"], figure["rate"]


def _shown(counts: Mapping[str, Any] | None) -> str:
    return "—" if counts is None else f"{counts['numerator']}/{counts['denominator']}"


def _yes_no(value: bool | None, word: Word) -> str | None:
    return None if value is None else word("yes" if value else "no")


def _write(cell: Cell, value: Any, *, font: Font | None = None) -> None:
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value
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


def _table_row(
    sheet: Worksheet, row: int, values: Sequence[Any], *, missed: bool = False, font: Font | None = None
) -> None:
    for column, value in enumerate(values, start=1):
        cell = sheet.cell(row, column)
        _write(cell, value, font=font)
        cell.border = _BORDER
        if column == _RATE_COLUMN:
            cell.number_format = _PERCENT
        elif isinstance(value, date):
            cell.number_format = _DATE
        if missed:
            cell.fill = _MISSED_FILL


def _widths(sheet: Worksheet, widths: Sequence[int]) -> None:
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
