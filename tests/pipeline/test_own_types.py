"""A sixth district's own types: ticked in its ledgers, written out again, counted and classified."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import geopandas
import pytest
from openpyxl import Workbook, load_workbook
from shapely import box
from sqlalchemy import Engine

from geo_service.access import LOCAL_ADMIN
from geo_service.pipeline import ImportOptions, ImportReport, import_file, measure_coverage
from geo_service.pipeline.classifying import classify_units
from geo_service.pipeline.ledger_export import export_ledger
from geo_service.pipeline.policies import adopt_profile, use_profile
from geo_service.pipeline.unit_types import count_types
from geo_service.planning import policy
from tests.county import CODE, County

WEST = County.community("01", "001")
ZHOUCUN = Path(policy.__file__).parent / "profiles" / "zhoucun_2017.toml"
OWN = """
[[management.types.options]]
key = "villa"
title_zh = "别墅区"
title_en = "Villas"
section = "一"

[[management.rules]]
key = "villa"
basis = "type"
types = ["villa"]
forms = ["star_rated"]
section = "一"
"""


@pytest.fixture
def county(engine: Engine, tmp_path: Path) -> County:
    return County(engine, tmp_path, {"01": ["001"]})


def adopt(county: County, **words: str) -> None:
    document = ZHOUCUN.read_text(encoding="utf-8") + OWN
    for old, new in words.items():
        document = document.replace(old, new)
    adopt_profile(county.engine, LOCAL_ADMIN, key="sixth", document=document)


def row(code: str, kind: str, **cells: Any) -> dict[str, Any]:
    return {"社区": WEST, "小区编码": code, "小区名称": f"{code}小区", "户数": 10, "物业类型": kind, **cells}


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    book = Workbook()
    book.active.append(list(rows[0]))
    for each in rows:
        book.active.append(list(each.values()))
    book.save(path)
    return path


def take(county: County, path: Path, kind: str = "ledger") -> ImportReport:
    return import_file(county.engine, LOCAL_ADMIN, kind=kind, path=path, options=ImportOptions())


def types(county: County) -> dict[str, int]:
    report = count_types(county.engine, LOCAL_ADMIN, area_code=CODE, on=date(2100, 1, 1)).as_json()
    by_type = next(group for group in report["groups"] if group["key"] == "compound_type")
    assert all(each["title_en"] == "Villas" for each in by_type["options"] if each["key"] == "villa")
    return {each["title_zh"]: each["units"] for each in by_type["options"] if each["units"]}


def test_a_type_is_known_once_its_profile_is_adopted(county: County, tmp_path: Path) -> None:
    path = write(tmp_path / "l.xlsx", [row("C1", "别墅区"), row("C2", "villa"), row("C3", "商品房")])
    report = take(county, path)
    assert (report.inserted, report.rejected) == (1, 2)
    assert {f.key for f in report.findings if f.severity == "rejected"} == {"import.choice_unknown"}

    adopt(county)
    report = take(county, path)
    assert (report.inserted, report.rejected) == (2, 0)
    assert types(county) == {"商品房": 1, "别墅区": 2}

    use_profile(county.engine, LOCAL_ADMIN, key="sixth")
    on = date(2100, 1, 1)
    by_type = measure_coverage(county.engine, LOCAL_ADMIN, area_code=CODE, by="type", on=on).rows
    assert {each.name: int(each.figures["units"].denominator) for each in by_type} == {
        "商品房住宅小区": 1,
        "别墅区": 2,
    }
    in_english = measure_coverage(county.engine, LOCAL_ADMIN, area_code=CODE, by="type", on=on, language="en")
    assert {each.name for each in in_english.rows} == {"Commodity housing", "Villas"}
    classified = classify_units(county.engine, LOCAL_ADMIN, area_code=CODE, on=on).as_json()
    assert {unit["code"]: unit["forms"] for unit in classified["units"]}["C1"] == ["star_rated"]


def test_it_is_ticked_under_the_header_of_types_and_comes_back(county: County, tmp_path: Path) -> None:
    adopt(county)
    county.ledger([row("C1", "别墅区"), row("C2", "老旧")])
    on, path = county.moment().date(), tmp_path / "out.xlsx"
    export_ledger(county.engine, LOCAL_ADMIN, area_code=CODE, on=on, out=path)

    [sheet] = load_workbook(path)
    heads = {sheet.cell(3, c).value: c for c in range(1, sheet.max_column + 1)}
    [group] = [span for span in sheet.merged_cells.ranges if sheet.cell(2, span.min_col).value == "物业类型"]
    assert group.min_col <= heads["别墅区"] <= group.max_col
    assert [sheet.cell(r, heads["别墅区"]).value for r in (4, 5, 6)] == ["√", None, 1]
    ticks = [rule for rule in sheet.data_validations.dataValidation if rule.formula1 == '"√"']
    assert any(sheet.cell(4, heads["别墅区"]).coordinate in rule.sqref for rule in ticks)
    assert take(county, path).unchanged == 2

    moved = load_workbook(path)
    moved.active.cell(5, heads["老旧"]).value, moved.active.cell(5, heads["别墅区"]).value = None, "√"
    moved.save(path)
    assert (take(county, path).updated, types(county)) == (1, {"别墅区": 2})


def test_gis_files_say_it_too(county: County, tmp_path: Path) -> None:
    adopt(county)
    shape = box(111.001, 34.001, 111.002, 34.002)
    columns = {"小区编码": ["C1"], "小区名称": ["甲"], "户数": [5], "物业类型": ["别墅区"]}
    path = tmp_path / "compounds.gpkg"
    geopandas.GeoDataFrame(columns, geometry=[shape], crs=4490).to_file(path)

    assert take(county, path, kind="compounds").rejected == 0
    assert types(county) == {"别墅区": 1}


def test_what_one_version_had_is_still_read_and_written_under_the_next(
    county: County, tmp_path: Path
) -> None:
    adopt(county)
    county.ledger([row("C1", "别墅区")])
    adopt(county, **{"version = ": "version = 9", "villa": "estate", "别墅区": "庄园"})
    path = tmp_path / "out.xlsx"
    export_ledger(county.engine, LOCAL_ADMIN, area_code=CODE, on=county.moment().date(), out=path)

    assert take(county, path).unchanged == 1
    assert types(county) == {"别墅区": 1}


def test_a_word_of_the_profile_in_use_means_what_that_profile_says(county: County, tmp_path: Path) -> None:
    adopt(county, **{'title_zh = "别墅区"': 'title_zh = "商品房"'})
    use_profile(county.engine, LOCAL_ADMIN, key="sixth")
    county.ledger([row("C1", "商品房"), row("C2", "commodity")])
    path = tmp_path / "out.xlsx"
    export_ledger(county.engine, LOCAL_ADMIN, area_code=CODE, on=county.moment().date(), out=path)

    assert take(county, path).unchanged == 2
    assert types(county) == {"商品房住宅小区": 1, "商品房": 1}
