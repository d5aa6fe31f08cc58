"""Why a zone is as it is: checked against every single move, made and measured from the definition."""

from dataclasses import replace
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service import messages
from geo_service.planning.model import CommunityZoning, LoadRange
from geo_service.planning.zoning import (
    Aims,
    Brief,
    Earlier,
    LockedZone,
    Rules,
    ZoningProblem,
    draw_community_zones,
)
from geo_service.planning.zoning.community.explain import Rule, explain_zones
from tests.drawn_area import CODE, draw

USUAL = LoadRange(300, 500)


def row_of(loads: list[int], limits: LoadRange, **options: object) -> ZoningProblem:
    """Buildings 10 m apart in a row, neighbours side by side."""
    rows = [
        [each for each in (place - 1, place + 1) if 0 <= each < len(loads)] for place in range(len(loads))
    ]
    return ZoningProblem(
        positions_m=np.column_stack([10.0 * np.arange(len(loads)), np.zeros(len(loads))]),
        loads=np.array(loads, dtype=np.int64),
        neighbour_starts=np.cumsum([0, *map(len, rows)]).astype(np.int64),
        neighbours=np.array([other for row in rows for other in row], dtype=np.int64),
        limits=limits,
        **options,
    )


def objective_m(problem: ZoningProblem, labels: list[int]) -> float:
    """From the definition, in plain Python."""
    zones = sorted(set(labels))
    weights = [1.0] * len(labels) if problem.weights is None else problem.weights.tolist()
    total = 0.0
    for zone in zones:
        members = [place for place, label in enumerate(labels) if label == zone]
        total += min(
            sum(
                weights[each] * np.hypot(*(problem.positions_m[each] - problem.positions_m[medoid]))
                for each in members
            )
            for medoid in members
        )
    target = problem.loads.sum() / len(zones) if problem.aims.target is None else problem.aims.target
    held = [
        sum(int(problem.loads[place]) for place, label in enumerate(labels) if label == zone)
        for zone in zones
    ]
    total += problem.aims.balance_m * sum(abs(load - target) for load in held)
    rows = [
        problem.neighbours[start:end].tolist() for start, end in pairwise(problem.neighbour_starts.tolist())
    ]
    borders = sum(labels[one] != labels[other] for one, row in enumerate(rows) for other in row) / 2
    return total + problem.aims.compactness_m * borders


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_cheapest_move_is_the_cheapest_of_all(data: st.DataObject) -> None:
    graph = nx.convert_node_labels_to_integers(nx.grid_2d_graph(3, 4), label_attribute="at")
    loads = data.draw(st.lists(st.integers(0, 50), min_size=12, max_size=12))
    labels = data.draw(st.lists(st.integers(0, 2), min_size=12, max_size=12))
    shifted = data.draw(st.lists(st.floats(-9, 9), min_size=12, max_size=12))
    heavy = data.draw(st.booleans())
    labels[:3] = [0, 1, 2]
    rows = [sorted(graph[node]) for node in graph]
    problem = ZoningProblem(
        positions_m=np.array([graph.nodes[node]["at"] for node in graph], dtype=float) * 30
        + np.column_stack([shifted, shifted]),
        loads=np.array(loads, dtype=np.int64),
        neighbour_starts=np.cumsum([0, *map(len, rows)]).astype(np.int64),
        neighbours=np.array([other for row in rows for other in row], dtype=np.int64),
        limits=LoadRange(20, 200),
        weights=np.array(loads, dtype=float) if heavy else None,
        aims=Aims(
            balance_m=data.draw(st.sampled_from([0.0, 2.0])),
            compactness_m=data.draw(st.sampled_from([0.0, 5.0])),
        ),
    )
    before = objective_m(problem, labels)
    costs: dict[tuple[int, int], float] = {}
    for one, row in enumerate(rows):
        for other in row:
            if labels[one] != labels[other] and labels.count(labels[one]) > 1:
                moved = [*labels]
                moved[one] = labels[other]
                costs[one, labels[other]] = objective_m(problem, moved) - before
    for explanation in explain_zones(problem, np.array(labels)):
        zone, move = explanation.zone, explanation.move
        touching = {key: cost for key, cost in costs.items() if zone in (labels[key[0]], key[1])}
        if move is None or move.rule is Rule.ONLY or labels.count(move.giver) == 1:
            continue
        assert move.cost_m == pytest.approx(costs[move.building, move.taker])
        assert move.cost_m == pytest.approx(min(touching.values()), abs=0.01)


def the_move(problem: ZoningProblem, labels: list[int], zone: int = 0) -> tuple[int, int, int, float, Rule]:
    move = explain_zones(problem, np.array(labels))[zone].move
    assert move is not None
    return move.building, move.giver, move.taker, round(move.cost_m, 3), move.rule


# Six in a row, cut 2 + 4: zones cost 10 and 10 + 10 + 20 m. Cut 3 + 3 they cost 20 and 20: building 2 goes
# over to the first zone for 10 m less.
CUT_LATE = [0, 0, 1, 1, 1, 1]


def test_a_better_move_is_refused_by_the_upper_limit() -> None:
    assert the_move(row_of([10] * 6, LoadRange(0, 29 + 11)), [0, 1, 1, 1, 1, 1])[4] is Rule.NONE
    assert the_move(row_of([10] * 6, LoadRange(0, 25)), CUT_LATE) == (2, 1, 0, -10.0, Rule.UPPER)


def test_a_better_move_is_refused_by_the_lower_limit() -> None:
    assert the_move(row_of([10] * 6, LoadRange(35, 60)), CUT_LATE) == (2, 1, 0, -10.0, Rule.LOWER)


def test_a_better_move_is_refused_by_a_pair() -> None:
    kept = Rules(together=np.array([[2, 5]]))
    assert the_move(row_of([10] * 6, LoadRange(0, 60), rules=kept), CUT_LATE)[4] is Rule.TOGETHER
    parted = Rules(apart=np.array([[0, 2]]))
    assert the_move(row_of([10] * 6, LoadRange(0, 60), rules=parted), CUT_LATE)[4] is Rule.APART


def test_a_better_move_is_refused_by_the_changes_allowed() -> None:
    held = Earlier(np.array(CUT_LATE), most_changes=0)
    assert the_move(row_of([10] * 6, LoadRange(0, 60), earlier=held), CUT_LATE)[4] is Rule.CHANGES
    dear = Earlier(np.array(CUT_LATE), change_cost_m=25.0)
    assert the_move(row_of([10] * 6, LoadRange(0, 60), earlier=dear), CUT_LATE) == (2, 1, 0, 15.0, Rule.COST)


def test_a_better_move_is_refused_because_the_zone_would_fall_apart() -> None:
    # 1 is 10 m from 0 and 50 m from 2 and 3, which hang together by 1 alone: star 0-1, 1-2, 1-3
    star = row_of([10] * 4, LoadRange(0, 60))
    star = replace(
        star,
        positions_m=np.array([(0.0, 0.0), (10.0, 0.0), (60.0, 0.0), (60.0, 5.0)]),
        neighbour_starts=np.array([0, 1, 4, 5, 6]),
        neighbours=np.array([1, 0, 2, 3, 1, 1]),
    )
    # 1 goes from 50 m to 10 m
    assert the_move(star, [0, 1, 1, 1]) == (1, 1, 0, -40.0, Rule.CONNECTION)


def test_where_every_move_is_worse_the_least_bad_is_told() -> None:
    # cut 3 + 3: 40 m; building 2 or 3 across gives 10 + 40 = 50 m
    building, _, _, cost_m, rule = the_move(row_of([10] * 6, LoadRange(0, 60)), [0, 0, 0, 1, 1, 1])
    assert (building, cost_m, rule) == (2, 10.0, Rule.COST)


def test_which_limits_a_zone_touches() -> None:
    problem = row_of([10, 20, 30, 15, 0, 40], LoadRange(30, 70))
    # 60 + 15 is too much for the first; 55 less 15 leaves 40 for the second, which has room for 30 no more
    first, second = explain_zones(problem, np.array([0, 0, 0, 1, 1, 1]))
    assert (first.full, first.lean) == (True, False)
    assert (second.full, second.lean) == (True, False)
    first, second = explain_zones(problem, np.array([0, 0, 1, 1, 1, 1]))
    # 30 is the least; 85 is beyond the upper limit
    assert (first.full, first.lean) == (False, True)


def test_a_zone_without_neighbours_has_no_move() -> None:
    (only,) = explain_zones(row_of([10, 10], LoadRange(0, 60)), np.array([0, 0]))
    assert only.move is None


def sentences(zoning: CommunityZoning) -> dict[str, list[str]]:
    """Of each zone; every sentence can be written in both languages."""
    assert zoning.infeasible is None, zoning.infeasible
    told = [(zone.code, finding) for zone in zoning.zones for finding in zone.explanation]
    assert all(messages.text(each.key, "zh", **each.values) for _, each in told)
    return {
        zone.code: [messages.text(each.key, "en", **each.values) for code, each in told if code == zone.code]
        for zone in zoning.zones
    }


def test_a_planner_reads_why() -> None:
    # cut 3 + 3: 120 m; the third building across makes it 30 + 120 m
    told = sentences(draw_community_zones(draw("aaaaaa", {"a": 100}), USUAL))
    lines = [
        "holds 300 of 300-500: it can spare no building",
        f"the best other place for a single building, {CODE}-B0003 in {CODE}002 instead of {CODE}001, "
        "would be 30.0 m worse",
    ]
    assert told == {f"{CODE}001": lines, f"{CODE}002": lines}


def test_a_barrier_in_between_is_the_reason() -> None:
    # the bank's last building is nearer to those across the river than to its own
    told = sentences(draw_community_zones(draw("aaaaa.........a~bbbb", {"a": 80, "b": 100}), USUAL))
    assert any("a barrier lies between" in line for lines in told.values() for line in lines)


def test_a_locked_zone_says_so_and_is_the_reason_next_door() -> None:
    locked = LockedZone(f"{CODE}009", np.array([3, 4, 5, 6, 7]))
    area = draw("aaaaaaaa", {"a": 100})
    told = sentences(draw_community_zones(area, USUAL, brief=Brief(locked=(locked,))))
    assert told[f"{CODE}009"] == ["holds 500; was locked and kept as it was"]
    far = draw("aaa.......abbb", {"a": 100, "b": 60})
    locked = LockedZone(f"{CODE}009", np.array([4, 5, 6]))
    told = sentences(draw_community_zones(far, USUAL, brief=Brief(locked=(locked,))))
    assert told[f"{CODE}001"][1].endswith("but one of the two zones is locked")


def test_every_rule_has_its_sentence_in_both_languages() -> None:
    keys = {f"zoning.why_not_{rule.value}" for rule in Rule}
    assert keys <= messages.catalogue("zh").keys() & messages.catalogue("en").keys()
