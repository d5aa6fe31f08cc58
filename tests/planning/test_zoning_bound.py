"""The lower bound, against every division there is, against HiGHS, and against published optima."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from itertools import product
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from geo_service.planning.model import LoadRange, gap_percent
from geo_service.planning.zoning.bound.lower_bound import lower_bound
from geo_service.planning.zoning.problem import NOWHERE, Aims, Rules, ZoningProblem


def scattered(
    positions_m: list[tuple[float, float]], loads: list[int], limits: LoadRange, **more: object
) -> ZoningProblem:
    """Buildings that are not joined to one another."""
    count = len(loads)
    return ZoningProblem(
        positions_m=np.array(positions_m, dtype=float).reshape(-1, 2),
        loads=np.array(loads, dtype=np.int64),
        neighbour_starts=np.zeros(count + 1, dtype=np.int64),
        neighbours=np.empty(0, dtype=np.int64),
        limits=limits,
        connected=False,
        **more,  # type: ignore[arg-type]
    )


def on_a_line(*east_m: float) -> list[tuple[float, float]]:
    return [(east, 0.0) for east in east_m]


def distances_of(problem: ZoningProblem) -> np.ndarray:
    if problem.distances_m is not None:
        return problem.distances_m.astype(float)
    return np.linalg.norm(problem.positions_m[:, None] - problem.positions_m[None], axis=2)


def graph_of(problem: ZoningProblem) -> nx.Graph:
    graph = nx.empty_graph(problem.buildings)
    for one in range(problem.buildings):
        start, end = problem.neighbour_starts[one : one + 2]
        graph.add_edges_from((one, int(other)) for other in problem.neighbours[start:end])
    return graph


def least_objective(problem: ZoningProblem, zones: int) -> float:
    """By trying every label of every building; infinite when no division is within the rules."""
    apart, graph = distances_of(problem), graph_of(problem)
    weights = np.ones(problem.buildings) if problem.weights is None else problem.weights
    target = problem.loads.sum() / zones if problem.aims.target is None else problem.aims.target
    best = math.inf
    for labels in product(range(zones), repeat=problem.buildings):
        if len(set(labels)) < zones or any(
            must not in (NOWHERE, label) for must, label in zip(problem.rules.stay, labels, strict=False)
        ):
            continue
        cost = problem.aims.compactness_m * sum(labels[one] != labels[other] for one, other in graph.edges)
        for zone in range(zones):
            members = [place for place, label in enumerate(labels) if label == zone]
            load = int(problem.loads[members].sum())
            torn = problem.connected and not nx.is_connected(graph.subgraph(members))
            if torn or not problem.limits.lo <= load <= problem.limits.hi:
                break
            cost += problem.aims.balance_m * abs(load - target)
            centre = problem.rules.centres_m[zone] if len(problem.rules.centres_m) else np.full(2, np.nan)
            if np.isfinite(centre).all():
                away = np.linalg.norm(problem.positions_m[members] - centre, axis=1)
                cost += float(weights[members] @ away)
            else:
                cost += min(float(weights[members] @ apart[members, medoid]) for medoid in members)
        else:
            best = min(best, cost)
    return best


def by_highs(problem: ZoningProblem, zones: int, *, whole: bool) -> float:
    """The capacitated p-median as an integer programme, or its linear relaxation."""
    count, loads = problem.buildings, problem.loads.astype(float)
    column = np.arange(count * count).reshape(count, count)  # building, medoid
    opened = np.diag(column)

    def row(columns: np.ndarray, values: np.ndarray) -> np.ndarray:
        each = np.zeros(count * count)
        np.add.at(each, columns, values)
        return each

    ones = np.ones(count)
    rules = [LinearConstraint([row(column[building], ones) for building in range(count)], 1, 1)]
    rules += [LinearConstraint([row(opened, ones)], zones, zones)]
    rules += [
        LinearConstraint(
            [
                row(np.array([column[building, medoid], opened[medoid]]), np.array([1.0, -1.0]))
                for building in range(count)
                for medoid in range(count)
            ],
            -np.inf,
            0,
        )
    ]
    for limit, low, high in ((problem.limits.hi, -np.inf, 0), (problem.limits.lo, 0, np.inf)):
        held = [
            row(np.append(column[:, medoid], opened[medoid]), np.append(loads, -float(limit)))
            for medoid in range(count)
        ]
        rules += [LinearConstraint(held, low, high)]
    weights = np.ones(count) if problem.weights is None else problem.weights
    answer = milp(
        (weights[:, None] * distances_of(problem)).ravel(),
        constraints=rules,
        bounds=Bounds(0, 1),
        integrality=np.full(count * count, int(whole)),
    )
    return math.inf if answer.fun is None else float(answer.fun)


def random_problem(
    seed: int, *, lo: int, hi: int, weighted: bool = False, walked: bool = False
) -> ZoningProblem:
    """Eighteen buildings of 1 to 9 households in a square kilometre."""
    draw = np.random.default_rng(seed)
    problem = scattered(
        list(map(tuple, draw.uniform(0, 1000, (18, 2)))), list(draw.integers(1, 10, 18)), LoadRange(lo, hi)
    )
    detour = draw.uniform(1, 1.6, (18, 18))
    walks = (distances_of(problem) * np.maximum(detour, detour.T)).astype(np.float32)
    return replace(
        problem,
        weights=draw.uniform(0.5, 3, 18) if weighted else None,
        distances_m=walks if walked else None,
    )


@st.composite
def small_problems(draw: st.DrawFn) -> tuple[ZoningProblem, int]:
    """Up to six buildings with any aims and rules that the bound knows."""
    count = draw(st.integers(2, 6))
    zones = draw(st.integers(1, min(3, count)))
    coordinate = st.integers(0, 12).map(float)
    positions = draw(st.lists(st.tuples(coordinate, coordinate), min_size=count, max_size=count))
    loads = draw(st.lists(st.integers(0, 7), min_size=count, max_size=count))
    lo = draw(st.integers(0, 8))
    weights = draw(st.none() | st.lists(st.integers(0, 4).map(float), min_size=count, max_size=count))
    centres = draw(
        st.just([])
        | st.lists(
            st.just((math.nan, math.nan)) | st.tuples(coordinate, coordinate), min_size=zones, max_size=zones
        )
    )
    stay = draw(st.just([]) | st.lists(st.integers(NOWHERE, zones - 1), min_size=count, max_size=count))
    pairs = [(one, other) for one in range(count) for other in range(one)]
    edges = nx.empty_graph(count)
    edges.add_edges_from(draw(st.lists(st.sampled_from(pairs), unique=True)))
    rows = [sorted(edges[building]) for building in range(count)]
    metres = st.sampled_from([0.0, 0.5, 3.0])
    return ZoningProblem(
        positions_m=np.array(positions),
        loads=np.array(loads, dtype=np.int64),
        neighbour_starts=np.cumsum([0, *map(len, rows)]).astype(np.int64),
        neighbours=np.array([other for row in rows for other in row], dtype=np.int64),
        limits=LoadRange(lo, max(1, lo + draw(st.integers(0, 12)))),
        connected=draw(st.booleans()),
        weights=None if weights is None else np.array(weights),
        aims=Aims(draw(metres), draw(st.none() | st.integers(0, 10).map(float)), draw(metres)),
        rules=Rules(
            stay=np.array(stay, dtype=np.int64), centres_m=np.array(centres, dtype=float).reshape(-1, 2)
        ),
    ), zones


@settings(max_examples=250, deadline=None)
@given(small_problems(), st.sampled_from([1.0, 1.1, 2.0]))
def test_no_division_costs_less_than_the_bound(case: tuple[ZoningProblem, int], above: float) -> None:
    problem, zones = case
    best = least_objective(problem, zones)
    assert lower_bound(problem, zones) <= best
    if best < math.inf:
        # a known answer steers the ascent and closes medoids
        assert lower_bound(problem, zones, upper_m=best * above + (above - 1)) <= best


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("lo", "hi", "weighted", "walked"),
    [(0, 30, False, False), (0, 26, True, False), (18, 26, False, False), (20, 25, True, True)],
)
def test_the_bound_lies_between_the_linear_relaxation_and_the_optimum(
    seed: int, lo: int, hi: int, weighted: bool, walked: bool
) -> None:
    problem = random_problem(seed, lo=lo, hi=hi, weighted=weighted, walked=walked)
    zones = round(int(problem.loads.sum()) / ((lo or hi - 6) + hi) * 2)
    optimum = by_highs(problem, zones, whole=True)
    bound = lower_bound(problem, zones, upper_m=1.02 * optimum)
    assert bound <= optimum * (1 + 1e-6)
    assert bound >= 0.99 * by_highs(problem, zones, whole=False)


def test_buildings_that_cannot_be_shared_lift_the_bound_above_the_linear_relaxation() -> None:
    # three of 3 are one too many for a zone of 8: a whole one has to go to the pair 98 m away, not a third
    problem = scattered(on_a_line(0, 1, 2, 100, 101), [3, 3, 3, 2, 2], LoadRange(0, 8))
    assert by_highs(problem, 2, whole=True) == pytest.approx(1 + 98 + 1)
    assert by_highs(problem, 2, whole=False) < 40
    assert 99 < lower_bound(problem, 2, upper_m=120.0) <= 100


def test_two_pairs_far_apart_cost_the_two_short_distances() -> None:
    pairs = scattered(on_a_line(0, 2, 100, 102), [1, 1, 1, 1], LoadRange(2, 2))
    heavy = replace(pairs, weights=np.array([1.0, 3.0, 1.0, 1.0]))
    both_heavy = replace(pairs, weights=np.array([2.0, 3.0, 1.0, 1.0]))
    for problem, optimum in ((pairs, 4.0), (heavy, 4.0), (both_heavy, 6.0)):
        assert 0.9 * optimum <= lower_bound(problem, 2, upper_m=1.1 * optimum) <= optimum


def test_the_lower_load_forces_a_far_building_in() -> None:
    # without it {0, 1, 2} and {100}: 2 m; with two each {0, 1} and {2, 100}: 1 + 98 m
    row = on_a_line(0, 1, 2, 100)
    assert 1.98 <= lower_bound(scattered(row, [1, 1, 1, 1], LoadRange(0, 3)), 2, upper_m=3.0) <= 2
    assert 98 <= lower_bound(scattered(row, [1, 1, 1, 1], LoadRange(2, 3)), 2, upper_m=120.0) <= 99


def test_one_zone_has_one_answer() -> None:
    problem = scattered(on_a_line(0, 1, 10), [1, 1, 1], LoadRange(1, 9))
    assert lower_bound(problem, 1) == pytest.approx(10)
    assert lower_bound(replace(problem, weights=np.array([1.0, 1.0, 4.0])), 1) == pytest.approx(19)
    posted = replace(problem, rules=Rules(centres_m=np.array([[0.0, 5.0]])))
    assert lower_bound(posted, 1) == pytest.approx(5 + math.sqrt(26) + math.sqrt(125))
    off = replace(problem, aims=Aims(balance_m=2.0, target=5.0))
    assert lower_bound(off, 1) == pytest.approx(10 + 2 * 2)


def test_balance_and_borders_count() -> None:
    # {0, 1} and {10}: 1 m, half a household off the mean twice at 5 m, one border at 7 m
    chain = replace(
        scattered(on_a_line(0, 1, 10), [1, 1, 1], LoadRange(1, 2), aims=Aims(5.0, None, 7.0)),
        neighbour_starts=np.array([0, 1, 3, 4]),
        neighbours=np.array([1, 0, 2, 1]),
    )
    assert lower_bound(chain, 2) == pytest.approx(1 + 5 + 7)


def test_loads_that_exclude_the_zones_leave_only_the_known_answer() -> None:
    problem = scattered(on_a_line(0, 1, 2), [5, 5, 5], LoadRange(1, 7))
    assert lower_bound(problem, 2) == math.inf
    assert lower_bound(problem, 2, upper_m=4.0) == 4.0


def test_buildings_on_one_spot_cost_nothing() -> None:
    problem = scattered([(5.0, 5.0)] * 12, [1] * 12, LoadRange(3, 5))
    assert lower_bound(problem, 3) == 0
    assert lower_bound(problem, 3, upper_m=0.0) == 0


def test_the_bound_scales_with_the_map_and_repeats_itself() -> None:
    problem = random_problem(7, lo=20, hi=30)
    bound = lower_bound(problem, 4, upper_m=4000.0)
    assert lower_bound(problem, 4, upper_m=4000.0) == bound
    twice = replace(problem, positions_m=problem.positions_m * 2)
    assert lower_bound(twice, 4, upper_m=8000.0) == 2 * bound


def test_more_capacity_never_lifts_the_bound_above_the_narrow_optimum() -> None:
    narrow = random_problem(3, lo=20, hi=26)
    optimum = by_highs(narrow, 4, whole=True)
    for lo, hi in ((20, 26), (18, 30), (10, 40), (0, 100)):
        assert lower_bound(replace(narrow, limits=LoadRange(lo, hi)), 4) <= optimum


def test_buildings_out_of_reach_are_left_out_of_the_lists_not_of_the_bound() -> None:
    # 400 pairs: more than are listed around one building; each pair is a zone and costs 1 m
    pairs = [(100.0 * (pair % 32) + east, 100.0 * (pair // 32)) for pair in range(400) for east in (0, 1)]
    bound = lower_bound(scattered(pairs, [1] * 800, LoadRange(2, 2)), 400, upper_m=440.0)
    assert 396 <= bound <= 400


def test_the_ascent_ends_when_the_gap_is_small_enough() -> None:
    problem = random_problem(1, lo=0, hi=30)
    known = 1.3 * by_highs(problem, 4, whole=True)
    steps: list[int] = []
    bound = lower_bound(
        problem, 4, upper_m=known, gap_wanted=60, progress=lambda _, done, __: steps.append(done)
    )
    gap = gap_percent(known, bound)
    assert gap is not None
    assert 30 <= gap <= 60
    assert len(steps) <= 3


@pytest.mark.parametrize(
    ("objective_m", "lower_bound_m", "gap"),
    [
        (103.0, 100.0, 3.0),
        (100.0, 100.0, 0.0),
        (0.0, 0.0, 0.0),
        (5.0, 0.0, None),
        (math.inf, 100.0, None),
        (math.inf, math.inf, None),
    ],
)
def test_the_gap_is_told_only_where_something_is_proven(
    objective_m: float, lower_bound_m: float, gap: float | None
) -> None:
    assert gap_percent(objective_m, lower_bound_m) == (None if gap is None else pytest.approx(gap))


def published(folder: Path, name: str) -> ZoningProblem:
    """A capacitated p-median instance: n and p, then x, y, capacity and demand of each point."""
    (path,) = (folder / "cpmp").glob(f"{name}.*")
    numbers = np.array(path.read_text().split(), dtype=float)
    points = numbers[2:].reshape(int(numbers[0]), 4)
    problem = scattered(
        points[:, :2].tolist(), points[:, 3].astype(int).tolist(), LoadRange(0, int(points[0, 2]))
    )
    return replace(problem, zones=int(numbers[1]))


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "most_percent"),
    [("SJC1", 1.5), ("SJC2", 1), ("SJC3a", 1), ("SJC3b", 1), ("SJC4a", 1), ("SJC4b", 1), ("u724_030", 1)],
)
def test_published_optima_are_above_the_bound_and_near(
    name: str, most_percent: float, shared_data: Path
) -> None:
    problem = published(shared_data, name)
    assert problem.zones is not None
    best_known = json.loads((shared_data / "cpmp" / "best_known.json").read_text())[name]
    bound = lower_bound(problem, problem.zones, upper_m=1.01 * best_known)
    assert bound <= best_known
    assert gap_percent(best_known, bound) <= most_percent
