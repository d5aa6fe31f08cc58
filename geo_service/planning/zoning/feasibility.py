"""What arithmetic alone says: how many zones fit."""

from __future__ import annotations

import numpy as np

from geo_service.planning.model import Counts, LoadRange


def zone_counts(households: Counts, limits: LoadRange) -> range:
    """Numbers of zones that ``households`` (one entry a building) could make within ``limits``.

    At least ceil(total / hi) zones; at most as many as the total can fill to ``lo``, a building above
    ``lo`` filling its zone alone with more.
    """
    total = int(households.sum())
    if households.max() > limits.hi:
        return range(0)
    fewest = max(1, -(-total // limits.hi))
    return range(fewest, most_zones(households, limits.lo) + 1)


def most_zones(households: Counts, lo: int) -> int:
    """The most zones of at least ``lo`` households each; 0 when not even one."""
    filled = np.cumsum(np.maximum(np.sort(households)[::-1], lo))
    return int(np.searchsorted(filled, int(households.sum()), side="right"))


def preferred_counts(households: Counts, limits: LoadRange) -> list[int]:
    """The possible numbers of zones, nearest to mid-range zones first; fewer zones win a tie."""
    return nearest_to_mid_range(zone_counts(households, limits), int(households.sum()), limits)


def nearest_to_mid_range(counts: range, total: int, limits: LoadRange) -> list[int]:
    """``counts`` with those first that make zones of mid-range loads; fewer zones win a tie."""
    ideal = 2 * total / (limits.lo + limits.hi)
    return sorted(counts, key=lambda count: (abs(count - ideal), count))
