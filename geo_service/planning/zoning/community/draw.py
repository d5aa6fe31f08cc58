"""One community from its footprints to its numbered zones, or to the reason there are none."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from geo_service.errors import InvalidInput
from geo_service.planning.model import CommunityZoning, Finding, Infeasibility, LoadRange, ZoningArea
from geo_service.planning.space import require_metric
from geo_service.planning.zoning.community.brief import Brief, ZoneCount, check_brief
from geo_service.planning.zoning.community.ground import survey
from geo_service.planning.zoning.community.numbering import numbered_zones
from geo_service.planning.zoning.community.parts import draw_parts
from geo_service.planning.zoning.community.walks import with_shorter_walks
from geo_service.planning.zoning.refusal.counting import counting_reason
from geo_service.planning.zoning.refusal.probing import Memory, Probe, first_feasible, probing
from geo_service.planning.zoning.refusal.refuse import refused, search_reason
from geo_service.planning.zoning.solve import solve
from geo_service.planning.zoning.stop import AnyOf, Stop, never
from geo_service.progress import Progress, silent

NO_WISHES = Brief()
# Fruitless searches for one kind of change that helps end after so many buildings: some five seconds.
PATIENCE = 1_000


def draw_community_zones(
    area: ZoningArea,
    limits: LoadRange,
    *,
    brief: Brief = NO_WISHES,
    zones: ZoneCount = None,
    seed: int = 1,
    budget: int | None = None,
    stop: Stop = never,
    progress: Progress = silent,
) -> CommunityZoning:
    """Divide one community's buildings into connected zones within ``limits``.

    Zones cross no barrier except at a crossing, and never leave the community. What barriers or locked
    zones separate is zoned apart; where one part cannot keep to the limits, the community is infeasible.

    Parameters
    ----------
    area : ZoningArea
        Metres.
    limits : LoadRange
        Hard, both ends, but for locked zones.
    brief : Brief
        What else the zones must be, and what makes good ones.
    zones : int or "least", optional
        How many zones in all, locked ones included; None lets the solver choose.
    seed : int
        Same input, same seed, same budget: same zones.
    budget : int, optional
        Proposed moves for each part and each number of zones tried.
    stop : Stop
        Ends each search early.
    progress : Progress
        May raise ``Cancelled``.

    Raises
    ------
    InvalidInput
        When coordinates are not finite, or look like degrees; when the brief contradicts itself.
    """
    require_metric(np.append(area.footprints, area.outline), where=area.code)
    check_brief(brief, area)
    count = len(area.footprints)
    if isinstance(zones, int) and count and not 1 <= zones <= count:
        raise InvalidInput("zoning.zone_count_absurd", where=area.code, zones=zones, buildings=count)
    if count == 0:
        return _nothing_to_zone(area.code, "zoning.no_buildings")
    loads = area.households if brief.loads is None else brief.loads
    if loads.sum() == 0 and limits.lo > 0 and not brief.locked:
        return _nothing_to_zone(
            area.code, "zoning.no_households" if brief.loads is None else "zoning.no_load"
        )
    ground = survey(area, brief, progress=progress)
    memory = Memory()
    search = partial(solve, seed=seed, budget=budget, progress=progress)
    reason, failed = counting_reason(ground, limits, zones), None
    if reason is None:
        drawing = draw_parts(ground, limits, zones, memory.remembering(partial(search, stop=stop)))
        if drawing.feasible:
            drawing, findings = with_shorter_walks(ground, drawing, seed=seed, progress=progress)
            answer = numbered_zones(ground, limits, drawing, progress=progress)
            return replace(answer, findings=answer.findings + findings)
        reason, failed = search_reason(ground, limits, drawing), drawing
    any_zones = partial(search, stop=AnyOf((stop, first_feasible)))

    def prober() -> Probe:
        return probing(memory.remembering(any_zones, patience=PATIENCE))

    infeasible = refused(ground, limits, zones, reason, prober, failed=failed)
    return CommunityZoning(area.code, (), infeasible, ground.findings)


def _nothing_to_zone(code: str, key: str) -> CommunityZoning:
    return CommunityZoning(code, (), Infeasibility(code, Finding(key, code), ()))
