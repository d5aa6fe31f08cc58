"""The solver on bare graphs, against every division there is."""

from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.errors import InvalidInput
from geo_service.planning.model import LoadRange
from geo_service.planning.zoning import ZoningProblem, solve
from geo_service.planning.zoning.exact.division import Verdict, find_division
from geo_service.planning.zoning.feasibility import most_zones, zone_counts


def problem_on(
    graph: nx.Graph, households: list[int], limits: LoadRange, zones: int | None = None
) -> ZoningProblem:
    """A problem on a grid graph, whose nodes are (column, row), 30 m apart."""
    nodes = sorted(graph)
    place = {node: number for number, node in enumerate(nodes)}
    rows = [sorted(place[other] for other in graph[node]) for node in nodes]
    return ZoningProblem(
        positions_m=np.array(nodes, dtype=float).reshape(-1, 2) * 30,
        loads=np.array(households, dtype=np.int64),
        neighbour_starts=np.cumsum([0, *map(len, rows)]).astype(np.int64),
        neighbours=np.array([other for row in rows for other in row], dtype=np.int64),
        limits=limits,
        zones=zones,
    )


def least_distance_of_two(graph: nx.Graph, households: list[int], limits: LoadRange) -> float | None:
    """By trying every division in two; None when none is within the limits."""
    nodes = sorted(graph)
    positions = np.array(nodes, dtype=float) * 30
    apart = np.hypot(*(positions[:, None] - positions[None]).transpose(2, 0, 1))
    best = None
    everybody = set(range(len(nodes)))
    for size in range(len(nodes)):
        for rest in combinations(range(1, len(nodes)), size):
            one, other = sorted({0, *rest}), sorted(everybody - {0, *rest})
            if not other or not all(
                limits.lo <= sum(households[place] for place in zone) <= limits.hi
                and nx.is_connected(graph.subgraph([nodes[place] for place in zone]))
                for zone in (one, other)
            ):
                continue
            cost = sum(apart[np.ix_(zone, zone)].sum(axis=1).min() for zone in (one, other))
            best = cost if best is None else min(best, cost)
    return best


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=9, max_size=9), st.integers(0, 150), st.integers(0, 60))
def test_small_problems_are_solved_or_proven_impossible(households: list[int], lo: int, more: int) -> None:
    graph = nx.grid_2d_graph(3, 3)
    limits = LoadRange(lo, max(lo + more, 1))
    best = least_distance_of_two(graph, households, limits)
    result = solve(problem_on(graph, households, limits, zones=2), budget=20_000)
    assert result.feasible == (best is not None)
    assert result.impossible == (best is None)
    if best is not None:
        assert result.distance_m == pytest.approx(best)


def test_the_exhaustive_search_finds_three_connected_zones() -> None:
    graph = nx.grid_2d_graph(4, 3)
    limits = LoadRange(40, 40)
    verdict, labels = find_division(problem_on(graph, [10] * 12, limits), 3)
    assert verdict is Verdict.FOUND
    assert np.bincount(labels).tolist() == [4, 4, 4]
    for zone in range(3):
        members = [node for node, label in zip(sorted(graph), labels, strict=True) if label == zone]
        assert nx.is_connected(graph.subgraph(members))


@pytest.mark.parametrize(
    ("limits", "verdict"),
    [
        (LoadRange(100, 120), Verdict.FOUND),  # 30 x 4 = 120, 120, and 30 x 3 + 10 = 100
        (LoadRange(105, 119), Verdict.IMPOSSIBLE),  # eleven 30s and a 10 in a row: 90, 100 or 120
    ],
)
def test_the_exhaustive_search_on_a_row(limits: LoadRange, verdict: Verdict) -> None:
    row = nx.grid_2d_graph(12, 1)
    assert find_division(problem_on(row, [30] * 11 + [10], limits), 3)[0] is verdict


@pytest.mark.parametrize(
    ("households", "limits", "counts"),
    [
        ([32] * 16, LoadRange(300, 500), []),  # 512
        ([32] * 25, LoadRange(300, 500), [2]),  # 800 = 2 x 400; 2.67 zones of 300
        ([150] * 8, LoadRange(300, 500), [3, 4]),  # 1,200
        ([900, 300], LoadRange(300, 1000), [2]),  # the large one fills only one zone
        ([501, 300], LoadRange(300, 500), []),  # above the upper limit
        ([0, 0], LoadRange(0, 500), [1, 2]),
    ],
)
def test_how_many_zones_arithmetic_allows(
    households: list[int], limits: LoadRange, counts: list[int]
) -> None:
    assert list(zone_counts(np.array(households), limits)) == counts


def test_a_large_building_fills_one_zone_only() -> None:
    assert most_zones(np.array([900, 100, 100, 100]), 300) == 2
    assert most_zones(np.array([100]), 300) == 0


def test_a_larger_budget_is_never_over_the_limits_where_a_smaller_is_within() -> None:
    graph = nx.grid_2d_graph(12, 12)
    households = np.random.default_rng(5).integers(5, 60, 144).tolist()
    for moves in (20_000, 200_000):
        result = solve(problem_on(graph, households, LoadRange(300, 500)), budget=moves)
        assert result.feasible
        loads = np.bincount(result.labels, weights=households).astype(int)
        assert loads.tolist() == result.loads.tolist()
        assert 300 <= loads.min() <= loads.max() <= 500


def test_an_ill_formed_problem_is_refused() -> None:
    graph = nx.grid_2d_graph(2, 2)
    with pytest.raises(InvalidInput, match="zone"):
        problem_on(graph, [1, 1, 1, 1], LoadRange(1, 2), zones=5)
    with pytest.raises(InvalidInput, match="negative"):
        problem_on(graph, [1, 1, 1, -1], LoadRange(1, 2))
