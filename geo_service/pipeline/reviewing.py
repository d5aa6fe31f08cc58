"""The verbs between a draft and its publication: hand it in for review, reopen it, call it something else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Engine

from geo_service.access import Actor
from geo_service.errors import Conflict
from geo_service.pipeline.edit_scene import Scene, community_of
from geo_service.pipeline.edit_words import lock_as_read
from geo_service.pipeline.editing import lock_draft
from geo_service.pipeline.guard import require_writer
from geo_service.pipeline.plan_checks import breaches
from geo_service.store import plan_edits, plan_rules, plans
from geo_service.store.outcomes import put_outcome
from geo_service.store.plans import PlanHead
from geo_service.store.session import transaction
from geo_service.store.zone_records import put_zones


def hand_in(
    engine: Engine, actor: Actor, *, plan_id: int, expected_revision: int | None = None
) -> dict[str, Any]:
    """Put a draft into review, where nobody edits it; what breaks its rules is told, not refused.

    Raises
    ------
    NotFound
        No such plan in the actor's scope.
    Conflict
        The plan is no draft, or not at ``expected_revision``.
    """
    require_writer(actor)
    with transaction(engine, actor) as connection:
        plan = lock_draft(connection, plan_id, expected_revision)
        settle_visits(connection, plan)
        plan_rules.set_state(connection, plan_id, "review")
        row = plan_edits.record_edit(connection, plan_id, "hand_in", {})
        found = breaches(connection, plan_id, list(plans.zones_by_community(connection, plan_id)))
    return {"plan_id": plan_id, "state": "review", "revision": row.revision, "breaches": found}


def reopen(
    engine: Engine, actor: Actor, *, plan_id: int, expected_revision: int | None = None
) -> dict[str, Any]:
    """Take a plan out of review: it is a draft again, with all its history.

    Raises
    ------
    NotFound
        No such plan in the actor's scope.
    Conflict
        The plan is not in review, or not at ``expected_revision``.
    """
    require_writer(actor)
    with transaction(engine, actor) as connection:
        plan = lock_as_read(connection, plan_id, expected_revision)
        if plan.state != "review":
            raise Conflict("edits.not_in_review", where=str(plan_id))
        plan_rules.set_state(connection, plan_id, "draft")
        row = plan_edits.record_edit(connection, plan_id, "reopen", {})
    return {"plan_id": plan_id, "state": "draft", "revision": row.revision}


def rename_plan(
    engine: Engine, actor: Actor, *, plan_id: int, name: str, expected_revision: int | None = None
) -> dict[str, Any]:
    """Give a plan that is not published another name; nothing where it has that name already.

    Raises
    ------
    NotFound
        No such plan in the actor's scope.
    Conflict
        The plan is published or was, or is not at ``expected_revision``.
    """
    require_writer(actor)
    with transaction(engine, actor) as connection:
        plan = lock_as_read(connection, plan_id, expected_revision)
        if plan.state not in ("draft", "review"):
            raise Conflict("plan.frozen", where=str(plan_id))
        revision = plan.revision
        if name != plan.name:
            plan_rules.set_name(connection, plan_id, name)
            said = {"name": name, "was": plan.name}
            revision = plan_edits.record_edit(connection, plan_id, "rename_plan", said).revision
    return {"plan_id": plan_id, "name": name, "revision": revision}


def settle_visits(connection: Connection, plan: PlanHead) -> None:
    """Write the buildings of edited zones in walking order, which no edit does: few of them move."""
    for code in plan_rules.communities_with_outdated_visits(connection, plan.id):
        community = community_of(connection, plan.id, code)
        scene = Scene.read(connection, plan, community)
        settled = {zone.code: scene.settled(zone) for zone in scene.zones.values() if zone.visits_outdated}
        put_zones(connection, plan.id, code, scene.zones, settled, {}, srid=community.srid)
        if scene.outcome is not None:
            patrol_m = sum(zone.patrol_m or 0.0 for zone in scene.after(settled).values())
            put_outcome(connection, plan.id, code, replace(scene.outcome, patrol_m=patrol_m))
