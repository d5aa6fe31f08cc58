"""What a zone would cost after a building leaves it, joins it, or is exchanged; medoid and all.

Every member's sum to all others is at hand, so that one pass over the zone tells its best centre. The loops
over straight lines are kept bare: they compile to vector instructions, and the search lives in them.
"""

from __future__ import annotations

import math

import numpy as np

from geo_service.planning.compiled import allocation_free, inlined
from geo_service.planning.zoning.problem import Metres
from geo_service.planning.zoning.search.partition import (
    NEVER,
    Partition,
    Terrain,
    Units,
    distance_to,
    distance_to_centre,
    has_fixed_centre,
)


@allocation_free
def _least_leaving(
    easts: Metres, norths: Metres, sums: Units, zone: int, size: int, east: float, north: float, weight: float
) -> int:
    """Least sum of the zone's buildings after the one at (``east``, ``north``) has left, itself included."""
    best = NEVER
    for slot in range(size):
        across = easts[zone, slot] - east
        along = norths[zone, slot] - north
        length = math.sqrt(across * across + along * along)
        best = min(best, sums[zone, slot] - np.int64(np.int32(length * weight + 0.5)))
    return best  # type: ignore[return-value]


@allocation_free
def _least_joining(
    easts: Metres,
    norths: Metres,
    weights: Metres,
    sums: Units,
    zone: int,
    size: int,
    east: float,
    north: float,
    weight: float,
    units_per_m: float,
) -> int:
    """Least sum of the zone's buildings and the one at (``east``, ``north``) after that has joined."""
    best = NEVER
    own = np.int64(0)
    for slot in range(size):
        across = easts[zone, slot] - east
        along = norths[zone, slot] - north
        length = math.sqrt(across * across + along * along)
        best = min(best, sums[zone, slot] + np.int64(np.int32(length * weight + 0.5)))
        own += np.int64(np.int32(length * (weights[zone, slot] * units_per_m) + 0.5))
    return min(best, own)  # type: ignore[return-value]


@allocation_free
def _least_exchanged(
    easts: Metres,
    norths: Metres,
    weights: Metres,
    sums: Units,
    zone: int,
    size: int,
    gap: int,
    old_weight: float,
    east: float,
    north: float,
    weight: float,
    units_per_m: float,
) -> int:
    """Least sum after the building in slot ``gap`` has left and the one at (``east``, ``north``) joined.

    ``NEVER`` when the sum of the one that leaves came out least, so that another look is needed.
    """
    best = NEVER
    own = np.int64(0)
    old_east = easts[zone, gap]
    old_north = norths[zone, gap]
    for slot in range(size):
        across = easts[zone, slot] - east
        along = norths[zone, slot] - north
        length = math.sqrt(across * across + along * along)
        own += np.int64(np.int32(length * (weights[zone, slot] * units_per_m) + 0.5))
        across = easts[zone, slot] - old_east
        along = norths[zone, slot] - old_north
        lost = np.int64(np.int32(math.sqrt(across * across + along * along) * old_weight + 0.5))
        best = min(best, sums[zone, slot] + np.int64(np.int32(length * weight + 0.5)) - lost)
    across = old_east - east
    along = old_north - north
    length = math.sqrt(across * across + along * along)
    if best == sums[zone, gap] + np.int64(np.int32(length * weight + 0.5)):
        return NEVER  # type: ignore[return-value]
    own -= np.int64(np.int32(length * (weights[zone, gap] * units_per_m) + 0.5))
    return min(best, own)  # type: ignore[return-value]


@inlined
def cost_without(terrain: Terrain, partition: Partition, zone: int, leaving: int) -> int:
    """Cost of ``zone`` after one of its buildings leaves."""
    best = NEVER
    if terrain.straight:
        best = _least_leaving(  # type: ignore[assignment]
            partition.east,
            partition.north,
            partition.sums,
            zone,
            partition.sizes[zone],
            terrain.east[leaving],
            terrain.north[leaving],
            terrain.weights[leaving] * terrain.units_per_m,
        )
    if best == NEVER or best == partition.sums[zone, partition.slots[leaving]]:
        return _any_cost_without(terrain, partition, zone, leaving)
    return best  # type: ignore[return-value]


@inlined
def cost_with(terrain: Terrain, partition: Partition, zone: int, joining: int) -> int:
    """Cost of ``zone`` after a building joins."""
    if not terrain.straight:
        return _any_cost_with(terrain, partition, zone, joining)
    return _least_joining(
        partition.east,
        partition.north,
        partition.weights,
        partition.sums,
        zone,
        partition.sizes[zone],
        terrain.east[joining],
        terrain.north[joining],
        terrain.weights[joining] * terrain.units_per_m,
        terrain.units_per_m,
    )


@inlined
def cost_exchanged(terrain: Terrain, partition: Partition, zone: int, leaving: int, joining: int) -> int:
    """Cost of ``zone`` after one building leaves and another joins."""
    best = NEVER
    if terrain.straight:
        best = _least_exchanged(  # type: ignore[assignment]
            partition.east,
            partition.north,
            partition.weights,
            partition.sums,
            zone,
            partition.sizes[zone],
            partition.slots[leaving],
            terrain.weights[leaving] * terrain.units_per_m,
            terrain.east[joining],
            terrain.north[joining],
            terrain.weights[joining] * terrain.units_per_m,
            terrain.units_per_m,
        )
    if best == NEVER:
        return _any_cost_exchanged(terrain, partition, zone, leaving, joining)
    return best  # type: ignore[return-value]


@allocation_free
def _any_cost_without(terrain: Terrain, partition: Partition, zone: int, leaving: int) -> int:
    if has_fixed_centre(terrain, zone):
        return partition.costs[zone] - distance_to_centre(terrain, leaving, zone)  # type: ignore[no-any-return]
    best = NEVER
    for slot in range(partition.sizes[zone]):
        other = partition.members[zone, slot]
        if other != leaving:
            best = min(best, partition.sums[zone, slot] - distance_to(terrain, leaving, other))
    return best  # type: ignore[return-value]


@allocation_free
def _any_cost_with(terrain: Terrain, partition: Partition, zone: int, joining: int) -> int:
    if has_fixed_centre(terrain, zone):
        return partition.costs[zone] + distance_to_centre(terrain, joining, zone)  # type: ignore[no-any-return]
    best = NEVER
    own = np.int64(0)
    for slot in range(partition.sizes[zone]):
        other = partition.members[zone, slot]
        best = min(best, partition.sums[zone, slot] + distance_to(terrain, joining, other))
        own += distance_to(terrain, other, joining)
    return min(best, own)  # type: ignore[return-value]


@allocation_free
def _any_cost_exchanged(terrain: Terrain, partition: Partition, zone: int, leaving: int, joining: int) -> int:
    if has_fixed_centre(terrain, zone):
        change = distance_to_centre(terrain, joining, zone) - distance_to_centre(terrain, leaving, zone)
        return partition.costs[zone] + change  # type: ignore[no-any-return]
    best = NEVER
    own = np.int64(0)
    for slot in range(partition.sizes[zone]):
        other = partition.members[zone, slot]
        if other != leaving:
            change = distance_to(terrain, joining, other) - distance_to(terrain, leaving, other)
            best = min(best, partition.sums[zone, slot] + change)
            own += distance_to(terrain, other, joining)
    return min(best, own)  # type: ignore[return-value]
