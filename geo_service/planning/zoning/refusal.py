"""Why a community has no zoning, in the planner's terms: which part, which building, which limit."""

from __future__ import annotations

import numpy as np

from geo_service.planning.model import (
    Counts,
    FeasibleLimits,
    Finding,
    Infeasibility,
    LoadRange,
)
from geo_service.planning.zoning.brief import ZoneCount, groups_of
from geo_service.planning.zoning.drawing import Drawing, possible_counts
from geo_service.planning.zoning.feasibility import limits_around, lower_floor, raise_ceiling
from geo_service.planning.zoning.ground import Ground


def arithmetic_refusal(ground: Ground, limits: LoadRange, zones: ZoneCount) -> Infeasibility | None:
    """Proof by counting alone that there is no answer, if there is one."""
    reason = _parted_pair(ground) or _too_heavy(ground, limits) or _uncountable_part(ground, limits)
    if reason is not None:
        return Infeasibility(ground.area.code, reason, _nearest(ground, limits))
    if isinstance(zones, int):
        return _wrong_total(ground, limits, zones)
    return None


def search_refusal(ground: Ground, limits: LoadRange, drawing: Drawing) -> Infeasibility:
    """What failed, and whether that is proven, where arithmetic saw nothing wrong."""
    part = drawing.failed[0]
    values = {**_around(ground, part.members), "limits": str(limits)}
    key = "zoning.no_connected_split" if drawing.impossible else "zoning.search_failed"
    loads = np.concatenate([each.result.loads for each in drawing.parts])
    nearest = (limits_around(loads, limits),)
    return Infeasibility(
        ground.area.code, Finding(key, ground.area.code, values), nearest, drawing.impossible
    )


def _parted_pair(ground: Ground) -> Finding | None:
    part_of = np.full(len(ground.area.footprints), -1, dtype=np.int64)
    for place, part in enumerate(ground.parts):
        part_of[part] = place
    for one, other in ground.brief.together.tolist():
        if part_of[one] != part_of[other]:
            names = ground.area.building_codes
            values: dict[str, object] = {"one": str(names[one]), "other": str(names[other])}
            return Finding("zoning.together_parted", ground.area.code, values)
    return None


def _too_heavy(ground: Ground, limits: LoadRange) -> Finding | None:
    free = np.concatenate(ground.parts) if ground.parts else np.empty(0, dtype=np.int64)
    names, loads = ground.area.building_codes, ground.loads
    if not len(free):
        return None
    largest = int(free[np.argmax(loads[free])])
    values: dict[str, object] = {"building": str(names[largest]), "limits": str(limits)}
    if loads[largest] > limits.hi:
        values["households"] = int(loads[largest])
        return Finding("zoning.building_too_large", ground.area.code, values)
    groups = groups_of(ground.brief.together, len(loads))
    totals = np.bincount(groups[free], weights=loads[free])
    heaviest = int(np.argmax(totals))
    if totals[heaviest] > limits.hi:
        members = free[groups[free] == heaviest]
        values |= {"building": str(names[members[0]]), "buildings": len(members)}
        values["households"] = int(totals[heaviest])
        return Finding("zoning.group_too_large", ground.area.code, values)
    return None


def _uncountable_part(ground: Ground, limits: LoadRange) -> Finding | None:
    """The first part whose load no number of zones divides."""
    for part in ground.parts:
        if len(possible_counts(ground, part, limits)):
            continue
        values = {**_around(ground, part), "limits": str(limits)}
        locked = ground.locked_around(part)
        if locked:
            return Finding("zoning.part_cut_off", ground.area.code, {**values, "zones": ", ".join(locked)})
        if len(ground.parts) == 1:
            return Finding("zoning.total_unsplittable", ground.area.code, values)
        values["barriers"] = ", ".join(ground.barriers_around(part))
        return Finding("zoning.part_unsplittable", ground.area.code, values)
    return None


def _wrong_total(ground: Ground, limits: LoadRange, zones: int) -> Infeasibility | None:
    ranges = [possible_counts(ground, part, limits) for part in ground.parts]
    locked = len(ground.brief.locked)
    fewest = locked + sum(each.start for each in ranges)
    most = locked + sum(each.stop - 1 for each in ranges)
    if fewest <= zones <= most:
        return None
    values: dict[str, object] = {"zones": zones, "fewest": fewest, "most": most, "limits": str(limits)}
    reason = Finding("zoning.zone_count_impossible", ground.area.code, values)
    nearest = tuple(FeasibleLimits(limits, count) for count in sorted({fewest, most}))
    return Infeasibility(ground.area.code, reason, nearest)


def _around(ground: Ground, part: Counts) -> dict[str, object]:
    return {
        "households": int(ground.loads[part].sum()),
        "buildings": len(part),
        "building": str(ground.area.building_codes[part[0]]),
    }


def _nearest(ground: Ground, limits: LoadRange) -> tuple[FeasibleLimits, ...]:
    loads = [ground.loads[part] for part in ground.parts]
    options = (lower_floor(loads, limits), raise_ceiling(loads, limits))
    return tuple(option for option in options if option is not None)
