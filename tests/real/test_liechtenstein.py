"""The whole path over Liechtenstein: 11 municipalities parted by rivers, a railway and primary roads."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.real.preparation import prepare_liechtenstein
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
    return walk(module_engine, prepare_liechtenstein(shared_data, tmp_path_factory.mktemp("liechtenstein")))


def test_rows_land(walked: Walked):
    assert walked.imported["areas"].inserted == 14
    landed = walked.imported["buildings"].inserted, rows(walked.engine, "SELECT count(*) FROM building")[0][0]
    assert landed[0] == landed[1]
    assert landed[1] + walked.imported["buildings"].rejected == 8_994


def test_zones_hold(walked: Walked):
    assert_every_community_answered(walked)
    assert_arithmetic_of_refusals(walked)
    assert_zones_hold(walked)


def test_coverage_counts(walked: Walked):
    assert_coverage_counts(walked)
