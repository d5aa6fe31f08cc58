"""The best division of a few buildings: among all the zones there can be, chosen by integer programming."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geo_service.planning.model import Counts
from geo_service.planning.zoning.problem import ZoningProblem
from geo_service.planning.zoning.search.recombination import best_choice

# Twelve buildings have 4,095 sets; each more doubles them.
MOST_BUILDINGS = 12
# More than the choice among so few sets can ever take.
_ALL_NODES = 1_000_000

Mask = npt.NDArray[np.bool_]


def best_division(problem: ZoningProblem, zones: int) -> Counts | None:
    """The division into exactly ``zones`` zones within the limits that has the least objective.

    Returns
    -------
    Counts, shape (n,), or None
        Labels; None where there is no division, there are more than ``MOST_BUILDINGS`` buildings, or rules
        tie buildings, centres or earlier zones to the numbers of zones.
    """
    rules, count = problem.rules, problem.buildings
    tied = len(rules.together) or len(rules.apart) or len(rules.centres_m) or problem.earlier is not None
    if count > MOST_BUILDINGS or tied or (len(rules.stay) and (rules.stay >= 0).any()):
        return None
    # Row ``number`` has the buildings whose bits are set in it.
    holds = ((np.arange(1 << count)[:, None] >> np.arange(count)) & 1).astype(bool)
    loads = holds @ problem.loads
    allowed = (loads >= problem.limits.lo) & (loads <= problem.limits.hi) & holds.any(axis=1)
    if problem.connected:
        allowed &= _connected(holds, _adjacent(problem))
    sets = np.flatnonzero(allowed)
    if not len(sets):
        return None
    costs_m = _costs_m(problem, holds[sets], loads[sets], zones)
    members = [np.flatnonzero(holds[number]) for number in sets.tolist()]
    chosen = best_choice(np.arange(count), members, costs_m, zones, node_limit=_ALL_NODES)
    if chosen is None:
        return None
    labels = np.zeros(count, dtype=np.int64)
    for zone, buildings in enumerate(chosen):
        labels[buildings] = zone
    return labels


def _adjacent(problem: ZoningProblem) -> Mask:
    count = problem.buildings
    adjacent = np.zeros((count, count), dtype=bool)
    adjacent[np.repeat(np.arange(count), np.diff(problem.neighbour_starts)), problem.neighbours] = True
    return adjacent


def _connected(holds: Mask, adjacent: Mask) -> Mask:
    """Which sets hang together: those that a neighbour of the set joined to a set of one fewer that does."""
    sizes = holds.sum(axis=1)
    connected: Mask = sizes == 1
    touches = holds @ adjacent
    for size in range(2, holds.shape[1] + 1):
        for building in range(holds.shape[1]):
            bigger = np.flatnonzero((sizes == size) & holds[:, building])
            without = bigger - (1 << building)
            connected[bigger] |= connected[without] & touches[without, building]
    return connected


def _costs_m(problem: ZoningProblem, holds: Mask, loads: Counts, zones: int) -> npt.NDArray[np.float64]:
    """What each set adds to the objective as a zone; a border counts half for either side."""
    aims = problem.aims
    sums = holds @ _weighted_distances_m(problem)
    costs_m: npt.NDArray[np.float64] = np.where(holds, sums, np.inf).min(axis=1)
    target = float(problem.loads.sum()) / zones if aims.target is None else aims.target
    costs_m += aims.balance_m * np.abs(loads - target)
    if aims.compactness_m:
        adjacent = _adjacent(problem).astype(np.int64)
        borders = (holds * (adjacent.sum(axis=1) - holds @ adjacent)).sum(axis=1)
        costs_m += aims.compactness_m * borders / 2
    return costs_m


def _weighted_distances_m(problem: ZoningProblem) -> npt.NDArray[np.float64]:
    """``[building, centre]``: metres times the building's weight."""
    if problem.distances_m is not None:
        distances_m = problem.distances_m.T.astype(np.float64)
    else:
        apart = problem.positions_m[:, None] - problem.positions_m[None]
        distances_m = np.hypot(apart[..., 0], apart[..., 1])
    if problem.weights is not None:
        distances_m = distances_m * problem.weights[:, None]
    return distances_m
