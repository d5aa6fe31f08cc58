"""How good the best possible zones can be: a bound below every division into so many zones.

Lagrangian relaxation of the capacitated p-median problem (Lorena and Senne 2004; Ceselli and Righini 2005):
each building pays a multiplier to be served, each possible centre gathers the best-paying zone within the
limits, and the zones that pay best may overlap or leave buildings out. Whatever the multipliers, that costs
no more than the best real zones; the ascent looks for the multipliers at which it costs most. That zones are
connected, ``rules.together``, ``rules.apart``, ``Earlier`` and the stay in zones without a fixed centre (but
for centre and member) are left aside: each could only raise the bound.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from geo_service.planning.model import gap_percent
from geo_service.planning.zoning.bound.ascent import ROUNDING, Ascent, ascent_of, climb
from geo_service.planning.zoning.bound.columns import Columns, columns_of, fixed_zones
from geo_service.planning.zoning.bound.knapsack import ZoneLoad, scratch_of
from geo_service.planning.zoning.bound.whole import LARGEST_TABLE, table_of
from geo_service.planning.zoning.problem import Metres, ZoningProblem
from geo_service.progress import Progress, silent

__all__ = ["gap_percent", "lower_bound"]

STAGE = "zoning.stage_bound"
ROUNDS = 600
CHUNK = 30
# The last chunk is one that lifts the bound by less than this share, with steps no longer than this.
STALLED = 3e-4
SHORT_STEP = 0.1
# Measured on street blocks and on the published instances: where the best multipliers lie.
ZONE_SHARE = 0.6
RADIUS_TO_MEAN = 1.55


def lower_bound(
    problem: ZoningProblem,
    zones: int,
    *,
    upper_m: float = float("inf"),
    gap_wanted: float = 0.0,
    rounds: int = ROUNDS,
    progress: Progress = silent,
) -> float:
    """Metres that the objective of no division into exactly ``zones`` zones is below.

    Parameters
    ----------
    problem : ZoningProblem
    zones : int
    upper_m : float
        Objective of the best known answer: steers the steps and closes hopeless medoids. The bound is never
        above it, so it has to be the objective of a real answer, or infinite.
    gap_wanted : float
        Percent; the ascent ends when the known answer is proven to be that near.
    rounds : int
        Most rounds of the ascent. Same input, same rounds: same bound.
    progress : Progress
        May raise ``Cancelled``.

    Returns
    -------
    float
        At least 0; infinite when the loads alone exclude so many zones and no answer is known.
    """
    zone = zone_load(problem, zones)
    if zone.lowest > zone.highest:
        return upper_m
    borders_m = _least_borders_m(problem, zones)
    if upper_m <= borders_m:
        return upper_m
    if zones == 1:
        zones_m = _one_zone_m(problem, zone) * (1 - ROUNDING)
    else:
        enough_m = upper_m / (1 + gap_wanted / 100) - borders_m
        zones_m = _ascend(problem, zones, zone, upper_m - borders_m, enough_m, rounds, progress)
    return min(upper_m, borders_m + max(0.0, zones_m))


def zone_load(problem: ZoningProblem, zones: int) -> ZoneLoad:
    """The limits, as narrow as what the other zones must hold and can hold makes them."""
    total = int(problem.loads.sum())
    limits, aims = problem.limits, problem.aims
    return ZoneLoad(
        np.ascontiguousarray(problem.loads, dtype=np.int64),
        max(limits.lo, total - (zones - 1) * limits.hi),
        min(limits.hi, total - (zones - 1) * limits.lo),
        total / zones if aims.target is None else float(aims.target),
        aims.balance_m,
    )


def _least_borders_m(problem: ZoningProblem, zones: int) -> float:
    """Zones of a graph in one piece have at least ``zones`` - 1 border pairs; another piece saves one."""
    if problem.aims.compactness_m == 0:
        return 0.0
    count = problem.buildings
    graph = csr_matrix(
        (np.ones(len(problem.neighbours)), problem.neighbours, problem.neighbour_starts), shape=(count, count)
    )
    pieces = connected_components(graph, directed=False)[0]
    return problem.aims.compactness_m * max(0, zones - pieces)


def _one_zone_m(problem: ZoningProblem, zone: ZoneLoad) -> float:
    """The only answer there is."""
    weights = np.ones(problem.buildings) if problem.weights is None else problem.weights
    east, north = problem.positions_m.T
    off_target_m = zone.balance_m * abs(float(zone.loads.sum()) - zone.target)
    if len(fixed_zones(problem)):
        post_east, post_north = problem.rules.centres_m[0]
        return off_target_m + float(weights @ np.hypot(east - post_east, north - post_north))
    if problem.distances_m is not None:
        return off_target_m + float((problem.distances_m.astype(np.float64) @ weights).min())
    return off_target_m + min(
        float(weights @ np.hypot(east - east[medoid], north - north[medoid]))
        for medoid in range(problem.buildings)
    )


def _ascend(
    problem: ZoningProblem,
    zones: int,
    zone: ZoneLoad,
    upper_m: float,
    enough_m: float,
    rounds: int,
    progress: Progress,
) -> float:
    """Climb with buildings that may be shared, then with whole ones where the table of loads is small."""
    fixed = fixed_zones(problem)
    columns, ascent = begin_ascent(problem, zones, upper_m)
    if len(problem.rules.stay):
        ascent.open[: problem.buildings][np.isin(problem.rules.stay, fixed)] = False
    scratch = scratch_of(problem.buildings)
    done = 0
    for indivisible in (False, True):
        if indivisible and zone.highest > LARGEST_TABLE:
            break
        table = table_of(problem.buildings, zone.highest if indivisible else 0)
        _begin_again(ascent)
        while done < rounds and ascent.best_m[0] < enough_m:
            before_m = ascent.best_m[0]
            progress(STAGE, done, rounds)
            climb(
                columns,
                zone,
                ascent,
                zones - len(fixed),
                upper_m,
                enough_m,
                CHUNK,
                indivisible,
                scratch,
                table,
            )
            done += CHUNK
            if ascent.step[0] <= SHORT_STEP and ascent.best_m[0] - before_m <= STALLED * abs(before_m):
                break
    progress(STAGE, rounds, rounds)
    return float(ascent.best_m[0])


def begin_ascent(problem: ZoningProblem, zones: int, upper_m: float) -> tuple[Columns, Ascent]:
    """The columns of a problem, and the state from which ``climb`` goes up."""
    columns = columns_of(problem, zones)
    multipliers = _first_multipliers(problem, zones, upper_m)
    return columns, ascent_of(columns, np.minimum(multipliers, columns.ceilings_m))


def _begin_again(ascent: Ascent) -> None:
    ascent.multipliers[:] = ascent.best_multipliers
    ascent.direction[:] = 0
    ascent.failures[:] = 0
    ascent.step[:] = 1


def _first_multipliers(problem: ZoningProblem, zones: int, upper_m: float) -> Metres:
    """About the radius of the zone around each building: in a disc, 1.5 times the mean distance."""
    count = problem.buildings
    place = min(count - 1, max(1, int(ZONE_SHARE * count / zones)))
    if problem.distances_m is None:
        radius_m = np.asarray(cKDTree(problem.positions_m).query(problem.positions_m, k=[place + 1])[0])[:, 0]
    else:
        radius_m = np.partition(problem.distances_m, place, axis=1)[:, place].astype(np.float64)
    first = radius_m if problem.weights is None else radius_m * problem.weights
    total_m = float(first.sum())
    if total_m == 0 or upper_m == float("inf"):
        return first
    return first * (RADIUS_TO_MEAN * upper_m / total_m)
