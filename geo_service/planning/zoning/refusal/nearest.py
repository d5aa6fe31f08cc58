"""The nearest limits, or numbers of zones, that a community can be drawn with."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from geo_service.planning.model import FeasibleLimits, LoadRange
from geo_service.planning.zoning.community.brief import ZoneCount
from geo_service.planning.zoning.community.ground import Ground
from geo_service.planning.zoning.refusal.counting import counting_reason, possible_totals
from geo_service.planning.zoning.refusal.probing import Probe, Prober

ROUND_TO = 10
# Numbers of zones tried from either end of what counting allows.
MOST_TRIES = 3


def nearest_counts(ground: Ground, limits: LoadRange, probe: Probe) -> tuple[FeasibleLimits, ...]:
    """The fewest and the most zones that were drawn within ``limits``."""
    fewest, most = possible_totals(ground, limits)
    found = []
    for counts in (range(fewest, most + 1), range(most, fewest - 1, -1)):
        drawn = (count for count in counts[:MOST_TRIES] if probe(ground, limits, count) is not None)
        found.append(next(drawn, None))
    return tuple(
        FeasibleLimits(limits, count) for count in sorted({each for each in found if each is not None})
    )


def nearest_limits(
    ground: Ground, limits: LoadRange, zones: ZoneCount, prober: Prober
) -> tuple[FeasibleLimits, ...]:
    """Limits in tens that were drawn with: a lower floor, a higher ceiling, or both where neither will do."""

    def first_drawn(candidates: Sequence[LoadRange]) -> FeasibleLimits | None:
        return _first_drawn(ground, candidates, zones, prober())

    floors = [LoadRange(lo, limits.hi) for lo in _tens_below(limits.lo)]
    ceilings = [LoadRange(limits.lo, hi) for hi in _tens_above(limits.hi, _highest_useful(ground))]
    options = [first_drawn(floors), first_drawn(ceilings)]
    if options == [None, None]:
        widest = first_drawn([LoadRange(0, ceiling.hi) for ceiling in ceilings])
        if widest is not None:
            hi = widest.limits.hi
            options = [first_drawn([LoadRange(lo, hi) for lo in _tens_below(limits.lo)])]
    return tuple(option for option in options if option is not None)


def _tens_below(load: int) -> range:
    return range((load - 1) // ROUND_TO * ROUND_TO, -1, -ROUND_TO)


def _tens_above(load: int, highest: int) -> range:
    return range(load // ROUND_TO * ROUND_TO + ROUND_TO, highest + ROUND_TO, ROUND_TO)


def _highest_useful(ground: Ground) -> int:
    """Above this, every part fits in one zone."""
    return max((int(ground.loads[part].sum()) for part in ground.parts), default=0)


def _first_drawn(
    ground: Ground, candidates: Sequence[LoadRange], zones: ZoneCount, probe: Probe
) -> FeasibleLimits | None:
    """The first of ``candidates``, each wider than the one before, that can be drawn.

    Wider and wider steps from what counting allows, then bisection of the last step.
    """

    def countable(place: int) -> bool:
        return counting_reason(ground, candidates[place], zones) is None

    found: FeasibleLimits | None = None

    def drawn(place: int) -> bool:
        nonlocal found
        drawing = probe(ground, candidates[place], zones)
        if drawing is not None:
            found = FeasibleLimits(candidates[place], drawing.zones + len(ground.brief.locked))
        return drawing is not None

    place, step, last = _first_that(countable, 0, len(candidates)), 1, len(candidates) - 1
    failed = place - 1
    while place <= last and not drawn(place):
        failed = place
        place = min(place + step, last) if place < last else last + 1
        step *= 2
    _first_that(drawn, failed + 1, min(place, last + 1))
    return found


def _first_that(holds: Callable[[int], bool], start: int, stop: int) -> int:
    """The first place from which ``holds``, ``stop`` where none does."""
    while start < stop:
        middle = (start + stop) // 2
        if holds(middle):
            stop = middle
        else:
            start = middle + 1
    return start
