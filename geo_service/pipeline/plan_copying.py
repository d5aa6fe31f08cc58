"""The verb that copies a plan into a new draft: as it is, or as it was at an earlier revision."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine

from geo_service import messages
from geo_service.access import Actor
from geo_service.errors import InvalidInput
from geo_service.pipeline.edit_scene import Scene
from geo_service.pipeline.guard import require_writer
from geo_service.store import areas, plans
from geo_service.store.outcomes import CommunityFigures, put_outcome
from geo_service.store.plan_copies import copy_plan as copy_rows
from geo_service.store.plan_copies import inverses_since
from geo_service.store.session import transaction
from geo_service.store.zone_records import ZoneRecord, edited_communities, put_zones


def copy_plan(
    engine: Engine,
    actor: Actor,
    *,
    plan_id: int,
    name: str | None = None,
    area_code: str | None = None,
    revision: int | None = None,
    language: str = messages.DEFAULT_LANGUAGE,
) -> dict[str, Any]:
    """Copy a plan, in whatever state, into a new draft with a history of its own.

    Parameters
    ----------
    area_code : str, optional
        Only its communities in this area; all of them by default.
    revision : int, optional
        The plan as it was after this revision: edits since then are left out. Chiefs are those of today.

    Raises
    ------
    NotFound
        No such plan or area in the actor's scope.
    InvalidInput
        The plan has no zones in the area, or has not come to this revision yet.
    Forbidden
        The actor may not write plans of the area.
    Conflict
        Buildings that had a zone at that revision are gone.
    """
    require_writer(actor)
    with transaction(engine, actor) as connection:
        plan = plans.get_plan(connection, plan_id)
        at = plan["revision"] if revision is None else revision
        if not 1 <= at <= plan["revision"]:
            raise InvalidInput("edits.no_such_revision", where=str(plan_id), given=at, found=plan["revision"])
        within = areas.require_area(connection, area_code or plan["area_code"]).code
        title = name or messages.text("edits.copy_name", language, name=plan["name"])
        copy = copy_rows(connection, plan_id, name=title[:200], area_code=within, revision=at)
        if at < plan["revision"]:
            _go_back(connection, plan_id, copy, at)
        made = plans.get_plan(connection, copy)
        if not made["zones"]:
            raise InvalidInput("plan.not_in_area", where=within)
    return {
        "plan_id": copy,
        "parent_id": plan_id,
        "name": made["name"],
        "area_code": within,
        "state": made["state"],
        "revision": made["revision"],
        "copied_revision": at,
        "zones": made["zones"],
        "buildings": made["buildings"],
    }


def _go_back(connection: Connection, plan_id: int, copy: int, revision: int) -> None:
    """Give the zones that were edited since a revision what the first edit since would put back."""
    zones: dict[str, dict[str, ZoneRecord | None]] = {}
    outcomes: dict[str, CommunityFigures | None] = {}
    for community, inverse in inverses_since(connection, plan_id, revision):
        for code, kept in inverse["zones"].items():
            zones.setdefault(community, {}).setdefault(
                code, None if kept is None else ZoneRecord.of_json(kept)
            )
        kept = inverse["outcome"]
        outcomes.setdefault(community, None if kept is None else CommunityFigures(**kept))
    head = plans.lock_plan(connection, copy)
    for code, records in zones.items():
        found = edited_communities(connection, copy, community=code)
        if not found:  # not in the area that is copied
            continue
        coming = [building for zone in records.values() if zone is not None for building in zone.buildings]
        scene = Scene.read(connection, head, found[0], coming=coming)
        put_zones(connection, copy, code, scene.zones, records, scene.outlines(records), srid=found[0].srid)
        put_outcome(connection, copy, code, outcomes[code])
