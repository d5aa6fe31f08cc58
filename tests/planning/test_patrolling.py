"""The border pass: by hand where it must move and where not, and before an independent judge of the rules."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from geo_service.planning.model import LoadRange
from geo_service.planning.patrol import walking_order
from geo_service.planning.zoning import (
    Aims,
    Earlier,
    Rules,
    ZoningProblem,
    ZoningResult,
    draw_community_zones,
)
from geo_service.planning.zoning.community.brief import Brief
from geo_service.planning.zoning.community.patrolling import patrol_pass
from tests.drawn_area import draw
from tests.zoning_checker import complaints as checker_complaints


def problem_in_a_row(east: list[float], **given_: object) -> ZoningProblem:
    """Buildings of one household in a row, each the neighbour of the next."""
    count = len(east)
    rows = [[other for other in (each - 1, each + 1) if 0 <= other < count] for each in range(count)]
    return ZoningProblem(
        **{
            "positions_m": np.column_stack([np.array(east, dtype=float), np.zeros(count)]),
            "loads": np.ones(count, dtype=np.int64),
            "neighbour_starts": np.cumsum([0, *map(len, rows)]).astype(np.int64),
            "neighbours": np.array([other for row in rows for other in row], dtype=np.int64),
            "limits": LoadRange(1, 4),
            **given_,
        }
    )


def zones_of(problem: ZoningProblem, labels: list[int]) -> ZoningResult:
    """A result for ``labels``, its figures reckoned here."""
    answer = np.array(labels, dtype=np.int64)
    return ZoningResult(
        labels=answer,
        medoids=np.zeros(max(labels) + 1, dtype=np.int64),
        loads=np.bincount(answer, weights=problem.loads).astype(np.int64),
        distance_m=objective(replace(problem, aims=Aims()), answer),
        objective_m=objective(problem, answer),
        violation=0,
    )


def distances(problem: ZoningProblem) -> np.ndarray:
    given_ = problem.distances_m
    return cdist(problem.positions_m, problem.positions_m) if given_ is None else given_.astype(float)


def objective(problem: ZoningProblem, labels: np.ndarray) -> float:
    """Every aim, from its definition."""
    away, total = distances(problem), 0.0
    zones = sorted(set(labels.tolist()))
    loads = [problem.loads[labels == zone].sum() for zone in zones]
    weights = np.ones(len(labels)) if problem.weights is None else problem.weights
    for zone in zones:
        members = np.flatnonzero(labels == zone)
        if zone < len(problem.rules.centres_m):
            to_centre = np.hypot(*(problem.positions_m[members] - problem.rules.centres_m[zone]).T)
            total += float(weights[members] @ to_centre)
        else:
            total += min(float(weights[members] @ away[members, centre]) for centre in members)
    target = sum(loads) / len(loads) if problem.aims.target is None else problem.aims.target
    total += problem.aims.balance_m * sum(abs(load - target) for load in loads)
    total += problem.aims.compactness_m * sum(labels[one] != labels[other] for one, other in edges(problem))
    if problem.earlier is not None:
        total += problem.earlier.change_cost_m * changes(problem, labels)
    return float(total)


def edges(problem: ZoningProblem) -> list[tuple[int, int]]:
    starts = problem.neighbour_starts
    return [
        (one, int(other))
        for one in range(problem.buildings)
        for other in problem.neighbours[starts[one] : starts[one + 1]]
        if one < other
    ]


def changes(problem: ZoningProblem, labels: np.ndarray) -> int:
    assert problem.earlier is not None
    pairs = zip(problem.earlier.zone_of.tolist(), labels.tolist(), strict=True)
    return sum(was >= 0 and was != now for was, now in pairs)


def complaints(problem: ZoningProblem, labels: np.ndarray, zones: int) -> list[str]:
    """Every rule that is broken; shares no code with the pass."""
    wrong = []
    graph = nx.Graph(edges(problem))
    graph.add_nodes_from(range(problem.buildings))
    for zone in range(zones):
        members = np.flatnonzero(labels == zone).tolist()
        load = sum(int(problem.loads[each]) for each in members)
        if not members or not problem.limits.lo <= load <= problem.limits.hi:
            wrong.append(f"zone {zone} holds {load}")
        elif problem.connected and not nx.is_connected(graph.subgraph(members)):
            wrong.append(f"zone {zone} is in pieces")
    rules = problem.rules
    wrong += [f"{each} left" for each, zone in enumerate(rules.stay) if zone >= 0 and labels[each] != zone]
    wrong += [f"{one} {other} parted" for one, other in rules.together if labels[one] != labels[other]]
    wrong += [f"{one} {other} joined" for one, other in rules.apart if labels[one] == labels[other]]
    earlier = problem.earlier
    if earlier is not None and earlier.most_changes is not None:
        wrong += ["too many changes"] * (changes(problem, labels) > earlier.most_changes)
    return wrong


def patrol(problem: ZoningProblem, labels: np.ndarray) -> float:
    away = distances(problem)
    zones = [np.flatnonzero(labels == zone) for zone in set(labels.tolist())]
    return sum(
        walking_order(problem.positions_m[zone], distances_m=away[np.ix_(zone, zone)]).length_m
        for zone in zones
    )


# 0  10 ....... 60 ....... 100 110: building 2 is walked 50 m out of the way of the left zone and back, 100 m;
# from the right zone it is 40 m out and back, 80 m. Its centre is 30 m off on the left and 60 m on the right.
ROW = [0.0, 10.0, 60.0, 100.0, 110.0]
CENTRES = np.array([[30.0, 0.0], [120.0, 0.0]])
LEFT, RIGHT = [0, 0, 0, 1, 1], [0, 0, 1, 1, 1]


@pytest.mark.parametrize(("weight", "labels"), [(0.0, LEFT), (1.4, LEFT), (1.6, RIGHT)])
def test_a_building_moves_once_its_walk_weighs_more_than_its_distance(
    weight: float, labels: list[int]
) -> None:
    # 20 m of walks are saved at 30 m of distance
    problem = problem_in_a_row(ROW, rules=Rules(centres_m=CENTRES))
    answer = patrol_pass(problem, zones_of(problem, LEFT), patrol_weight=weight)
    assert answer.result.labels.tolist() == labels
    moved = labels == RIGHT
    assert answer.exchanges == moved
    assert answer.patrol_before_m == pytest.approx(120 + 20)
    assert answer.patrol_after_m == pytest.approx(20 + 100 if moved else 140)
    assert answer.objective_before_m == pytest.approx(30 + 20 + 30 + 20 + 10)
    assert answer.result.objective_m == pytest.approx(110 + 30 * moved)
    assert answer.result.loads.tolist() == np.bincount(labels).tolist()


@pytest.mark.parametrize(
    "changed",
    [
        {"limits": LoadRange(3, 4), "loads": np.array([1, 1, 1, 1, 2])},  # the left zone would be too light
        {"limits": LoadRange(1, 3), "loads": np.array([1, 1, 1, 1, 2])},  # the right one too heavy
        {"rules": Rules(stay=np.array([-1, -1, 0, -1, -1]), centres_m=CENTRES)},
        {"rules": Rules(together=np.array([[1, 2]]), centres_m=CENTRES)},
        {"rules": Rules(apart=np.array([[2, 4]]), centres_m=CENTRES)},
        {"earlier": Earlier(np.array(LEFT), most_changes=0)},
        {"earlier": Earlier(np.array(LEFT), change_cost_m=1_000.0)},
        {"aims": Aims(balance_m=1_000.0, target=3.0), "loads": np.array([1, 1, 1, 1, 2])},
    ],
)
def test_no_saving_is_worth_a_broken_rule(changed: dict[str, object]) -> None:
    problem = problem_in_a_row(ROW, **{"rules": Rules(centres_m=CENTRES), **changed})
    answer = patrol_pass(problem, zones_of(problem, LEFT), patrol_weight=2.0)
    assert answer.result.labels.tolist() == LEFT
    assert answer.exchanges == 0


def test_nothing_moves_that_would_tear_a_zone() -> None:
    # 2 hangs on 3 alone: it may follow it, not go before it
    problem = problem_in_a_row([0.0, 100.0, 5.0, 95.0], limits=LoadRange(1, 3))
    answer = patrol_pass(problem, zones_of(problem, [0, 1, 1, 1]), patrol_weight=1.0)
    assert not complaints(problem, answer.result.labels, 2)


def test_two_buildings_are_exchanged_where_neither_may_move_alone() -> None:
    # full zones in a square; each holds one building on the other's side
    east, north = np.array([0, 0, 0, 90, 90, 90.0]), np.array([0, 10, 20, 0, 10, 20.0])
    graph = nx.complete_graph(6)
    problem = ZoningProblem(
        positions_m=np.column_stack([east, north]),
        loads=np.ones(6, dtype=np.int64),
        neighbour_starts=np.arange(0, 31, 5),
        neighbours=np.concatenate([sorted(graph[each]) for each in range(6)]).astype(np.int64),
        limits=LoadRange(3, 3),
        weights=np.zeros(6),
    )
    answer = patrol_pass(problem, zones_of(problem, [0, 0, 1, 1, 1, 0]), patrol_weight=1.0)
    assert answer.result.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert answer.patrol_after_m == pytest.approx(80)


@st.composite
def divided(draw: st.DrawFn) -> tuple[ZoningProblem, ZoningResult]:
    """A 4 x 4 grid of buildings cut into rows of four, with rules that hold."""
    graph = nx.convert_node_labels_to_integers(nx.grid_2d_graph(4, 4), ordering="sorted")
    labels = np.repeat(np.arange(4), 4)
    positions = np.array(
        draw(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=16, max_size=16))
    )
    loads = np.array(draw(st.lists(st.integers(0, 4), min_size=16, max_size=16)))
    sums = np.bincount(labels, weights=loads).astype(int)
    limits = LoadRange(
        max(0, sums.min() - draw(st.integers(0, 5))), max(1, sums.max() + draw(st.integers(0, 5)))
    )
    pairs = np.array(draw(st.lists(st.tuples(st.integers(0, 15), st.integers(0, 15)), max_size=3))).reshape(
        -1, 2
    )
    pairs = pairs[pairs[:, 0] != pairs[:, 1]].astype(np.int64)
    same = labels[pairs[:, 0]] == labels[pairs[:, 1]]
    stay = np.where(np.array(draw(st.lists(st.integers(0, 4), min_size=16, max_size=16))) == 0, labels, -1)
    most = draw(st.none() | st.integers(0, 3))
    problem = ZoningProblem(
        positions_m=positions.astype(float),
        loads=loads.astype(np.int64),
        neighbour_starts=np.cumsum([0, *(graph.degree[each] for each in range(16))]).astype(np.int64),
        neighbours=np.concatenate([sorted(graph[each]) for each in range(16)]).astype(np.int64),
        limits=limits,
        aims=Aims(
            balance_m=draw(st.sampled_from([0.0, 7.0])), compactness_m=draw(st.sampled_from([0.0, 5.0]))
        ),
        rules=Rules(stay=stay.astype(np.int64), together=pairs[same], apart=pairs[~same]),
        earlier=Earlier(labels, change_cost_m=draw(st.sampled_from([0.0, 3.0])), most_changes=most),
    )
    return problem, zones_of(problem, labels.tolist())


@settings(max_examples=60, deadline=None)
@given(divided(), st.sampled_from([0.1, 1.0, 10.0]))
def test_every_rule_holds_and_the_weighted_sum_never_rises(
    given_: tuple[ZoningProblem, ZoningResult], weight: float
) -> None:
    problem, before = given_
    answer = patrol_pass(problem, before, patrol_weight=weight)
    labels = answer.result.labels
    assert complaints(problem, labels, 4) == []
    assert answer.result.objective_m == pytest.approx(objective(problem, labels), abs=0.01)
    assert answer.patrol_after_m == pytest.approx(patrol(problem, labels), abs=0.05)
    saved = answer.objective_before_m + weight * answer.patrol_before_m
    saved -= answer.result.objective_m + weight * answer.patrol_after_m
    assert saved >= -0.01
    assert (saved > 1e-9) == (answer.exchanges > 0)
    assert (labels.tolist() == before.labels.tolist()) or answer.exchanges > 0


def test_an_infeasible_answer_is_given_back() -> None:
    problem = problem_in_a_row(ROW, limits=LoadRange(3, 3))
    broken = replace(zones_of(problem, LEFT), violation=1)
    answer = patrol_pass(problem, broken, patrol_weight=5.0)
    assert answer.result is broken
    assert answer.patrol_before_m == answer.patrol_after_m == pytest.approx(140)


def test_a_community_is_drawn_with_shorter_walks_where_these_weigh() -> None:
    area = draw("\n".join(["oooo.oo.oooo", "o..oo.oo.oo.", "oo.o.oooo.oo", ".ooo.oo.oooo"]))
    limits = LoadRange(150, 400)
    plain = draw_community_zones(area, limits, brief=Brief(walked=True))
    patrolled = draw_community_zones(area, limits, brief=Brief(walked=True, patrol_weight=5.0))
    assert checker_complaints(area, limits, patrolled) == []
    walks = [sum(zone.patrol_m or 0 for zone in answer.zones) for answer in (plain, patrolled)]
    assert patrolled.objective_m + 5 * walks[1] < plain.objective_m + 5 * walks[0] - 1
    [told] = [finding for finding in patrolled.findings if finding.key == "patrol.borders_moved"]
    assert told.values["before_km"] == round(walks[0] / 1000, 2)
    assert told.values["after_km"] == round(walks[1] / 1000, 2)
