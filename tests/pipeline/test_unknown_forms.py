"""A form of management that the plan does not name covers nothing, wherever coverage is told."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import geopandas
import pytest
from shapely import box
from sqlalchemy import Engine

from geo_service.access import LOCAL_ADMIN
from geo_service.pipeline.bulletins import issue_bulletin
from geo_service.pipeline.classifying import classify_units
from geo_service.pipeline.coverage import measure_coverage
from geo_service.pipeline.exporting import export_layers
from geo_service.pipeline.imports import import_file
from geo_service.pipeline.lapsing import record_lapse
from geo_service.pipeline.policies import use_profile
from geo_service.pipeline.serving import served_by
from tests.county import CODE, County

DAY = date(2017, 11, 30)


def compound(number: int, form: str, step: str = "已进驻") -> dict[str, Any]:
    return {
        "社区": County.community("01", "001"),
        "小区编码": f"C{number}",
        "小区名称": f"小区{number}",
        "户数": 100,
        "物业类型": "老旧",
        "是否具备市场化条件": "否",
        "现行管理方式": form,
        "进展": step,
        "进驻日期": "2017-11-20",
    }


@pytest.fixture
def county(engine: Engine, tmp_path: Path) -> County:
    """Under the plan of 2017: basic and professional service, and interim service, which it does not name."""
    county = County(engine, tmp_path, {"01": ["001"]})
    use_profile(engine, LOCAL_ADMIN, key="zhoucun_2017")
    shapes = [box(111 + n / 1000, 34.001, 111 + n / 1000 + 0.0005, 34.0015) for n in range(1, 5)]
    frame = geopandas.GeoDataFrame(
        {
            "code": [f"C{n}" for n in range(1, 5)],
            "name": [f"小区{n}" for n in range(1, 5)],
            "community_code": County.community("01", "001"),
            "household_count": 100,
        },
        geometry=shapes,
        crs=4490,
    )
    frame.to_file(tmp_path / "compounds.gpkg")
    import_file(engine, LOCAL_ADMIN, kind="compounds", path=tmp_path / "compounds.gpkg")
    county.ledger(
        [
            compound(1, "简易物业"),
            compound(2, "专业化物业"),  # what star-rated service is without its stars
            compound(3, "办事处提供基本服务"),
            compound(4, "办事处提供基本服务", "计划"),
        ]
    )
    return county


def test_it_is_counted_nowhere_and_shown_apart(county: County, tmp_path: Path) -> None:
    report = measure_coverage(county.engine, LOCAL_ADMIN, area_code=CODE, on=DAY).as_json()
    figure = report["total"]["units"]
    assert (figure["numerator"], figure["denominator"]) == (2, 4)
    # the one that is only planned for is in nobody's service yet
    assert report["unknown_forms"] == [{"form": "interim", "name": "办事处提供基本服务（过渡）", "units": 1}]
    told = issue_bulletin(county.engine, LOCAL_ADMIN, area_code=CODE, period="2017-11").as_json()
    assert (told["total"]["numerator"], told["due"]["met"]) == (2, False)

    served = {f"C{n}": served_by(county.engine, LOCAL_ADMIN, unit_code=f"C{n}", on=DAY) for n in (1, 3)}
    assert [served[code]["covered"] for code in ("C1", "C3")] == [True, False]
    rows = classify_units(county.engine, LOCAL_ADMIN, area_code=CODE, on=DAY).as_json()["units"]
    assert {row["code"]: row["forms"] for row in rows} == {f"C{n}": ["basic"] for n in range(1, 5)}
    export_layers(
        county.engine, LOCAL_ADMIN, area_code=CODE, layers=["compounds"], format="geojson",
        out=tmp_path / "out", on=DAY,
    )  # fmt: skip
    layer = geopandas.read_file(next((tmp_path / "out").glob("*.geojson")))
    assert dict(zip(layer["code"], layer["covered"].astype(bool), strict=True)) == {
        "C1": True, "C2": True, "C3": False, "C4": False,
    }  # fmt: skip


def test_service_in_it_may_lapse_and_has_not_been_a_task_done(county: County) -> None:
    record_lapse(county.engine, LOCAL_ADMIN, unit_code="C3", on=date(2017, 12, 10), reason="办事处撤出")

    report = measure_coverage(county.engine, LOCAL_ADMIN, area_code=CODE, on=date(2017, 12, 31)).total
    assert (report["lapsed"].numerator, report["units_once"].numerator) == (1, 2)
