"""Zones keep the numbers that most of their buildings had."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geo_service.planning.model import LoadRange
from geo_service.planning.zoning import Earlier, Rules, ZoningProblem, ZoningResult
from geo_service.planning.zoning.naming import with_earlier_numbers

# Six buildings in a row, which lay in three zones of two.
BEFORE = np.array([0, 0, 1, 1, 2, 2])
ROW = ZoningProblem(
    positions_m=np.column_stack([np.arange(6) * 10.0, np.zeros(6)]),
    loads=np.array([1, 2, 3, 4, 5, 6]),
    neighbour_starts=np.array([0, 1, 3, 5, 7, 9, 10]),
    neighbours=np.array([1, 0, 2, 1, 3, 2, 4, 3, 5, 4]),
    limits=LoadRange(0, 20),
    earlier=Earlier(BEFORE, change_cost_m=7.0, most_changes=1),
)


def drawn(labels: list[int], changes: int) -> ZoningResult:
    """As the search would answer: 30 m of distance, and what the changes cost."""
    zone_of = np.array(labels)
    loads = np.bincount(zone_of, weights=ROW.loads).astype(np.int64)
    medoids = np.array([np.flatnonzero(zone_of == zone)[0] for zone in range(3)])
    return ZoningResult(zone_of, medoids, loads, 30.0, 30.0 + 7.0 * changes, max(0, changes - 1))


def test_the_same_zones_get_their_numbers_back() -> None:
    turned = drawn([2, 2, 0, 0, 1, 1], changes=6)

    named = with_earlier_numbers(ROW, turned)

    assert named.labels.tolist() == BEFORE.tolist()
    assert named.loads.tolist() == [3, 7, 11]
    assert named.medoids.tolist() == [0, 2, 4]
    assert named.objective_m == 30.0
    assert named.violation == 0


def test_a_zone_goes_by_most_of_its_buildings() -> None:
    named = with_earlier_numbers(ROW, drawn([1, 1, 1, 0, 2, 2], changes=3))

    assert named.labels.tolist() == [0, 0, 0, 1, 2, 2]
    assert named.objective_m == pytest.approx(37.0)
    assert named.violation == 0


def test_zones_that_the_rules_name_keep_their_numbers() -> None:
    turned = drawn([2, 2, 0, 0, 1, 1], changes=6)
    stay = np.array([2, -1, -1, -1, -1, -1])
    post = np.array([[np.nan, np.nan], [45.0, 0.0], [np.nan, np.nan]])

    staying = with_earlier_numbers(replace(ROW, rules=Rules(stay=stay)), turned)
    centred = with_earlier_numbers(replace(ROW, rules=Rules(centres_m=post)), turned)

    # zone 2 keeps its number, the two others are told by their buildings
    assert staying.labels.tolist() == [2, 2, 1, 1, 0, 0]
    assert centred.labels.tolist() == [0, 0, 2, 2, 1, 1]


def test_nothing_before_changes_nothing() -> None:
    result = drawn([2, 2, 0, 0, 1, 1], changes=0)

    assert with_earlier_numbers(replace(ROW, earlier=None), result) is result
