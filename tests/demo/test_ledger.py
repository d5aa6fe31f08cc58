"""The ledger workbook, read back cell by cell."""

from __future__ import annotations

import calendar
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from geo_service.demo.county import make_county
from geo_service.demo.files import write_files
from geo_service.demo.story import COMMUNITIES, DEFAULT_SEED

# Scenario D-A: covered units at the ends of March to December, and at the end of June by community.
COVERED = [0, 22, 47, 71, 98, 127, 155, 183, 206, 229]
JUNE = {"柳汀社区": 20, "织坊社区": 16, "桂岭社区": 15, "东篱社区": 12, "晚渡社区": 8}
UNITS = [61, 52, 47, 38, 31]
CLASS_COLUMNS, FORM_COLUMNS = range(7, 10), range(14, 19)
TICKS = {"√", "✓", "是"}


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Worksheet:
    out = tmp_path_factory.mktemp("ledger")
    write_files(make_county(seed=DEFAULT_SEED), out)
    return load_workbook(out / "ledger.xlsx")["台账"]


@pytest.fixture(scope="module")
def rows(sheet: Worksheet) -> list[dict[str, object]]:
    """The unit rows by header, community filled down."""
    headers = [
        above.value if below.value is None else below.value
        for above, below in zip(sheet[2], sheet[3], strict=True)
    ]
    found, community = [], None
    for row in sheet.iter_rows(min_row=4, values_only=True):
        if not isinstance(row[0], int):
            break
        record = dict(zip(headers, row, strict=True))
        community = record["社区"] or community
        found.append({**record, "社区": community})
    return found


def test_one_row_a_unit_by_community_and_class(sheet: Worksheet, rows: list[dict[str, object]]) -> None:
    assert [row["序号"] for row in rows] == list(range(1, 230))
    assert list(Counter(row["社区"] for row in rows).values()) == UNITS
    classes = Counter(sheet.cell(2 + 1, column).value for row in range(4, 233) for column in CLASS_COLUMNS
                      if sheet.cell(row, column).value in TICKS)  # fmt: skip
    assert classes == {"单位家属楼院": 38, "一般小区": 96, "单栋楼院": 95}
    assert len({row["小区编码"] for row in rows}) == 229


def test_one_tick_in_each_group_and_not_all_alike(sheet: Worksheet) -> None:
    seen = Counter()
    for row in range(4, 233):
        for columns in (CLASS_COLUMNS, FORM_COLUMNS):
            marks = [sheet.cell(row, column).value for column in columns]
            assert len([mark for mark in marks if mark]) == 1
            seen.update(mark for mark in marks if mark)
    assert set(seen) == TICKS
    assert seen["√"] > 400


def test_headers_and_groups_are_merged(sheet: Worksheet) -> None:
    merged = {str(cells) for cells in sheet.merged_cells.ranges}
    assert {
        "A1:W1",
        "G2:I2",
        "N2:R2",
        "B4:B232",
        "C4:C64",
        "C65:C116",
        "C117:C163",
        "C164:C201",
        "C202:C232",
    } <= merged
    assert sheet["G2"].value == "实施分类"
    assert sheet["N2"].value == "物业管理类型"
    assert sheet.freeze_panes == "F4"


def test_exactly_one_full_width_number_and_totals_that_count_it(
    sheet: Worksheet, rows: list[dict[str, object]]
) -> None:
    wide = [
        row
        for row in rows
        for value in row.values()
        if isinstance(value, str) and value.isdigit() and not value.isascii()
    ]
    assert len(wide) == 1
    assert not str(wide[0]["户数"]).isascii()
    totals = [cell.value for cell in sheet[233]]
    assert totals[0] == "合计"
    assert totals[9] == sum(row["楼栋数"] for row in rows)
    assert totals[10] == sum(int(row["户数"]) for row in rows)
    foot = [str(cell.value) for cell in sheet[234] if cell.value]
    assert [word for word in foot if word.endswith("：")] == [
        "填写人：",
        "联系电话：",
        "负责人：",
        "联系电话：",
    ]


def test_compounds_are_served_from_a_date_and_standalone_buildings_are_not(
    rows: list[dict[str, object]],
) -> None:
    for row in rows:
        if row["单栋楼院"]:
            assert (row["进展"], row["进驻日期"]) == ("计划", None)
            assert row["流动物业"] in TICKS
        else:
            assert row["进展"] == "已进驻"
            assert row["进驻日期"] is not None


def test_month_ends_follow_from_the_dates_of_ledger_and_zones(rows: list[dict[str, object]]) -> None:
    zones_from = {community.name: community.zones_from for community in COMMUNITIES}
    starts = [
        (row["社区"], zones_from[row["社区"]] if row["单栋楼院"] else row["进驻日期"].date()) for row in rows
    ]
    month_ends = [date(2024, month, calendar.monthrange(2024, month)[1]) for month in range(3, 13)]
    assert [sum(start <= end for _, start in starts) for end in month_ends] == COVERED
    assert Counter(name for name, start in starts if start <= date(2024, 6, 30)) == JUNE


def test_the_compound_without_a_place_is_in_the_ledger(rows: list[dict[str, object]]) -> None:
    remarked = [row for row in rows if row["备注"]]
    assert len(remarked) == 1
    assert remarked[0]["楼栋数"] >= 2
    assert remarked[0]["小区编码"] == "990122100002-C030"


def test_a_bigger_county_repeats_the_ledger_town_by_town(tmp_path: Path) -> None:
    write_files(make_county(scale=2, seed=DEFAULT_SEED), tmp_path)
    sheet = load_workbook(tmp_path / "ledger.xlsx")["台账"]
    codes = [sheet.cell(row, 4).value for row in range(4, 4 + 458)]
    assert [code.replace("990122101", "990122100") for code in codes[229:]] == codes[:229]
    assert sheet.cell(4 + 458, 1).value == "合计"
    assert sheet.cell(4 + 229, 2).value == "云川2镇"


def test_no_two_units_share_a_name_or_an_address(rows: list[dict[str, object]]) -> None:
    assert len({row["小区名称"] for row in rows}) == 229
    assert len({row["坐落"] for row in rows}) == 229
