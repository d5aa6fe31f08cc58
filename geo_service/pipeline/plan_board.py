"""The verbs that open a plan: all that somebody needs on the table to work on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, Engine

from geo_service.access import Actor
from geo_service.pipeline.edit_report import figures_json, plan_figures
from geo_service.pipeline.edit_scene import PlanRules, Scene, community_of
from geo_service.pipeline.guard import require_reader
from geo_service.planning.model import LoadRange
from geo_service.store import plans
from geo_service.store.boards import board_buildings, board_communities, board_zones, building_names
from geo_service.store.people import people_by_code
from geo_service.store.plan_edits import standing_edits
from geo_service.store.session import transaction

NO_ZONE = -1


def open_community(engine: Engine, actor: Actor, *, plan_id: int, community_code: str) -> dict[str, Any]:
    """One community of a plan; its ground is surveyed, so that the first edit takes no longer than the next.

    ``names`` are names, or else addresses, of its buildings by code, as far as they have any.

    Raises
    ------
    NotFound
        No such plan in the actor's scope.
    InvalidInput
        The community is not in the plan's area, or the plan does not say which limits it was drawn with.
    """
    require_reader(actor)
    with transaction(engine, actor, read_only=True) as connection:
        plan = plans.plan_head(connection, plan_id)
        scene = Scene.read(connection, plan, community_of(connection, plan_id, community_code))
        names = building_names(connection, community_code)
    return {
        "plan_id": plan_id,
        "revision": plan.revision,
        **scene.community_json(scene.zones),
        "names": names,
    }


def open_board(engine: Engine, actor: Actor, *, plan_id: int) -> dict[str, Any]:
    """A plan with its zones, judged and with outlines, and which building is in which, as arrays.

    ``buildings.zone`` and ``buildings.community`` are places in ``zones`` and ``communities``; -1 for none.

    Raises
    ------
    NotFound
        No such plan in the actor's scope.
    InvalidInput
        The plan does not say which limits it was drawn with.
    """
    require_reader(actor)
    with transaction(engine, actor, read_only=True) as connection:
        plan = plans.get_plan(connection, plan_id)
        rules = PlanRules.of(connection, plan_id, plans.plan_parameters(connection, plan_id))
        zones = zones_as_shown(connection, plan_id, rules.limits)
        buildings = board_buildings(connection, plan_id, plan["area_code"], on=rules.on)
        names = board_communities(connection, plan["area_code"])
        figures = plan_figures(connection, plan_id, rules.limits)
        standing = standing_edits(connection, plan_id)
    place_of_zone = {zone["code"]: place for place, zone in enumerate(zones)}
    place_of_community = {code: place for place, code in enumerate(names)}
    zone = [place_of_zone.get(code, NO_ZONE) for code in buildings["zones"]]
    waiting = dict.fromkeys(names, 0)
    for place, community in zip(zone, buildings["communities"], strict=True):
        if place == NO_ZONE:
            waiting[community] += 1
    kept = ("name", "area_code", "state", "parent_id", "created_by", "created_at", "publications")
    return {
        "plan_id": plan_id,
        "revision": plan["revision"],
        **{key: plan[key] for key in kept},
        "limits": {"lo": rules.limits.lo, "hi": rules.limits.hi},
        "on": rules.on.isoformat(),
        "undo": standing.undo,
        "redo": standing.redo,
        "plan": figures,
        "communities": [
            {"code": code, "name": name, "unassigned": waiting[code]} for code, name in names.items()
        ],
        "zones": zones,
        "buildings": {
            "code": buildings["codes"],
            "community": [place_of_community.get(code, NO_ZONE) for code in buildings["communities"]],
            "zone": zone,
            "households": buildings["households"],
            "lon": buildings["lon"],
            "lat": buildings["lat"],
        },
    }


def zones_as_shown(
    connection: Connection, plan_id: int, limits: LoadRange, codes: Sequence[str] | None = None
) -> list[dict[str, Any]]:
    """Zones of a plan, all or those of some codes: figures, chief and outline, for orjson to write."""
    zones = board_zones(connection, plan_id, codes)
    people = people_by_code(connection, [zone["chief"] for zone in zones if zone["chief"]])
    return [
        {
            **figures_json(zone, limits),
            "chief": people.get(zone["chief"]),
            "geometry": orjson.Fragment(zone["geometry"]),
        }
        for zone in zones
    ]
