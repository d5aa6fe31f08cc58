"""The whole path on the committed sample: 449 real buildings in three communities."""

from __future__ import annotations

from pathlib import Path

import pyogrio
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from geo_service.access import LOCAL_ADMIN
from geo_service.api.app import create_app
from geo_service.pipeline import ImportOptions, draw_zones, export_layers, import_file
from geo_service.settings import Settings
from tests.real.whole_path import (
    PUBLISHED_FROM,
    Town,
    Walked,
    assert_arithmetic_of_refusals,
    assert_coverage_counts,
    assert_every_community_answered,
    assert_zones_hold,
    rows,
    walk,
)

SAMPLE = Path(__file__).parents[1] / "data" / "bunkyo_sample"
COLUMNS = {
    "code": "bldg_id",
    "community_code": "chome_code",
    "storeys": "storeys_est",
    "household_count": "hh_est",
    "floor_area_m2": "area_m2",
}
TOWN = Town(
    area_code="131050000000",
    imports=(
        ("areas", SAMPLE / "areas.gpkg", ImportOptions()),
        ("buildings", SAMPLE / "buildings.fgb", ImportOptions(mapping=COLUMNS)),
        ("people", SAMPLE / "people.geojson", ImportOptions()),
    ),
)


@pytest.fixture(scope="module")
def walked(module_engine: Engine) -> Walked:
    return walk(module_engine, TOWN)


def test_every_row_lands(walked: Walked):
    landed = {kind: (report.inserted, report.rejected) for kind, report in walked.imported.items()}
    assert landed == {"areas": (5, 0), "buildings": (449, 0), "people": (12, 0)}
    file = pyogrio.read_dataframe(SAMPLE / "buildings.fgb")
    assert rows(walked.engine, "SELECT sum(household_count) FROM building") == [(file["hh_est"].sum(),)]


def test_same_file_again_changes_nothing(walked: Walked):
    for kind, path, options in TOWN.imports:
        again = import_file(walked.engine, LOCAL_ADMIN, kind=kind, path=path, options=options)
        assert (again.inserted, again.updated, again.unchanged) == (0, 0, again.rows)


def test_zones_hold(walked: Walked):
    assert_every_community_answered(walked)
    assert_arithmetic_of_refusals(walked)
    assert_zones_hold(walked)


def test_same_seed_draws_the_same_zones(walked: Walked):
    again = draw_zones(walked.engine, LOCAL_ADMIN, area_code=TOWN.area_code)
    members = """SELECT z.code, m.building_code FROM zone_member m JOIN zone z ON z.id = m.zone_id
                 WHERE m.plan_id = :plan ORDER BY 1, 2"""
    first, second = (rows(walked.engine, members, plan=plan.plan_id) for plan in (walked.plan, again))
    assert first == second


def test_coverage_counts(walked: Walked):
    assert_coverage_counts(walked)


def test_layers_hold_the_published_zones(walked: Walked, tmp_path: Path):
    codes = sorted(zone.code for zone in walked.plan.zones)
    export_layers(
        walked.engine, LOCAL_ADMIN, area_code=TOWN.area_code, layers=["zones"], format="gpkg",
        out=tmp_path / "zones.gpkg", on=PUBLISHED_FROM,
    )  # fmt: skip
    exported = pyogrio.read_dataframe(tmp_path / "zones.gpkg", layer="zones")
    assert sorted(exported["code"]) == codes
    with TestClient(create_app(Settings(), walked.engine), base_url="http://127.0.0.1") as client:
        asked = {"area": TOWN.area_code, "on": PUBLISHED_FROM.isoformat(), "limit": 100}
        items = client.get("/collections/zones/items", params=asked).json()
    assert sorted(feature["properties"]["code"] for feature in items["features"]) == codes
