"""The capacitated p-median solver against HiGHS, which shares no code with it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, vstack

from geo_service.planning.zoning.bound.medians import promising_medians
from geo_service.planning.zoning.p_median import p_median_problem, solve_p_median

POINTS = 40
MEDIANS = 5


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Points in a square, some of them as heavy as half a cluster may be."""
    random = np.random.default_rng(seed)
    positions = random.uniform(0, 1000, (POINTS, 2))
    loads = random.integers(1, 20, POINTS)
    loads[:3] = 60
    return positions, loads, int(1.15 * loads.sum() / MEDIANS)


def optimum(positions: np.ndarray, loads: np.ndarray, capacity: int) -> float:
    """By integer programming over (point, median) pairs; the pair (j, j) opens the median j."""
    count = len(loads)
    cost = np.hypot(*(positions[:, None] - positions).transpose(2, 0, 1))
    pair = np.arange(count * count).reshape(count, count)
    points, medians = (axis.ravel() for axis in np.indices((count, count)))
    opened = pair[medians, medians]
    ones = np.ones(count * count)
    shape = (count, count * count)
    served = coo_array((ones, (points, pair.ravel())), shape)
    carried = coo_array((loads[points].astype(float), (medians, pair.ravel())), shape)
    room = coo_array((np.full(count, -float(capacity)), (np.arange(count), np.diag(pair))), shape)
    linked = coo_array((ones, (pair.ravel(), pair.ravel())), (count * count, count * count))
    linked = linked - coo_array((ones, (pair.ravel(), opened)), (count * count, count * count))
    number = coo_array((np.ones(count), (np.zeros(count, int), np.diag(pair))), (1, count * count))
    table = vstack([served, carried + room, linked, number])
    lowest = np.concatenate([np.ones(count), np.full(count + count * count, -np.inf), [MEDIANS]])
    highest = np.concatenate([np.ones(count), np.zeros(count + count * count), [MEDIANS]])
    answer = milp(
        cost.ravel(),
        integrality=np.ones(count * count),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(table, lowest, highest),
    )
    assert answer.success
    return float(answer.fun)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_finds_what_integer_programming_proves_best(seed: int) -> None:
    positions, loads, capacity = drawn(seed)

    result = solve_p_median(positions, loads, capacity, MEDIANS, seed=1, seconds=2)

    carried = np.bincount(result.labels, weights=loads, minlength=MEDIANS)
    assert carried.max() <= capacity
    assert result.objective_m == pytest.approx(optimum(positions, loads, capacity), abs=0.01)


def test_one_cluster_is_everything_around_its_median() -> None:
    positions, loads, _ = drawn(4)

    result = solve_p_median(positions, loads, int(loads.sum()), 1, seed=1, seconds=0.2)

    sums = np.hypot(*(positions[:, None] - positions).transpose(2, 0, 1)).sum(axis=0)
    assert result.objective_m == pytest.approx(sums.min(), abs=0.01)


def test_as_many_clusters_as_points_cost_nothing() -> None:
    positions, _, _ = drawn(5)

    result = solve_p_median(positions, np.ones(POINTS, np.int64), 1, POINTS, seed=1, seconds=0.2)

    assert result.objective_m == 0
    assert sorted(result.labels) == list(range(POINTS))


def test_the_bound_offers_different_sets_of_medians() -> None:
    positions, loads, capacity = drawn(6)
    problem = p_median_problem(positions, loads, capacity, MEDIANS)
    upper_m = solve_p_median(positions, loads, capacity, MEDIANS, seed=1, seconds=0.5).objective_m

    sets = promising_medians(problem, MEDIANS, upper_m, 4)

    assert 1 <= len(sets) <= 4
    assert len({chosen.tobytes() for chosen in sets}) == len(sets)
    for chosen in sets:
        assert len(chosen) == MEDIANS
        assert (np.diff(chosen) > 0).all()


def test_points_on_one_spot_are_clustered_by_load_alone() -> None:
    result = solve_p_median(np.zeros((60, 2)), np.ones(60, np.int64), 15, 4, seed=1, seconds=1)

    assert np.bincount(result.labels, minlength=4).tolist() == [15] * 4
    assert result.objective_m == 0
