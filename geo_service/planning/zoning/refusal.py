"""Why a community has no zoning, and the smallest changes that help, each of them drawn."""

from __future__ import annotations

from geo_service.planning.model import Counts, Finding, Infeasibility, LoadRange
from geo_service.planning.zoning.brief import ZoneCount
from geo_service.planning.zoning.counting import named_part
from geo_service.planning.zoning.drawing import Drawing, possible_counts
from geo_service.planning.zoning.ground import Ground
from geo_service.planning.zoning.nearest import nearest_counts, nearest_limits
from geo_service.planning.zoning.probing import Probe
from geo_service.planning.zoning.remedies import remedies


def refused(
    ground: Ground,
    limits: LoadRange,
    zones: ZoneCount,
    reason: Finding,
    probe: Probe,
    *,
    failed: Drawing | None = None,
) -> Infeasibility:
    """The refusal for ``reason``; ``failed`` is the drawing that broke the rules, if any was made."""
    code = ground.area.code
    proven = failed is None or failed.impossible
    if isinstance(zones, int) and (failed is not None or reason.key == "zoning.zone_count_impossible"):
        counts = nearest_counts(ground, limits, probe)
        if counts:
            return Infeasibility(code, reason, counts, proven)
    nearest = nearest_limits(ground, limits, zones, probe)
    part = _failing_part(ground, limits, failed)
    return Infeasibility(code, reason, nearest, proven, remedies(ground, limits, zones, part, probe))


def search_reason(ground: Ground, limits: LoadRange, drawing: Drawing) -> Finding:
    """What failed, where counting saw nothing wrong."""
    values = {**named_part(ground, drawing.failed[0].members), "limits": str(limits)}
    key = "zoning.no_connected_split" if drawing.impossible else "zoning.search_failed"
    return Finding(key, ground.area.code, values)


def _failing_part(ground: Ground, limits: LoadRange, failed: Drawing | None) -> Counts:
    if failed is not None:
        return failed.failed[0].members
    hopeless = (part for part in ground.parts if not len(possible_counts(ground, part, limits)))
    return next(hopeless, ground.parts[0])
