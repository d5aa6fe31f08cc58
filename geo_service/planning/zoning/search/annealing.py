"""Simulated annealing on the neighbour graph, with exact medoids and a load penalty that hardens."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo_service.planning.compiled import allocation_free
from geo_service.planning.model import Counts
from geo_service.planning.randomness import RandomState, uniform
from geo_service.planning.zoning.search.moves import shift, shift_together, swap
from geo_service.planning.zoning.search.partition import Partition, Terrain

MOVES_A_STEP = 256


class Cooling(NamedTuple):
    """A schedule: temperature in units falls, penalty in units a load rises, both geometrically.

    ``rule_penalty`` is what the hardest penalty makes of any other rule broken, in loads.
    """

    hottest: float
    coldest: float
    softest_penalty: float
    hardest_penalty: float
    rule_load: float
    moves: int


@allocation_free
def anneal(
    terrain: Terrain,
    partition: Partition,
    movable: Counts,
    active: npt.NDArray[np.bool_],
    cooling: Cooling,
    state: RandomState,
) -> None:
    """Propose ``cooling.moves`` shifts and swaps of ``movable`` buildings between ``active`` zones."""
    steps = max(1, cooling.moves // MOVES_A_STEP)
    cooler = (cooling.coldest / cooling.hottest) ** (1.0 / steps)
    harder = (cooling.hardest_penalty / cooling.softest_penalty) ** (1.0 / steps)
    temperature = cooling.hottest
    penalty = cooling.softest_penalty
    for move in range(cooling.moves):
        if move % MOVES_A_STEP == MOVES_A_STEP - 1:
            temperature *= cooler
            penalty *= harder
        building = movable[int(uniform(state) * len(movable))]
        start = terrain.starts[building]
        degree = terrain.starts[building + 1] - start
        if degree == 0:
            continue
        giver = partition.labels[building]
        place = int(uniform(state) * degree)
        other = terrain.neighbours[start + place]
        for _ in range(degree - 1):
            if partition.labels[other] != giver:
                break
            place = place + 1 if place + 1 < degree else 0
            other = terrain.neighbours[start + place]
        taker = partition.labels[other]
        if giver == taker or not active[taker]:
            continue
        bound = -temperature * np.log(uniform(state) + 1e-300)
        rule_penalty = penalty * cooling.rule_load
        kind = uniform(state)
        if kind < 0.5:
            joined = terrain.joined_starts[building] < terrain.joined_starts[building + 1]
            if joined:
                shift_together(terrain, partition, building, taker, penalty, rule_penalty, bound)
            else:
                shift(terrain, partition, building, taker, penalty, rule_penalty, bound)
            continue
        if kind < 0.75:
            other = partition.members[taker, int(uniform(state) * partition.sizes[taker])]
        if terrain.movable[other]:
            swap(terrain, partition, building, other, penalty, rule_penalty, bound)
