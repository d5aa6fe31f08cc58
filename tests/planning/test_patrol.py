"""Walks against every order there is, against the known optima of TSPLIB, and of hardly any buildings."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import permutations
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.errors import Cancelled, InvalidInput
from geo_service.planning.patrol import WalkingOrder, as_walked, walking_order, walking_orders

TSPLIB = Path(__file__).parent / "tsplib"
# Proven optimal: Reinelt, TSPLIB, ORSA Journal on Computing 3(4), 1991.
OPTIMA = {"eil51": 426, "berlin52": 7542, "st70": 675, "pr76": 108159, "kroA100": 21282}

points = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=7)


def at(*places: tuple[float, float]) -> np.ndarray:
    return np.array(places, dtype=float).reshape(-1, 2)


def straight(positions: np.ndarray) -> np.ndarray:
    return np.hypot(*(positions[:, None] - positions[None]).transpose(2, 0, 1))


def length_of(order: np.ndarray, distances: np.ndarray) -> float:
    return sum(distances[one, other] for one, other in zip(order, np.roll(order, -1), strict=True))


def shortest(distances: np.ndarray) -> float:
    rest = range(1, len(distances))
    return min(length_of(np.array([0, *order]), distances) for order in permutations(rest))


def instance(name: str) -> np.ndarray:
    lines = (TSPLIB / f"{name}.tsp").read_text().splitlines()
    first = lines.index("NODE_COORD_SECTION") + 1
    return np.array([line.split()[1:] for line in lines[first:-1]], dtype=float)


@pytest.mark.parametrize("name", OPTIMA)
@pytest.mark.parametrize("seed", [1, 2])
def test_within_one_percent_of_the_optima_of_tsplib(name: str, seed: int) -> None:
    positions = instance(name)
    rounded = np.floor(straight(positions) + 0.5)  # TSPLIB's nint
    walk = walking_order(positions, distances_m=rounded, seed=seed)
    assert sorted(walk.order) == list(range(len(positions)))
    assert walk.length_m == length_of(walk.order, rounded)
    assert OPTIMA[name] <= walk.length_m <= 1.01 * OPTIMA[name]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=4, max_size=8, unique=True),
    st.integers(0, 5),
)
def test_the_search_finds_the_shortest_way_round_few_buildings(
    places: list[tuple[int, int]], seed: int
) -> None:
    walk = walking_order(at(*places), tries=200, seed=seed)
    assert sorted(walk.order) == list(range(len(places)))
    assert walk.length_m == pytest.approx(shortest(straight(at(*places))), abs=0.01)


def test_more_tries_find_no_longer_walk() -> None:
    positions = np.random.default_rng(8).uniform(0, 900, (150, 2))
    lengths = [walking_order(positions, tries=tries).length_m for tries in (0, 1500, 15000)]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] > 1.01 * lengths[-1]


def test_buildings_on_one_spot_are_visited_one_after_the_other() -> None:
    spots = np.random.default_rng(2).uniform(0, 500, (20, 2))
    walk = walking_order(np.repeat(spots, 15, axis=0))
    assert (np.diff(walk.order // 15) != 0).sum() == 19
    assert walk.length_m == pytest.approx(walking_order(spots).length_m)


@settings(max_examples=60, deadline=None)
@given(points)
def test_up_to_seven_buildings_are_walked_the_shortest_way(places: list[tuple[int, int]]) -> None:
    positions = at(*places)
    walk = walking_order(positions)
    assert sorted(walk.order) == list(range(len(places)))
    # the search counts whole millimetres
    assert walk.length_m == pytest.approx(shortest(straight(positions)), abs=0.01)


@settings(max_examples=30, deadline=None)
@given(points, st.data())
def test_the_walk_begins_where_it_is_told_and_is_as_long(
    places: list[tuple[int, int]], data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(places) - 1))
    walk = walking_order(at(*places), start=start)
    assert walk.order[0] == start
    assert walk.length_m == pytest.approx(walking_order(at(*places)).length_m)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=4, max_size=12), st.randoms())
def test_relabelling_and_shifting_change_no_length(places: list[tuple[int, int]], random: object) -> None:
    # up to 12 buildings the search finds the shortest walk, whatever their numbers
    shuffled = list(places)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    shift = np.array([500_000.0, 3_800_000.0])
    here, there = walking_order(at(*places)), walking_order(at(*shuffled) + shift)
    assert here.length_m == pytest.approx(there.length_m, abs=0.02)


def test_a_walk_over_few_buildings_is_the_shortest_whatever_their_numbers() -> None:
    """Four on one spot and seven others: found with some numberings and missed with others before."""
    spots = at((0, 0), (150, 43), (205, 4), (97, 75), (54, 257), (216, 223), (81, 97), (145, 172))
    places = np.vstack([spots, spots[[0, 0, 0]]])
    shortest_m = shortest(straight(spots))
    for seed in range(20):
        shuffled = places[np.random.default_rng(seed).permutation(len(places))]
        assert walking_order(shuffled).length_m == pytest.approx(shortest_m, abs=0.02)


@pytest.mark.parametrize(
    ("places", "length_m"),
    [
        ([], 0),
        ([(7, 7)], 0),
        ([(0, 0), (30, 40)], 100),  # there and back
        ([(0, 0), (30, 0), (0, 40)], 120),  # a triangle
        ([(0, 0), (30, 40), (30, 0), (0, 40)], 140),  # round the rectangle, not over its diagonals
        ([(5, 5)] * 40, 0),
        ([(0, 0)] * 5 + [(10, 0)] * 5, 20),
    ],
)
def test_small_walks_by_hand(places: list[tuple[float, float]], length_m: float) -> None:
    walk = walking_order(at(*places))
    assert sorted(walk.order) == list(range(len(places)))
    assert walk.length_m == pytest.approx(length_m)
    assert walk.length_km == pytest.approx(length_m / 1000)


def test_walking_distances_decide_not_straight_lines() -> None:
    # A B    A river runs between the rows, with a bridge between B and C alone: both rows are walked there
    # ~ =    and back, and the bridge twice: 30 + 30 + 30 + 30 + 20 + 20. In straight lines it were
    # D C    30 + 20 + 30 + 20.
    positions = at((0, 20), (30, 20), (30, 0), (0, 0))
    a, b, c, d = range(4)
    walked = np.zeros((4, 4))
    for one, other, metres in [(a, b, 30), (c, d, 30), (b, c, 20), (a, c, 50), (b, d, 50), (a, d, 80)]:
        walked[one, other] = walked[other, one] = metres
    assert walking_order(positions, distances_m=walked).length_m == 160
    assert walking_order(positions).length_m == 100


def test_walks_of_many_zones_are_walks_of_each() -> None:
    positions = np.random.default_rng(3).uniform(0, 900, (60, 2))
    zones = [np.arange(first, 60, 4) for first in range(4)]
    starts = [int(zone[-1]) for zone in zones]
    told: list[tuple[int, int | None]] = []
    walks = walking_orders(
        zones, positions, starts=starts, progress=lambda _, done, total: told.append((done, total))
    )
    for zone, start, walk in zip(zones, starts, walks, strict=True):
        alone = walking_order(positions[zone], start=len(zone) - 1)
        assert walk.order.tolist() == zone[alone.order].tolist()
        assert walk.length_m == alone.length_m
        assert walk.order[0] == start
    assert told == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]
    by_matrix = walking_orders(zones, positions, distances_m=straight(positions), starts=starts)
    assert [walk.order.tolist() for walk in by_matrix] == [walk.order.tolist() for walk in walks]


def _walk(seed: int) -> WalkingOrder:
    return walking_order(instance("eil51"), seed=seed)


def test_the_same_seed_gives_the_same_walk_in_threads_and_processes() -> None:
    here = [_walk(seed).order.tolist() for seed in (1, 2)]
    with ThreadPoolExecutor(2) as threads:
        assert [walk.order.tolist() for walk in threads.map(_walk, (1, 2))] == here
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as elsewhere:
        assert elsewhere.submit(walking_order, instance("eil51")).result().order.tolist() == here[0]


def test_progress_can_cancel() -> None:
    def cancel(stage: str, done: int, total: int | None = None) -> None:
        if done == 1:
            raise Cancelled(stage)

    with pytest.raises(Cancelled):
        walking_orders([np.arange(3), np.arange(3, 6)], np.zeros((6, 2)), progress=cancel)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_what_is_not_finite_is_refused(wrong: float) -> None:
    with pytest.raises(InvalidInput):
        walking_order(at((0, 0), (wrong, 1)))
    with pytest.raises(InvalidInput):
        walking_order(np.zeros((2, 2)), distances_m=np.array([[0, wrong], [wrong, 0]]))


def test_arrays_that_do_not_fit_are_a_programmers_fault() -> None:
    with pytest.raises(ValueError, match="start"):
        walking_order(np.zeros((3, 2)), start=3)
    with pytest.raises(ValueError, match="start"):
        walking_orders([np.arange(3)], np.zeros((6, 2)), starts=[5])


@pytest.mark.parametrize("count", [1, 2, 3, 7, 12, 13, 40])
def test_a_round_that_is_known_is_as_long_from_anywhere(count: int):
    metres = straight(np.random.default_rng(count).uniform(0, 500, (count, 2)))
    order = np.random.default_rng(1).permutation(count)
    walk = as_walked(metres, order, start=count // 2)
    assert walk.order[0] == count // 2
    assert walk.length_m == pytest.approx(length_of(order, metres))
    again = np.roll(walk.order, -np.flatnonzero(walk.order == order[0])[0])
    assert again.tolist() in (order.tolist(), [order[0], *order[:0:-1].tolist()])


@pytest.mark.parametrize("count", [13, 40])
def test_no_turn_of_a_stretch_shortens_a_walk(count: int):
    metres = straight(np.random.default_rng(count).uniform(0, 500, (count, 2)))
    walk = walking_order(np.zeros((count, 2)), distances_m=metres)
    for left in range(count):
        for right in range(left + 2, count + 1):
            turned = walk.order.copy()
            turned[left:right] = turned[left:right][::-1]
            assert metres[turned, np.roll(turned, -1)].sum() >= walk.length_m - 0.1
