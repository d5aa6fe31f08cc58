"""What zones are measured with, on a street short enough to count by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tests.benchmarks.zoning.metrics import measure, neighbour_pairs
from tests.benchmarks.zoning.workload import Workload

NO_LINE = np.empty((0, 2))


@pytest.fixture
def street() -> Workload:
    """Six houses a hundred metres apart on two sides of a narrow street, numbered eastward.

    1   3   5     households 20 20 20      a river between 3 and 5 | community: north 1, south 0
    0   2   4     households 10 40 10
    """
    return Workload(
        positions_m=np.array([[0, 0], [0, 10], [100, 0], [100, 10], [200, 0], [200, 10]], dtype=float),
        households=np.array([10, 20, 40, 20, 10, 20]),
        side=np.array([0, 0, 0, 0, 1, 1]),
        community=np.array([0, 1, 0, 1, 0, 1]),
        cell=np.array([0, 1, 0, 1, 2, 3]),
        river_m=NO_LINE,
        railway_m=NO_LINE,
        trunk_road_m=NO_LINE,
        other_trunk_road_m=NO_LINE,
        extent_m=np.array([200.0, 10.0]),
    )


def test_neighbours_end_at_two_hundred_metres(street: Workload):
    pairs = {tuple(pair) for pair in neighbour_pairs(street.positions_m).tolist()}
    sides = {(0, 1), (2, 3), (4, 5), (0, 2), (1, 3), (2, 4), (3, 5)}
    assert sides <= pairs
    assert len(pairs) == len(sides) + 2  # one diagonal a square
    assert not {(0, 4), (1, 5)} & {tuple(pair) for pair in neighbour_pairs(street.positions_m * 2.5).tolist()}
    assert {(0, 1), (2, 3), (4, 5)} == {
        tuple(pair) for pair in neighbour_pairs(street.positions_m * 2.5).tolist()
    }


def test_good_zones(street: Workload):
    found = measure(street, np.array([7, 7, 3, 3, 9, 9]), capacity=60)
    assert (found.zones, found.unassigned, found.over_capacity, found.excess_percent) == (3, 0, 0, 0.0)
    assert (found.largest, found.smallest) == (60, 30)
    # loads 30, 60, 30: mean 40
    assert (found.max_deviation_percent, found.mean_deviation_percent) == pytest.approx((50, 100 / 3))
    assert (found.disconnected, found.cross_barrier, found.cross_community) == (0, 0, 3)
    assert found.distance_m == pytest.approx(30)
    # the lighter house walks: 10, 20 and 10 households, ten metres each
    assert found.household_distance_m == pytest.approx(400)


def test_broken_rules(street: Workload):
    found = measure(street, np.array([0, 0, 1, 0, 1, 0]), capacity=65)
    # zone 0 has the north and house 0: 70 households; zone 1 has houses 2 and 4: 50
    assert (found.over_capacity, found.excess_percent) == (1, pytest.approx(100 * 5 / 120))
    assert (found.cross_barrier, found.cross_community) == (2, 1)
    # to house 3 from 0, 1, 5; to house 4 from 2
    assert found.distance_m == pytest.approx(np.hypot(100, 10) + 100 + 100 + 100)


def test_a_torn_zone(street: Workload):
    assert measure(street, np.array([0, 0, 1, 1, 0, 0])).disconnected == 1


def test_buildings_in_no_zone(street: Workload):
    found = measure(street, np.array([0, 0, -1, -1, 1, 1]))
    assert (found.zones, found.unassigned, found.disconnected) == (2, 2, 0)
    assert (found.largest, found.smallest, found.mean_deviation_percent) == (30, 30, 0.0)
    assert found.distance_m == pytest.approx(20)
