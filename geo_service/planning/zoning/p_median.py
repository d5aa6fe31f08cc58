"""The capacitated p-median problem of the literature: no graph, no lower load, a time instead of a budget.

Osman and Christofides 1994; instances of Lorena and Senne 2004 and of Stefanello, de Araujo and Mueller 2015.
Many searches start, from anywhere and from the medians of the lower bound; the worse half of them is given up
again and again (successive halving: Karnin, Koren and Somekh 2013), so that the time goes to where it pays.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scipy.spatial import cKDTree

from geo_service.planning.model import Counts, LoadRange
from geo_service.planning.zoning.bound.medians import promising_medians
from geo_service.planning.zoning.problem import Metres, ZoningProblem
from geo_service.planning.zoning.result import ZoningResult
from geo_service.planning.zoning.search.partition import rows_of_pairs
from geo_service.planning.zoning.search.recombination import ZonePool
from geo_service.planning.zoning.search.schedule import Schedule
from geo_service.planning.zoning.search.search import Search
from geo_service.planning.zoning.stop import MaxSeconds
from geo_service.progress import silent

NEAREST = 16
STRETCH_MOVES = 10_000
# A first search takes this long a point and median, measured: shorter ones do not show what they promise.
START_S = 1.4e-5
# Or this long a square of points and cluster: small clusters are soon as good as they can be alone.
COMBINED_S = 2e-4
SHORTEST_START_S = 0.05
MOST_STARTS = 64
# Of the searches, those that start from the bound's medians, which are not to be melted again.
GUIDED_SHARE = 0.5
GUIDED_HOTTEST = 0.5
# The ascent to the bound gets no more of the guided searches' time, and lists so many pairs of points that
# larger problems would fill the memory.
ASCENT_SHARE = 0.3
MOST_GUIDED = 10_000
# With so many points zones are combined region by region, and searches may share what they met; with fewer
# they would all come to the same answer.
LEAST_SHARED = 600
# Of the time, kept for combining zones at last.
LAST_SHARE = 0.05
WITHOUT_END = 2**62


def solve_p_median(
    positions: Metres, loads: Counts, capacity: int, medians: int, *, seed: int, seconds: float
) -> ZoningResult:
    """Clusters of at most ``capacity`` with little summed distance to their medians, within ``seconds``.

    Parameters
    ----------
    positions : Metres, shape (n, 2)
        In any unit of length.
    loads : Counts, shape (n,)
    capacity : int
        Of every cluster.
    medians : int
        How many clusters.
    seed : int
    seconds : float
        Wall-clock time; the answer depends on the machine.

    Raises
    ------
    InvalidInput
        As ``ZoningProblem``.
    """
    begun = time.perf_counter()
    problem = p_median_problem(positions, loads, capacity, medians)
    if medians == 1:
        return Search(problem, medians, seed, stop=MaxSeconds(seconds)).result()
    starts = _starts_within(seconds, len(loads), medians)
    stages = _stages(starts)
    ends = begun + (1 - LAST_SHARE) * seconds * np.arange(1, stages + 1) / stages
    searches = _best_first(_first_searches(problem, medians, seed, starts, float(ends[0])))
    pools = [search.pool for search in searches]
    for end in ends[1:].tolist():
        searches = searches[: max(1, len(searches) // 2)]
        for place, search in enumerate(searches):
            search.stop = MaxSeconds(_share_of_time(end, len(searches) - place))
            search.improve(WITHOUT_END, silent)
        searches = _best_first(searches)
    best = searches[0]
    _take_over(best, pools)
    best.stop = MaxSeconds(begun + seconds - time.perf_counter())
    best.combine_with_best()
    return best.result()


def _take_over(heir: Search, pools: list[ZonePool]) -> None:
    """Let the search that is left choose among the zones of all that were given up."""
    for pool in pools:
        if pool is not heir.pool:
            heir.pool.absorb(pool)


def _starts_within(seconds: float, points: int, medians: int) -> int:
    """As many searches as leave each of the halving's stages equal time."""
    alone_s, combined_s = START_S * points * medians, COMBINED_S * points**2 / medians
    start_s = max(SHORTEST_START_S, min(alone_s, combined_s))
    starts = 1
    while starts < MOST_STARTS and (starts + 1) * _stages(starts + 1) * start_s <= seconds:
        starts += 1
    return starts


def _stages(starts: int) -> int:
    return 1 + int(math.log2(starts))


def _first_searches(
    problem: ZoningProblem, medians: int, seed: int, starts: int, end: float
) -> Iterator[Search]:
    """Searches from anywhere, then from medians of the bound, until ``end`` of the clock; at least one."""
    guided = int(GUIDED_SHARE * starts) if len(problem.loads) <= MOST_GUIDED else 0
    best_m = math.inf
    pool = ZonePool() if len(problem.loads) >= LEAST_SHARED else None
    for place in range(starts - guided):
        if place and time.perf_counter() >= end:
            return
        search = Search(problem, medians, seed * MOST_STARTS + place, stop=MaxSeconds(math.inf), pool=pool)
        _anneal_and_improve(search, time.perf_counter() + _share_of_time(end, starts - place))
        best_m = min(best_m, search.best[1] / search.terrain.units_per_m)
        yield search
    sets: list[Counts] = []
    if guided:
        ascent_ends = time.perf_counter() + ASCENT_SHARE * _share_of_time(end, 1)
        sets = promising_medians(
            problem, medians, best_m, guided, out_of_time=lambda: time.perf_counter() >= ascent_ends
        )
    for place, chosen in enumerate(sets):
        if time.perf_counter() >= end:
            return
        search = Search(
            problem,
            medians,
            seed * MOST_STARTS + starts - guided + place,
            stop=MaxSeconds(math.inf),
            pool=pool,
            labels=_around(problem, chosen),
            schedule=replace(Schedule(), hottest=GUIDED_HOTTEST),
        )
        _anneal_and_improve(search, time.perf_counter() + _share_of_time(end, len(sets) - place))
        yield search


def _around(problem: ZoningProblem, chosen: Counts) -> Counts:
    """Every point with the nearest of the ``chosen``, each of which has itself, on one spot or not."""
    labels: Counts = np.asarray(cKDTree(problem.positions_m[chosen]).query(problem.positions_m)[1])
    labels[chosen] = np.arange(len(chosen))
    return labels


def _share_of_time(end: float, waiting: int) -> float:
    """Seconds for one of the ``waiting`` until ``end`` of the clock."""
    return max(0.0, end - time.perf_counter()) / waiting


def _best_first(searches: Iterator[Search] | list[Search]) -> list[Search]:
    """Best first, without those that have come to the same answer."""
    best_of: dict[tuple[int, float], Search] = {}
    for search in searches:
        best_of.setdefault(search.best, search)
    return [best_of[standing] for standing in sorted(best_of)]


def _anneal_and_improve(search: Search, until: float) -> None:
    """Anneal from the present division, then improve it, by the time ``until`` of the clock."""
    started = time.perf_counter()
    main_seconds = max(search.schedule.main_share * (until - started), 1e-3)
    done = pace = 0.0
    while done < 1.0:
        # the schedule follows the clock: a stretch cools as far as the last one took time
        search.anneal_stretch(done, min(1.0, done + pace), STRETCH_MOVES)
        now = (time.perf_counter() - started) / main_seconds
        pace, done = now - done, now
    search.stop = MaxSeconds(until - time.perf_counter())
    search.improve(WITHOUT_END, silent)


def p_median_problem(positions: Metres, loads: Counts, capacity: int, medians: int) -> ZoningProblem:
    """The instance as a zoning problem without connection; a point may move to where its nearest are."""
    count = len(loads)
    _, nearest = cKDTree(positions).query(positions, k=min(count, NEAREST + 1))
    nearest = nearest.reshape(count, -1)
    pairs = np.column_stack([np.repeat(np.arange(count), nearest.shape[1]), nearest.ravel()])
    pairs = np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0)
    starts, neighbours = rows_of_pairs(pairs, count)
    return ZoningProblem(
        positions_m=np.asarray(positions, dtype=np.float64),
        loads=np.asarray(loads, dtype=np.int64),
        neighbour_starts=starts,
        neighbours=neighbours,
        limits=LoadRange(0, int(capacity)),
        zones=medians,
        connected=False,
    )
