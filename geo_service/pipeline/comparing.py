"""The verb that holds two plans against each other."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine

from geo_service.access import Actor
from geo_service.errors import InvalidInput
from geo_service.pipeline.comparison_report import ComparedPlan, Comparison
from geo_service.pipeline.edit_scene import PlanRules
from geo_service.pipeline.guard import require_reader
from geo_service.planning.comparison import match_zones
from geo_service.store import areas, comparisons, plans
from geo_service.store.session import transaction

MOST_BUILDINGS = 10_000


def compare_plans(
    engine: Engine,
    actor: Actor,
    *,
    plan_a: int,
    plan_b: int,
    area_code: str | None = None,
    after: str | None = None,
    most: int = MOST_BUILDINGS,
) -> dict[str, Any]:
    """Two plans side by side: figures, zones matched by the people they share, and buildings that differ.

    A building differs when it is not in the match of its zone, or in a zone of one plan alone.

    Parameters
    ----------
    area_code : str, optional
        Only what both plans have in this area; what they share by default.
    after : str, optional
        Only buildings with codes after this one: ``next`` of the page before.
    most : int
        Buildings told of at once.

    Raises
    ------
    NotFound
        No such plan or area in the actor's scope.
    InvalidInput
        Plans and area have no ground in common, or a plan does not say which limits it was drawn with.
    """
    require_reader(actor)
    with transaction(engine, actor, read_only=True) as connection:
        both = [plans.get_plan(connection, plan_id) for plan_id in (plan_a, plan_b)]
        within = _common_area(connection, actor, [plan["area_code"] for plan in both], area_code)
        names = areas.areas_inside(connection, within, "community")
        a, b = (_read(connection, plan, within) for plan in both)
        held = comparisons.compared_buildings(connection, plan_a, plan_b, within)
        zone_in_a, zone_in_b = a.places(held["zones_in_a"]), b.places(held["zones_in_b"])
        households = np.array(held["households"], dtype=np.int64)
        matching = match_zones(zone_in_a, zone_in_b, households, zones_a=len(a.zones), zones_b=len(b.zones))
        comparison = Comparison(a, b, held["codes"], households, zone_in_a, zone_in_b, matching)
        differing = comparison.differing
        begin = 0 if after is None else bisect_right(differing, after, key=lambda place: held["codes"][place])
        page = differing[begin : begin + most]
        known = comparisons.named_buildings(connection, [held["codes"][place] for place in page])
    return {
        "area_code": within,
        **comparison.as_json(names),
        "buildings": comparison.buildings_json(page, known),
        "next": held["codes"][page[-1]] if page and begin + most < len(differing) else None,
    }


def _common_area(connection: Connection, actor: Actor, plan_areas: Sequence[str], asked: str | None) -> str:
    """What both plans are made for, of what was asked for, of what the actor may read."""
    if asked is not None:
        areas.require_area(connection, asked)
    narrowing = [code for code in (asked, actor.scope) if code not in (None, "*")]
    found = comparisons.shared_area(connection, [*plan_areas, *narrowing])
    if found is None:
        key = "comparison.nothing_shared" if asked is None else "comparison.not_in_area"
        raise InvalidInput(key, where=asked or "", a=plan_areas[0], b=plan_areas[1])
    return found


def _read(connection: Connection, plan: dict[str, Any], area_code: str) -> ComparedPlan:
    rules = PlanRules.of(connection, plan["id"], plans.plan_parameters(connection, plan["id"]))
    zones = comparisons.compared_zones(connection, plan["id"], area_code)
    return ComparedPlan(plan, rules.limits, zones, comparisons.waiting_by_community(connection, plan["id"]))
