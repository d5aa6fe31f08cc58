"""The verbs that ask the solver about a draft, and accept or drop what it proposes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, Engine

from geo_service import errors, messages
from geo_service.access import Actor
from geo_service.errors import Conflict, Forbidden, GeoServiceError, InvalidInput, NotFound, Unavailable
from geo_service.pipeline.edit_scene import PlanRules, Scene, community_of
from geo_service.pipeline.edit_writing import Change, Report, written
from geo_service.pipeline.editing import lock_draft
from geo_service.pipeline.guard import require_reader, require_writer
from geo_service.pipeline.proposal_report import WHY
from geo_service.planning.editing import ZoneHead
from geo_service.planning.proposing.asks import Ask, SplitAsk, as_said
from geo_service.store import areas, buildings, plan_edits, plans, proposals
from geo_service.store.plans import PlanHead
from geo_service.store.proposals import Proposal
from geo_service.store.session import transaction
from geo_service.store.zone_records import edited_communities, read_zones


def start_proposal(
    engine: Engine,
    actor: Actor,
    *,
    plan_id: int,
    ask: Ask,
    expected_revision: int | None = None,
    language: str = messages.DEFAULT_LANGUAGE,
) -> dict[str, Any]:
    """Ask the solver about a draft; ``proposal_work.work_out`` then works out the answer.

    What the actor asked of the plan before, and is still open, is set aside.

    Parameters
    ----------
    language : str
        What new zones are named in.

    Raises
    ------
    NotFound
        No such plan, area or zone in the actor's scope, or nothing to zone in the area.
    LostRace
        The plan is not at ``expected_revision``.
    Conflict
        The plan is no draft, or the zone to be split is locked.
    InvalidInput
        The area is outside the plan's; fewer buildings than parts.
    """
    require_writer(actor)
    with transaction(engine, actor) as connection:
        plan = lock_draft(connection, plan_id, expected_revision)
        rules = PlanRules.of(connection, plan_id, plan.parameters)
        if isinstance(ask, SplitAsk):
            _check_split(connection, plan, ask)
        else:
            _check_area(connection, plan, ask.area or plan.area_code, rules)
        number = proposals.add_proposal(connection, plan, {**as_said(ask), "language": language})
        return _told(proposals.get_proposal(connection, plan_id, number), actor)


def read_proposal(engine: Engine, actor: Actor, *, plan_id: int, proposal_id: int) -> dict[str, Any]:
    """A proposal as it stands; once it is done with the answer.

    Raises
    ------
    NotFound
        No such plan in the actor's scope, or no such proposal of it.
    """
    require_reader(actor)
    with transaction(engine, actor, read_only=True) as connection:
        plans.require_plan(connection, plan_id)
        return _told(proposals.get_proposal(connection, plan_id, proposal_id), actor)


def open_proposal(engine: Engine, actor: Actor, *, plan_id: int) -> int | None:
    """Number of the actor's own proposal of a plan that is not settled yet.

    Raises
    ------
    NotFound
        No such plan in the actor's scope.
    """
    require_reader(actor)
    with transaction(engine, actor, read_only=True) as connection:
        plans.require_plan(connection, plan_id)
        found = proposals.open_proposals(connection, plan_id)
    return next((number for number, who in found if who == actor.name), None)


def drop_proposal(engine: Engine, actor: Actor, *, plan_id: int, proposal_id: int) -> dict[str, Any]:
    """Cancel a proposal that is being worked out, or drop one that waits; nothing else where it is settled.

    Raises
    ------
    NotFound
        As ``read_proposal``.
    Forbidden
        Somebody else asked.
    """
    require_writer(actor)
    with transaction(engine, actor) as connection:
        proposal = _own(connection, actor, plan_id, proposal_id)
        if not proposals.settle(connection, proposal.id, "running", "cancelled"):
            proposals.settle(connection, proposal.id, "done", "dropped")
        return _told(proposals.get_proposal(connection, plan_id, proposal_id), actor)


def accept_proposal(
    engine: Engine, actor: Actor, *, plan_id: int, proposal_id: int, expected_revision: int | None = None
) -> Report:
    """Write what was proposed, all communities of it as one edit; the answer is that of an edit.

    Raises
    ------
    NotFound, Forbidden
        As ``drop_proposal``.
    LostRace
        The plan is not at ``expected_revision``.
    Conflict
        The plan is no draft; the proposal is not waiting, or changes nothing; its communities were edited
        since it was asked for, or buildings of theirs are gone.
    """
    require_writer(actor)
    with transaction(engine, actor) as connection:
        plan = lock_draft(connection, plan_id, expected_revision)
        proposal = _own(connection, actor, plan_id, proposal_id)
        if not proposals.settle(connection, proposal.id, "done", "accepted"):
            raise Conflict("proposals.not_waiting", where=str(proposal_id))
        zones = proposals.proposed_zones(connection, proposal.id)
        if not zones:
            raise Conflict("proposals.changes_nothing", where=str(proposal_id))
        _require_untouched(connection, proposal, zones)
        changes = [_change(connection, plan, code, zones[code]) for code in sorted(zones)]
        asked = {key: value for key, value in proposal.asked.items() if key not in ("kind", "language")}
        said = {"ask": proposal.asked["kind"], "proposal": proposal.id, **asked}
        return written(connection, plan, changes, "accept", said)


def problem_of(kept: Mapping[str, Any]) -> GeoServiceError:
    """The error that ended a proposal."""
    kind = getattr(errors, kept["kind"], GeoServiceError)
    error: GeoServiceError = kind(kept["key"], where=kept["where"], details=kept["details"], **kept["values"])
    return error


def _check_area(connection: Connection, plan: PlanHead, area_code: str, rules: PlanRules) -> None:
    within = areas.require_area(connection, area_code)
    if not areas.is_inside(connection, within.code, plan.area_code):
        raise InvalidInput("plan.not_in_area", where=area_code)
    buildings.communities_to_zone(connection, within.code, rules.on)


def _check_split(connection: Connection, plan: PlanHead, ask: SplitAsk) -> None:
    found = edited_communities(connection, plan.id, zones=[ask.zone])
    if not found:
        raise NotFound("plan.no_such_zone", where=str(plan.id), zone=ask.zone)
    zone = read_zones(connection, plan.id, found[0].code)[ask.zone]
    if zone.locked:
        details: list[dict[str, object]] = [{"zone_code": zone.code, "zone_name": zone.name}]
        raise Conflict("edits.locked", where=zone.code, details=details, zones=zone.name)
    if len(zone.buildings) < ask.parts:
        raise InvalidInput(
            "edits.split_too_many", where=zone.code, parts=ask.parts, buildings=len(zone.buildings)
        )


def _own(connection: Connection, actor: Actor, plan_id: int, proposal_id: int) -> Proposal:
    plans.require_plan(connection, plan_id)
    proposal = proposals.get_proposal(connection, plan_id, proposal_id)
    if proposal.actor != actor.name:
        raise Forbidden("proposals.of_somebody_else", where=str(proposal_id), who=proposal.actor)
    return proposal


def _require_untouched(connection: Connection, proposal: Proposal, zones: Mapping[str, Any]) -> None:
    touched = plan_edits.communities_edited(connection, proposal.plan_id, proposal.revision)
    overtaken = sorted(touched & zones.keys())
    if overtaken:
        raise Conflict(
            "proposals.overtaken",
            where=overtaken[0],
            details=[{"community": code} for code in overtaken],
            communities=", ".join(
                community_of(connection, proposal.plan_id, code).name for code in overtaken[:5]
            ),
        )


def _change(connection: Connection, plan: PlanHead, code: str, zones: Mapping[str, Any]) -> Change:
    """One community of a proposal, judged as it is now."""
    coming = [building for zone in zones.values() if zone is not None for building in zone["walk"]]
    scene = Scene.read(connection, plan, community_of(connection, plan.id, code), coming=coming)
    patch = {
        zone: None
        if kept is None
        else (ZoneHead(zone, kept["name"], kept["locked"]), scene.ground.places(kept["walk"]))
        for zone, kept in zones.items()
    }
    records = scene.records(patch, why=WHY, visits="given")
    return Change(scene, records, scene.figures(scene.after(records)))


def _told(proposal: Proposal, actor: Actor) -> dict[str, Any]:
    """A proposal as it is answered; ``problem`` is an error, in no language yet."""
    state, problem = proposal.state, proposal.problem
    error = None if problem is None else problem_of(problem)
    if proposal.is_lost:
        state, error = "failed", Unavailable("proposals.lost", where=str(proposal.id))
    shown = proposal.report is not None and state in ("done", "accepted")
    asked = {key: value for key, value in proposal.asked.items() if key != "language"}
    stages = {f"stage_{language}": messages.text(proposal.stage, language) for language in messages.LANGUAGES}
    return {
        "number": proposal.id,
        "plan_id": proposal.plan_id,
        "revision": proposal.revision,
        "actor": proposal.actor,
        "is_mine": proposal.actor == actor.name,
        "asked": asked,
        "state": state,
        **stages,
        "done": proposal.done,
        "total": proposal.total,
        "created_at": proposal.created_at,
        "changed_at": proposal.changed_at,
        "problem": error,
        "report": orjson.Fragment(proposal.report) if shown and proposal.report is not None else None,
    }
