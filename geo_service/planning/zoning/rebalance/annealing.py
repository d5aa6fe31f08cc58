"""Simulated annealing around an earlier plan, where every change has its price and their number a limit."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo_service.planning.compiled import allocation_free, compiled
from geo_service.planning.model import Counts
from geo_service.planning.randomness import RandomState, random_state, uniform
from geo_service.planning.zoning.rebalance.ground import (
    Division,
    Ground,
    cost_beside_distance,
    division_of,
    zone_cost,
)
from geo_service.planning.zoning.rebalance.steps import (
    Prices,
    Sums,
    count_changes,
    rebuild,
    try_step,
    violation_of,
)

REBUILT_EVERY = 4096
# A change outweighs every metre where the fewest changes are wanted.
FEWEST_FIRST_M = 1e9


class Taste(NamedTuple):
    """A schedule in mean distances of a building, tuned on street blocks with 300-household zones.

    Temperature falls and the price of a mean building's load outside the limits rises. ``change`` is the
    price of a changed building; 0 where changes cost what the problem says.
    """

    hottest: float
    coldest: float
    softest: float
    hardest: float
    change: float


MENDING = Taste(hottest=40.0, coldest=6.0, softest=160.0, hardest=1600.0, change=40.0)
IMPROVING = Taste(hottest=1.0, coldest=0.02, softest=20.0, hardest=100.0, change=0.0)


class Schedule(NamedTuple):
    """A taste in metres, a building and a unit of load; see ``Prices`` of a step.

    ``change_m`` counts on the way and ``ranked_change_m`` where plans are compared.
    """

    hottest_m: float
    coldest_m: float
    softest_m: float
    hardest_m: float
    change_m: float
    ranked_change_m: float
    piece_load: float
    most_changes: int
    moves: int


class Best(NamedTuple):
    """The best plan within the rules: its labels, and its objective with the changes; infinite when none."""

    labels: Counts
    score: npt.NDArray[np.float64]


def anneal(
    ground: Ground,
    labels: Counts,
    movable: Counts,
    taste: Taste,
    moves: int,
    seed: int,
    *,
    most_changes: int | None = None,
) -> Counts | None:
    """Anneal from ``labels`` by moves of ``movable`` buildings; the best plan within the rules, if any.

    The best has the fewest changes where the taste has a price for them, then the least objective.
    """
    division = division_of(ground, labels)
    metres = max(sum(zone_cost(ground, division, zone)[0] for zone in range(len(division.sizes))), 1e-6)
    metres /= len(labels)
    load = max(float(ground.loads.mean()), 1.0)
    schedule = Schedule(
        hottest_m=taste.hottest * metres,
        coldest_m=taste.coldest * metres,
        softest_m=taste.softest * metres / load,
        hardest_m=taste.hardest * metres / load,
        change_m=taste.change * metres if taste.change else ground.change_cost_m,
        ranked_change_m=FEWEST_FIRST_M if taste.change else ground.change_cost_m,
        piece_load=2 * load,
        most_changes=len(labels) if most_changes is None else most_changes,
        moves=moves,
    )
    best = Best(np.zeros(len(labels), dtype=np.int64), np.full(1, np.inf))
    state = random_state(seed)
    _anneal(ground, division, movable, schedule, state, best)
    return best.labels if np.isfinite(best.score[0]) else None


@compiled
def _anneal(
    ground: Ground, division: Division, movable: Counts, schedule: Schedule, state: RandomState, best: Best
) -> None:
    """Propose ``schedule.moves`` changes of ``movable`` buildings; ``best`` holds the best plan met."""
    sums = Sums(np.zeros(len(division.labels)), np.zeros(len(division.sizes)))
    steps = max(1, schedule.moves // 64)
    cooler = (schedule.coldest_m / schedule.hottest_m) ** (1.0 / steps)
    harder = (schedule.hardest_m / schedule.softest_m) ** (1.0 / steps)
    temperature = schedule.hottest_m
    price = schedule.softest_m
    changes = 0
    energy = 0.0
    violation = 0.0
    for move in range(schedule.moves):
        if move % REBUILT_EVERY == 0:
            rebuild(ground, division, sums)
            changes = count_changes(ground, division)
            energy = sums.costs.sum() + cost_beside_distance(ground, division, 0)
            violation = violation_of(ground, division, schedule.piece_load)
        if move % 64 == 63:
            temperature *= cooler
            price *= harder
        one = movable[int(uniform(state) * len(movable))]
        zone, other = _partner(ground, division, one, state)
        bound = -temperature * np.log(uniform(state) + 1e-300)
        if zone < 0 or zone == division.labels[one] or not ground.usable[zone]:
            continue
        prices = Prices(schedule.change_m, price, schedule.piece_load)
        unit = ground.unit_of[one]
        swapped = ground.unit_of[other] if other >= 0 else -1
        if ground.stay[unit] >= 0 or (swapped >= 0 and ground.stay[swapped] >= 0):
            continue
        more, metres, worse = try_step(
            ground, division, sums, prices, unit, zone, swapped, schedule.most_changes - changes, bound
        )
        if worse == np.inf:
            continue
        changes += more
        energy += metres
        violation += worse
        if violation < 0.5:
            _keep(division, changes * schedule.ranked_change_m + energy, best)


@allocation_free
def _keep(division: Division, score: float, best: Best) -> None:
    if score < best.score[0] - 1e-9:
        best.score[0] = score
        for building in range(len(division.labels)):
            best.labels[building] = division.labels[building]


@allocation_free
def _partner(ground: Ground, division: Division, one: int, state: RandomState) -> tuple[int, int]:
    """The zone a building is to move to and the building to take its place; -1 for none."""
    kind = uniform(state)
    earlier = ground.earlier[one]
    if kind < 0.2 and earlier >= 0 and earlier != division.labels[one]:
        return earlier, -1
    start = ground.starts[one]
    degree = ground.starts[one + 1] - start
    if degree == 0:
        if ground.connected:
            return -1, -1
        return int(uniform(state) * len(division.sizes)), -1
    other = ground.neighbours[start + int(uniform(state) * degree)]
    zone = division.labels[other]
    if kind < 0.7 or zone == division.labels[one]:
        return zone, -1
    if kind < 0.85:
        for _ in range(int(uniform(state) * division.sizes[zone])):
            other = division.after[other] if division.after[other] >= 0 else division.first[zone]
    return zone, other
