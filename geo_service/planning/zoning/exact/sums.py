"""Proof by adding up alone: no choice of buildings has a load within the limits, or they never add up."""

from __future__ import annotations

from geo_service.planning.model import Counts, LoadRange

# Larger totals would take long; their sums have no gaps worth the time.
LARGEST_TOTAL = 200_000
MOST_LOADS = 2_000


def can_add_up(loads: Counts, limits: LoadRange, zones: int) -> bool:
    """Whether ``zones`` loads within ``limits``, each a sum of some of ``loads``, can make up the total.

    False is a proof that no division exists; True is none that one does. Sets of sums are the bits of whole
    numbers, so that adding a load to all of them is one shift.
    """
    total = int(loads.sum())
    if total > LARGEST_TOTAL or len(loads) > MOST_LOADS:
        return True
    sums = 1
    within = (1 << (limits.hi + 1)) - 1
    for load in loads.tolist():
        sums |= (sums << load) & within
    zone_loads = [load for load in range(limits.lo, min(limits.hi, total) + 1) if sums >> load & 1]
    reached = 1
    below = (1 << (total + 1)) - 1
    for _ in range(zones):
        extended = 0
        for load in zone_loads:
            extended |= reached << load
        reached = extended & below
    return bool(reached >> total & 1)
