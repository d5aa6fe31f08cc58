"""The whole path over Bunkyo, Tokyo: 36,574 real buildings, its 70 chome as communities."""

from __future__ import annotations

from pathlib import Path

import pyogrio
import pytest
from sqlalchemy import Engine

from tests.real.preparation import prepare_bunkyo
from tests.real.whole_path import (
    Walked,
    assert_arithmetic_of_refusals,
    assert_coverage_counts,
    assert_every_community_answered,
    assert_zones_hold,
    rows,
    walk,
)

pytestmark = pytest.mark.shared_data


@pytest.fixture(scope="module")
def walked(module_engine: Engine, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Walked:
    return walk(module_engine, prepare_bunkyo(shared_data, tmp_path_factory.mktemp("bunkyo")))


def test_every_building_lands_in_a_community(walked: Walked, shared_data: Path):
    file = pyogrio.read_dataframe(shared_data / "tokyo_bunkyo_buildings.fgb", read_geometry=False)
    landed = rows(walked.engine, "SELECT count(*), sum(household_count) FROM building")
    assert landed == [(36_574, file["hh_est"].sum())]


def test_buildings_keep_the_community_the_file_states(walked: Walked, shared_data: Path):
    file = pyogrio.read_dataframe(shared_data / "tokyo_bunkyo_buildings.fgb", read_geometry=False)
    stated = dict(file.loc[file["chome_code"].notna(), ["bldg_id", "chome_code"]].to_numpy())
    held = dict(rows(walked.engine, "SELECT code, community_code FROM building"))
    assert {code for code, community in stated.items() if held[code] != community} == set()


def test_zones_hold(walked: Walked):
    assert_every_community_answered(walked)
    assert_arithmetic_of_refusals(walked)
    assert_zones_hold(walked)


def test_coverage_counts(walked: Walked):
    assert_coverage_counts(walked)
