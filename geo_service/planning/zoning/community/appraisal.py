"""What a division is worth, from its definition: shares no code with the search that found it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo_service.planning.model import Counts, LoadRange
from geo_service.planning.zoning.problem import Metres, ZoningProblem


@dataclass(frozen=True)
class Appraisal:
    """The terms of the objective of one division.

    Parameters
    ----------
    medoids, loads : Counts, shape (k,)
    distances_m : Metres, shape (k,)
        Sum over each zone's members of weight x distance to its centre.
    imbalance : float
        Summed difference of the loads from the target.
    border_pairs : int
        Pairs of neighbours in different zones.
    changes : int
        Buildings in another zone than before.
    objective_m : float
        The terms weighted and summed, see ``Aims``.
    """

    medoids: Counts
    loads: Counts
    distances_m: Metres
    imbalance: float
    border_pairs: int
    changes: int
    objective_m: float


def appraise(problem: ZoningProblem, labels: Counts) -> Appraisal:
    """Every term for the zones ``labels``, 0 .. k - 1 for each building."""
    zones = int(labels.max()) + 1
    costs = [zone_cost(problem, np.flatnonzero(labels == zone), zone) for zone in range(zones)]
    loads = np.bincount(labels, weights=problem.loads, minlength=zones).astype(np.int64)
    distances_m = np.array([metres for metres, _ in costs])
    aims, earlier = problem.aims, problem.earlier
    target = loads.mean() if aims.target is None else aims.target
    imbalance = float(np.abs(loads - target).sum())
    owners = np.repeat(np.arange(problem.buildings), np.diff(problem.neighbour_starts))
    border_pairs = int((labels[owners] != labels[problem.neighbours]).sum()) // 2
    changes = 0 if earlier is None else int(((earlier.zone_of >= 0) & (earlier.zone_of != labels)).sum())
    return Appraisal(
        np.array([medoid for _, medoid in costs], dtype=np.int64),
        loads,
        distances_m,
        imbalance,
        border_pairs,
        changes,
        float(distances_m.sum())
        + aims.balance_m * imbalance
        + aims.compactness_m * border_pairs
        + (0.0 if earlier is None else earlier.change_cost_m * changes),
    )


def zone_cost(problem: ZoningProblem, members: Counts, zone: int) -> tuple[float, int]:
    """Weighted distance (m) of ``members`` to the centre of ``zone``, and the medoid.

    The medoid is the member with the least summed weighted distance from the others, the lowest of several;
    of a zone with a fixed centre, the member nearest to it.
    """
    weights = np.ones(len(members)) if problem.weights is None else problem.weights[members]
    centres = problem.rules.centres_m
    if zone < len(centres) and not np.isnan(centres[zone]).any():
        away = weights * np.hypot(*(problem.positions_m[members] - centres[zone]).T)
        return float(away.sum()), int(members[np.argmin(away)])
    sums = weights @ distances_between(problem, members)
    return float(sums.min()), int(members[np.argmin(sums)])


def load_excess(loads: Counts, limits: LoadRange) -> int:
    """Load above or below the limits, summed over zones of ``loads``."""
    return int(np.maximum(np.maximum(loads - limits.hi, limits.lo - loads), 0).sum())


def distances_between(problem: ZoningProblem, members: Counts) -> Metres:
    """Walking or straight distances (m) of ``members`` from one another, shape (m, m)."""
    if problem.distances_m is not None:
        return problem.distances_m[np.ix_(members, members)].astype(np.float64)
    east, north = problem.positions_m[members].T
    away: Metres = np.hypot(east[:, None] - east, north[:, None] - north)
    return away
