"""The walk over the buildings of a zone: which one after which, and how far it is in all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyvrp
from pyvrp import search
from pyvrp.stop import MaxIterations
from scipy.sparse.csgraph import depth_first_order, minimum_spanning_tree
from scipy.spatial.distance import cdist

from geo_service.errors import InvalidInput
from geo_service.planning.compiled import compiled
from geo_service.planning.model import Counts
from geo_service.progress import Progress, silent

Metres = npt.NDArray[np.float64]
Millimetres = npt.NDArray[np.int64]

STAGE = "patrol.stage"
# Fewer buildings than this are walked in one way only, there and back or round a triangle.
FEWEST_TO_ORDER = 4
# Up to so many buildings the shortest walk is found by trying every set, in no more time than the search.
MOST_EXACT = 14
# Up to so many even while somebody waits for an edit: less than a millisecond.
MOST_EXACT_QUICKLY = 10
# How often the search takes a walk apart grows with the square of the buildings: measured, 90 times find the
# shortest walk over 30 of them, 300 come within 1 % over 100.
BUILDINGS_SQUARED_A_TRY = 10
FEWEST_TRIES = 10
MOST_TRIES = 300
# PyVRP's operators keep the direction of a walk; between its rounds stretches are turned round.
ROUNDS = 4

# One walker and no time windows: of PyVRP's operators, those that shorten a single route.
_OPERATORS: list[type[search.UnaryOperator | search.BinaryOperator]] = [
    search.Relocate1,
    search.Relocate2,
    search.Relocate3,
    search.Swap11,
    search.Swap22,
    search.SwapTails,
]
_NEIGHBOURHOOD = search.NeighbourhoodParams(num_neighbours=50)
_PERTURBATION = search.PerturbationParams(min_perturbations=1, max_perturbations=50)
_ITERATED = pyvrp.IteratedLocalSearchParams(history_length=100)


@dataclass(frozen=True)
class WalkingOrder:
    """A closed walk: over the buildings in ``order``, and back to the first.

    Parameters
    ----------
    order : Counts, shape (n,)
        Every building once.
    length_m : float
        Metres, the way back included.
    """

    order: Counts
    length_m: float

    @property
    def length_km(self) -> float:
        """Kilometres of one round: a patrol is walked once a day."""
        return self.length_m / 1000


def walking_order(
    positions_m: Metres,
    *,
    distances_m: npt.NDArray[np.floating] | None = None,
    start: int | None = None,
    seed: int = 1,
    tries: int | None = None,
) -> WalkingOrder:
    """The shortest closed walk over few buildings; over more, what the iterated search of PyVRP finds.

    The search begins with the walk round a minimum spanning tree, never longer than twice the shortest
    (Rosenkrantz, Stearns and Lewis 1977) where distances keep the triangle inequality.

    Parameters
    ----------
    positions_m : Metres, shape (n, 2)
    distances_m : float array, shape (n, n), optional
        Walking distances, symmetric; straight lines by default.
    start : int, optional
        Where the order begins; 0 by default. The length does not depend on it.
    seed : int
        Same input, same seed, same tries: same walk.
    tries : int, optional
        How often the search takes the walk apart; by default it grows with the buildings.

    Raises
    ------
    InvalidInput
        When positions or distances are not finite.
    ValueError
        When the arrays do not fit together.
    """
    count = len(positions_m)
    metres = straight_lines(positions_m) if distances_m is None else distances_m
    if metres.shape != (count, count) or (start is not None and not 0 <= start < max(count, 1)):
        raise ValueError("distances_m must be (n, n) and start one of the n buildings")
    if not (np.isfinite(positions_m).all() and np.isfinite(metres).all()):
        raise InvalidInput("zoning.not_finite")
    order = np.arange(count, dtype=np.int64)
    if count >= FEWEST_TO_ORDER:
        millimetres = np.rint(metres * 1000.0).astype(np.int64, order="C")
        if count <= MOST_EXACT and tries is None:
            order = shortest_order(millimetres)
        else:
            order = _search(millimetres, seed, _tries_for(count) if tries is None else tries)
    order = _beginning_at(order, start or 0)
    length_m = float(metres[order, np.roll(order, -1)].sum(dtype=np.float64)) if count else 0.0
    return WalkingOrder(order, length_m)


def quick_walking_order(metres: Metres, *, start: int = 0) -> WalkingOrder:
    """A closed walk found in a millisecond, a few percent longer than ``walking_order`` finds.

    From building to the nearest that is left, then with its stretches turned; of few buildings, the shortest.

    Parameters
    ----------
    metres : Metres, shape (n, n)
        Distances, symmetric and finite.
    start : int
        Where the order begins.
    """
    count = len(metres)
    order = np.arange(count, dtype=np.int64)
    if count >= FEWEST_TO_ORDER:
        millimetres = np.rint(metres * 1000.0).astype(np.int64, order="C")
        if count <= MOST_EXACT_QUICKLY:
            order = shortest_order(millimetres)
        else:
            order = nearest_next(millimetres)
            turn_stretches(order, millimetres)
    order = _beginning_at(order, start)
    return WalkingOrder(order, float(metres[order, np.roll(order, -1)].sum(dtype=np.float64)))


def walking_orders(
    zones: Sequence[Counts],
    positions_m: Metres,
    *,
    distances_m: npt.NDArray[np.floating] | None = None,
    starts: Sequence[int] | None = None,
    seed: int = 1,
    tries: int | None = None,
    progress: Progress = silent,
) -> list[WalkingOrder]:
    """The walk of each zone, in terms of all buildings.

    No zone's walk depends on another's: any division of the zones over processes gives the same walks.

    Parameters
    ----------
    zones : sequence of Counts
        The buildings of each zone, as indices into ``positions_m``.
    positions_m : Metres, shape (n, 2)
    distances_m : float array, shape (n, n), optional
        Walking distances between all buildings; straight lines by default.
    starts : sequence of int, optional
        The building each walk begins at, a medoid or the nearest to a chief's post.
    seed, tries
        See ``walking_order``.
    progress : Progress
        Told of zones done; may raise ``Cancelled``.

    Raises
    ------
    InvalidInput
        When positions or distances are not finite.
    ValueError
        When the arrays do not fit together, or a start is not in its zone.
    """
    walks = []
    for place, members in enumerate(zones):
        progress(STAGE, place, len(zones))
        start = None if starts is None else _place_of(members, starts[place])
        within = None if distances_m is None else distances_m[np.ix_(members, members)]
        walk = walking_order(positions_m[members], distances_m=within, start=start, seed=seed, tries=tries)
        walks.append(WalkingOrder(members[walk.order], walk.length_m))
    progress(STAGE, len(zones), len(zones))
    return walks


def straight_lines(positions_m: Metres) -> Metres:
    """Distances of all pairs as the crow flies, shape (n, n)."""
    metres: Metres = cdist(positions_m, positions_m)
    return metres


def _tries_for(count: int) -> int:
    return min(max(count * count // BUILDINGS_SQUARED_A_TRY, FEWEST_TRIES), MOST_TRIES)


def _place_of(members: Counts, building: int) -> int:
    places = np.flatnonzero(members == building)
    if len(places) != 1:
        raise ValueError(f"the walk is to start at {building}, which the zone does not hold")
    return int(places[0])


def _search(millimetres: Millimetres, seed: int, tries: int) -> Counts:
    """The best order found of at least two buildings."""
    problem = _problem(millimetres)
    random = pyvrp.RandomNumberGenerator(seed=seed)
    neighbours = search.compute_neighbours(problem, _NEIGHBOURHOOD)
    local_search = search.LocalSearch(problem, random, neighbours, search.PerturbationManager(_PERTURBATION))
    for operator in _OPERATORS:
        local_search.add_operator(operator(problem))
    # every order is feasible, so that the penalties never come to bear
    penalties = pyvrp.PenaltyManager(pyvrp.PenaltyParams().midpoint_penalties(problem))
    order = _round_a_tree(millimetres)
    for _ in range(ROUNDS):
        turn_stretches(order, millimetres)
        walk = pyvrp.Solution(problem, [(order[1:] - 1).tolist()])
        walk = local_search(walk, penalties.max_cost_evaluator(), exhaustive=True)
        iterated = pyvrp.IteratedLocalSearch(problem, penalties, local_search, walk, _ITERATED)
        best = iterated.run(MaxIterations(max(1, tries // ROUNDS)), collect_stats=False).best
        order[1:] = [visit.idx + 1 for visit in best.routes()[0] if visit.is_client()]
    turn_stretches(order, millimetres)
    return order


@compiled
def shortest_order(distances: Millimetres) -> Counts:
    """The shortest closed walk, by dynamic programming over sets of buildings (Held and Karp 1962).

    Takes memory and time for each of 2^(n - 1) sets; up to ``MOST_EXACT`` buildings less than the search.
    """
    others = len(distances) - 1
    whole = (1 << others) - 1
    unreached = np.iinfo(np.int64).max
    least = np.full((whole + 1, others), unreached)
    before = np.zeros((whole + 1, others), dtype=np.int64)
    for last in range(others):
        least[1 << last, last] = distances[0, last + 1]
    for held in range(1, whole + 1):
        for last in range(others):
            if least[held, last] == unreached:
                continue
            for following in range(others):
                if held >> following & 1:
                    continue
                further = held | 1 << following
                walked = least[held, last] + distances[last + 1, following + 1]
                if walked < least[further, following]:
                    least[further, following] = walked
                    before[further, following] = last
    order = np.zeros(others + 1, dtype=np.int64)
    last = int(np.argmin(least[whole] + distances[1:, 0]))
    held = whole
    for place in range(others, 0, -1):
        order[place] = last + 1
        held, last = held ^ 1 << last, before[held, last]
    return order


@compiled
def nearest_next(distances: Millimetres) -> Counts:
    """From the first building on, each time to the nearest that is left, of equals the first."""
    count = len(distances)
    left = np.ones(count, dtype=np.bool_)
    order = np.zeros(count, dtype=np.int64)
    left[0] = False
    for place in range(1, count):
        here = order[place - 1]
        nearest = -1
        for there in range(count):
            if left[there] and (nearest < 0 or distances[here, there] < distances[here, nearest]):
                nearest = there
        order[place] = nearest
        left[nearest] = False
    return order


@compiled
def turn_stretches(order: Counts, distances: Millimetres) -> None:
    """Turn stretches of the closed walk round, in place, as long as that shortens it (2-opt, Croes 1958)."""
    count = len(order)
    shorter = True
    while shorter:
        shorter = False
        for left in range(count - 2):
            here = order[left]
            after = order[left + 1]
            # the last building is followed by the first: that pair is no stretch of its own
            for right in range(left + 2, count if left else count - 1):
                there = order[right]
                beyond = order[(right + 1) % count]
                kept = distances[here, after] + distances[there, beyond]
                if distances[here, there] + distances[after, beyond] < kept:
                    order[left + 1 : right + 1] = order[left + 1 : right + 1][::-1].copy()
                    after = order[left + 1]
                    shorter = True


def _problem(millimetres: Millimetres) -> pyvrp.ProblemData:
    """One vehicle from the first building over all others and back."""
    count = len(millimetres)
    matrix: Any = millimetres  # PyVRP's stubs speak of ndarray[int], which is no type of an array
    return pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0)] * count,
        clients=[pyvrp.Client(location=place) for place in range(1, count)],
        depots=[pyvrp.Depot(location=0)],
        vehicle_types=[pyvrp.VehicleType(num_available=1)],
        distance_matrices=[matrix],
        duration_matrices=[np.zeros_like(matrix)],
    )


def _round_a_tree(millimetres: Millimetres) -> Counts:
    """The buildings as a walk from the first round a tree meets them."""
    # a zero would be no edge at all: buildings on one spot are a millimetre apart here
    tree = minimum_spanning_tree((millimetres + 1).astype(np.float64))
    order = depth_first_order(tree, 0, directed=False, return_predecessors=False)
    return order.astype(np.int64)


def _beginning_at(order: Counts, start: int) -> Counts:
    """The same round from ``start``, in the direction whose second building has the lower number."""
    if not len(order):
        return order
    turned = np.roll(order, -int(np.flatnonzero(order == start)[0]))
    if len(turned) > 2 and turned[1] > turned[-1]:
        turned[1:] = turned[:0:-1].copy()
    return turned
