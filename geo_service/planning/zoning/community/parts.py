"""Every part of a community zoned, with the number of zones that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo_service.planning.model import Counts, LoadRange
from geo_service.planning.zoning.community.appraisal import appraise
from geo_service.planning.zoning.community.brief import ZoneCount
from geo_service.planning.zoning.community.ground import Ground
from geo_service.planning.zoning.feasibility import nearest_to_mid_range, zone_counts
from geo_service.planning.zoning.problem import ZoningProblem
from geo_service.planning.zoning.result import ZoningResult
from geo_service.planning.zoning.sharing import estimate_for, refine_shares, share_out

Search = Callable[[ZoningProblem], ZoningResult]
# Numbers of zones tried for one part where the search fails.
MOST_COUNTS = 4


@dataclass(frozen=True)
class DrawnPart:
    """One part's question and answer; ``members`` are indices into the arrays of the ``ZoningArea``."""

    members: Counts
    problem: ZoningProblem
    result: ZoningResult


@dataclass(frozen=True)
class Drawing:
    """All parts. ``impossible``: proven that no zones within the rules exist."""

    parts: tuple[DrawnPart, ...]
    impossible: bool = False

    @property
    def feasible(self) -> bool:
        """Whether every rule holds everywhere."""
        return all(part.result.feasible for part in self.parts)

    @property
    def zones(self) -> int:
        """How many zones were drawn."""
        return sum(len(part.result.loads) for part in self.parts)

    @property
    def failed(self) -> tuple[DrawnPart, ...]:
        """The parts that are not zoned within the rules."""
        return tuple(part for part in self.parts if not part.result.feasible)


def possible_counts(ground: Ground, part: Counts, limits: LoadRange) -> range:
    """Numbers of zones that arithmetic allows a part: loads, pairs to be parted and fixed centres."""
    counts = zone_counts(ground.group_loads(part), limits)
    parted = int(np.isin(ground.brief.apart, part).all(axis=1).any())
    fewest = max(counts.start, len(ground.centres_in(part)), 1 + parted)
    return range(fewest, max(fewest, counts.stop))


def draw_parts(ground: Ground, limits: LoadRange, zones: ZoneCount, search: Search) -> Drawing:
    """Zone each part by itself, within ``limits`` that arithmetic allows."""
    if isinstance(zones, int):
        drawing = _shared_out(ground, limits, zones - len(ground.brief.locked), search)
    else:
        parts = [_drawn(ground, part, limits, zones, search) for part in ground.parts]
        drawing = Drawing(tuple(parts), any(part.result.impossible for part in parts))
    return _within_changes(ground, drawing, search)


def _drawn(ground: Ground, part: Counts, limits: LoadRange, zones: ZoneCount, search: Search) -> DrawnPart:
    """One part with the first number of zones that succeeds, or the least broken."""
    possible = possible_counts(ground, part, limits)
    tries = _counts_to_try(ground, part, possible, limits, zones)
    best: DrawnPart | None = None
    refuted: set[int] = set()
    for count in tries:
        drawn = _asked(ground, part, limits, count, search)
        if drawn.result.feasible:
            return drawn
        if drawn.result.impossible:
            refuted |= set(possible) if count is None else {count}
        if best is None or drawn.result.violation < best.result.violation:
            best = drawn
    assert best is not None
    return replace(best, result=replace(best.result, impossible=refuted >= set(possible)))


def _counts_to_try(
    ground: Ground, part: Counts, possible: range, limits: LoadRange, zones: ZoneCount
) -> list[int | None]:
    if zones == "least":
        return list(possible[:MOST_COUNTS])
    earlier = ground.brief.earlier
    before = 0 if earlier is None else len(np.unique(earlier.zone_of[part][earlier.zone_of[part] >= 0]))
    if before in possible:
        return [before, None]
    narrower = possible != zone_counts(ground.loads[part], limits)
    if narrower or len(ground.centres_in(part)):
        preferred = nearest_to_mid_range(possible, int(ground.loads[part].sum()), limits)
        return list(preferred[:MOST_COUNTS])
    return [None]


def _asked(ground: Ground, part: Counts, limits: LoadRange, count: int | None, search: Search) -> DrawnPart:
    problem = ground.problem(part, limits, count)
    result = search(ground.told_apart(problem, part))
    return DrawnPart(part, replace(problem, zones=len(result.loads)), result)


def _shared_out(ground: Ground, limits: LoadRange, total: int, search: Search) -> Drawing:
    """``total`` zones over all parts; parts that fail get more zones, or fewer, at the others' expense."""
    ranges = [possible_counts(ground, part, limits) for part in ground.parts]
    estimates = [estimate_for(ground.plain_problem(part, limits), limits) for part in ground.parts]
    known: dict[tuple[int, int], DrawnPart] = {}

    def objective_m(place: int, count: int) -> float:
        if (place, count) not in known:
            known[place, count] = _asked(ground, ground.parts[place], limits, count, search)
        result = known[place, count].result
        return result.objective_m if result.feasible else float("inf")

    counts = share_out(ranges, total, estimates)
    if not np.isfinite([objective_m(place, count) for place, count in enumerate(counts)]).all():
        counts = refine_shares(counts, ranges, objective_m)
    parts = tuple(known[place, count] for place, count in enumerate(counts))
    refuted = {key for key, drawn in known.items() if drawn.result.impossible}
    open_counts = [
        [count for count in each if (place, count) not in refuted] for place, each in enumerate(ranges)
    ]
    return Drawing(parts, not _can_add_up(open_counts, total))


def _can_add_up(options: Sequence[Sequence[int]], total: int) -> bool:
    """Whether one number of each of ``options`` can add up to ``total``."""
    sums = {0}
    for counts in options:
        sums = {reached + count for reached in sums for count in counts if reached + count <= total}
    return total in sums


def _within_changes(ground: Ground, drawing: Drawing, search: Search) -> Drawing:
    """Drawn again part by part where the parts together change more buildings than allowed.

    Each part may change its share of what is left, by what it changed freely, or all where that is too few.
    """
    earlier = ground.brief.earlier
    if earlier is None or earlier.most_changes is None or not drawing.feasible:
        return drawing
    changes = [appraise(part.problem, part.result.labels).changes for part in drawing.parts]
    left, asked = earlier.most_changes, sum(changes)
    if asked <= left:
        return drawing
    parts = []
    for place in np.argsort(changes, kind="stable"):
        share = left * changes[place] // max(asked, 1)
        part = _changing(ground, drawing.parts[place], share, search)
        if not part.result.feasible and share < left:
            part = _changing(ground, drawing.parts[place], left, search)
        left -= min(left, appraise(part.problem, part.result.labels).changes)
        asked -= changes[place]
        parts.append(part)
    return Drawing(tuple(parts))


def _changing(ground: Ground, part: DrawnPart, most_changes: int, search: Search) -> DrawnPart:
    """The part drawn anew with at most so many changes."""
    assert part.problem.earlier is not None
    problem = replace(part.problem, earlier=replace(part.problem.earlier, most_changes=most_changes))
    return DrawnPart(part.members, problem, search(ground.told_apart(problem, part.members)))
