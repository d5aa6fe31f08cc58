"""Proofs, against every division there is."""

from itertools import product

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from geo_service.errors import InvalidInput
from geo_service.planning.model import LoadRange
from geo_service.planning.zoning import Rules, ZoningProblem
from geo_service.planning.zoning.exact.blocked import find_blocked
from geo_service.planning.zoning.exact.contraction import contract
from geo_service.planning.zoning.exact.division import Verdict, find_division
from geo_service.planning.zoning.exact.sums import can_add_up


def problem_on(graph: nx.Graph, loads: list[int], limits: LoadRange, **options: object) -> ZoningProblem:
    """A problem on any graph; buildings in the order of its nodes."""
    place = {node: number for number, node in enumerate(graph)}
    rows = [sorted(place[other] for other in graph[node]) for node in graph]
    return ZoningProblem(
        positions_m=np.zeros((len(rows), 2)),
        loads=np.array(loads, dtype=np.int64),
        neighbour_starts=np.cumsum([0, *map(len, rows)]).astype(np.int64),
        neighbours=np.array([other for row in rows for other in row], dtype=np.int64),
        limits=limits,
        **options,
    )


def keeps_the_rules(graph: nx.Graph, problem: ZoningProblem, labels: tuple[int, ...], zones: int) -> bool:
    nodes = list(graph)
    for zone in range(zones):
        members = [place for place, label in enumerate(labels) if label == zone]
        load = sum(int(problem.loads[place]) for place in members)
        if not members or not problem.limits.lo <= load <= problem.limits.hi:
            return False
        if problem.connected and not nx.is_connected(graph.subgraph([nodes[place] for place in members])):
            return False
    rules = problem.rules
    return (
        all(labels[one] == labels[other] for one, other in rules.together.tolist())
        and all(labels[one] != labels[other] for one, other in rules.apart.tolist())
        and all(zone in (-1, labels[place]) for place, zone in enumerate(rules.stay.tolist()))
    )


def pairs(count: int) -> st.SearchStrategy[np.ndarray]:
    one = st.lists(st.integers(0, count - 1), min_size=2, max_size=2, unique=True)
    return st.lists(one, max_size=2).map(lambda found: np.array(found, dtype=np.int64).reshape(-1, 2))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_the_verdict_is_that_of_trying_everything(data: st.DataObject) -> None:
    tree = nx.random_labeled_tree(7, seed=data.draw(st.integers(0, 1_000)))
    tree.add_edges_from(
        data.draw(st.lists(st.sampled_from([(0, 1), (2, 5), (3, 6), (4, 0), (1, 6)]), max_size=3))
    )
    graph = nx.relabel_nodes(tree, {node: node for node in range(7)})
    loads = data.draw(st.lists(st.integers(0, 9), min_size=7, max_size=7))
    lo = data.draw(st.integers(0, 14))
    limits = LoadRange(lo, max(1, lo + data.draw(st.integers(0, 8))))
    zones = data.draw(st.integers(1, 3))
    stay = data.draw(st.lists(st.sampled_from([-1, -1, -1, 0, zones - 1]), min_size=7, max_size=7))
    rules = Rules(
        together=data.draw(pairs(7)),
        apart=data.draw(pairs(7)),
        stay=np.array(stay) if data.draw(st.booleans()) else np.empty(0, dtype=np.int64),
    )
    connected = data.draw(st.booleans())
    try:
        problem = problem_on(graph, loads, limits, rules=rules, connected=connected)
    except InvalidInput:
        reject()
    exists = any(keeps_the_rules(graph, problem, labels, zones) for labels in product(range(zones), repeat=7))
    verdict, labels = find_division(problem, zones)
    assert verdict is (Verdict.FOUND if exists else Verdict.IMPOSSIBLE)
    if exists:
        assert keeps_the_rules(graph, problem, tuple(labels.tolist()), zones)


def test_pieces_too_light_for_a_zone_are_joined_to_what_they_hang_by() -> None:
    # 0 - 1 - 2 - 3 - 4 with 5 beside 2: the ends and 5 are lighter than 10
    graph = nx.path_graph(5)
    graph.add_edge(2, 5)
    found = contract(problem_on(graph, [4, 5, 20, 6, 8, 3], LoadRange(10, 40)))
    # 0 and 1 weigh 9: both go to 2; 3 and 4 weigh 14 and may be a zone, but 4 alone may not
    assert found.group_of.tolist() == [0, 0, 0, 1, 1, 0]
    assert found.loads.tolist() == [32, 14]


def test_sums_that_never_fall_within_the_limits_are_a_proof() -> None:
    assert not can_add_up(np.array([50] * 12), LoadRange(310, 340), 2)  # multiples of 50
    assert can_add_up(np.array([50] * 12), LoadRange(290, 310), 2)
    # 300 and 320 can be had, but never 610 from two of them
    assert not can_add_up(np.array([300, 310]), LoadRange(300, 309), 2)


def test_a_building_that_fits_nowhere_is_a_proof_in_a_community_of_any_size() -> None:
    # a row of 400 with 260 and 270 at its end: 260 is too light alone and too heavy with 270
    graph = nx.path_graph(400)
    problem = problem_on(graph, [260, 270] + [50] * 398, LoadRange(280, 500))
    zones = 60
    assert find_blocked(contract(problem), problem.limits, zones) is not None
    assert find_division(problem, zones)[0] is Verdict.IMPOSSIBLE


@pytest.mark.parametrize(("side", "zones"), [(8, 16)])
def test_grids_beyond_forty_buildings_are_decided(side: int, zones: int) -> None:
    # heavy and light by turns, like a chessboard: 100 and 40; zones of 280 take two of each
    graph = nx.grid_2d_graph(side, side)
    loads = [100 if (column + row) % 2 == 0 else 40 for column, row in graph]
    verdict, labels = find_division(problem_on(graph, loads, LoadRange(240, 320)), zones)
    assert verdict is Verdict.FOUND
    assert np.bincount(labels, weights=loads).min() >= 240
