"""The walk over the buildings of a zone: which one after which, and how far it is in all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import cdist

from geo_service.errors import InvalidInput
from geo_service.planning.model import Counts
from geo_service.planning.walk_search import Millimetres, search_order, shortest_order
from geo_service.progress import Progress, silent

Metres = npt.NDArray[np.float64]

STAGE = "patrol.stage"
# Fewer buildings than this are walked in one way only, there and back or round a triangle.
FEWEST_TO_ORDER = 4
# Up to so many buildings the shortest walk is found by trying every set, in no more time than the search.
MOST_EXACT = 12
# How often the search takes a walk apart, for each building: measured, it misses the proven optima over 51 to
# 100 buildings by 0.06 % at the mean.
TRIES_A_BUILDING = 3


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
    """The shortest closed walk over few buildings; over more, what an iterated local search finds.

    Buildings on one spot are visited one after the other, in the order of their numbers.

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
        How often the search takes the walk apart; by default so often for each building.

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
        order = _search(_millimetres(metres), seed, tries)
    return as_walked(metres, order, start=start or 0)


def as_walked(metres: npt.NDArray[np.floating], order: Counts, *, start: int = 0) -> WalkingOrder:
    """A round that is known, from ``start`` on.

    Parameters
    ----------
    metres : float array, shape (n, n)
    order : Counts, shape (n,)
        Every building once.
    """
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


def _place_of(members: Counts, building: int) -> int:
    places = np.flatnonzero(members == building)
    if len(places) != 1:
        raise ValueError(f"the walk is to start at {building}, which the zone does not hold")
    return int(places[0])


def _millimetres(metres: npt.NDArray[np.floating]) -> Millimetres:
    millimetres: Millimetres = np.rint(metres * 1000.0).astype(np.int64, order="C")
    return millimetres


def _search(millimetres: Millimetres, seed: int, tries: int | None) -> Counts:
    if np.count_nonzero(millimetres) == len(millimetres) * (len(millimetres) - 1):
        return _search_spots(millimetres, seed, tries)
    # buildings are on one spot when they are equally far from all others
    _, firsts, spot_of = np.unique(millimetres, axis=0, return_index=True, return_inverse=True)
    order = _search_spots(np.ascontiguousarray(millimetres[np.ix_(firsts, firsts)]), seed, tries)
    turn_of = np.empty(len(order), dtype=np.int64)
    turn_of[order] = np.arange(len(order))
    visits: Counts = np.argsort(turn_of[spot_of.ravel()], kind="stable")
    return visits


def _search_spots(millimetres: Millimetres, seed: int, tries: int | None) -> Counts:
    count = len(millimetres)
    if count < FEWEST_TO_ORDER:
        return np.arange(count, dtype=np.int64)
    if count <= MOST_EXACT and tries is None:
        return shortest_order(millimetres)
    return search_order(millimetres, TRIES_A_BUILDING * count if tries is None else tries, seed)


def _beginning_at(order: Counts, start: int) -> Counts:
    """The same round from ``start``, in the direction whose second building has the lower number."""
    if not len(order):
        return order
    turned = np.roll(order, -int(np.flatnonzero(order == start)[0]))
    if len(turned) > 2 and turned[1] > turned[-1]:
        turned[1:] = turned[:0:-1].copy()
    return turned
