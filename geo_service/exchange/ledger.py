"""The ledger workbook as counties fill it in: merged headers, ticks, totals rows, footers."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import numpy as np
import numpy.typing as npt
import openpyxl
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from geo_service.errors import InvalidInput
from geo_service.exchange import values
from geo_service.exchange.archives import check_archive
from geo_service.exchange.checking import Batch, check_column
from geo_service.exchange.field import Field, ValueType, header_key, match_columns
from geo_service.exchange.fields import LEDGER
from geo_service.exchange.findings import Findings
from geo_service.exchange.reading import Table, check_present

FORMS_BY_PRECEDENCE = (
    "professional",
    "star_rated",
    "employer_managed",
    "owner_self",
    "community_custody",
    "basic",
    "roving",
)
"""Where several forms are ticked the first of these is the one in charge."""

_CLASS_GROUPS = (header_key("实施分类"), header_key("分类"))
_HEADER_WITHIN_ROWS = 10
_FEWEST_HEADERS = 4
_TOTALS = frozenset({"合计", "总计", "小计", "合计:", "总计:", "小计:"})
_FOOTER = re.compile(r"(填写人|填表人|负责人|联系电话|制表|审核|备注|注|说明)[:]")
_SEPARATOR = "/"


@dataclass(frozen=True)
class _Header:
    """One column of the sheet: the merged header above, if any, and its own."""

    column: int
    group: str
    leaf: str

    @property
    def name(self) -> str:
        return f"{self.group}{_SEPARATOR}{self.leaf}" if self.group else self.leaf


def read_ledger(path: Path, *, sheet: str | None = None) -> Table:
    """Read the sheet that holds the ledger; rows are worksheet rows, columns named ``group/leaf``.

    Raises
    ------
    InvalidInput
        When there is no such file or sheet, it is no workbook, or no ledger header is in its first rows.
    """
    check_present(path)
    workbook = _open(path)
    if sheet is not None and sheet not in workbook.sheetnames:
        raise InvalidInput(
            "import.layer_unknown", where=path.name, layer=sheet, layers=", ".join(workbook.sheetnames)
        )
    for worksheet in [workbook[sheet]] if sheet else workbook.worksheets:
        top = _header_row(worksheet)
        if top is not None:
            table = _table(worksheet, top, path.name)
            if not len(table):
                raise InvalidInput("import.no_rows", where=path.name)
            return table
    raise InvalidInput("import.no_ledger_header", where=path.name)


def _open(path: Path) -> openpyxl.Workbook:
    try:
        with zipfile.ZipFile(path) as archive:
            check_archive(archive, where=path.name)
        return openpyxl.load_workbook(path, data_only=True)
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        ParseError,
        KeyError,
        ValueError,
        TypeError,
        EOFError,
    ) as error:
        raise InvalidInput("import.not_readable", where=path.name, suffix=".xlsx") from error


def _known_headers() -> frozenset[str]:
    words = {alias for field in LEDGER.fields for alias in (field.name, *field.aliases)}
    return frozenset(map(header_key, words))


def _header_row(sheet: Worksheet) -> int | None:
    known = _known_headers()
    for row in sheet.iter_rows(min_row=1, max_row=_HEADER_WITHIN_ROWS):
        if sum(cell.value is not None and header_key(cell.value) in known for cell in row) >= _FEWEST_HEADERS:
            return row[0].row
    return None


def _headers(sheet: Worksheet, top: int) -> tuple[list[_Header], int]:
    """The columns, and the first row below the header."""
    bottom = top
    groups: dict[int, str] = {}
    for merged in sheet.merged_cells.ranges:
        if merged.min_row == top:
            bottom = max(bottom, merged.max_row)
            if merged.max_col > merged.min_col:
                # Side by side under one header: the names stand in the row below.
                bottom = max(bottom, merged.max_row + 1)
                for column in range(merged.min_col, merged.max_col + 1):
                    groups[column] = values.tidy_text(sheet.cell(top, merged.min_col).value) or ""
    headers = []
    for column in range(1, sheet.max_column + 1):
        words = [values.tidy_text(sheet.cell(row, column).value) for row in range(top, bottom + 1)]
        leaf = next((word for word in reversed(words) if word), None)
        if leaf is not None:
            group = groups.get(column, "")
            headers.append(_Header(column, "" if group == leaf else group, leaf))
    return headers, bottom + 1


def _table(sheet: Worksheet, top: int, file: str) -> Table:
    headers, first = _headers(sheet, top)
    filled = _filled_down(sheet, headers, first)
    rows: list[int] = []
    cells: list[list[Any]] = []
    for row in range(first, sheet.max_row + 1):
        line = [filled.get((row, h.column), sheet.cell(row, h.column).value) for h in headers]
        if _is_data(line, [sheet.cell(row, h.column).value for h in headers]):
            rows.append(row)
            cells.append(line)
    columns: dict[str, npt.NDArray[np.generic]] = {}
    for i, header in enumerate(headers):
        column = np.empty(len(rows), dtype=object)
        column[:] = [line[i] for line in cells]
        columns.setdefault(header.name, column)
    return Table(file, columns, None, None, np.array(rows, dtype=np.int64))


def _filled_down(sheet: Worksheet, headers: list[_Header], first: int) -> dict[tuple[int, int], Any]:
    # Only what groups rows is filled down: a merged count stands for all its rows together.
    groups = {
        name for f in LEDGER.fields if f.name in ("subdistrict", "community") for name in (f.name, *f.aliases)
    }
    grouping = {h.column for h in headers if header_key(h.leaf) in set(map(header_key, groups))}
    return {
        (row, merged.min_col): sheet.cell(merged.min_row, merged.min_col).value
        for merged in sheet.merged_cells.ranges
        if merged.min_row >= first and merged.min_col in grouping and merged.max_col == merged.min_col
        for row in range(merged.min_row, merged.max_row + 1)
    }


def _is_data(line: list[Any], written: list[Any]) -> bool:
    words = [re.sub(r"\s", "", word) for value in written if (word := values.tidy_code(value))]
    if not words or any(word in _TOTALS for word in words[:4]):
        return False
    return not any(_FOOTER.match(word) for word in words)


def check_ledger(table: Table, *, mapping: Mapping[str, str]) -> Batch:
    """Check the rows of a ledger on their own.

    Returns
    -------
    Batch
        Without geometry; ``values`` has every field of ``LEDGER`` and ``form``.

    Raises
    ------
    InvalidInput
        When a needed column is missing.
    """
    findings = Findings(table.rows)
    sources = match_columns(LEDGER, table.columns, mapping, where=table.file)
    checked = {}
    for field in LEDGER.fields:
        options = _option_columns(field, table)
        if field.name in sources or not options:
            cells = (
                table.columns[sources[field.name]]
                if field.name in sources
                else np.full(len(table), None, dtype=object)
            )
            checked[field.name] = check_column(field, cells, findings)
        else:
            checked[field.name] = _ticked_options(field, table, options, findings)
    if "implementation_class" not in sources:
        checked["implementation_class"] = _ticked_class(table, findings)
    checked["form"] = _form_in_charge(checked["management_types"], findings)
    _refuse_repeated(checked["code"], table, findings)
    return Batch(LEDGER, table, checked, np.full(len(table), None, dtype=object), findings, None)


def _refuse_repeated(codes: npt.NDArray[np.generic], table: Table, findings: Findings) -> None:
    first: dict[str, int] = {}
    repeated = np.zeros(len(table), dtype=bool)
    for i, code in enumerate(codes.tolist()):
        repeated[i] = code is not None and first.setdefault(code, i) != i
    earlier = [int(table.rows[first[code]]) if code is not None else 0 for code in codes.tolist()]
    findings.reject(repeated, "code", "import.code_repeated", {"code": codes, "first": earlier})


def _ticked_class(table: Table, findings: Findings) -> npt.NDArray[np.object_]:
    columns = {}
    for name in table.columns:
        group, _, leaf = name.rpartition(_SEPARATOR)
        if header_key(group) in _CLASS_GROUPS and header_key(leaf)[:1] in ("a", "b", "c"):
            columns[name] = header_key(leaf)[0].upper()
    ticked = _ticked(table, columns, "implementation_class", findings)
    several = np.array([len(options) > 1 for options in ticked], dtype=bool)
    shown = {"values": ["/".join(options) for options in ticked]}
    findings.reject(several, "implementation_class", "import.several_classes", shown)
    return np.array([options[0] if options else None for options in ticked] or [], dtype=object)


def _form_in_charge(types: npt.NDArray[np.generic], findings: Findings) -> npt.NDArray[np.object_]:
    ticked = [[form for form in FORMS_BY_PRECEDENCE if form in (options or ())] for options in types.tolist()]
    chosen = [forms[0] if forms else None for forms in ticked]
    several = np.array([len(forms) > 1 for forms in ticked], dtype=bool)
    shown = {"values": ["/".join(forms) for forms in ticked], "chosen": chosen}
    findings.warn(several, "form", "import.several_forms", shown)
    return np.array(chosen, dtype=object)


def _option_columns(field: Field, table: Table) -> dict[str, str]:
    """Columns under the field's merged header, one an option; without the header, the options' own names."""
    if field.group is None:
        return {}
    words = {header_key(word): option for word, option in field.choices.items()}
    found = {}
    for name in table.columns:
        group, _, leaf = name.rpartition(_SEPARATOR)
        if header_key(leaf) in words and header_key(group) in ("", header_key(field.group)):
            found[name] = words[header_key(leaf)]
    return found


def _ticked_options(
    field: Field, table: Table, columns: Mapping[str, str], findings: Findings
) -> npt.NDArray[np.object_]:
    ticked = _ticked(table, columns, field.name, findings)
    out = np.full(len(table), None, dtype=object)
    if field.type is ValueType.OPTIONS:
        out[:] = [sorted(set(options)) or None for options in ticked]
        return out
    several = np.array([len(set(options)) > 1 for options in ticked], dtype=bool)
    findings.reject(several, field.name, "import.several_options", {"values": ["/".join(o) for o in ticked]})
    out[:] = [options[0] if options else None for options in ticked]
    return out


def _ticked(table: Table, columns: Mapping[str, str], field: str, findings: Findings) -> list[list[str]]:
    ticked: list[list[str]] = [[] for _ in range(len(table))]
    for name, option in columns.items():
        odd = np.zeros(len(table), dtype=bool)
        for i, cell in enumerate(table.columns[name].tolist()):
            try:
                if values.is_tick(cell):
                    ticked[i].append(option)
            except ValueError:
                odd[i] = True
        findings.reject(
            odd, field, "import.not_a_tick", {"value": table.columns[name], "column": [name] * len(table)}
        )
    return ticked
