"""Simulated annealing on the neighbour graph, with exact medoids and a load penalty that hardens."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo_service.planning.model import Counts
from geo_service.planning.zoning.compiled import compiled
from geo_service.planning.zoning.partition import (
    Partition,
    Terrain,
    distance,
    excess,
    find_medoid,
    join_zone,
    leave_zone,
    stays_connected,
)

RandomState = npt.NDArray[np.uint64]


class Cooling(NamedTuple):
    """A schedule: temperature in metres falls, penalty in metres a unit of load rises, both geometrically."""

    hottest_m: float
    coldest_m: float
    softest_penalty: float
    hardest_penalty: float
    moves: int


@compiled
def uniform(state: RandomState) -> float:
    """The next number in [0, 1) of splitmix64 (Steele, Lea and Flood 2014)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    bits = state[0]
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    bits = bits ^ (bits >> np.uint64(31))
    return float(bits >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@compiled
def _penalty_change(terrain: Terrain, partition: Partition, giver: int, taker: int, load: int) -> int:
    """Change of load outside the limits when ``load`` goes from one zone to another."""
    lowest = terrain.lowest
    highest = terrain.highest
    return (
        excess(partition.loads[giver] - load, lowest, highest)
        - excess(partition.loads[giver], lowest, highest)
        + excess(partition.loads[taker] + load, lowest, highest)
        - excess(partition.loads[taker], lowest, highest)
    )


@compiled
def _cost_with(terrain: Terrain, partition: Partition, zone: int, leaving: int, joining: int) -> float:
    """Cost (m) of ``zone`` after one building leaves and another joins (-1: none)."""
    best = np.inf
    joined = 0.0
    for slot in range(partition.sizes[zone]):
        building = partition.members[zone, slot]
        if building == leaving:
            continue
        total = partition.distance_sums[building]
        if leaving >= 0:
            total -= distance(terrain, building, leaving)
        if joining >= 0:
            between = distance(terrain, building, joining)
            joined += between
            total += between
        if total < best:
            best = total
    if joining >= 0 and joined < best:
        best = joined
    return best


@compiled
def _shift(
    terrain: Terrain, partition: Partition, building: int, taker: int, penalty: float, bound: float
) -> bool:
    """Move one building to a neighbouring zone when that costs no more than ``bound``."""
    giver = partition.labels[building]
    if partition.sizes[taker] >= partition.members.shape[1]:
        return False
    change = penalty * _penalty_change(terrain, partition, giver, taker, terrain.loads[building])
    before = partition.costs[giver] + partition.costs[taker]
    if change - partition.costs[giver] > bound:
        return False
    change += _cost_with(terrain, partition, giver, building, -1)
    if change - partition.costs[giver] > bound:
        return False
    change += _cost_with(terrain, partition, taker, -1, building) - before
    if change > bound or not stays_connected(terrain, partition, giver, building, -1):
        return False
    leave_zone(terrain, partition, building)
    join_zone(terrain, partition, building, taker)
    return True


@compiled
def _swap(terrain: Terrain, partition: Partition, one: int, other: int, penalty: float, bound: float) -> bool:
    """Exchange two buildings of different zones when that costs no more than ``bound``."""
    first = partition.labels[one]
    second = partition.labels[other]
    moved = terrain.loads[one] - terrain.loads[other]
    change = penalty * _penalty_change(terrain, partition, first, second, moved)
    before = partition.costs[first] + partition.costs[second]
    if change - before > bound:
        return False
    change += _cost_with(terrain, partition, first, one, other)
    if change - before > bound:
        return False
    change += _cost_with(terrain, partition, second, other, one) - before
    if change > bound:
        return False
    if not stays_connected(terrain, partition, first, one, other):
        return False
    if not stays_connected(terrain, partition, second, other, one):
        return False
    leave_zone(terrain, partition, one)
    leave_zone(terrain, partition, other)
    join_zone(terrain, partition, one, second)
    join_zone(terrain, partition, other, first)
    return True


@compiled
def anneal(
    terrain: Terrain,
    partition: Partition,
    movable: Counts,
    active: npt.NDArray[np.bool_],
    cooling: Cooling,
    state: RandomState,
) -> None:
    """Propose ``cooling.moves`` shifts and swaps of ``movable`` buildings between ``active`` zones."""
    steps = max(1, cooling.moves // 256)
    cooler = (cooling.coldest_m / cooling.hottest_m) ** (1.0 / steps)
    harder = (cooling.hardest_penalty / cooling.softest_penalty) ** (1.0 / steps)
    temperature = cooling.hottest_m
    penalty = cooling.softest_penalty
    for move in range(cooling.moves):
        if move % 256 == 255:
            temperature *= cooler
            penalty *= harder
        building = movable[int(uniform(state) * len(movable))]
        start = terrain.starts[building]
        degree = terrain.starts[building + 1] - start
        if degree == 0:
            continue
        other = terrain.neighbours[start + int(uniform(state) * degree)]
        giver = partition.labels[building]
        taker = partition.labels[other]
        if giver == taker or not active[taker] or partition.sizes[giver] < 2:
            continue
        bound = -temperature * np.log(uniform(state) + 1e-300)
        kind = uniform(state)
        if kind < 0.5:
            accepted = _shift(terrain, partition, building, taker, penalty, bound)
        else:
            if kind < 0.75:
                other = partition.members[taker, int(uniform(state) * partition.sizes[taker])]
            accepted = _swap(terrain, partition, building, other, penalty, bound)
        if accepted:
            find_medoid(partition, giver)
            find_medoid(partition, taker)
