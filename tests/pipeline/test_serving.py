"""Who served a unit on a day: chiefs change, and the past keeps its own."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import geopandas
import pytest
from shapely import Point, box
from sqlalchemy import Engine

from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.errors import Forbidden, NotFound
from geo_service.pipeline import Wishes, appoint_chiefs, draw_zones, import_file, publish_plan
from geo_service.pipeline.coverage import measure_coverage
from geo_service.pipeline.serving import served_by
from tests.county import CODE, County

WEST = County.community("01", "001")
B1, B2 = f"{WEST}-B1", f"{WEST}-B2"


def bring(county: County, kind: str, columns: dict[str, Any], shapes: list[Any]) -> None:
    path = county.folder / f"{kind}.gpkg"
    geopandas.GeoDataFrame(columns, geometry=shapes, crs=4490).to_file(path)
    import_file(county.engine, LOCAL_ADMIN, kind=kind, path=path)


def people(county: County, capacities: dict[str, int]) -> None:
    names = {"P1": "甄予安", "P2": "乐知夏"}
    columns = {
        "code": list(capacities),
        "name": [names[code] for code in capacities],
        "可负责片区数": list(capacities.values()),
        "私人电话": ["13800000000"] * len(capacities),
    }
    bring(county, "people", columns, [Point(111.002, 34.002)] * len(capacities))


def publish_anew(county: County, first_day: date) -> None:
    """Draw the one zone there is, appoint whoever can hold it, and publish."""
    drawn = draw_zones(county.engine, LOCAL_ADMIN, area_code=WEST, wishes=Wishes())
    appoint_chiefs(county.engine, LOCAL_ADMIN, plan_id=drawn.plan_id)
    publish_plan(county.engine, LOCAL_ADMIN, plan_id=drawn.plan_id, from_date=first_day)


@pytest.fixture
def county(engine: Engine, tmp_path: Path) -> County:
    """Two buildings of 200 households: one zone, led by P1 from June and by P2 from September 2024."""
    county = County(engine, tmp_path, {"01": ["001"], "02": ["001"]})
    shapes = [box(111.001, 34.001, 111.0012, 34.0012), box(111.0014, 34.001, 111.0016, 34.0012)]
    bring(county, "buildings", {"code": [B1, B2], "户数": [200, 200], "分类": ["C", "C"]}, shapes)
    people(county, {"P1": 1, "P2": 0})
    publish_anew(county, date(2024, 6, 1))
    people(county, {"P1": 0, "P2": 1})
    publish_anew(county, date(2024, 9, 1))
    return county


def chief_on(county: County, on: date) -> str | None:
    service = served_by(county.engine, LOCAL_ADMIN, unit_code=B1, on=on)["service"]
    return service and service["chief_name"]


def test_august_has_the_old_chief_and_september_the_new(county: County) -> None:
    days = [date(2024, 5, 31), date(2024, 6, 1), date(2024, 8, 15), date(2024, 8, 31), date(2024, 9, 1)]

    assert [chief_on(county, day) for day in days] == [None, "甄予安", "甄予安", "甄予安", "乐知夏"]
    august = served_by(county.engine, LOCAL_ADMIN, unit_code=B1, on=date(2024, 8, 15))
    assert (august["form"], august["step"], august["covered"]) == ("roving", "in_service", True)
    assert (august["service"]["in_post_from"], august["service"]["in_post_to"]) == (
        "2024-06-01",
        "2024-08-31",
    )


def test_what_was_known_then_is_asked_then(county: County) -> None:
    told = county.moment()
    county.ledger(
        [{"社区": WEST, "小区编码": B2, "小区名称": "二号楼", "分类": "C", "户数": 200}
         | {"物业管理类型": "简易物业", "进展": "已验收", "进驻日期": "2024-07-01"}]
    )  # fmt: skip
    july = date(2024, 7, 10)

    now = served_by(county.engine, LOCAL_ADMIN, unit_code=B2, on=july)
    then = served_by(county.engine, LOCAL_ADMIN, unit_code=B2, on=july, known=told)
    assert (now["form"], now["step"]) == ("basic", "accepted")
    assert (then["form"], then["step"]) == ("roving", "in_service")


def test_who_may_not_read_units_is_refused_and_who_reads_elsewhere_finds_none(county: County) -> None:
    july = date(2024, 7, 10)
    with pytest.raises(Forbidden):
        served_by(county.engine, Actor(name="v", role=Role.VIEWER, scope="*"), unit_code=B1, on=july)
    elsewhere = Actor(name="g", role=Role.GIS, scope=County.town("02"))
    with pytest.raises(NotFound):
        served_by(county.engine, elsewhere, unit_code=B1, on=july)


def test_a_chief_who_comes_later_changes_no_figure_of_the_past(county: County) -> None:
    def covered(on: date) -> int:
        report = measure_coverage(county.engine, LOCAL_ADMIN, area_code=CODE, on=on)
        return int(report.total["units"].numerator)

    assert [covered(on) for on in (date(2024, 5, 31), date(2024, 6, 1), date(2024, 9, 1))] == [0, 2, 2]
