"""The zones of a community with the walk over their buildings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from geo_service.planning.model import DrawnZone, Finding
from geo_service.planning.patrol import walking_orders
from geo_service.planning.zoning.community.appraisal import appraise
from geo_service.planning.zoning.community.ground import Ground
from geo_service.planning.zoning.community.parts import Drawing, DrawnPart
from geo_service.planning.zoning.community.patrolling import patrol_pass
from geo_service.planning.zoning.community.soundness import soundness
from geo_service.planning.zoning.problem import ZoningProblem
from geo_service.progress import Progress, silent


def with_shorter_walks(
    ground: Ground, drawing: Drawing, *, seed: int, progress: Progress = silent
) -> tuple[Drawing, tuple[Finding, ...]]:
    """``drawing`` with its borders gone over for the sake of the walks, where the brief gives these a weight.

    The finding says how much shorter the walks have become, and what that costs.
    """
    weight = ground.brief.patrol_weight
    if weight <= 0:
        return drawing, ()
    passes = [
        patrol_pass(_no_more_changes(part), part.result, patrol_weight=weight, seed=seed, progress=progress)
        for part in drawing.parts
    ]
    parts = tuple(replace(part, result=each.result) for part, each in zip(drawing.parts, passes, strict=True))
    values: dict[str, object] = {
        "exchanges": sum(each.exchanges for each in passes),
        "before_km": round(sum(each.patrol_before_m for each in passes) / 1000, 2),
        "after_km": round(sum(each.patrol_after_m for each in passes) / 1000, 2),
        "metres": round(sum(each.result.objective_m - each.objective_before_m for each in passes)),
    }
    found = (Finding("patrol.borders_moved", ground.area.code, values),) if values["exchanges"] else ()
    return replace(drawing, parts=parts), found


def _no_more_changes(part: DrawnPart) -> ZoningProblem:
    """The part's problem, with no room for changes beyond those made: other parts may have used it up."""
    earlier = part.problem.earlier
    if earlier is None or earlier.most_changes is None:
        return part.problem
    changes = appraise(part.problem, part.result.labels).changes
    return replace(part.problem, earlier=replace(earlier, most_changes=changes))


def walked(ground: Ground, zones: Sequence[DrawnZone]) -> tuple[DrawnZone, ...]:
    """``zones`` with their members in walking order, beginning at the medoid, and how far it is in them."""
    walks = walking_orders(
        [zone.members for zone in zones],
        ground.positions_m,
        distances_m=ground.walking.distances_m,
        starts=[zone.medoid for zone in zones],
    )
    lying = [soundness(ground, zone.members) for zone in zones]
    return tuple(
        replace(
            zone,
            members=walk.order,
            patrol_m=walk.length_m,
            span_m=sound.span_m,
            stranded=sound.stranded,
            barriers=sound.barriers,
        )
        for zone, walk, sound in zip(zones, walks, lying, strict=True)
    )
