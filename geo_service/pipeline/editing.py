"""The verbs that edit a draft by hand: one order at a time, each with its inverse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Engine

from geo_service import messages
from geo_service.access import Actor
from geo_service.errors import Conflict, InvalidInput, NotFound
from geo_service.pipeline.edit_scene import Records, Scene, community_of
from geo_service.pipeline.edit_words import lock_as_read
from geo_service.pipeline.edit_writing import Change, nothing_changed, written
from geo_service.pipeline.guard import require_writer
from geo_service.planning.editing import EditOrder, carry_out, difference
from geo_service.planning.editing.division import fresh_codes
from geo_service.planning.editing.orders import NewZoneWithin, as_said, buildings_named, zones_named
from geo_service.store import plan_edits
from geo_service.store.outcomes import CommunityFigures
from geo_service.store.plans import PlanHead
from geo_service.store.session import transaction
from geo_service.store.zone_records import (
    EditedCommunity,
    ZoneRecord,
    edited_communities,
    zone_codes_used,
)

Report = dict[str, Any]


def edit_plan(
    engine: Engine,
    actor: Actor,
    *,
    plan_id: int,
    order: EditOrder,
    expected_revision: int | None = None,
    language: str = messages.DEFAULT_LANGUAGE,
) -> Report:
    """Carry out one order on the zones of one community of a draft; it may break the plan's rules.

    Parameters
    ----------
    language : str
        What new zones are named in.

    Raises
    ------
    NotFound
        No such plan in the actor's scope, or no such zone in it, with who removed it.
    LostRace
        The plan is not at ``expected_revision``; ``details`` say what has changed since.
    Conflict
        The plan is no draft; a locked zone would get or lose buildings.
    InvalidInput
        Buildings of elsewhere or of several communities, or what ``carry_out`` refuses.
    """
    require_writer(actor)
    with transaction(engine, actor) as connection:
        plan = lock_draft(connection, plan_id, expected_revision)
        scene = Scene.read(connection, plan, _community_named(connection, plan_id, order))
        division = scene.division
        try:
            after = carry_out(
                order,
                division,
                scene.ground,
                new_codes(connection, scene),
                lambda code: zone_name(scene.community, code, language),
            )
        except NotFound as missing:
            raise _no_such_zone(connection, plan_id, missing.where) from missing
        records = scene.records(difference(division, after))
        if not records:
            return nothing_changed(connection, scene)
        change = Change(scene, records, scene.figures(scene.after(records)))
        return written(connection, plan, [change], order.kind, as_said(order))


def undo_edit(engine: Engine, actor: Actor, *, plan_id: int, expected_revision: int | None = None) -> Report:
    """Take back the newest edit that stands, whoever made it.

    Raises
    ------
    NotFound, LostRace
        As ``edit_plan``.
    Conflict
        The plan is no draft; there is nothing to take back; or buildings it would put back are gone.
    """
    return _taken_back(engine, actor, plan_id, expected_revision, "undo")


def redo_edit(engine: Engine, actor: Actor, *, plan_id: int, expected_revision: int | None = None) -> Report:
    """Do again what was taken back last, as long as nothing new was ordered since.

    Raises
    ------
    NotFound, LostRace, Conflict
        As ``undo_edit``.
    """
    return _taken_back(engine, actor, plan_id, expected_revision, "redo")


def lock_draft(connection: Connection, plan_id: int, expected_revision: int | None) -> PlanHead:
    """Take a draft for writing.

    Raises
    ------
    NotFound, LostRace
        As ``edit_plan``.
    Conflict
        When the plan is no draft.
    """
    plan = lock_as_read(connection, plan_id, expected_revision)
    if plan.state == "published":
        raise Conflict("plan.frozen", where=str(plan_id))
    if plan.state != "draft":
        raise Conflict("edits.in_review", where=str(plan_id))
    return plan


def _taken_back(
    engine: Engine, actor: Actor, plan_id: int, expected_revision: int | None, kind: str
) -> Report:
    require_writer(actor)
    with transaction(engine, actor) as connection:
        plan = lock_draft(connection, plan_id, expected_revision)
        standing = plan_edits.standing_edits(connection, plan_id)
        number = standing.undo if kind == "undo" else standing.redo
        if number is None:
            raise Conflict(f"edits.nothing_to_{kind}", where=str(plan_id))
        newest = plan_edits.newest_about(connection, plan_id, number)
        inverses = newest.inverse_by_community
        changes = [_put_back(connection, plan, code, inverse) for code, inverse in inverses.items()]
        return written(connection, plan, changes, kind, {}, of_number=number)


def _put_back(connection: Connection, plan: PlanHead, code: str, inverse: Mapping[str, Any]) -> Change:
    """What carries out the inverse of an edit in one community."""
    records: Records = {
        zone: None if kept is None else ZoneRecord.of_json(kept) for zone, kept in inverse["zones"].items()
    }
    community = community_of(connection, plan.id, code)
    coming = [building for record in records.values() if record is not None for building in record.buildings]
    scene = Scene.read(connection, plan, community, coming=coming)
    kept = inverse["outcome"]
    return Change(scene, records, None if kept is None else CommunityFigures(**kept))


def _community_named(connection: Connection, plan_id: int, order: EditOrder) -> EditedCommunity:
    zones, buildings = zones_named(order), buildings_named(order)
    if isinstance(order, NewZoneWithin):
        return community_of(connection, plan_id, order.community)
    if zones:
        found = edited_communities(connection, plan_id, zones=zones)
        if not found:
            raise _no_such_zone(connection, plan_id, zones[0])
    else:
        found = edited_communities(connection, plan_id, buildings=buildings)
        if not found:
            raise InvalidInput("edits.building_not_in_plan", where=buildings[0], building=buildings[0])
    if len(found) > 1:
        named = ", ".join(community.name for community in found[:5])
        raise InvalidInput("edits.several_communities", where=found[0].code, communities=named)
    return found[0]


def _no_such_zone(connection: Connection, plan_id: int, zone_code: str) -> NotFound:
    who = plan_edits.last_touched(connection, plan_id, zone_code)
    if who is None:
        return NotFound("plan.no_such_zone", where=str(plan_id), zone=zone_code)
    return NotFound("edits.zone_gone", where=zone_code, zone=zone_code, who=who)


def new_codes(connection: Connection, scene: Scene) -> Iterator[str]:
    """Codes for new zones; what is taken is looked up when the first is asked for."""
    taken = zone_codes_used(connection, scene.plan.id, scene.community.code)
    yield from fresh_codes(scene.community.code, taken)


def zone_name(community: EditedCommunity, code: str, language: str) -> str:
    """What a new zone of a code is called."""
    number = code.removeprefix(community.code).lstrip("0")
    return messages.text("zoning.zone_name", language, community=community.name, number=number)
