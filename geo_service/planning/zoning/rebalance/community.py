"""The zones of one community mended after something changed: the least change, written as zones again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import shapely

from geo_service.errors import Infeasible
from geo_service.planning.model import (
    CommunityZoning,
    Counts,
    Finding,
    Infeasibility,
    LoadRange,
    ZoningArea,
)
from geo_service.planning.space import require_metric
from geo_service.planning.zoning.community.brief import Brief, check_brief
from geo_service.planning.zoning.community.ground import Ground, survey
from geo_service.planning.zoning.community.numbering import numbered_zones
from geo_service.planning.zoning.community.parts import Drawing, DrawnPart
from geo_service.planning.zoning.problem import NOWHERE, Earlier, Metres, Rules, ZoningProblem
from geo_service.planning.zoning.rebalance.rebalance import Rebalance, improve, rebalance
from geo_service.progress import Progress, silent


def rebalance_community_zones(
    area: ZoningArea,
    limits: LoadRange,
    earlier: Mapping[str, Counts],
    *,
    brief: Brief,
    lost: Sequence[str] = (),
    most_changes: int | None = None,
    seed: int = 1,
    progress: Progress = silent,
) -> CommunityZoning:
    """Mend a community's zones with the fewest buildings changing zone.

    Parameters
    ----------
    area : ZoningArea
        As it is now; metres.
    limits : LoadRange
        Hard, both ends, but for locked zones.
    earlier : mapping of str to Counts
        The zones until now by code, as indices into the arrays of ``area``; buildings that are gone are left
        out, new ones are in none.
    brief : Brief
        Its locked zones stay; its ``earlier`` gives what a change costs.
    lost : sequence of str
        Codes of zones that end, their chiefs being gone; locked ones among them do not stay.
    most_changes : int, optional
        Refuse to change more.

    Raises
    ------
    InvalidInput
        When the brief contradicts itself.
    """
    require_metric(np.append(area.footprints, area.outline), where=area.code)
    brief = replace(brief, locked=tuple(zone for zone in brief.locked if zone.code not in lost))
    check_brief(brief, area)
    ground = survey(area, brief, progress=progress)
    return rebalance_on_ground(ground, limits, earlier, lost=lost, most_changes=most_changes, seed=seed)


def rebalance_on_ground(
    ground: Ground,
    limits: LoadRange,
    earlier: Mapping[str, Counts],
    *,
    lost: Sequence[str] = (),
    most_changes: int | None = None,
    even_out_m: float | None = None,
    seed: int = 1,
) -> CommunityZoning:
    """As ``rebalance_community_zones``, where the ground is surveyed already.

    Parameters
    ----------
    ground : Ground
        Under the brief; none of its locked zones is lost.
    even_out_m : float, optional
        What is left of ``most_changes`` once the zones are mended evens out the loads; metres of the
        objective that one unit of load nearer to the mean is worth. No zone may be lost then.

    Raises
    ------
    InvalidInput
        When the brief contradicts itself.
    """
    area, brief = ground.area, ground.brief
    check_brief(brief, area)
    kept = {zone.code for zone in brief.locked}
    codes = [code for code in sorted(earlier) if code not in kept and len(earlier[code])]
    part = np.sort(ground.free)
    if not len(part) or set(codes) <= set(lost):
        return _as_it_was(ground, limits, part)
    problem = _problem(ground, part, limits, [earlier[code] for code in codes])
    try:
        if even_out_m is None:
            ending = [codes.index(code) for code in lost if code in codes]
            mended = rebalance(problem, lost=ending, most_changes=most_changes, seed=seed)
        else:
            aims = replace(problem.aims, balance_m=max(even_out_m, problem.aims.balance_m))
            most = len(part) if most_changes is None else most_changes
            mended = improve(replace(problem, aims=aims), most_changes=most, seed=seed)
    except Infeasible as refusal:
        reason = Finding(refusal.key, area.code, _named(refusal, area, part))
        return CommunityZoning(area.code, (), Infeasibility(area.code, reason, ()), ground.findings)
    zoning = numbered_zones(ground, limits, Drawing((_numbered(part, problem, mended),)))
    return replace(zoning, findings=(*zoning.findings, *_how_little(area, mended)))


def _as_it_was(ground: Ground, limits: LoadRange, part: Counts) -> CommunityZoning:
    """Nothing but locked zones, or nobody left to hold a zone."""
    if len(part):
        reason = Finding("zoning.rebalance_no_zone_left", ground.area.code)
        refusal = Infeasibility(ground.area.code, reason, ())
        return CommunityZoning(ground.area.code, (), refusal, ground.findings)
    return numbered_zones(ground, limits, Drawing(()))


def _problem(ground: Ground, part: Counts, limits: LoadRange, zones: list[Counts]) -> ZoningProblem:
    """All free buildings as one problem, whose zones have the numbers of the earlier ones."""
    zone_of = np.full(len(ground.area.footprints), NOWHERE, dtype=np.int64)
    for number, members in enumerate(zones):
        zone_of[members] = number
    asked = ground.brief.earlier
    cost = 0.0 if asked is None else asked.change_cost_m
    problem = ground.problem(part, limits)
    return replace(
        problem,
        rules=_with_centres(problem.rules, ground, zones),
        earlier=Earlier(zone_of[part], cost),
    )


def _with_centres(rules: Rules, ground: Ground, zones: list[Counts]) -> Rules:
    """Each fixed centre given to the zone that held the building nearest to it."""
    centres_m: Metres = np.full((len(zones), 2), np.nan)
    for centre in ground.brief.centres_m:
        away = [
            shapely.distance(ground.area.footprints[members], shapely.Point(centre)).min()
            for members in zones
        ]
        centres_m[int(np.argmin(away))] = centre
    return replace(rules, centres_m=centres_m if len(ground.brief.centres_m) else np.empty((0, 2)))


def _numbered(part: Counts, problem: ZoningProblem, mended: Rebalance) -> DrawnPart:
    """The zones that are left, numbered anew without gaps."""
    left, labels = np.unique(mended.result.labels, return_inverse=True)
    number_of = np.full(max(len(mended.result.loads), int(left.max()) + 1), NOWHERE, dtype=np.int64)
    number_of[left] = np.arange(len(left))
    assert problem.earlier is not None
    before = problem.earlier.zone_of
    # A lost zone's number means no zone any more, but its buildings did change.
    zone_of = np.where(
        before == NOWHERE, NOWHERE, np.where(number_of[before] < 0, len(left), number_of[before])
    )
    centres_m = problem.rules.centres_m
    rules = replace(problem.rules, centres_m=centres_m[left] if len(centres_m) else centres_m)
    result = replace(
        mended.result,
        labels=labels.astype(np.int64),
        medoids=mended.result.medoids[left],
        loads=mended.result.loads[left],
    )
    problem = replace(
        problem, zones=len(left), rules=rules, earlier=replace(problem.earlier, zone_of=zone_of)
    )
    return DrawnPart(part, problem, result)


def _named(refusal: Infeasible, area: ZoningArea, part: Counts) -> dict[str, object]:
    """The values of a refusal with the code of the building it means."""
    values = dict(refusal.values)
    if "building" in values:
        values["building"] = str(area.building_codes[part[int(str(values["building"]))]])
    return values


def _how_little(area: ZoningArea, mended: Rebalance) -> tuple[Finding, ...]:
    changed = len(mended.changed)
    if not changed:
        return ()
    key = "zoning.rebalanced_least" if mended.proven_least else "zoning.rebalanced"
    return (Finding(key, area.code, {"buildings": changed, "least": mended.least_changes}),)
