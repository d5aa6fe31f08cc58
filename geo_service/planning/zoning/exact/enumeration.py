"""The best division of a few buildings: every zone there can be is weighed.

Dynamic programming over sets of buildings, after Yeh 1986 (complete set partitioning).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geo_service.planning.compiled import compiled
from geo_service.planning.model import Counts
from geo_service.planning.zoning.exact.division import Verdict
from geo_service.planning.zoning.naming import bound_to_their_numbers
from geo_service.planning.zoning.problem import NOWHERE, Metres, ZoningProblem

# Twelve buildings have half a million pairs of a set and one within it; each more triples them.
MOST_BUILDINGS = 12

Mask = npt.NDArray[np.bool_]


def best_division(problem: ZoningProblem, zones: int) -> tuple[Verdict, Counts]:
    """The division into exactly ``zones`` zones that keeps every rule and has the least objective.

    Returns
    -------
    Verdict
        ``GAVE_UP`` only with more than ``MOST_BUILDINGS`` buildings.
    Counts, shape (n,)
        Labels; empty unless found.
    """
    count = problem.buildings
    nothing = np.empty(0, dtype=np.int64)
    if count > MOST_BUILDINGS:
        return Verdict.GAVE_UP, nothing
    told_apart = _numbers_told_apart(problem, zones)
    # Row ``number`` has the buildings whose bits are set in it.
    holds = ((np.arange(1 << count)[:, None] >> np.arange(count)) & 1).astype(bool)
    numbers = [*told_apart.tolist(), NOWHERE]
    changes = np.stack([_changes(problem, holds, number) for number in numbers])
    costs_m = _costs_m(problem, holds, numbers, changes, zones)
    most = None if problem.earlier is None else problem.earlier.most_changes
    chosen = np.zeros(zones, dtype=np.int64)
    found = _choose(
        costs_m,
        np.zeros_like(changes) if most is None else changes,
        np.minimum(np.arange(zones), len(told_apart)),
        min(most or 0, count),
        chosen,
    )
    if not found:
        return Verdict.IMPOSSIBLE, nothing
    labels = np.zeros(count, dtype=np.int64)
    for zone, buildings in zip(_all_numbers(told_apart, zones), holds[chosen], strict=True):
        labels[buildings] = zone
    return Verdict.FOUND, labels


def _numbers_told_apart(problem: ZoningProblem, zones: int) -> Counts:
    """Zones that stays, fixed centres or earlier zones name; all others may be exchanged for one another."""
    named = bound_to_their_numbers(problem, zones)
    if problem.earlier is not None:
        named |= np.isin(np.arange(zones), problem.earlier.zone_of)
    return np.flatnonzero(named)


def _all_numbers(told_apart: Counts, zones: int) -> list[int]:
    """Those told apart first."""
    numbers: list[int] = np.append(told_apart, np.setdiff1d(np.arange(zones), told_apart)).tolist()
    return numbers


@compiled
def _choose(costs_m: Metres, changes: Counts, row_of: Counts, most_changes: int, chosen: Counts) -> bool:
    """Fill ``chosen``, one set a zone, with the cheapest sets that hold every building just once.

    Rows of ``costs_m`` (infinite where a set may not be the zone) and ``changes`` hold one entry a set; zone
    z goes by row ``row_of[z]``. Zones of the last row come last, and as they may be exchanged for one
    another, each takes the first building left. Of all ways to cover a set with the zones so far, and with so
    many changes, only the cheapest can lead to the best.
    """
    sets = costs_m.shape[1]
    zones = len(row_of)
    best_m = np.full((zones + 1, sets, most_changes + 1), np.inf)
    last = np.zeros((zones, sets, most_changes + 1), dtype=np.int64)
    best_m[0, 0, 0] = 0.0
    for zone in range(zones):
        row = row_of[zone]
        for covered in range(sets):
            if best_m[zone, covered].min() == np.inf:
                continue
            left = sets - 1 - covered
            first = left & -left if row == len(costs_m) - 1 else 0
            added = left
            while added > 0:
                cost_m = costs_m[row, added]
                if cost_m < np.inf and added & first == first:
                    for before in range(most_changes + 1 - changes[row, added]):
                        sum_m = best_m[zone, covered, before] + cost_m
                        after = before + changes[row, added]
                        if sum_m < best_m[zone + 1, covered + added, after]:
                            best_m[zone + 1, covered + added, after] = sum_m
                            last[zone, covered + added, after] = added
                added = (added - 1) & left
    covered = sets - 1
    changed = np.argmin(best_m[zones, covered])
    if best_m[zones, covered, changed] == np.inf:
        return False
    for zone in range(zones - 1, -1, -1):
        chosen[zone] = last[zone, covered, changed]
        covered -= chosen[zone]
        changed -= changes[row_of[zone], chosen[zone]]
    return True


def _costs_m(problem: ZoningProblem, holds: Mask, numbers: list[int], changes: Counts, zones: int) -> Metres:
    """What each set adds to the objective as the zone of each number; infinite where it may not be that."""
    aims_m = _aims_m(problem, holds, zones)
    allowed = _may_be_a_zone(problem, holds)
    to_members_m = np.where(holds, holds @ _weighted_distances_m(problem), np.inf).min(axis=1)
    change_cost_m = 0.0 if problem.earlier is None else problem.earlier.change_cost_m
    rows: list[Metres] = []
    for number, changed in zip(numbers, changes, strict=True):
        centre_m = _fixed_centre_m(problem, number)
        distances_m = to_members_m if centre_m is None else holds @ _weighted_to_point_m(problem, centre_m)
        kept = allowed & _keeps_stays(problem, holds, number)
        rows.append(np.where(kept, distances_m + aims_m + change_cost_m * changed, np.inf))
    # to the micrometre: how a machine adds up its products must not decide between equals
    costs_m: Metres = np.stack(rows).round(6)
    return costs_m


def _may_be_a_zone(problem: ZoningProblem, holds: Mask) -> Mask:
    """Which sets, by whatever number, keep to the limits, the pairs and connection."""
    rules, loads = problem.rules, holds @ problem.loads
    allowed: Mask = (loads >= problem.limits.lo) & (loads <= problem.limits.hi) & holds.any(axis=1)
    for one, other in rules.together.tolist():
        allowed &= holds[:, one] == holds[:, other]
    for one, other in rules.apart.tolist():
        allowed &= ~(holds[:, one] & holds[:, other])
    return allowed & _connected(holds, _adjacent(problem)) if problem.connected else allowed


def _keeps_stays(problem: ZoningProblem, holds: Mask, number: int) -> Mask:
    stay = problem.rules.stay
    held = np.flatnonzero(stay != NOWHERE)
    kept: Mask = (holds[:, held] == (stay[held] == number)).all(axis=1)
    return kept


def _changes(problem: ZoningProblem, holds: Mask, number: int) -> Counts:
    """Buildings of each set that had a zone, and another than ``number``."""
    if problem.earlier is None:
        return np.zeros(len(holds), dtype=np.int64)
    before = problem.earlier.zone_of
    changes: Counts = holds @ ((before != NOWHERE) & (before != number)).astype(np.int64)
    return changes


def _adjacent(problem: ZoningProblem) -> Mask:
    count = problem.buildings
    adjacent = np.zeros((count, count), dtype=bool)
    adjacent[np.repeat(np.arange(count), np.diff(problem.neighbour_starts)), problem.neighbours] = True
    return adjacent


def _connected(holds: Mask, adjacent: Mask) -> Mask:
    """Which of all sets hang together: those that a neighbour joined to a set of one fewer that does."""
    sizes = holds.sum(axis=1)
    connected: Mask = sizes == 1
    touches = holds @ adjacent
    for size in range(2, holds.shape[1] + 1):
        for building in range(holds.shape[1]):
            bigger = np.flatnonzero((sizes == size) & holds[:, building])
            without = bigger - (1 << building)
            connected[bigger] |= connected[without] & touches[without, building]
    return connected


def _aims_m(problem: ZoningProblem, holds: Mask, zones: int) -> Metres:
    """What each set costs beside distance and changes; a border counts half for either side."""
    aims = problem.aims
    target = float(problem.loads.sum()) / zones if aims.target is None else aims.target
    costs_m: Metres = aims.balance_m * np.abs(holds @ problem.loads - target)
    if aims.compactness_m:
        adjacent = _adjacent(problem).astype(np.int64)
        borders = (holds * (adjacent.sum(axis=1) - holds @ adjacent)).sum(axis=1)
        costs_m += aims.compactness_m * borders / 2
    return costs_m


def _weighted_distances_m(problem: ZoningProblem) -> Metres:
    """``[building, centre]``: metres times the building's weight."""
    if problem.distances_m is None:
        return np.column_stack([_weighted_to_point_m(problem, centre_m) for centre_m in problem.positions_m])
    distances_m: Metres = problem.distances_m.T.astype(np.float64)
    return distances_m if problem.weights is None else distances_m * problem.weights[:, None]


def _weighted_to_point_m(problem: ZoningProblem, point_m: Metres) -> Metres:
    distances_m: Metres = np.hypot(*(problem.positions_m - point_m).T)
    return distances_m if problem.weights is None else distances_m * problem.weights


def _fixed_centre_m(problem: ZoningProblem, number: int) -> Metres | None:
    centres_m = problem.rules.centres_m
    fixed = 0 <= number < len(centres_m) and not np.isnan(centres_m[number, 0])
    return centres_m[number] if fixed else None
