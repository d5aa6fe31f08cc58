"""What was asked as known stays, whatever is published, whoever is appointed, whatever ledgers say later."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import geopandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box
from sqlalchemy import Engine

from geo_service.access import LOCAL_ADMIN
from geo_service.pipeline import appoint_chiefs, draw_zones, publish_plan
from geo_service.pipeline.coverage import measure_coverage
from geo_service.pipeline.imports import import_file
from geo_service.planning.model import LoadRange
from geo_service.store.local import Cluster
from tests.conftest import engine_on_a_clone
from tests.county import CODE, County

COMMUNITY = County.community("01", "001")
DAYS = [date(2024, month, 15) for month in range(1, 8)]


def people(county: County, homes: dict[str, float]) -> None:
    frame = geopandas.GeoDataFrame(
        {"code": list(homes), "name": list(homes), "community_code": COMMUNITY},
        geometry=[Point(east, 34.0055) for east in homes.values()],
        crs=4490,
    )
    path = county.folder / "people.gpkg"
    frame.to_file(path)
    import_file(county.engine, LOCAL_ADMIN, kind="people", path=path)


def build(engine: Engine, folder: Path) -> County:
    """Four standalone buildings of 40 households in a row, and one person at either end."""
    county = County(engine, folder, {"01": ["001"]})
    shapes = [box(111.001 + n / 1000, 34.005, 111.0012 + n / 1000, 34.0052) for n in range(4)]
    frame = geopandas.GeoDataFrame(
        {
            "code": [f"B{n}" for n in range(4)],
            "community_code": COMMUNITY,
            "household_count": 40,
        },
        geometry=shapes,
        crs=4490,
    )
    frame.to_file(folder / "buildings.gpkg")
    import_file(engine, LOCAL_ADMIN, kind="buildings", path=folder / "buildings.gpkg")
    people(county, {"P1": 111.0005})
    return county


def publish(county: County, begins: date, households: int) -> None:
    """Draw zones of so many households, appoint whoever is there, and publish."""
    limits = LoadRange(households, households)
    plan = draw_zones(county.engine, LOCAL_ADMIN, area_code=COMMUNITY, limits=limits, budget=2_000)
    appoint_chiefs(county.engine, LOCAL_ADMIN, plan_id=plan.plan_id)
    publish_plan(county.engine, LOCAL_ADMIN, plan_id=plan.plan_id, from_date=begins)


def figures(county: County, known: Any = None) -> list[dict[str, tuple[int, int]]]:
    reports = [
        measure_coverage(county.engine, LOCAL_ADMIN, area_code=CODE, on=day, known=known) for day in DAYS
    ]
    return [
        {key: (int(figure.numerator), int(figure.denominator)) for key, figure in report.total.items()}
        for report in reports
    ]


def covered(county: County) -> list[int]:
    return [of_day["units"][0] for of_day in figures(county)]


def test_a_later_plan_with_more_chiefs_covers_more_from_its_day_on(engine: Engine, tmp_path: Path) -> None:
    """One zone of 80 of two has a chief from February on; from May on both of them have one."""
    county = build(engine, tmp_path)
    assert covered(county) == [0] * 7
    publish(county, date(2024, 2, 1), 80)
    before = county.moment()
    assert covered(county) == [0, 2, 2, 2, 2, 2, 2]

    people(county, {"P1": 111.0005, "P2": 111.0055})
    publish(county, date(2024, 5, 1), 80)
    assert covered(county) == [0, 2, 2, 2, 4, 4, 4]
    assert [of_day["units"][0] for of_day in figures(county, before)] == [0, 2, 2, 2, 2, 2, 2]


_EVENTS = st.one_of(
    st.tuples(st.just("publish"), st.sampled_from([80, 160])),
    st.tuples(st.just("people"), st.sampled_from([1, 2, 3])),
    st.tuples(st.just("ledger"), st.sampled_from(["已进驻", "失管", "计划"])),
)


@given(events=st.lists(_EVENTS, min_size=2, max_size=4))
@settings(max_examples=6, deadline=None)
def test_publications_posts_and_ledgers_leave_what_was_asked_as_it_was(
    cluster: Cluster,
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
    events: list[tuple[str, Any]],
) -> None:
    with engine_on_a_clone(cluster, template) as engine:
        county = build(engine, tmp_path_factory.mktemp("county"))
        publish(county, DAYS[0], 80)
        told = [(county.moment(), figures(county))]
        for month, (event, given_with) in enumerate(events, start=1):
            if event == "publish":
                publish(county, DAYS[month], given_with)
            elif event == "people":
                people(county, {f"P{n}": 111.0005 + n / 1000 for n in range(given_with)})
            else:
                cells = {"小区编码": "B1", "小区名称": "一号楼", "户数": 40, "进驻日期": DAYS[month]}
                cells |= {"社区": COMMUNITY, "物业管理类型": "流动物业", "进展": given_with}
                county.ledger([cells], as_of=DAYS[month], name=f"{month}.xlsx")
            told.append((county.moment(), figures(county)))
        for moment, told_then in told:
            assert figures(county, moment) == told_then
