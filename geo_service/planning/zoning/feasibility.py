"""What arithmetic alone says: how many zones fit, and the nearest limits that would."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from geo_service.planning.model import Counts, FeasibleLimits, LoadRange

ROUND_TO = 10


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


def lower_floor(parts: Sequence[Counts], limits: LoadRange) -> FeasibleLimits | None:
    """Keep ``hi``, lower ``lo``: the fewest zones of each part, ``lo`` rounded down to a ten."""
    if any(part.max() > limits.hi for part in parts):
        return None
    counts = [max(1, -(-int(part.sum()) // limits.hi)) for part in parts]
    if any(count > len(part) for count, part in zip(counts, parts, strict=True)):
        return None
    mean = min(int(part.sum()) // count for part, count in zip(parts, counts, strict=True))
    lo = min(limits.lo, mean // ROUND_TO * ROUND_TO)
    while lo > 0 and any(most_zones(part, lo) < count for part, count in zip(parts, counts, strict=True)):
        lo -= ROUND_TO
    return FeasibleLimits(LoadRange(max(lo, 0), limits.hi), sum(counts))


def raise_ceiling(parts: Sequence[Counts], limits: LoadRange) -> FeasibleLimits | None:
    """Keep ``lo``, raise ``hi``: the most zones of each part, ``hi`` rounded up to a ten."""
    counts = [most_zones(part, limits.lo) for part in parts]
    if min(counts) < 1:
        return None
    fullest = max(
        max(-(-int(part.sum()) // count), int(part.max())) for part, count in zip(parts, counts, strict=True)
    )
    hi = max(limits.hi, math.ceil(fullest / ROUND_TO) * ROUND_TO)
    return FeasibleLimits(LoadRange(limits.lo, hi), sum(counts))


def limits_around(loads: Counts, limits: LoadRange) -> FeasibleLimits:
    """The limits that zones of these loads, already drawn, keep to."""
    lo = min(limits.lo, int(loads.min()) // ROUND_TO * ROUND_TO)
    hi = max(limits.hi, math.ceil(int(loads.max()) / ROUND_TO) * ROUND_TO)
    return FeasibleLimits(LoadRange(lo, hi), len(loads))
