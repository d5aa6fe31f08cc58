"""Workbooks as tired clerks hand them in: faults are named by sheet, row and column, and nothing is lost."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.styles import PatternFill

from geo_service.errors import InvalidInput
from geo_service.exchange.checking import Batch
from geo_service.exchange.findings import reasons_by_row
from geo_service.exchange.ledger import read_ledger
from geo_service.exchange.ledger_checking import check_ledger

HEADERS = ["序号", "社区", "小区编码", "小区名称", "户数", "备注"]


def book(path: Path, sheets: dict[str, list[list[Any]]]) -> Workbook:
    made = Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return made


def checked(path: Path) -> Batch:
    return check_ledger(read_ledger(path), mapping={})


def row(code: str, **cells: Any) -> list[Any]:
    return list(
        ({"序号": 1, "社区": "西社区", "编码": code, "名称": "甲", "户数": 10, "备注": None} | cells).values()
    )


def test_every_ledger_sheet_is_read_and_each_remark_names_sheet_row_and_column(tmp_path: Path) -> None:
    path = tmp_path / "l.xlsx"
    moved = ["小区名称", "社区名称", "居民户数", "编码"]
    sheets = {
        "说明": [["填报说明"]],
        "东": [HEADERS, row("C1"), row("C2", 户数="十来户")],
        "西": [["标题"], moved, ["乙", "西社区", 20, "C3"], ["丙", "西社区", "30户", "C4"]],
    }
    book(path, sheets)
    batch = checked(path)

    assert batch.values["code"].tolist() == ["C1", "C2", "C3", "C4"]
    assert batch.values["household_count"].tolist()[2:] == [20, 30]
    said = [(f.layer, f.row, f.column, f.key) for f in batch.findings.sorted()]
    assert said == [
        ("说明", None, None, "import.sheet_unread"),
        ("东", 3, "E 户数", "import.not_a_number"),
        ("西", 4, "C 居民户数", "import.number_guessed"),
    ]
    assert reasons_by_row(batch.findings.entries, "zh") == {("东", 3): "E 户数: “十来户”读不出数字"}
    assert read_ledger(path, sheet="西").sheets[0].table.rows.tolist() == [3, 4]


def test_one_code_on_two_sheets_is_refused_with_its_first_place(tmp_path: Path) -> None:
    book(tmp_path / "l.xlsx", {"东": [HEADERS, row("C1")], "西": [HEADERS, row("C1")]})
    [repeated] = checked(tmp_path / "l.xlsx").findings.entries
    assert (repeated.layer, repeated.row, repeated.values["first"]) == ("西", 2, "东!2")


def test_another_years_layout_is_refused_by_sheet_and_missing_column(tmp_path: Path) -> None:
    rows = [["序号", "小区编码", "小区名称", "户数", "楼栋数"], [1, "C1", "甲", 10, 2]]
    book(tmp_path / "l.xlsx", {"东": [HEADERS, row("C1")], "2017年": rows})
    with pytest.raises(InvalidInput) as refusal:
        checked(tmp_path / "l.xlsx")
    assert (refusal.value.key, refusal.value.where) == ("import.columns_missing", "l.xlsx 2017年")
    assert "community" in refusal.value.what("en")


def test_columns_nobody_reads_are_named(tmp_path: Path) -> None:
    rows = [[*HEADERS, "停车位数", "户数"], [*row("C1"), 12, 11]]
    book(tmp_path / "l.xlsx", {"东": rows})
    [remark] = checked(tmp_path / "l.xlsx").findings.entries
    assert (remark.key, remark.layer, remark.values) == (
        "import.columns_unread",
        "东",
        {"columns": "G 停车位数, H 户数 H"},
    )


def test_a_formula_without_a_result_and_an_error_are_no_empty_cells(tmp_path: Path) -> None:
    made = book(tmp_path / "l.xlsx", {"东": [HEADERS, row("C1", 户数="=SUM(1,2)"), row("C2", 序号="=ROW()")]})
    cell = made["东"]["F3"]
    cell.value, cell.data_type = "#REF!", "e"
    made.save(tmp_path / "l.xlsx")
    batch = checked(tmp_path / "l.xlsx")

    assert [(f.row, f.column, f.key, f.values) for f in batch.findings.entries] == [
        (2, "E 户数", "import.cell_formula", {"error": "formula"}),
        (3, "F 备注", "import.cell_error", {"error": "#REF!"}),
    ]


def test_hidden_rows_are_read_and_said(tmp_path: Path) -> None:
    made = book(tmp_path / "l.xlsx", {"东": [HEADERS, row("C1"), row("C2")]})
    made["东"].row_dimensions[3].hidden = True
    made.save(tmp_path / "l.xlsx")
    batch = checked(tmp_path / "l.xlsx")

    assert batch.values["code"].tolist() == ["C1", "C2"]
    assert [(f.key, f.values) for f in batch.findings.entries] == [("import.rows_hidden", {"rows": 1})]


def test_a_remark_that_begins_as_a_footer_does_not_end_the_table(tmp_path: Path) -> None:
    footer = ["填写人：", None, None, None, None, "备注：以上属实"]
    total = ["合　计", None, None, None, 20]
    rows = [HEADERS, row("C1", 备注="说明：见后"), row("C2"), total, footer]
    book(tmp_path / "l.xlsx", {"东": rows})
    assert checked(tmp_path / "l.xlsx").values["remark"].tolist() == ["说明：见后", None]


def test_files_that_are_no_workbook_are_told_apart(tmp_path: Path) -> None:
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    (tmp_path / "old.xlsx").write_bytes(old + "Workbook".encode("utf-16-le"))
    (tmp_path / "locked.xlsx").write_bytes(old + "EncryptedPackage".encode("utf-16-le"))
    (tmp_path / "torn.xlsx").write_bytes(b"PK\x03\x04 nothing")
    with zipfile.ZipFile(tmp_path / "other.xlsx", "w") as archive:
        archive.writestr("content.xml", "<office/>")
    expected = {
        "old": "workbook_old",
        "locked": "workbook_locked",
        "torn": "not_readable",
        "other": "not_readable",
    }
    for name, key in expected.items():
        with pytest.raises(InvalidInput) as refusal:
            read_ledger(tmp_path / f"{name}.xlsx")
        assert refusal.value.key == f"import.{key}"


def test_a_word_in_the_last_cell_is_refused_before_memory_is_asked_for(tmp_path: Path) -> None:
    made = book(tmp_path / "l.xlsx", {"东": [HEADERS, row("C1")]})
    made["东"]["XFD1048576"] = "."
    made.save(tmp_path / "l.xlsx")
    with pytest.raises(InvalidInput) as refusal:
        read_ledger(tmp_path / "l.xlsx")
    assert (refusal.value.key, refusal.value.where) == ("import.sheet_too_large", "l.xlsx 东")
    assert "1048576" in refusal.value.what("en")


def test_formatted_rows_without_a_word_cost_nothing_but_their_reading(tmp_path: Path) -> None:
    made = book(tmp_path / "l.xlsx", {"东": [HEADERS, row("C1")]})
    sheet = made["东"]
    # formatted to the last row of the sheet and far to the right, as by a click on its corner
    for place in ("XFD3", "A1048576", "XFD1048576"):
        sheet[place].fill = PatternFill("solid", fgColor="FFFF00")
    made.save(tmp_path / "l.xlsx")
    batch = checked(tmp_path / "l.xlsx")
    assert (batch.values["code"].tolist(), batch.findings.entries) == (["C1"], [])


@pytest.mark.parametrize("heading", ["收缴率（%）", "收缴率"])
@pytest.mark.parametrize("shown_as", ["0%", "0.00%", '0.0 "约"%'])
def test_a_share_is_read_as_its_cell_shows_it(tmp_path: Path, heading: str, shown_as: str) -> None:
    """95 % is kept as 0.95 by a cell formatted in percent; 2% of 100 households stay 2 households."""
    rows = [
        [*HEADERS, heading],
        [*row("C1"), 0.95],
        [*row("C2"), 1],
        [*row("C3", 户数=2), 95],
        [*row("C4"), "95%"],
    ]
    made = book(tmp_path / "l.xlsx", {"东": rows})
    for cell in ("G2", "G3", "E4"):
        made["东"][cell].number_format = shown_as
    made.save(tmp_path / "l.xlsx")
    batch = checked(tmp_path / "l.xlsx")

    assert batch.values["collection_percent"].tolist() == [95, 100, 95, 95]
    assert batch.values["household_count"].tolist() == [10, 10, 2, 10]
    assert batch.findings.entries == []


def test_a_percent_sign_between_quotes_formats_no_share(tmp_path: Path) -> None:
    rows = [[*HEADERS, "收缴率(%)"], [*row("C1"), 95]]
    made = book(tmp_path / "l.xlsx", {"东": rows})
    made["东"]["G2"].number_format = '0"%"'
    made.save(tmp_path / "l.xlsx")
    assert checked(tmp_path / "l.xlsx").values["collection_percent"].tolist() == [95]


@pytest.mark.parametrize(
    ("heading", "percents", "remark"),
    [("收缴率（%）", [0.95, 1], "import.percent_small"), ("收缴率", [95, 100], "import.number_guessed")],
)
def test_a_small_number_without_a_sign_goes_by_its_heading_and_is_remarked_on(
    tmp_path: Path, heading: str, percents: list[float], remark: str
) -> None:
    book(tmp_path / "l.xlsx", {"东": [[*HEADERS, heading], [*row("C1"), 0.95], [*row("C2"), 1]]})
    batch = checked(tmp_path / "l.xlsx")
    assert batch.values["collection_percent"].tolist() == percents
    assert {(f.severity, f.key) for f in batch.findings.entries} == {("warning", remark)}
    assert batch.findings.entries[0].column == f"G {heading}"


def test_yes_or_no_columns_take_nothing_in_between(tmp_path: Path) -> None:
    """Notes 3 and 4 below the ledger of 2017: 是 or 否, for the subsidy and for the facilities alike."""
    headers = [*HEADERS, "是否政府补贴物业费", "专业经营设施设备是否移交"]
    cells = [("是", "否"), ("部分", "是"), ("否", "水已移交，电未移交"), (None, "不详")]
    rows = [[*row(f"C{n}"), *pair] for n, pair in enumerate(cells)]
    book(tmp_path / "l.xlsx", {"东": [headers, *rows]})
    batch = checked(tmp_path / "l.xlsx")

    assert [(f.row, f.column, f.key) for f in batch.findings.sorted()] == [
        (3, "G 是否政府补贴物业费", "import.not_an_answer"),
        (4, "H 专业经营设施设备是否移交", "import.not_an_answer"),
    ]
    answers = (batch.values[name].tolist() for name in ("fee_subsidised", "facilities_transferred"))
    assert [
        pair for pair, in_ in zip(zip(*answers, strict=True), batch.findings.accepted, strict=True) if in_
    ] == [
        (True, False),
        (None, None),
    ]
