"""Which row of a ledger is about which unit, as a person has confirmed it: a table beside the ledger."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from geo_service.errors import InvalidInput
from geo_service.exchange import values
from geo_service.exchange.field import header_key
from geo_service.exchange.findings import ImportFinding
from geo_service.exchange.reading import Table, check_present, read_csv

Matches = Mapping[tuple[str | None, int], str]
"""The unit's code by sheet, None where the workbook has one, and row."""

_HEADERS = {
    "sheet": ("图层", "工作表", "sheet", "layer"),
    "row": ("行号", "row"),
    "code": ("小区编码", "code"),
}
_MATCHED_IN = {"name": "名称", "address": "地址"}


def read_matches(path: Path) -> dict[tuple[str | None, int], str]:
    """Read a CSV with the columns 行号 and 小区编码, and 图层 where the workbook has several sheets.

    Lines without a code are passed over, so that the list of candidates can be filled in and given back.

    Raises
    ------
    InvalidInput
        When it is no such table, a row is no number, or two lines name different units for one row.
    """
    check_present(path)
    table = read_csv(path)
    by_key = {header_key(name): table.columns[name].tolist() for name in table.columns}
    found = {
        name: next((by_key[key] for key in map(header_key, words) if key in by_key), None)
        for name, words in _HEADERS.items()
    }
    rows, codes = found["row"], found["code"]
    if rows is None or codes is None:
        raise InvalidInput("import.matches_columns", where=path.name, columns=", ".join(table.columns) or "-")
    matches: dict[tuple[str | None, int], str] = {}
    for sheet, row, written in zip(found["sheet"] or [None] * len(table), rows, codes, strict=True):
        if (code := values.tidy_code(written)) is None:
            continue
        number = values.tidy_code(row) or ""
        if not (number.isascii() and number.isdecimal() and len(number) < 8):
            raise InvalidInput("import.matches_row", where=path.name, row=number)
        place = (values.tidy_text(sheet), int(number))
        if matches.setdefault(place, code) != code:
            raise InvalidInput("import.matches_differ", where=path.name, row=number)
    return matches


def matched_rows(matches: Matches, table: Table) -> dict[int, str]:
    """The codes by the row's index.

    Raises
    ------
    InvalidInput
        When the ledger has no such row, or has it on several sheets and none is named.
    """
    by_place: dict[tuple[str | None, int], list[int]] = {}
    layers = [None] * len(table) if table.layers is None else table.layers.tolist()
    for i, (layer, row) in enumerate(zip(layers, table.rows.tolist(), strict=True)):
        by_place.setdefault((layer, row), []).append(i)
        by_place.setdefault((None, row), []).append(i)
    found = {}
    for (sheet, row), code in matches.items():
        places = set(by_place.get((sheet, row), ()))
        if len(places) != 1:
            key = "import.match_row_ambiguous" if places else "import.match_row_unknown"
            raise InvalidInput(key, where=table.file, row=f"{sheet}!{row}" if sheet else str(row))
        found[places.pop()] = code
    return found


def candidates_file(folder: Path | None, source: Path, findings: Sequence[ImportFinding]) -> str | None:
    """Write ``<stem>.candidates.csv`` into ``folder``: one line a unit offered.

    Whoever leaves one line a row standing, and gives the file back, confirms it.

    Returns
    -------
    str or None
        The file's path; None where there is no folder or nothing is offered.
    """
    offers = [finding for finding in findings if finding.candidates]
    if folder is None or not offers:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{source.stem}.candidates.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["图层", "行号", "台账名称", "小区编码", "小区名称", "坐落", "相似度", "依据"])
        for offer in offers:
            for each in offer.candidates:
                matched = "、".join(_MATCHED_IN[word] for word in each["matched"])
                unit = (each["code"], each["name"], each["address"], each["score"], matched)
                writer.writerow([offer.layer or "", offer.row, offer.values["name"], *unit])
    return str(path)
