"""The solver's state: every sum a move needs, kept exact as buildings change zones.

Distances are whole numbers: a power-of-two fraction of a metre, fine enough that rounding never shows. Sums
of whole numbers do not depend on their order, so they never drift, and the machine may add eight at a time.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo_service.planning.compiled import allocation_free, inlined
from geo_service.planning.model import Counts
from geo_service.planning.zoning.problem import NOWHERE, Metres, ZoningProblem, every_pair

Units = npt.NDArray[np.int64]

# A single weighted distance must fit 31 bits.
LARGEST_UNITS = 2.0**30
FINEST_UNITS_PER_M = 2.0**20
# A zone outside the limits pays for this share of a mean load beside what it lies outside by.
TOLL = 0.1
# How far below today's price better centres may bring a move, in mean distances of a zone of one building;
# measured: zones of 4 want 1.5, of 16 0.5, of 70 0.3.
SLACK = 3.0
FEW_BUILDINGS = 40
"""Up to so many every move is weighed exactly: one building changes the best centre too much to foretell."""
NEVER = np.int64(1) << np.int64(61)


class Terrain(NamedTuple):
    """What does not change: one row a building, and the rules.

    ``walking`` is (n, n) distances in units, or (0, 0) for straight lines. ``joined`` (all that must share a
    building's zone) and ``parted`` are compressed rows like the neighbours. ``centre_east`` is NaN where a
    zone's centre is its medoid.
    ``straight``: only straight lines and medoids; ``ruled``: single moves have rules to keep.
    """

    east: Metres
    north: Metres
    weights: Metres
    loads: Counts
    starts: Counts
    neighbours: Counts
    walking: npt.NDArray[np.int32]
    units_per_m: float
    straight: bool
    slack: float
    lowest: int
    highest: int
    toll: float
    connected: bool
    ruled: bool
    movable: npt.NDArray[np.bool_]
    joined_starts: Counts
    joined: Counts
    parted_starts: Counts
    parted: Counts
    centre_east: Metres
    centre_north: Metres
    earlier: Counts
    change_units: float
    most_changes: int
    target: float
    balance_units: float
    border_units: float


class Partition(NamedTuple):
    """What changes. Row ``zone`` of the tables holds its buildings in slots 0 .. ``sizes[zone]`` - 1.

    ``sums[zone, slot]`` is the summed weighted distance of the zone's members to the building in that slot;
    the least of them is the zone's ``costs`` and marks its ``medoids``, unless its centre is fixed.
    ``changed[0]`` counts the buildings in another zone than before. ``marks`` and ``queue`` are scratch for
    walks; ``marks`` starts at 0.
    """

    labels: Counts
    slots: Counts
    members: npt.NDArray[np.int64]
    east: Metres
    north: Metres
    weights: Metres
    sums: Units
    sizes: Counts
    loads: Counts
    costs: Units
    medoids: Counts
    changed: Counts
    marks: Counts
    queue: Counts


def terrain_of(problem: ZoningProblem, zones: int) -> Terrain:
    """The arrays of a problem as the kernels read them, for ``zones`` zones."""
    count = problem.buildings
    rules, aims, earlier = problem.rules, problem.aims, problem.earlier
    weights = np.ones(count) if problem.weights is None else problem.weights.astype(np.float64)
    units_per_m = _units_per_m(problem, float(weights.max()))
    walking = np.empty((0, 0), dtype=np.int32)
    if problem.distances_m is not None:
        walking = np.rint(problem.distances_m * units_per_m).astype(np.int32)
    centres = np.full((zones, 2), np.nan)
    centres[: len(rules.centres_m)] = rules.centres_m[:zones]
    joined_starts, joined = rows_of_pairs(every_pair(rules.together, count), count)
    parted_starts, parted = rows_of_pairs(rules.apart, count)
    stay = np.full(count, NOWHERE) if len(rules.stay) == 0 else rules.stay
    before = np.full(count, NOWHERE) if earlier is None else earlier.zone_of
    most = count if earlier is None or earlier.most_changes is None else earlier.most_changes
    target = float(problem.loads.sum()) / zones if aims.target is None else aims.target
    return Terrain(
        np.ascontiguousarray(problem.positions_m[:, 0], dtype=np.float64),
        np.ascontiguousarray(problem.positions_m[:, 1], dtype=np.float64),
        weights,
        np.ascontiguousarray(problem.loads, dtype=np.int64),
        np.ascontiguousarray(problem.neighbour_starts, dtype=np.int64),
        np.ascontiguousarray(problem.neighbours, dtype=np.int64),
        walking,
        units_per_m,
        problem.distances_m is None and len(rules.centres_m) == 0,
        SLACK * math.sqrt(zones / count) if count > FEW_BUILDINGS else math.inf,
        problem.limits.lo,
        problem.limits.hi,
        TOLL * float(problem.loads.mean()),
        problem.connected,
        bool(len(rules.together) or len(rules.apart) or earlier is not None or aims.compactness_m),
        np.ascontiguousarray(stay == NOWHERE),
        joined_starts,
        joined,
        parted_starts,
        parted,
        np.ascontiguousarray(centres[:, 0]),
        np.ascontiguousarray(centres[:, 1]),
        np.ascontiguousarray(before, dtype=np.int64),
        units_per_m * (0.0 if earlier is None else earlier.change_cost_m),
        most,
        target,
        units_per_m * aims.balance_m,
        units_per_m * aims.compactness_m,
    )


def _units_per_m(problem: ZoningProblem, heaviest: float) -> float:
    points = np.vstack([problem.positions_m, problem.rules.centres_m])
    farthest = float(np.hypot(*np.nan_to_num(np.nanmax(points, axis=0) - np.nanmin(points, axis=0))))
    if problem.distances_m is not None:
        farthest = max(farthest, float(problem.distances_m.max()))
    reach = max(farthest, 1e-9) * max(heaviest, 1.0)
    return float(2.0 ** math.floor(math.log2(min(LARGEST_UNITS / reach, FINEST_UNITS_PER_M))))


def rows_of_pairs(pairs: Counts, count: int) -> tuple[Counts, Counts]:
    """Compressed rows of symmetric ``pairs`` (m, 2) over ``count`` items."""
    both = np.vstack([pairs, pairs[:, ::-1]]).astype(np.int64)
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    starts = np.searchsorted(both[:, 0], np.arange(count + 1)).astype(np.int64)
    return starts, np.ascontiguousarray(both[:, 1])


def partition_of(terrain: Terrain, labels: Counts, zones: int) -> Partition:
    """The state for ``labels``; a zone's row has room for four mean zones, or twice the largest."""
    buildings = len(labels)
    widest = int(np.bincount(labels, minlength=zones).max())
    width = min(buildings, max(4 * -(-buildings // zones), 2 * widest) + 40)
    partition = Partition(
        labels.astype(np.int64),
        np.zeros(buildings, dtype=np.int64),
        np.zeros((zones, width), dtype=np.int64),
        np.zeros((zones, width)),
        np.zeros((zones, width)),
        np.zeros((zones, width)),
        np.zeros((zones, width), dtype=np.int64),
        np.zeros(zones, dtype=np.int64),
        np.zeros(zones, dtype=np.int64),
        np.zeros(zones, dtype=np.int64),
        np.zeros(zones, dtype=np.int64),
        np.zeros(1, dtype=np.int64),
        np.zeros(buildings + 1, dtype=np.int64),
        np.zeros(buildings, dtype=np.int64),
    )
    rebuild(terrain, partition, np.arange(buildings), np.arange(zones))
    return partition


@inlined
def to_units(terrain: Terrain, weight: float, east: float, north: float) -> int:
    """Weighted length of a straight line in units."""
    length = math.sqrt(east * east + north * north)
    return np.int64(np.int32(length * (weight * terrain.units_per_m) + 0.5))  # type: ignore[return-value]


@inlined
def distance_to(terrain: Terrain, building: int, other: int) -> int:
    """Weighted distance, in units, of ``building`` to ``other``."""
    weight = terrain.weights[building]
    if len(terrain.walking):
        return np.int64(weight * terrain.walking[other, building])  # type: ignore[return-value]
    east = terrain.east[building] - terrain.east[other]
    north = terrain.north[building] - terrain.north[other]
    return to_units(terrain, weight, east, north)


@inlined
def has_fixed_centre(terrain: Terrain, zone: int) -> bool:
    """Whether a zone's distances are measured to a given point."""
    return not math.isnan(terrain.centre_east[zone])


@inlined
def distance_to_centre(terrain: Terrain, building: int, zone: int) -> int:
    """Weighted straight distance, in units, of ``building`` to the fixed centre of ``zone``."""
    east = terrain.east[building] - terrain.centre_east[zone]
    north = terrain.north[building] - terrain.centre_north[zone]
    return to_units(terrain, terrain.weights[building], east, north)


@inlined
def excess(load: int, lowest: int, highest: int) -> int:
    """Load by which a zone of ``load`` lies outside the limits."""
    if load > highest:
        return load - highest
    if load < lowest:
        return lowest - load
    return 0


@allocation_free
def rebuild(terrain: Terrain, partition: Partition, buildings: Counts, zones: Counts) -> None:
    """Recompute ``zones`` from the labels of ``buildings``, which are all their members."""
    for zone in zones:
        partition.sizes[zone] = 0
        partition.loads[zone] = 0
        partition.costs[zone] = 0
    for building in buildings:
        _place(terrain, partition, building, partition.labels[building])
    for zone in zones:
        for slot in range(partition.sizes[zone]):
            total = np.int64(0)
            building = partition.members[zone, slot]
            for other in range(partition.sizes[zone]):
                total += distance_to(terrain, partition.members[zone, other], building)
            partition.sums[zone, slot] = total
        set_cost(terrain, partition, zone, zone_cost(terrain, partition, zone))
    changed = 0
    for building in range(len(terrain.earlier)):
        before = terrain.earlier[building]
        if before >= 0 and before != partition.labels[building]:
            changed += 1
    partition.changed[0] = changed


@inlined
def _place(terrain: Terrain, partition: Partition, building: int, zone: int) -> None:
    slot = partition.sizes[zone]
    partition.members[zone, slot] = building
    partition.east[zone, slot] = terrain.east[building]
    partition.north[zone, slot] = terrain.north[building]
    partition.weights[zone, slot] = terrain.weights[building]
    partition.slots[building] = slot
    partition.sizes[zone] = slot + 1
    partition.loads[zone] += terrain.loads[building]


@inlined
def zone_cost(terrain: Terrain, partition: Partition, zone: int) -> int:
    """Summed distance, in units, to the zone's medoid or fixed centre."""
    size = partition.sizes[zone]
    if has_fixed_centre(terrain, zone):
        total = np.int64(0)
        for slot in range(size):
            total += distance_to_centre(terrain, partition.members[zone, slot], zone)
        return total  # type: ignore[return-value]
    best = NEVER
    for slot in range(size):
        best = min(best, partition.sums[zone, slot])
    return best if size else np.int64(0)  # type: ignore[return-value]


@inlined
def set_cost(terrain: Terrain, partition: Partition, zone: int, cost: int) -> None:
    """Note a zone's cost and the first member that has it; a fixed centre's zone keeps any member."""
    partition.costs[zone] = cost
    partition.medoids[zone] = partition.members[zone, 0]
    for slot in range(partition.sizes[zone]):
        if partition.sums[zone, slot] == cost:
            partition.medoids[zone] = partition.members[zone, slot]
            break


@allocation_free
def medoid_of(terrain: Terrain, partition: Partition, zone: int) -> int:
    """The member with the least sum, or the nearest to a fixed centre; ties go to the lower building."""
    best = NEVER
    medoid = -1
    for slot in range(partition.sizes[zone]):
        building = partition.members[zone, slot]
        total = partition.sums[zone, slot]
        if has_fixed_centre(terrain, zone):
            total = distance_to_centre(terrain, building, zone)
        if total < best or (total == best and building < medoid):
            best = total
            medoid = building
    return medoid


@inlined
def leave_zone(terrain: Terrain, partition: Partition, building: int) -> None:
    """Take a building out of its zone; its label is stale until ``join_zone``, the zone's cost until set."""
    zone = partition.labels[building]
    slot = partition.slots[building]
    last = partition.sizes[zone] - 1
    moved = partition.members[zone, last]
    partition.members[zone, slot] = moved
    partition.east[zone, slot] = partition.east[zone, last]
    partition.north[zone, slot] = partition.north[zone, last]
    partition.weights[zone, slot] = partition.weights[zone, last]
    partition.sums[zone, slot] = partition.sums[zone, last]
    partition.slots[moved] = slot
    partition.sizes[zone] = last
    partition.loads[zone] -= terrain.loads[building]
    if terrain.earlier[building] == zone:
        partition.changed[0] += 1
    if len(terrain.walking):
        for other in range(last):
            partition.sums[zone, other] -= distance_to(terrain, building, partition.members[zone, other])
        return
    east = terrain.east[building]
    north = terrain.north[building]
    weight = terrain.weights[building]
    for other in range(last):
        partition.sums[zone, other] -= to_units(
            terrain, weight, partition.east[zone, other] - east, partition.north[zone, other] - north
        )


@inlined
def join_zone(terrain: Terrain, partition: Partition, building: int, zone: int) -> None:
    """Put a building that has left its zone into ``zone``, whose cost is stale until set."""
    size = partition.sizes[zone]
    total = np.int64(0)
    if len(terrain.walking):
        for slot in range(size):
            other = partition.members[zone, slot]
            partition.sums[zone, slot] += distance_to(terrain, building, other)
            total += distance_to(terrain, other, building)
    else:
        east = terrain.east[building]
        north = terrain.north[building]
        weight = terrain.weights[building]
        for slot in range(size):
            across = partition.east[zone, slot] - east
            along = partition.north[zone, slot] - north
            partition.sums[zone, slot] += to_units(terrain, weight, across, along)
            total += to_units(terrain, partition.weights[zone, slot], across, along)
    _place(terrain, partition, building, zone)
    partition.sums[zone, size] = total
    partition.labels[building] = zone
    if terrain.earlier[building] == zone:
        partition.changed[0] -= 1
