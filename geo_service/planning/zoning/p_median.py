"""The capacitated p-median problem of the literature: no graph, no lower load, a time instead of a budget.

Osman and Christofides 1994; instances of Lorena and Senne 2004 and of Stefanello, de Araujo and Mueller 2015.
"""

from __future__ import annotations

import time

import numpy as np
from scipy.spatial import cKDTree

from geo_service.planning.model import Counts, LoadRange
from geo_service.planning.zoning.partition import rows_of_pairs
from geo_service.planning.zoning.problem import Metres, ZoningProblem
from geo_service.planning.zoning.result import ZoningResult
from geo_service.planning.zoning.search import Search
from geo_service.planning.zoning.stop import MaxSeconds
from geo_service.progress import silent

NEAREST = 16
STRETCH_MOVES = 50_000
# Rounds share the time: each begins anew, and the best zones of all of them are combined.
# The larger the clusters, the longer a round must be, and the less is there to combine.
SHORTEST_ROUND_S = 1.0
ROUND_S_A_PAIR = 0.0008
# Of the time, kept for the last combination.
LAST_SHARE = 0.03
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
    problem = p_median_problem(positions, loads, capacity, medians)
    started = time.perf_counter()
    round_s = max(SHORTEST_ROUND_S, ROUND_S_A_PAIR * len(loads) ** 2 / medians)
    rounds = max(1, round(seconds / round_s))
    search = Search(problem, medians, seed, stop=MaxSeconds(seconds))
    end = started + (1 - LAST_SHARE) * seconds
    for number in range(rounds if medians > 1 else 0):
        now = time.perf_counter()
        if number and now >= end:
            break
        if number:
            search.begin_again()
        _round(search, now + (end - now) / (rounds - number))
        search.stop = MaxSeconds(started + seconds - time.perf_counter())
        search.combine_with_best()
    return search.result()


def _round(search: Search, until: float) -> None:
    """Anneal from the present division, then improve it, by the time ``until`` of the clock."""
    started = time.perf_counter()
    seconds = until - started
    main_seconds = search.schedule.main_share * max(seconds, SHORTEST_ROUND_S / 100)
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
