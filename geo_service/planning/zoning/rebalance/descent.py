"""The steepest way down from a plan with a limit on changes."""

from __future__ import annotations

from typing import cast

import numpy as np

from geo_service.planning.compiled import allocation_free, compiled
from geo_service.planning.model import Counts
from geo_service.planning.zoning.rebalance.ground import Division, Ground, division_of
from geo_service.planning.zoning.rebalance.steps import (
    Prices,
    Sums,
    count_changes,
    rebuild,
    try_step,
    undo_step,
)

# A step that breaks a rule is never worth it.
RULE_M = 1e12
LEAST_GAIN_M = 1e-6
# Typed: numba would compile every step once more for a literal.
_NOBODY = cast(int, np.int64(-1))
_NO_ROOM = cast(int, np.int64(0))


def descend(ground: Ground, labels: Counts, most_changes: int) -> Counts:
    """The plan that the best single steps lead to, each change then exchanged for a better one if there is.

    Parameters
    ----------
    labels : Counts, shape (n,)
        Within the rules.

    Returns
    -------
    Counts, shape (n,)
        Within the rules; no single shift, swap or exchange of one change betters its objective.
    """
    division = division_of(ground, labels)
    sums = Sums(np.zeros(len(labels)), np.zeros(len(division.sizes)))
    _descend(ground, division, sums, Prices(ground.change_cost_m, RULE_M, 1.0), most_changes)
    return division.labels


@compiled
def _descend(ground: Ground, division: Division, sums: Sums, prices: Prices, most_changes: int) -> None:
    better = True
    while better:
        better = False
        rebuild(ground, division, sums)
        while _step(ground, division, sums, prices, most_changes, 0.0):
            better = True
        for unit in range(len(ground.loads)):
            if _exchange(ground, division, sums, prices, most_changes, unit):
                better = True


@allocation_free
def _step(
    ground: Ground, division: Division, sums: Sums, prices: Prices, most_changes: int, bound: float
) -> bool:
    """Make the step that costs least, if it costs less than ``bound``."""
    room = most_changes - count_changes(ground, division)
    bound -= LEAST_GAIN_M
    best = (_NOBODY, _NOBODY, _NOBODY)
    for one in range(len(division.labels)):
        unit = ground.unit_of[one]
        old = division.labels[one]
        if ground.stay[unit] >= 0:
            continue
        for place in range(ground.starts[one], ground.starts[one + 1]):
            other = ground.neighbours[place]
            zone = division.labels[other]
            for swapped in (_NOBODY, ground.unit_of[other]):
                if zone == old or (swapped >= 0 and ground.stay[swapped] >= 0):
                    continue
                more, metres, worse = try_step(
                    ground, division, sums, prices, unit, zone, swapped, room, bound
                )
                if worse < np.inf:
                    undo_step(ground, division, sums, unit, old, swapped, zone)
                    bound = prices.change_m * more + metres - LEAST_GAIN_M
                    best = (unit, zone, swapped)
    if best[0] < 0:
        return False
    try_step(ground, division, sums, prices, best[0], best[1], best[2], room, np.inf)
    return True


@allocation_free
def _exchange(
    ground: Ground, division: Division, sums: Sums, prices: Prices, most_changes: int, unit: int
) -> bool:
    """Undo the change of ``unit`` for a step that is worth more."""
    first = ground.members[ground.member_starts[unit]]
    home, zone = ground.earlier[first], division.labels[first]
    if home < 0 or home == zone or not ground.usable[home] or ground.stay[unit] >= 0:
        return False
    more, metres, worse = try_step(ground, division, sums, prices, unit, home, _NOBODY, _NO_ROOM, RULE_M / 2)
    if worse == np.inf:
        return False
    if _step(ground, division, sums, prices, most_changes, -metres - more * prices.change_m):
        return True
    undo_step(ground, division, sums, unit, zone, _NOBODY, home)
    return False
