"""A workbook of another year is refused by its place, and no file speaks of a day that has not come."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN
from geo_service.errors import InvalidInput
from geo_service.pipeline import ImportOptions, ImportReport, import_file
from tests.county import County

WEST = County.community("01", "001")
HEADERS = ["社区", "小区编码", "小区名称", "户数", "是否成立业主委员会"]
KEPT = "SELECT code, household_count FROM compound"


@pytest.fixture
def county(engine: Engine, tmp_path: Path) -> County:
    made = County(engine, tmp_path, {"01": ["001"]})
    made.ledger([{"社区": WEST, "小区编码": "C1", "小区名称": "甲小区", "户数": 100}])
    return made


def book(county: County, sheets: dict[str, list[list[Any]]]) -> Path:
    """A workbook whose sheets have the lines given, then the header and one row of 90 households."""
    made = Workbook()
    made.remove(made.active)
    for number, (name, lines) in enumerate(sheets.items(), 1):
        sheet = made.create_sheet(name)
        for line in [*lines, HEADERS, [WEST, f"C{number}", "甲小区", 90, "是"]]:
            sheet.append(line)
    path = county.folder / "台账.xlsx"
    made.save(path)
    return path


def take(county: County, path: Path, kind: str = "ledger", **options: Any) -> ImportReport:
    return import_file(county.engine, LOCAL_ADMIN, kind=kind, path=path, options=ImportOptions(**options))


def refused(county: County, path: Path, **options: Any) -> InvalidInput:
    with pytest.raises(InvalidInput) as refusal:
        take(county, path, **options)
    with county.engine.connect() as connection:
        assert [tuple(row) for row in connection.execute(text(KEPT))] == [("C1", 100)]
        assert connection.execute(text("SELECT count(*) FROM unit_record WHERE facts <> '{}'")).scalar() == 0
    return refusal.value


@pytest.mark.parametrize(
    ("name", "lines", "where", "words"),
    [
        ("台账", [["2017年住宅小区基本情况台账"]], "台账!A1", "2017年住宅小区基本情况台账"),
        ("台账", [["附件1"], [None, "周村区２０１７年度台账"]], "台账!B2", "周村区2017年度台账"),
        ("台账", [["二〇一七年住宅小区台账"]], "台账!A1", "二〇一七年住宅小区台账"),
        ("台账", [["二 ○ 一 七 年　台账"]], "台账!A1", "二 ○ 一 七 年 台账"),
        ("台账", [["住宅小区基本情况台账（2017-11-15）"]], "台账!A1", "住宅小区基本情况台账（2017-11-15）"),
        ("2017年", [], "2017年", "2017年"),
        ("2017", [["住宅小区台账"]], "2017", "2017"),
        ("台账20171115", [], "台账20171115", "台账20171115"),
    ],
)
def test_a_sheet_of_another_year_is_refused_by_its_place(
    county: County, name: str, lines: list[list[Any]], where: str, words: str
) -> None:
    path = book(county, {name: lines})
    for options in ({}, {"as_of": date(2018, 1, 1)}, {"dry_run": True}):
        refusal = refused(county, path, **options)
        assert (refusal.key, refusal.where) == ("import.other_year", f"台账.xlsx {where}")
        assert words in refusal.what("zh")
        assert "2017" in refusal.what("en")
        assert "--as-of" in refusal.mend("zh")
        assert "--as-of" in refusal.mend("en")
    report = take(county, path, as_of=date(2017, 11, 15))
    assert (report.updated, report.rejected) == (1, 0)


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("台账", []),
        ("台账", [["住宅小区基本情况台账"], ["填表日期：2018年1月3日"]]),
        ("台账", [["周政办字〔2017〕126号 附件"]]),
        ("台账", [["2000年底前建成的老旧小区台账"]]),
        ("台账", [["2018—2020年老旧小区台账"]]),
        ("西社区201", [["联系电话：13920171115"]]),
    ],
)
def test_what_is_not_the_year_of_a_sheet_is_no_reason(
    county: County, name: str, lines: list[list[Any]]
) -> None:
    assert take(county, book(county, {name: lines}), as_of=date(2019, 6, 30)).updated == 1


def test_sheets_of_several_years_come_one_by_one(county: County) -> None:
    path = book(county, {"2017年": [], "2018年": []})
    assert refused(county, path, as_of=date(2017, 11, 15)).where == "台账.xlsx 2018年"

    assert take(county, path, layer="2017年", as_of=date(2017, 11, 15)).updated == 1
    assert take(county, path, layer="2018年", as_of=date(2018, 11, 15)).inserted == 1


def test_a_day_to_come_and_a_day_before_there_was_a_ledger_are_refused(county: County) -> None:
    path = book(county, {"台账": []})
    with county.engine.connect() as connection:
        today = connection.execute(text("SELECT current_date")).scalar_one()
    for day, key in (
        (today + timedelta(days=2), "import.as_of_ahead"),
        (date(2099, 1, 1), "import.as_of_ahead"),
        (date(2003, 8, 31), "import.as_of_too_early"),
        (date(1999, 1, 1), "import.as_of_too_early"),
    ):
        refusal = refused(county, path, as_of=day)
        assert (refusal.key, refusal.where) == (key, "as_of")
        assert day.isoformat() in refusal.what("zh")
        assert "--as-of" in refusal.mend("zh")
    assert take(county, path, as_of=date(2003, 9, 1)).updated == 1


def test_gis_files_speak_of_a_day_as_ledgers_do(county: County) -> None:
    path = county.folder / "compounds.csv"
    path.write_text("小区编码,小区名称,社区编码,户数\nC1,甲小区," + WEST + ",90\n", encoding="utf-8")
    with pytest.raises(InvalidInput) as refusal:
        take(county, path, kind="compounds", as_of=date(2099, 1, 1))
    assert refusal.value.key == "import.as_of_ahead"
