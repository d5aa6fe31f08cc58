"""A plan that changes and changes back: what both searches of a rebalance stand on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from geo_service.errors import InvalidInput
from geo_service.planning.compiled import allocation_free, compiled
from geo_service.planning.model import Counts
from geo_service.planning.zoning.problem import NOWHERE, Metres, ZoningProblem


class Ground(NamedTuple):
    """What does not change. Buildings that must share a zone are one unit and move together.

    ``members[member_starts[u]:member_starts[u + 1]]`` are the buildings of unit u; ``loads`` and ``stay``
    hold one entry a unit, ``apart`` one row a pair of units, ``usable`` one entry a zone: lost zones and
    numbers nobody has are not. ``earlier`` is ``NOWHERE`` for buildings whose change does not count.
    ``distances_m`` is (0, 0) for straight lines; rows of ``centres_m`` are NaN where the medoid counts.
    """

    starts: Counts
    neighbours: Counts
    unit_of: Counts
    member_starts: Counts
    members: Counts
    loads: Counts
    stay: Counts
    apart: Counts
    earlier: Counts
    usable: npt.NDArray[np.bool_]
    lowest: int
    highest: int
    connected: bool
    positions_m: Metres
    weights: Metres
    distances_m: npt.NDArray[np.float32]
    centres_m: Metres
    balance_m: float
    target: float
    compactness_m: float
    change_cost_m: float


class Division(NamedTuple):
    """What changes: each zone's buildings as a doubly linked list, its size, load and number of pieces.

    ``labels`` is ``NOWHERE`` for buildings yet to be placed. ``marks`` and ``queue`` are scratch for walks.
    """

    labels: Counts
    first: Counts
    after: Counts
    before: Counts
    sizes: Counts
    loads: Counts
    pieces: Counts
    marks: Counts
    queue: Counts


def ground_of(problem: ZoningProblem, lost: Counts) -> Ground:
    """The problem as the kernels read it, with the zones ``lost`` closed.

    Raises
    ------
    InvalidInput
        When a building is to stay in a zone that is lost or never was.
    ValueError
        When the problem has no earlier zones.
    """
    if problem.earlier is None:
        raise ValueError("a rebalance needs problem.earlier")
    earlier = np.ascontiguousarray(problem.earlier.zone_of, dtype=np.int64)
    zones = int(earlier.max()) + 1
    usable = np.bincount(earlier[earlier >= 0], minlength=zones) > 0
    usable[lost] = False
    count = problem.buildings
    unit_of = _units(count, problem.rules.together)
    members = np.argsort(unit_of, kind="stable")
    member_starts = np.searchsorted(unit_of[members], np.arange(unit_of.max() + 2))
    loads = np.bincount(unit_of, weights=problem.loads).astype(np.int64)
    centres_m = np.full((zones, 2), np.nan)
    given = np.asarray(problem.rules.centres_m, dtype=np.float64)[:zones]
    centres_m[: len(given)] = given
    apart = unit_of[problem.rules.apart].reshape(-1, 2)
    aims = problem.aims
    return Ground(
        starts=np.ascontiguousarray(problem.neighbour_starts, dtype=np.int64),
        neighbours=np.ascontiguousarray(problem.neighbours, dtype=np.int64),
        unit_of=unit_of,
        member_starts=member_starts.astype(np.int64),
        members=members.astype(np.int64),
        loads=loads,
        stay=_stay(problem, unit_of, usable),
        apart=np.ascontiguousarray(apart, dtype=np.int64),
        earlier=earlier,
        usable=usable,
        lowest=int(problem.limits.lo),
        highest=int(problem.limits.hi),
        connected=bool(problem.connected),
        positions_m=np.ascontiguousarray(problem.positions_m, dtype=np.float64),
        weights=np.ones(count) if problem.weights is None else problem.weights.astype(np.float64),
        distances_m=np.empty((0, 0), dtype=np.float32)
        if problem.distances_m is None
        else np.ascontiguousarray(problem.distances_m, dtype=np.float32),
        centres_m=centres_m,
        balance_m=float(aims.balance_m),
        target=float(problem.loads.sum() / max(1, usable.sum()) if aims.target is None else aims.target),
        compactness_m=float(aims.compactness_m),
        change_cost_m=float(problem.earlier.change_cost_m),
    )


def _units(count: int, together: Counts) -> Counts:
    """Unit of each building, numbered in the order of their first buildings."""
    if not len(together):
        return np.arange(count)
    ones = np.ones(len(together))
    _, unit_of = connected_components(coo_matrix((ones, together.T), shape=(count, count)), directed=False)
    _, first, inverse = np.unique(unit_of, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first))
    units: Counts = order[inverse].astype(np.int64)
    return units


def _stay(problem: ZoningProblem, unit_of: Counts, usable: npt.NDArray[np.bool_]) -> Counts:
    stay = np.full(int(unit_of.max()) + 1, NOWHERE, dtype=np.int64)
    given = problem.rules.stay
    for building in np.flatnonzero(given != NOWHERE) if len(given) else ():
        zone, unit = int(given[building]), unit_of[building]
        if zone >= len(usable) or not usable[zone]:
            raise InvalidInput("zoning.stay_in_no_zone")
        stay[unit] = zone
    return stay


def starting_labels(ground: Ground) -> Counts:
    """The earlier zones as far as they hold: ``NOWHERE`` for new buildings, lost zones and parted units."""
    labels = ground.earlier.copy()
    for unit in np.flatnonzero((np.diff(ground.member_starts) > 1) | (ground.stay != NOWHERE)):
        buildings = ground.members[ground.member_starts[unit] : ground.member_starts[unit + 1]]
        homes = set(ground.earlier[buildings].tolist()) - {NOWHERE}
        home = homes.pop() if len(homes) == 1 else NOWHERE
        labels[buildings] = home if ground.stay[unit] == NOWHERE else ground.stay[unit]
    labels[~ground.usable[labels]] = NOWHERE
    return labels


def division_of(ground: Ground, labels: Counts) -> Division:
    """The state for ``labels``, ``NOWHERE`` where a building is yet to be placed."""
    buildings, zones = len(labels), len(ground.usable)
    division = Division(
        labels=np.full(buildings, NOWHERE, dtype=np.int64),
        first=np.full(zones, NOWHERE, dtype=np.int64),
        after=np.full(buildings, NOWHERE, dtype=np.int64),
        before=np.full(buildings, NOWHERE, dtype=np.int64),
        sizes=np.zeros(zones, dtype=np.int64),
        loads=np.zeros(zones, dtype=np.int64),
        pieces=np.zeros(zones, dtype=np.int64),
        marks=np.zeros(buildings, dtype=np.int64),
        queue=np.zeros(buildings, dtype=np.int64),
    )
    _fill(ground, division, labels[ground.members[ground.member_starts[:-1]]])
    return division


@compiled
def _fill(ground: Ground, division: Division, zone_of_unit: Counts) -> None:
    for unit in range(len(zone_of_unit) - 1, -1, -1):
        if zone_of_unit[unit] >= 0:
            put(ground, division, unit, zone_of_unit[unit])
    for zone in range(len(division.sizes)):
        division.pieces[zone] = count_pieces(ground, division, zone)


@allocation_free
def distance(ground: Ground, one: int, other: int) -> float:
    """Distance of two buildings in metres."""
    if len(ground.distances_m) > 0:
        return float(ground.distances_m[one, other])
    east = ground.positions_m[one, 0] - ground.positions_m[other, 0]
    north = ground.positions_m[one, 1] - ground.positions_m[other, 1]
    return np.sqrt(east * east + north * north)  # type: ignore[no-any-return]


@allocation_free
def distance_to_centre(ground: Ground, building: int, zone: int) -> float:
    """Straight distance of a building to the fixed centre of ``zone`` in metres."""
    east = ground.positions_m[building, 0] - ground.centres_m[zone, 0]
    north = ground.positions_m[building, 1] - ground.centres_m[zone, 1]
    return np.sqrt(east * east + north * north)  # type: ignore[no-any-return]


@allocation_free
def changes_in(ground: Ground, unit: int, zone: int) -> int:
    """Buildings of ``unit`` that have changed zone when it is in ``zone``."""
    changes = 0
    for place in range(ground.member_starts[unit], ground.member_starts[unit + 1]):
        earlier = ground.earlier[ground.members[place]]
        if earlier >= 0 and earlier != zone:
            changes += 1
    return changes


@allocation_free
def put(ground: Ground, division: Division, unit: int, zone: int) -> None:
    """Place ``unit`` in ``zone``, or ``NOWHERE``; ``pieces`` are left to the caller."""
    for place in range(ground.member_starts[unit], ground.member_starts[unit + 1]):
        building = ground.members[place]
        old = division.labels[building]
        after = division.after[building]
        before = division.before[building]
        if old >= 0:
            if before >= 0:
                division.after[before] = after
            else:
                division.first[old] = after
            if after >= 0:
                division.before[after] = before
            division.sizes[old] -= 1
        division.labels[building] = zone
        if zone >= 0:
            head = division.first[zone]
            division.after[building] = head
            division.before[building] = -1
            if head >= 0:
                division.before[head] = building
            division.first[zone] = building
            division.sizes[zone] += 1
        if place == ground.member_starts[unit]:
            if old >= 0:
                division.loads[old] -= ground.loads[unit]
            if zone >= 0:
                division.loads[zone] += ground.loads[unit]


@allocation_free
def walk(ground: Ground, division: Division, start: int, reached: int) -> int:
    """Queue all of ``start``'s zone that hangs together with it after the ``reached`` already queued."""
    zone = division.labels[start]
    queue = division.queue
    queue[reached] = start
    division.marks[start] = 1
    head = reached
    reached += 1
    while head < reached:
        building = queue[head]
        head += 1
        for place in range(ground.starts[building], ground.starts[building + 1]):
            neighbour = ground.neighbours[place]
            if division.labels[neighbour] == zone and division.marks[neighbour] == 0:
                division.marks[neighbour] = 1
                queue[reached] = neighbour
                reached += 1
    return reached


@allocation_free
def count_pieces(ground: Ground, division: Division, zone: int) -> int:
    """Connected pieces of ``zone``; one where zones need not be connected."""
    if division.sizes[zone] == 0:
        return 0
    if not ground.connected:
        return 1
    pieces = 0
    reached = 0
    building = division.first[zone]
    while reached < division.sizes[zone]:
        if division.marks[building] == 0:
            pieces += 1
            reached = walk(ground, division, building, reached)
        building = division.after[building]
    for place in range(reached):
        division.marks[division.queue[place]] = 0
    return pieces


@compiled
def zone_cost(ground: Ground, division: Division, zone: int) -> tuple[float, int]:
    """Weighted distance (m) of ``zone`` to its centre, and the member there; ties go to the lower one."""
    best = np.inf
    medoid = -1
    fixed = not np.isnan(ground.centres_m[zone, 0])
    summed = 0.0
    one = division.first[zone]
    while one >= 0:
        total = 0.0
        if fixed:
            total = distance_to_centre(ground, one, zone)
            summed += ground.weights[one] * total
        else:
            other = division.first[zone]
            while other >= 0:
                total += ground.weights[other] * distance(ground, one, other)
                other = division.after[other]
        if total < best or (total == best and one < medoid):
            best = total
            medoid = one
        one = division.after[one]
    if medoid < 0:
        return 0.0, -1
    return (summed if fixed else best), medoid


@allocation_free
def border_pairs(ground: Ground, division: Division) -> int:
    """Pairs of neighbours in different zones."""
    pairs = 0
    for building in range(len(division.labels)):
        for place in range(ground.starts[building], ground.starts[building + 1]):
            neighbour = ground.neighbours[place]
            if building < neighbour and division.labels[building] != division.labels[neighbour]:
                pairs += 1
    return pairs


@compiled
def cost_beside_distance(ground: Ground, division: Division, changes: int) -> float:
    """The aims other than distance, in metres."""
    cost = ground.change_cost_m * changes
    if ground.balance_m > 0.0:
        for zone in range(len(division.loads)):
            if ground.usable[zone]:
                cost += ground.balance_m * abs(division.loads[zone] - ground.target)
    if ground.compactness_m > 0.0:
        cost += ground.compactness_m * border_pairs(ground, division)
    return cost
