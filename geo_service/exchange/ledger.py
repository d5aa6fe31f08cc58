"""The ledger workbook as counties fill it in: merged headers, ticks, totals rows, footers, several sheets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from openpyxl.utils import get_column_letter

from geo_service.errors import InvalidInput
from geo_service.exchange import values
from geo_service.exchange.field import header_key
from geo_service.exchange.fields import LEDGER
from geo_service.exchange.ledger_footer import Footer, read_footer
from geo_service.exchange.ledger_year import StatedYear, stated_years
from geo_service.exchange.reading import Table, check_present
from geo_service.exchange.sheets import Sheet, read_sheets

SEPARATOR = "/"
TASK_LIST = "任务清单"
TASK_LIST_MARK = "任务单元编码"
"""The first heading of a sheet that an exported ledger bears besides, and that says nothing of its own."""
CLASS_GROUPS = (header_key("实施分类"), header_key("分类"))
_HEADER_WITHIN_ROWS = 10
_FEWEST_HEADERS = 4
_TOTALS = frozenset({"合计", "总计", "小计", "合计:", "总计:", "小计:"})
_TOTALS_WITHIN_CELLS = 4
_FOOTER = re.compile(
    r"((填写|填表|填报|制表)(人|日期|时间)|(单位|部门|社区|街道|主要|分管)?负责人|联系电话|联系方式"
    r"|制表|审核人?|备注|注|说明)(\([^)]*\))?:"
)


def _keys(*names: str) -> frozenset[str]:
    words = {word for f in LEDGER.fields if not names or f.name in names for word in (f.name, *f.aliases)}
    return frozenset(map(header_key, words))


_KNOWN = _keys()
_GROUPING = _keys("subdistrict", "community")
_GROUPS = frozenset(header_key(f.group) for f in LEDGER.fields if f.group) | frozenset(CLASS_GROUPS)


@dataclass(frozen=True)
class _Header:
    """One column of a sheet, counted from 1: the merged header above, if any, and its own."""

    column: int
    group: str
    leaf: str

    @property
    def name(self) -> str:
        """A header above others is part of the name where it asks for ticks, otherwise a caption."""
        is_caption = header_key(self.leaf) in _KNOWN and header_key(self.group) not in _GROUPS
        return f"{self.group}{SEPARATOR}{self.leaf}" if self.group and not is_caption else self.leaf


@dataclass(frozen=True)
class LedgerSheet:
    """The rows of one sheet as they stand.

    Parameters
    ----------
    name : str
    table : Table
        Rows are worksheet rows, columns named ``group/leaf``.
    letters : mapping of str to str
        Where each column of the table stands; a repeated header bears its letter.
    broken : mapping of str to mapping of int to str
        By column and place of the row, why a cell that is not empty has no value.
    hidden : int
        How many of the rows are not shown.
    years : sequence of StatedYear
        Of which year the sheet says it is.
    footer : Footer
    """

    name: str
    table: Table
    letters: Mapping[str, str]
    broken: Mapping[str, Mapping[int, str]]
    hidden: int
    years: Sequence[StatedYear] = ()
    footer: Footer = field(default_factory=Footer)


@dataclass(frozen=True)
class Ledger:
    """A workbook's ledger sheets, and the names of the sheets that hold something else."""

    file: str
    sheets: Sequence[LedgerSheet]
    others: Sequence[str] = field(default=())


def read_ledger(path: Path, *, sheet: str | None = None) -> Ledger:
    """Read every sheet that holds a ledger, or the one named.

    Raises
    ------
    InvalidInput
        When there is no such file or sheet, it is no workbook, or no sheet has a ledger header in its first
        rows and a row below.
    """
    check_present(path)
    found: list[LedgerSheet] = []
    others: list[str] = []
    for each in read_sheets(path, only=sheet):
        top = _header_row(each)
        if top is not None:
            found.append(_ledger_sheet(each, top, path.name))
        elif any(cell is not None for row in each.rows for cell in row) and not _is_task_list(each):
            others.append(each.name)
    if not found:
        raise InvalidInput("import.no_ledger_header", where=f"{path.name} {sheet or ''}".strip())
    if not any(len(each.table) for each in found):
        raise InvalidInput("import.no_rows", where=path.name)
    return Ledger(path.name, [each for each in found if len(each.table)], others)


def refuse_other_years(ledger: Ledger, year: int) -> None:
    """Refuse a workbook one of whose sheets says that it is of another year.

    Raises
    ------
    InvalidInput
        Naming file, sheet and cell.
    """
    for sheet in ledger.sheets:
        for stated in sheet.years:
            if not stated.first <= year <= stated.last:
                place = f"{sheet.name}!{stated.cell}" if stated.cell else sheet.name
                raise InvalidInput(
                    "import.other_year",
                    where=f"{ledger.file} {place}",
                    words=stated.words,
                    stated=stated.last,
                    year=year,
                )


def _is_task_list(sheet: Sheet) -> bool:
    return bool(sheet.rows) and bool(sheet.rows[0]) and sheet.rows[0][0] == TASK_LIST_MARK


def _header_row(sheet: Sheet) -> int | None:
    for number, row in enumerate(sheet.rows[:_HEADER_WITHIN_ROWS], 1):
        if sum(cell is not None and header_key(cell) in _KNOWN for cell in row) >= _FEWEST_HEADERS:
            return number
    return None


def _headers(sheet: Sheet, top: int) -> tuple[list[_Header], int]:
    """The columns, and the first row below the header."""
    bottom = top
    groups: dict[int, str] = {}
    for first_row, first, last_row, last in sheet.merged:
        if first_row == top:
            bottom = max(bottom, last_row)
            if last > first:
                # Side by side under one header: the names stand in the row below.
                bottom = max(bottom, last_row + 1)
                caption = values.tidy_text(_cell(sheet.rows[top - 1], first)) or ""
                groups |= dict.fromkeys(range(first, last + 1), caption)
    headers = []
    lines = sheet.rows[top - 1 : bottom]
    for column in range(1, max(map(len, lines)) + 1):
        words = [values.tidy_text(_cell(line, column)) for line in lines]
        leaf = next((word for word in reversed(words) if word), None)
        if leaf is not None:
            group = groups.get(column, "")
            headers.append(_Header(column, "" if group == leaf else group, leaf))
    return headers, bottom + 1


def _cell(row: Sequence[Any], column: int) -> Any:
    return row[column - 1] if column <= len(row) else None


def _ledger_sheet(sheet: Sheet, top: int, file: str) -> LedgerSheet:
    headers, first = _headers(sheet, top)
    filled = _filled_down(sheet, headers, first)
    places = [header.column - 1 for header in headers]
    width = max(places) + 1
    rows: list[int] = []
    lines: list[Sequence[Any]] = []
    for number, row in enumerate(sheet.rows[first - 1 :], first):
        line = [*row, *([None] * (width - len(row)))]
        if _is_data([line[place] for place in places]):
            for column, value in filled.get(number, ()):
                line[column - 1] = value
            rows.append(number)
            lines.append(line)
    columns: dict[str, npt.NDArray[np.generic]] = {}
    letters: dict[str, str] = {}
    by_column: dict[int, str] = {}
    for header in headers:
        letter = get_column_letter(header.column)
        name = header.name if header.name not in columns else f"{header.name} {letter}"
        column = np.empty(len(rows), dtype=object)
        column[:] = [line[header.column - 1] for line in lines]
        columns[name], letters[name], by_column[header.column] = column, letter, name
    place_of = {number: place for place, number in enumerate(rows)}
    broken: dict[str, dict[int, str]] = {}
    for (row, column), reason in sheet.broken.items():
        if row in place_of and column in by_column:
            broken.setdefault(by_column[column], {})[place_of[row]] = reason
    layers = np.full(len(rows), sheet.name, dtype=object)
    table = Table(file, columns, None, None, np.array(rows, dtype=np.int64), layers)
    hidden = len(place_of.keys() & set(sheet.hidden))
    footer = read_footer(sheet.rows[rows[-1] :] if rows else ())
    return LedgerSheet(sheet.name, table, letters, broken, hidden, list(stated_years(sheet, top)), footer)


def _filled_down(sheet: Sheet, headers: list[_Header], first: int) -> dict[int, list[tuple[int, Any]]]:
    """What a merged cell says to all its rows, by row; a merged count stands for its rows together."""
    grouping = {header.column for header in headers if header_key(header.leaf) in _GROUPING}
    filled: dict[int, list[tuple[int, Any]]] = {}
    for top, column, bottom, last in sheet.merged:
        if top >= first and column == last and column in grouping:
            value = _cell(sheet.rows[top - 1], column) if top <= len(sheet.rows) else None
            for row in range(top, bottom + 1):
                filled.setdefault(row, []).append((column, value))
    return filled


def _is_data(cells: Sequence[Any]) -> bool:
    """Whether a row is of a unit: not empty, no sum, and no line of the footer."""
    words: list[str] = []
    for cell in cells:
        if cell is not None and (word := values.tidy_code(cell)):
            words.append(re.sub(r"\s", "", word))
            if len(words) == _TOTALS_WITHIN_CELLS:
                break
    if not words or _FOOTER.match(words[0]):
        return False
    return not any(word in _TOTALS for word in words)
