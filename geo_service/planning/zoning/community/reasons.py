"""The explanation of a community's zones, as sentences a planner reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from scipy.spatial import KDTree

from geo_service.planning.model import Counts, DrawnZone, Finding, LoadRange
from geo_service.planning.zoning.community.explain import (
    RefusedMove,
    Rule,
    Surroundings,
    ZoneExplanation,
    explain_zones,
)
from geo_service.planning.zoning.community.ground import Ground
from geo_service.planning.zoning.community.parts import Drawing
from geo_service.planning.zoning.problem import NOWHERE, Rules, ZoningProblem

# Buildings nearest to each that a barrier may part it from.
NEAREST = 8


def explained(
    ground: Ground, limits: LoadRange, drawing: Drawing, zones: Sequence[DrawnZone]
) -> tuple[DrawnZone, ...]:
    """``zones``, in the order given, each with the sentences that say why it is as it is."""
    labels = np.empty(len(ground.area.footprints), dtype=np.int64)
    for place, zone in enumerate(zones):
        labels[zone.members] = place
    locked = np.array([zone.locked for zone in zones], dtype=np.bool_)[labels]
    surroundings = Surroundings(locked, _behind_barriers(ground, labels))
    problem = _whole_problem(ground, limits, drawing, labels)
    return tuple(
        replace(zone, explanation=tuple(_sentences(ground, limits, zones, explanation)))
        for zone, explanation in zip(zones, explain_zones(problem, labels, surroundings), strict=True)
    )


def _whole_problem(ground: Ground, limits: LoadRange, drawing: Drawing, labels: Counts) -> ZoningProblem:
    """All parts and locked zones as one problem whose zones are numbered as in ``labels``."""
    everything = np.arange(len(labels))
    zones = int(labels.max()) + 1
    centres = np.full((zones, 2), np.nan)
    before = np.full(len(labels), NOWHERE, dtype=np.int64)
    for part in drawing.parts:
        firsts = np.unique(part.result.labels, return_index=True)[1]
        place_of = labels[part.members[firsts]]
        rules, earlier = part.problem.rules, part.problem.earlier
        kept = rules.centres_m[: len(place_of)]
        centres[place_of[: len(kept)]] = kept
        if earlier is not None:
            known = (earlier.zone_of >= 0) & (earlier.zone_of < len(place_of))
            before[part.members[known]] = place_of[earlier.zone_of[known]]
            # in a zone that is no more
            before[part.members[earlier.zone_of >= len(place_of)]] = zones
    brief = ground.brief
    rules = Rules(together=brief.together, apart=brief.apart, centres_m=centres)
    held = None if brief.earlier is None else replace(brief.earlier, zone_of=before)
    return replace(ground.plain_problem(everything, limits), rules=rules, earlier=held)


def _behind_barriers(ground: Ground, labels: Counts) -> Counts:
    """Pairs of near buildings of different zones that a barrier parts, shape (m, 2)."""
    barriers, footprints = ground.enclosures.barriers, ground.area.footprints
    if not len(barriers):
        return np.empty((0, 2), dtype=np.int64)
    near = KDTree(ground.positions_m).query(ground.positions_m, k=min(NEAREST + 1, len(labels)))[1]
    near = near.reshape(len(labels), -1)
    pairs = np.column_stack([np.repeat(np.arange(len(labels)), near.shape[1]), near.ravel()])
    pairs = np.unique(np.sort(pairs[labels[pairs[:, 0]] != labels[pairs[:, 1]]], axis=1), axis=0)
    links = shapely.shortest_line(footprints[pairs[:, 0]], footprints[pairs[:, 1]])
    crossed = np.unique(shapely.STRtree(links).query(barriers, predicate="intersects")[1])
    found: Counts = pairs[crossed].astype(np.int64)
    return found


def _sentences(
    ground: Ground, limits: LoadRange, zones: Sequence[DrawnZone], explanation: ZoneExplanation
) -> list[Finding]:
    zone = zones[explanation.zone]
    values: dict[str, object] = {"load": zone.load, "limits": str(limits)}
    if zone.locked:
        return [Finding("zoning.why_locked", zone.code, values)]
    touched = {
        (False, False): "zoning.why_within",
        (True, False): "zoning.why_full",
        (False, True): "zoning.why_lean",
        (True, True): "zoning.why_tight",
    }[explanation.full, explanation.lean]
    move = explanation.move
    if move is None:
        return [Finding(touched, zone.code, values), Finding("zoning.why_alone", zone.code)]
    return [Finding(touched, zone.code, values), _move_sentence(ground, limits, zones, zone.code, move)]


def _move_sentence(
    ground: Ground, limits: LoadRange, zones: Sequence[DrawnZone], where: str, move: RefusedMove
) -> Finding:
    giver, taker = zones[move.giver], zones[move.taker]
    load = int(ground.loads[move.building])
    values: dict[str, object] = {
        "building": str(ground.area.building_codes[move.building]),
        "giver": giver.code,
        "taker": taker.code,
        "metres": abs(round(move.cost_m, 1)),
    }
    if move.rule in (Rule.UPPER, Rule.LOWER):
        changed = taker.load + load if move.rule is Rule.UPPER else giver.load - load
        values |= {"load": changed, "limits": str(limits)}
    return Finding(f"zoning.why_not_{move.rule.value}", where, values)
