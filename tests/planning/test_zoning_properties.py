"""What holds for every problem the solver is given, and what it refuses."""

import json
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event, Thread

import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geo_service.errors import InvalidInput
from geo_service.planning.model import LoadRange
from geo_service.planning.zoning import Aims, Earlier, Rules, ZoningProblem, ZoningResult, solve
from geo_service.planning.zoning.problem import NOWHERE
from geo_service.planning.zoning.stop import AnyOf, Cancelled, MaxMoves
from tests.division_judge import broken_rules, divisions, objective_m
from tests.drawn_division import SPACING_M, problem_on

TINY_BUDGET = 20_000


@st.composite
def tiny_problems(draw: st.DrawFn, *, ruled: bool = True) -> ZoningProblem:
    """Four to six buildings that hang together, with any rules and aims."""
    graph = nx.grid_2d_graph(draw(st.integers(2, 3)), 2)
    for edge in draw(st.sets(st.sampled_from(sorted(graph.edges)), max_size=2)):
        graph.remove_edge(*edge)
        if not nx.is_connected(graph):
            graph.add_edge(*edge)
    count = len(graph)
    zones = draw(st.integers(1, 3))
    loads = draw(st.lists(st.integers(0, 9), min_size=count, max_size=count))
    fair = sum(loads) // zones
    limits = LoadRange(max(fair - draw(st.integers(0, 9)), 0), fair + draw(st.integers(1, 9)))
    aims = Aims(
        balance_m=draw(st.sampled_from([0.0, 2.0])),
        target=draw(st.sampled_from([None, 9.0])),
        compactness_m=draw(st.sampled_from([0.0, 5.0])),
    )
    weights = draw(st.sampled_from([None, np.arange(count) / 4]))
    # around the corner
    places = SPACING_M * np.array(list(graph), dtype=np.float32)
    walked = np.abs(places[:, None] - places).sum(axis=2)
    distances_m = draw(st.sampled_from([None, walked]))
    plain = partial(
        problem_on,
        graph,
        loads,
        limits,
        zones=zones,
        aims=aims,
        weights=weights,
        distances_m=distances_m,
    )
    if not ruled:
        return plain()
    pairs = st.lists(
        st.lists(st.integers(0, count - 1), min_size=2, max_size=2, unique=True), max_size=2
    ).map(lambda chosen: np.array(chosen, dtype=np.int64).reshape(-1, 2))
    homes = [NOWHERE] * 6 + [0, zones - 1]
    stay = np.array(draw(st.lists(st.sampled_from(homes), min_size=count, max_size=count)))
    posts = st.sampled_from([[np.nan, np.nan], [10.0, 40.0], [55.0, 5.0]])
    centres = draw(st.just([]) | st.lists(posts, min_size=zones, max_size=zones))
    # new buildings, and such of a zone that is no more
    before = np.array(draw(st.lists(st.integers(NOWHERE, zones), min_size=count, max_size=count)))
    earlier = Earlier(before, draw(st.sampled_from([0.0, 7.0])), draw(st.none() | st.integers(0, count)))
    try:
        rules = Rules(stay, draw(pairs), draw(pairs), np.array(centres).reshape(-1, 2))
        return plain(
            rules=rules,
            earlier=draw(st.sampled_from([None, earlier])),
            connected=draw(st.booleans()),
        )
    except InvalidInput:
        assume(False)
        raise


def best_objective_m(problem: ZoningProblem) -> float | None:
    """By trying every division; None when none is within the rules."""
    assert problem.zones is not None
    zones = range(problem.zones)
    return min((objective_m(problem, each, zones) for each in divisions(problem, zones)), default=None)


def solved(problem: ZoningProblem) -> ZoningResult:
    return solve(problem, budget=TINY_BUDGET)


@settings(max_examples=40, deadline=None)
@given(tiny_problems(ruled=False))
def test_tiny_problems_are_solved_to_the_best_or_proven_impossible(problem: ZoningProblem) -> None:
    best, result = best_objective_m(problem), solved(problem)
    assert result.feasible == (best is not None)
    assert result.impossible == (best is None)
    if best is not None:
        assert result.objective_m == pytest.approx(best, abs=1e-3)


def test_two_zones_of_a_ladder_with_one_rung_are_its_sides() -> None:
    """No single move leads there from five buildings and one, which is where a search first comes to rest."""
    ladder = nx.grid_2d_graph(3, 2)
    ladder.remove_edges_from([((0, 0), (0, 1)), ((2, 0), (2, 1))])
    result = solved(problem_on(ladder, [0, 0, 0, 0, 1, 0], LoadRange(0, 1), zones=2))

    assert result.distance_m == pytest.approx(4 * 30)
    first = result.labels[0]
    assert result.labels.tolist() == [first, 1 - first] * 3


@settings(max_examples=60, deadline=None)
@given(tiny_problems())
def test_every_rule_is_kept_and_every_claim_is_true(problem: ZoningProblem) -> None:
    assert problem.zones is not None
    zones = range(problem.zones)
    best, result = best_objective_m(problem), solved(problem)
    assert result.feasible == (best is not None)
    assert result.impossible == (best is None)
    if best is None:
        return
    labels = result.labels
    assert broken_rules(problem, labels, zones) == []
    assert result.loads.tolist() == [int(problem.loads[labels == zone].sum()) for zone in zones]
    assert [int(labels[medoid]) for medoid in result.medoids] == list(zones)
    assert result.objective_m == pytest.approx(objective_m(problem, labels, zones), abs=1e-3)
    assert result.objective_m == pytest.approx(best, abs=1e-3)


@settings(max_examples=15, deadline=None)
@given(tiny_problems(ruled=False), st.integers(0, 9))
def test_more_room_never_worsens_the_best(problem: ZoningProblem, more: int) -> None:
    roomier = replace(problem, limits=LoadRange(max(problem.limits.lo - more, 0), problem.limits.hi + more))
    before, after = solved(problem), solved(roomier)
    if before.feasible:
        assert after.feasible
        assert after.objective_m <= before.objective_m + 1e-3


@settings(max_examples=15, deadline=None)
@given(tiny_problems(ruled=False), st.randoms(use_true_random=False))
def test_the_order_of_the_buildings_does_not_matter(problem: ZoningProblem, random: object) -> None:
    order = list(range(problem.buildings))
    random.shuffle(order)
    place_of = np.argsort(order)
    starts = problem.neighbour_starts
    rows = [sorted(place_of[problem.neighbours[starts[each] : starts[each + 1]]].tolist()) for each in order]
    shuffled = replace(
        problem,
        positions_m=problem.positions_m[order],
        loads=problem.loads[order],
        weights=None if problem.weights is None else problem.weights[order],
        distances_m=None if problem.distances_m is None else problem.distances_m[np.ix_(order, order)],
        neighbour_starts=np.cumsum([0, *map(len, rows)]),
        neighbours=np.array([each for row in rows for each in row], dtype=np.int64),
    )
    one, other = solved(problem), solved(shuffled)
    assert one.feasible == other.feasible
    if one.feasible:
        assert one.objective_m == pytest.approx(other.objective_m, abs=1e-3)


def block_of(side: int, **more: object) -> ZoningProblem:
    loads = np.random.default_rng(side).integers(5, 40, side * side).tolist()
    return problem_on(nx.grid_2d_graph(side, side), loads, LoadRange(200, 400), **more)


def test_a_shift_by_whole_metres_changes_nothing() -> None:
    problem = block_of(9)
    far = replace(problem, positions_m=problem.positions_m + np.array([524_288.0, 4_194_304.0]))
    one, other = (solve(each, budget=50_000) for each in (problem, far))
    assert one.labels.tolist() == other.labels.tolist()
    assert one.objective_m == other.objective_m


ANSWER = """
import json
from tests.planning.test_zoning_properties import block_of, solve
print(json.dumps(solve(block_of(9), seed=5, budget=50_000).labels.tolist()))
"""


def test_the_answer_is_the_same_again_in_another_process_and_beside_another_thread() -> None:
    problem = block_of(9)
    alone = solve(problem, seed=5, budget=50_000).labels.tolist()
    assert solve(problem, seed=5, budget=50_000).labels.tolist() == alone
    answers: dict[int, list[int]] = {}

    def answer(seed: int) -> None:
        answers[seed] = solve(problem, seed=seed, budget=50_000).labels.tolist()

    threads = [Thread(target=answer, args=(seed,)) for seed in (5, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers[5] == alone
    assert answers[6] == solve(problem, seed=6, budget=50_000).labels.tolist()
    done = subprocess.run(
        [sys.executable, "-c", ANSWER],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert json.loads(done.stdout) == alone


def test_another_thread_can_cancel_and_the_answer_so_far_is_kept() -> None:
    problem, cancelled, begun = block_of(12), Event(), Event()
    answers: list[ZoningResult] = []

    def search() -> None:
        begun.set()
        answers.append(solve(problem, budget=10**12, stop=Cancelled(cancelled)))

    searching = Thread(target=search, daemon=True)
    searching.start()
    begun.wait()
    cancelled.set()
    # a watchdog: without the cancel the search would last for days
    searching.join(timeout=120)
    assert not searching.is_alive()
    assert answers[0].feasible
    assert broken_rules(problem, answers[0].labels, range(len(answers[0].loads))) == []


@pytest.mark.parametrize("moves", [0, 1, 1_000])
def test_stopped_at_once_it_still_answers_within_the_rules(moves: int) -> None:
    problem = block_of(12)
    result = solve(problem, stop=AnyOf((MaxMoves(moves), Cancelled(Event()))))
    assert result.feasible
    assert broken_rules(problem, result.labels, range(len(result.loads))) == []


def test_thousands_on_one_spot_are_divided_by_load_alone() -> None:
    blocks = problem_on(nx.grid_2d_graph(50, 40), [1] * 2_000, LoadRange(180, 220))
    problem = replace(blocks, positions_m=np.full((2_000, 2), 500_000.0))
    result = solve(problem, budget=100_000)
    assert result.feasible
    assert broken_rules(problem, result.labels, range(len(result.loads))) == []
    assert result.objective_m == 0


def test_a_long_row_on_one_spot_is_divided_too() -> None:
    # the first seeds must not all lie at the row's beginning
    row = problem_on(
        nx.path_graph([(0, place) for place in range(2_000)]), [3, 5] * 1_000, LoadRange(90, 110)
    )
    problem = replace(row, positions_m=np.zeros((2_000, 2)))
    result = solve(problem)
    assert result.feasible
    assert broken_rules(problem, result.labels, range(len(result.loads))) == []


def test_one_building_is_one_zone() -> None:
    alone = problem_on(nx.empty_graph([(0, 0)]), [7], LoadRange(0, 10))
    result = solve(alone)
    assert result.feasible
    assert (result.labels.tolist(), result.medoids.tolist(), result.objective_m) == ([0], [0], 0)
    assert solve(replace(alone, limits=LoadRange(8, 10))).impossible


def test_without_load_every_number_of_zones_will_do() -> None:
    idle = problem_on(nx.path_graph([(0, 0), (1, 0), (2, 0)]), [0, 0, 0], LoadRange(0, 10))
    for zones in (1, 2, 3):
        result = solve(replace(idle, zones=zones))
        assert result.feasible
        assert sorted(set(result.labels.tolist())) == list(range(zones))


ROW = nx.path_graph([(0, 0), (1, 0), (2, 0), (3, 0)])
ROW_OF_FOUR = problem_on(ROW, [5, 5, 5, 5], LoadRange(0, 10))
PAIR = np.array([[0, 1]])


@pytest.mark.parametrize(
    "wrong",
    [
        {"positions_m": np.array([[0, 0], [1, 0], [2, 0], [np.nan, 0]])},
        {"positions_m": np.array([[0, 0], [1, 0], [2, 0], [np.inf, 0]])},
        {"loads": np.array([5, 5, 5, -1])},
        {"weights": np.array([1, 1, 1, -1.0])},
        {"weights": np.array([1, 1, 1, np.nan])},
        {"zones": 5},
        {"zones": 0},
        {"rules": Rules(together=PAIR, apart=PAIR)},
        {"rules": Rules(together=np.array([[0, 1], [1, 2]]), apart=np.array([[2, 0]]))},
        {"rules": Rules(apart=np.array([[0, 0]]))},
        {"rules": Rules(stay=np.array([0, 1, NOWHERE, NOWHERE]), together=PAIR), "zones": 2},
        {"rules": Rules(stay=np.array([0, 0, NOWHERE, NOWHERE]), apart=PAIR), "zones": 2},
        {"rules": Rules(centres_m=np.array([[np.inf, 0.0], [0.0, 0.0]])), "zones": 2},
        {"distances_m": np.full((4, 4), np.nan, dtype=np.float32)},
        {"distances_m": np.full((4, 4), -1, dtype=np.float32)},
        {"rules": Rules(stay=np.array([7, NOWHERE, NOWHERE, NOWHERE])), "zones": 2},
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        replace(ROW_OF_FOUR, **wrong)


def test_a_problem_without_buildings_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no building"):
        problem_on(nx.Graph(), [], LoadRange(0, 10))


@pytest.mark.parametrize(
    "aims", [{"balance_m": -1.0}, {"balance_m": np.nan}, {"compactness_m": np.inf}, {"target": -1.0}]
)
def test_aims_that_make_no_sense_are_refused(aims: dict[str, float]) -> None:
    with pytest.raises(InvalidInput):
        Aims(**aims)


@pytest.mark.parametrize(
    "earlier", [{"change_cost_m": -1.0}, {"change_cost_m": np.nan}, {"most_changes": -1}]
)
def test_changes_that_make_no_sense_are_refused(earlier: dict[str, float]) -> None:
    with pytest.raises(InvalidInput):
        Earlier(np.zeros(4, dtype=np.int64), **earlier)


@pytest.mark.parametrize(("lo", "hi"), [(11, 10), (-1, 10), (0, 0)])
def test_limits_that_make_no_sense_are_refused(lo: int, hi: int) -> None:
    with pytest.raises(InvalidInput):
        LoadRange(lo, hi)


@pytest.mark.parametrize(
    "wrong",
    [
        {"positions_m": np.zeros((3, 2))},
        {"weights": np.ones(3)},
        {"distances_m": np.zeros((3, 4), dtype=np.float32)},
        {"earlier": Earlier(np.zeros(3, dtype=np.int64))},
        {"rules": Rules(stay=np.zeros(3, dtype=np.int64))},
        {"rules": Rules(together=np.array([[0, 4]]))},
        {"neighbour_starts": np.zeros(5, dtype=np.int64)},
    ],
)
def test_arrays_that_do_not_fit_together_are_a_fault_of_the_caller(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must"):
        replace(ROW_OF_FOUR, **wrong)


def test_buildings_in_separate_pieces_are_refused_unless_zones_may_be_in_pieces() -> None:
    pieces = problem_on(nx.empty_graph([(0, 0), (1, 0)]), [5, 5], LoadRange(0, 10))
    with pytest.raises(InvalidInput, match="2"):
        solve(pieces)
    assert solve(replace(pieces, connected=False)).feasible


def test_a_budget_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput):
        solve(ROW_OF_FOUR, budget=0)
