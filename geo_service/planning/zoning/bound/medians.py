"""Where the lower bound's ascent would put the medians: good and differing places to start a search from.

The Lagrangian heuristic of Lorena and Senne 2004 takes the relaxed problem's medians the same way.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from geo_service.planning.model import Counts
from geo_service.planning.zoning.bound.ascent import climb
from geo_service.planning.zoning.bound.knapsack import scratch_of
from geo_service.planning.zoning.bound.lower_bound import begin_ascent, zone_load
from geo_service.planning.zoning.bound.whole import table_of
from geo_service.planning.zoning.problem import ZoningProblem

ROUNDS_A_SET = 3
MOST_SETS = 200
# With steps as short as this the medians hardly change any more.
SHORTEST_STEP = 0.01
# The ascent needs an aim above the bound, not the best answer.
AIM_ABOVE = 1.005


def promising_medians(
    problem: ZoningProblem,
    zones: int,
    upper_m: float,
    wanted: int,
    *,
    out_of_time: Callable[[], bool] = lambda: False,
) -> list[Counts]:
    """Up to ``wanted`` different sets of medians, the last and best of the ascent first.

    Parameters
    ----------
    problem : ZoningProblem
        Without fixed centres.
    zones : int
    upper_m : float
        Objective of a known answer.
    wanted : int
        They are spread over the later half of the ascent.
    out_of_time : callable
        Asked every few rounds; True ends the ascent where it is.

    Returns
    -------
    list of Counts, each of shape (zones,)
        Buildings in rising order.
    """
    zone = zone_load(problem, zones)
    columns, ascent = begin_ascent(problem, zones, upper_m)
    scratch, table = scratch_of(problem.buildings), table_of(problem.buildings, 0)
    met: dict[bytes, Counts] = {}
    for _ in range(MOST_SETS):
        aim_m = AIM_ABOVE * upper_m
        climb(columns, zone, ascent, zones, aim_m, aim_m, ROUNDS_A_SET, False, scratch, table)
        values = np.where(ascent.open, ascent.values, np.inf)
        medians = np.sort(np.argsort(values, kind="stable")[:zones]).astype(np.int64)
        met.pop(medians.tobytes(), None)
        met[medians.tobytes()] = medians
        if ascent.step[0] < SHORTEST_STEP or out_of_time():
            break
    sets = list(met.values())[::-1]
    # the first half of the ascent is only its way up
    return sets[:: max(1, len(sets) // (2 * max(wanted, 1)))][:wanted]
