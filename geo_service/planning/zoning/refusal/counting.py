"""What counting alone proves of a community: that no zones within the limits exist."""

from __future__ import annotations

import numpy as np

from geo_service.planning.model import Counts, Finding, LoadRange
from geo_service.planning.zoning.community.brief import ZoneCount
from geo_service.planning.zoning.community.ground import Ground
from geo_service.planning.zoning.community.parts import possible_counts
from geo_service.planning.zoning.problem import groups_of


def counting_reason(ground: Ground, limits: LoadRange, zones: ZoneCount) -> Finding | None:
    """Why there is no answer, where adding up loads shows it; None where it shows nothing."""
    return (
        _parted_pair(ground)
        or _too_heavy(ground, limits)
        or _uncountable_part(ground, limits)
        or _wrong_total(ground, limits, zones)
    )


def possible_totals(ground: Ground, limits: LoadRange) -> tuple[int, int]:
    """Fewest and most zones of the whole community that counting allows, locked ones included."""
    ranges = [possible_counts(ground, part, limits) for part in ground.parts]
    locked = len(ground.brief.locked)
    return locked + sum(each.start for each in ranges), locked + sum(each.stop - 1 for each in ranges)


def named_part(ground: Ground, part: Counts) -> dict[str, object]:
    """What sentences call a part: its load, its size and one of its buildings."""
    return {
        "households": int(ground.loads[part].sum()),
        "buildings": len(part),
        "building": str(ground.area.building_codes[part[0]]),
    }


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
    free = ground.free
    if not len(free):
        return None
    names, loads = ground.area.building_codes, ground.loads
    largest = int(free[np.argmax(loads[free])])
    if loads[largest] > limits.hi:
        values: dict[str, object] = {
            "building": str(names[largest]),
            "households": int(loads[largest]),
            "limits": str(limits),
        }
        return Finding("zoning.building_too_large", ground.area.code, values)
    groups = groups_of(ground.brief.together, len(loads))
    totals = np.bincount(groups[free], weights=loads[free])
    heaviest = int(np.argmax(totals))
    if totals[heaviest] <= limits.hi:
        return None
    members = free[groups[free] == heaviest]
    values = {**named_part(ground, members), "limits": str(limits)}
    return Finding("zoning.group_too_large", ground.area.code, values)


def _uncountable_part(ground: Ground, limits: LoadRange) -> Finding | None:
    """The first part whose load no number of zones divides."""
    for part in ground.parts:
        if len(possible_counts(ground, part, limits)):
            continue
        values = {**named_part(ground, part), "limits": str(limits)}
        locked = ground.locked_around(part)
        if locked:
            return Finding("zoning.part_cut_off", ground.area.code, {**values, "zones": ", ".join(locked)})
        if len(ground.parts) == 1:
            return Finding("zoning.total_unsplittable", ground.area.code, values)
        values["barriers"] = ", ".join(ground.barriers_around(part))
        return Finding("zoning.part_unsplittable", ground.area.code, values)
    return None


def _wrong_total(ground: Ground, limits: LoadRange, zones: ZoneCount) -> Finding | None:
    fewest, most = possible_totals(ground, limits)
    if not isinstance(zones, int) or fewest <= zones <= most:
        return None
    values: dict[str, object] = {"zones": zones, "fewest": fewest, "most": most, "limits": str(limits)}
    return Finding("zoning.zone_count_impossible", ground.area.code, values)
