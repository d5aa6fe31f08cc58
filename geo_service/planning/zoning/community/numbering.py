"""Drawn parts and locked zones as the numbered zones of a community."""

from __future__ import annotations

from itertools import count

import numpy as np

from geo_service.planning.model import CommunityZoning, Counts, DrawnZone, Finding, LoadRange
from geo_service.planning.space import numbering_order
from geo_service.planning.zoning.bound.lower_bound import lower_bound
from geo_service.planning.zoning.community.appraisal import Appraisal, appraise
from geo_service.planning.zoning.community.brief import LockedZone
from geo_service.planning.zoning.community.ground import Ground
from geo_service.planning.zoning.community.parts import Drawing
from geo_service.planning.zoning.community.reasons import explained
from geo_service.planning.zoning.community.walks import walked
from geo_service.progress import Progress, silent

# Nearer to the best possible than this is near enough to stop proving: from 1.5 to 0.5 % the proof takes
# thirty times as long, twice as long as all the rest.
GAP_WANTED_PERCENT = 1.5


def numbered_zones(
    ground: Ground, limits: LoadRange, drawing: Drawing, *, progress: Progress = silent
) -> CommunityZoning:
    """The zones in numbering order, the locked ones with the codes they have, and what they are worth."""
    appraisals = [appraise(part.problem, part.result.labels) for part in drawing.parts]
    drawn = _drawn_zones(ground, drawing, appraisals)
    locked = [_locked_zone(ground, zone) for zone in ground.brief.locked]
    locked_m = sum(zone.distance_m for zone in locked)
    zones = tuple(sorted([*drawn, *locked], key=lambda zone: zone.code))
    if ground.brief.explained:
        zones = explained(ground, limits, drawing, zones)
    if ground.brief.walked:
        zones = walked(ground, zones)
    return CommunityZoning(
        ground.area.code,
        zones,
        findings=ground.findings + _locked_findings(ground, limits, locked),
        distance_m=locked_m + float(sum(each.distances_m.sum() for each in appraisals)),
        objective_m=locked_m + sum(each.objective_m for each in appraisals),
        lower_bound_m=_lower_bound_m(ground, drawing, appraisals, locked_m, progress),
        imbalance=sum(each.imbalance for each in appraisals),
        border_pairs=sum(each.border_pairs for each in appraisals),
    )


def _lower_bound_m(
    ground: Ground, drawing: Drawing, appraisals: list[Appraisal], locked_m: float, progress: Progress
) -> float:
    """No zones around the locked ones, as many in each part as drawn, have a smaller objective."""
    if not ground.brief.bounded:
        return 0.0
    return locked_m + sum(
        lower_bound(
            part.problem,
            len(appraisal.loads),
            upper_m=appraisal.objective_m,
            gap_wanted=GAP_WANTED_PERCENT,
            progress=progress,
        )
        for part, appraisal in zip(drawing.parts, appraisals, strict=True)
    )


def _drawn_zones(ground: Ground, drawing: Drawing, appraisals: list[Appraisal]) -> list[DrawnZone]:
    members: list[Counts] = []
    medoids: list[int] = []
    distances_m: list[float] = []
    for part, appraisal in zip(drawing.parts, appraisals, strict=True):
        zones = range(len(appraisal.loads))
        members += [part.members[part.result.labels == zone] for zone in zones]
        medoids += part.members[appraisal.medoids].tolist()
        distances_m += appraisal.distances_m.tolist()
    outlines = np.empty(len(members), dtype=object)
    outlines[:] = [ground.tessellation.land_of(each) for each in members]
    taken = {zone.code for zone in ground.brief.locked}
    free_codes = (
        code for code in (f"{ground.area.code}{number:03d}" for number in count(1)) if code not in taken
    )
    return [
        DrawnZone(
            code=next(free_codes),
            members=members[zone],
            households=int(ground.area.households[members[zone]].sum()),
            medoid=medoids[zone],
            outline=outlines[zone],
            load=int(ground.loads[members[zone]].sum()),
            distance_m=distances_m[zone],
        )
        for zone in numbering_order(outlines)
    ]


def _locked_zone(ground: Ground, locked: LockedZone) -> DrawnZone:
    members = np.sort(locked.members)
    alone = appraise(ground.plain_problem(members, LoadRange()), np.zeros(len(members), dtype=np.int64))
    return DrawnZone(
        code=locked.code,
        members=members,
        households=int(ground.area.households[members].sum()),
        medoid=int(members[alone.medoids[0]]),
        outline=ground.tessellation.land_of(members),
        load=int(alone.loads[0]),
        distance_m=float(alone.distances_m[0]),
        locked=True,
    )


def _locked_findings(ground: Ground, limits: LoadRange, locked: list[DrawnZone]) -> tuple[Finding, ...]:
    """Locked zones that would not be drawn like this: outside the limits, or in pieces."""
    findings: list[Finding] = []
    for zone in locked:
        if not limits.lo <= zone.load <= limits.hi:
            values: dict[str, object] = {"zone": zone.code, "load": zone.load, "limits": str(limits)}
            findings.append(Finding("zoning.locked_outside_limits", ground.area.code, values))
        if not ground.hangs_together(zone.members):
            findings.append(Finding("zoning.locked_in_pieces", ground.area.code, {"zone": zone.code}))
    return tuple(findings)
