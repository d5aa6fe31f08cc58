"""The solver's state: every sum a move needs, kept exact as buildings change zones."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo_service.planning.model import Counts
from geo_service.planning.zoning.compiled import compiled
from geo_service.planning.zoning.problem import Metres, ZoningProblem


class Terrain(NamedTuple):
    """What does not change: one row a building, and the limits."""

    east: Metres
    north: Metres
    loads: Counts
    starts: Counts
    neighbours: Counts
    lowest: int
    highest: int


class Partition(NamedTuple):
    """What changes: ``members[zone, :sizes[zone]]`` are a zone's buildings.

    ``distance_sums[i]`` is the summed distance (m) of building i to all members of its zone; the least of
    them is the zone's ``costs`` and marks its medoid. ``marks`` and ``queue`` are scratch for walks.
    """

    labels: Counts
    members: npt.NDArray[np.int64]
    sizes: Counts
    slots: Counts
    distance_sums: Metres
    loads: Counts
    costs: Metres
    medoids: Counts
    marks: npt.NDArray[np.int8]
    queue: Counts


def terrain_of(problem: ZoningProblem) -> Terrain:
    """The arrays of a problem as the kernels read them."""
    return Terrain(
        np.ascontiguousarray(problem.positions_m[:, 0], dtype=np.float64),
        np.ascontiguousarray(problem.positions_m[:, 1], dtype=np.float64),
        np.ascontiguousarray(problem.loads, dtype=np.int64),
        np.ascontiguousarray(problem.neighbour_starts, dtype=np.int64),
        np.ascontiguousarray(problem.neighbours, dtype=np.int64),
        problem.limits.lo,
        problem.limits.hi,
    )


def partition_of(terrain: Terrain, labels: Counts, zones: int) -> Partition:
    """The state for ``labels``; a zone's row has room for four mean zones, or twice the largest."""
    buildings = len(labels)
    widest = int(np.bincount(labels, minlength=zones).max())
    width = min(buildings, max(4 * -(-buildings // zones), 2 * widest) + 40)
    partition = Partition(
        labels.astype(np.int64),
        np.zeros((zones, width), dtype=np.int64),
        np.zeros(zones, dtype=np.int64),
        np.zeros(buildings, dtype=np.int64),
        np.zeros(buildings),
        np.zeros(zones, dtype=np.int64),
        np.zeros(zones),
        np.zeros(zones, dtype=np.int64),
        np.zeros(buildings, dtype=np.int8),
        np.zeros(buildings, dtype=np.int64),
    )
    rebuild(terrain, partition, np.arange(buildings), np.arange(zones))
    return partition


@compiled
def distance(terrain: Terrain, one: int, other: int) -> float:
    """Straight distance of two buildings in metres."""
    east = terrain.east[one] - terrain.east[other]
    north = terrain.north[one] - terrain.north[other]
    return np.sqrt(east * east + north * north)  # type: ignore[no-any-return]


@compiled
def excess(load: int, lowest: int, highest: int) -> int:
    """Load by which a zone of ``load`` lies outside the limits."""
    if load > highest:
        return load - highest
    if load < lowest:
        return lowest - load
    return 0


@compiled
def rebuild(terrain: Terrain, partition: Partition, buildings: Counts, zones: Counts) -> None:
    """Recompute ``zones`` from the labels of ``buildings``, which are all their members."""
    for zone in zones:
        partition.sizes[zone] = 0
        partition.loads[zone] = 0
    for building in buildings:
        zone = partition.labels[building]
        slot = partition.sizes[zone]
        partition.members[zone, slot] = building
        partition.slots[building] = slot
        partition.sizes[zone] = slot + 1
        partition.loads[zone] += terrain.loads[building]
    for zone in zones:
        size = partition.sizes[zone]
        for slot in range(size):
            building = partition.members[zone, slot]
            total = 0.0
            for other in range(size):
                total += distance(terrain, building, partition.members[zone, other])
            partition.distance_sums[building] = total
        find_medoid(partition, zone)


@compiled
def find_medoid(partition: Partition, zone: int) -> None:
    """Set the zone's medoid and cost from the distance sums; ties go to the lower building."""
    best = np.inf
    medoid = -1
    for slot in range(partition.sizes[zone]):
        building = partition.members[zone, slot]
        total = partition.distance_sums[building]
        if total < best or (total == best and building < medoid):
            best = total
            medoid = building
    partition.costs[zone] = best if medoid >= 0 else 0.0
    partition.medoids[zone] = medoid


@compiled
def leave_zone(terrain: Terrain, partition: Partition, building: int) -> None:
    """Take a building out of its zone; its label is stale until ``join_zone``."""
    zone = partition.labels[building]
    last = partition.sizes[zone] - 1
    moved = partition.members[zone, last]
    partition.members[zone, partition.slots[building]] = moved
    partition.slots[moved] = partition.slots[building]
    partition.sizes[zone] = last
    partition.loads[zone] -= terrain.loads[building]
    for slot in range(last):
        other = partition.members[zone, slot]
        partition.distance_sums[other] -= distance(terrain, building, other)


@compiled
def join_zone(terrain: Terrain, partition: Partition, building: int, zone: int) -> None:
    """Put a building that has left its zone into ``zone``."""
    total = 0.0
    size = partition.sizes[zone]
    for slot in range(size):
        other = partition.members[zone, slot]
        between = distance(terrain, building, other)
        partition.distance_sums[other] += between
        total += between
    partition.members[zone, size] = building
    partition.slots[building] = size
    partition.sizes[zone] = size + 1
    partition.loads[zone] += terrain.loads[building]
    partition.distance_sums[building] = total
    partition.labels[building] = zone


@compiled
def stays_connected(terrain: Terrain, partition: Partition, zone: int, without: int, joining: int) -> bool:
    """Whether ``zone`` is connected without one building and with another (-1: none)."""
    wanted = partition.sizes[zone] - (1 if without >= 0 else 0) + (1 if joining >= 0 else 0)
    if wanted <= 1:
        return True
    first = joining
    if first < 0:
        first = partition.members[zone, 0]
        if first == without:
            first = partition.members[zone, 1]
    queue = partition.queue
    marks = partition.marks
    queue[0] = first
    marks[first] = 1
    reached = 1
    head = 0
    while head < reached and reached < wanted:
        building = queue[head]
        head += 1
        for place in range(terrain.starts[building], terrain.starts[building + 1]):
            neighbour = terrain.neighbours[place]
            belongs = partition.labels[neighbour] == zone or neighbour == joining
            if belongs and neighbour != without and marks[neighbour] == 0:
                marks[neighbour] = 1
                queue[reached] = neighbour
                reached += 1
    for place in range(reached):
        marks[queue[place]] = 0
    return reached == wanted  # type: ignore[no-any-return]


@compiled
def all_connected(terrain: Terrain, partition: Partition, zones: Counts) -> bool:
    """Whether each of ``zones`` is connected and holds a building."""
    for zone in zones:
        if partition.sizes[zone] == 0 or not stays_connected(terrain, partition, zone, -1, -1):
            return False
    return True
