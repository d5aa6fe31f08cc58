"""Why a community has no zoning, and the smallest changes that help, each of them drawn."""

from __future__ import annotations

import numpy as np

from geo_service.planning.model import Counts, Finding, Infeasibility, LoadRange
from geo_service.planning.zoning.community.brief import ZoneCount
from geo_service.planning.zoning.community.ground import Ground
from geo_service.planning.zoning.community.parts import MOST_COUNTS, Drawing, DrawnPart, possible_counts
from geo_service.planning.zoning.exact.blocked import find_blocked
from geo_service.planning.zoning.exact.contraction import contract
from geo_service.planning.zoning.exact.sums import can_add_up
from geo_service.planning.zoning.refusal.counting import named_part
from geo_service.planning.zoning.refusal.nearest import nearest_counts, nearest_limits
from geo_service.planning.zoning.refusal.probing import Prober
from geo_service.planning.zoning.refusal.remedies import remedies


def refused(
    ground: Ground,
    limits: LoadRange,
    zones: ZoneCount,
    reason: Finding,
    prober: Prober,
    *,
    failed: Drawing | None = None,
) -> Infeasibility:
    """The refusal for ``reason``; ``failed`` is the drawing that broke the rules, if any was made."""
    code = ground.area.code
    proven = failed is None or failed.impossible
    if isinstance(zones, int) and (failed is not None or reason.key == "zoning.zone_count_impossible"):
        counts = nearest_counts(ground, limits, prober())
        if counts:
            return Infeasibility(code, reason, counts, proven)
    nearest = nearest_limits(ground, limits, zones, prober)
    if not proven:
        return Infeasibility(code, reason, nearest, proven)
    part = _failing_part(ground, limits, failed)
    return Infeasibility(code, reason, nearest, proven, remedies(ground, limits, zones, part, prober))


def search_reason(ground: Ground, limits: LoadRange, drawing: Drawing) -> Finding:
    """What failed, where counting saw nothing wrong."""
    part = drawing.failed[0]
    values = {**named_part(ground, part.members), "limits": str(limits)}
    if not drawing.impossible:
        return Finding("zoning.search_failed", ground.area.code, values)
    blocked = _blocked_building(ground, limits, part)
    if blocked is None:
        return Finding("zoning.no_connected_split", ground.area.code, values)
    values["building"] = str(ground.area.building_codes[blocked])
    return Finding("zoning.building_blocked", ground.area.code, values)


def _blocked_building(ground: Ground, limits: LoadRange, part: DrawnPart) -> int | None:
    """The heaviest building of a group that is in no zone, whatever the number of zones."""
    contraction = contract(part.problem)
    counts = [count for count in possible_counts(ground, part.members, limits) if count > 1]
    if not 0 < len(counts) <= MOST_COUNTS or not any(
        can_add_up(contraction.loads, limits, count) for count in counts
    ):
        return None
    groups = [find_blocked(contraction, limits, count) for count in counts]
    if None in groups:
        return None
    members = part.members[contraction.group_of == groups[0]]
    return int(members[np.argmax(ground.loads[members])])


def _failing_part(ground: Ground, limits: LoadRange, failed: Drawing | None) -> Counts:
    if failed is not None:
        return failed.failed[0].members
    hopeless = (part for part in ground.parts if not len(possible_counts(ground, part, limits)))
    return next(hopeless, ground.parts[0])
