"""The verbs on per-compound plans (一小区一对策): draft, consult, carry out, fail, take that back, list."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, Row

from geo_service.access import Actor
from geo_service.errors import Conflict, InvalidInput
from geo_service.pipeline.guard import require_reader, require_writer
from geo_service.pipeline.policies import find_profile, require_form
from geo_service.pipeline.wording import (
    LONGEST_CODE,
    LONGEST_REASON,
    LONGEST_TEXT,
    require_come,
    require_order,
    require_words,
)
from geo_service.planning.governance import OUTCOMES, PlanState
from geo_service.planning.policy import Profile
from geo_service.planning.policy.sanctions import possible
from geo_service.store import areas, arrangements, compound_plans, consents
from geo_service.store.compound_plans import CompoundPlan
from geo_service.store.decisions import Unit, require_unit
from geo_service.store.session import transaction

FALLBACK_STEP = "assigned"


def draft_plan(
    engine: Engine,
    actor: Actor,
    *,
    unit_code: str,
    form: str,
    measures: str,
    on: date,
    profile_key: str | None = None,
) -> dict[str, Any]:
    """Write a unit's own plan; an earlier one, however far it came, stays as history.

    Parameters
    ----------
    form : str
        The form of management that is intended.
    measures : str
        What is to be done.
    on : date
        The day it was drafted.

    Raises
    ------
    InvalidInput
        Nothing written, a form the profile does not know, or a day that has not come.
    NotFound
        No such unit in the actor's scope, or no such profile.
    Forbidden
        The actor's role changes no data.
    """
    require_writer(actor)
    unit_code = require_words(unit_code, where="unit", most=LONGEST_CODE)
    measures = require_words(measures, where="measures", most=LONGEST_TEXT)
    with transaction(engine, actor) as connection:
        unit = require_unit(connection, unit_code)
        require_come(connection, on, where=unit_code)
        profile = find_profile(connection, profile_key)
        require_form(profile, form, where=unit_code)
        present = compound_plans.present_plan(connection, unit_code)
        plan = CompoundPlan(
            unit_kind=unit.kind,
            unit_code=unit.code,
            community_code=unit.community_code,
            form=form,
            measures=measures,
            state=PlanState.DRAFTED.value,
            entered_on=on,
            profile_key=profile.key,
            profile_version=profile.version,
        )
        compound_plans.write_plan(connection, plan, after=present and present[0], actor=actor.name)
        return _told(connection, plan)


def consult_owners(engine: Engine, actor: Actor, *, unit_code: str, round_id: int) -> dict[str, Any]:
    """Link a drafted plan to the round in which it was put to the owners, whatever they said.

    Raises
    ------
    InvalidInput
        The round is another unit's, asked about another form, was judged by another profile's rule although
        the plan's own has one, or ended before the plan was drafted.
    NotFound
        No such plan, or round, in the actor's scope.
    Conflict
        The plan is in a state that this does not follow.
    Forbidden
        The actor's role changes no data.
    """
    require_writer(actor)
    unit_code = require_words(unit_code, where="unit", most=LONGEST_CODE)
    with transaction(engine, actor) as connection:
        number, plan = _present(connection, unit_code, PlanState.CONSULTED)
        round_ = consents.require_round(connection, round_id)
        if round_.unit_code != unit_code:
            raise InvalidInput("compound_plan.other_unit", where=unit_code, round=round_id)
        if round_.form not in (None, plan.form):
            raise InvalidInput("compound_plan.other_form", where=unit_code, round=round_id)
        own = find_profile(connection, plan.profile_key, plan.profile_version)
        if own.consent is not None and round_.profile_key != own.key:
            raise InvalidInput("compound_plan.other_profile", where=unit_code, round=round_id, own=own.key)
        require_order(plan.entered_on, round_.ended, where=unit_code)
        consulted = replace(
            plan, state=PlanState.CONSULTED.value, entered_on=round_.ended, consent_round_id=round_id
        )
        compound_plans.write_plan(connection, consulted, after=number, actor=actor.name)
        return _told(connection, consulted)


def carry_out_plan(engine: Engine, actor: Actor, *, unit_code: str, on: date) -> dict[str, Any]:
    """Record that a plan its owners agreed to was carried out; the ledger says how the unit is managed then.

    Raises
    ------
    InvalidInput
        A day before the consultation, or one that has not come.
    NotFound
        No such plan in the actor's scope.
    Conflict
        The owners did not agree, or the plan is in a state that this does not follow.
    Forbidden
        The actor's role changes no data.
    """
    require_writer(actor)
    unit_code = require_words(unit_code, where="unit", most=LONGEST_CODE)
    with transaction(engine, actor) as connection:
        number, plan = _present(connection, unit_code, PlanState.CARRIED_OUT)
        _require_day(connection, plan, on)
        if not consents.require_round(connection, plan.consent_round_id or 0).passes:
            raise Conflict("compound_plan.not_agreed", where=unit_code)
        done = replace(plan, state=PlanState.CARRIED_OUT.value, entered_on=on)
        compound_plans.write_plan(connection, done, after=number, actor=actor.name)
        return _told(connection, done)


def fail_plan(engine: Engine, actor: Actor, *, unit_code: str, on: date, reason: str) -> dict[str, Any]:
    """Record that a plan cannot be carried out, consulted or not, and what the government plan has follow.

    The profile's fallback form is assigned from that day on, unless the unit is covered as it is; what may be
    proposed when consent fails is named with its clause, for a person to decide.

    Raises
    ------
    InvalidInput
        No reason, a day before the plan came to its state, or one that has not come.
    NotFound
        No such plan in the actor's scope.
    Conflict
        The plan is in a state that this does not follow.
    Forbidden
        The actor's role changes no data.
    """
    require_writer(actor)
    unit_code = require_words(unit_code, where="unit", most=LONGEST_CODE)
    reason = require_words(reason, where="reason", most=LONGEST_REASON)
    with transaction(engine, actor) as connection:
        number, plan = _present(connection, unit_code, PlanState.FAILED)
        _require_day(connection, plan, on)
        failed = replace(plan, state=PlanState.FAILED.value, entered_on=on, reason=reason)
        compound_plans.write_plan(connection, failed, after=number, actor=actor.name)
        profile = find_profile(connection, plan.profile_key, plan.profile_version)
        fallback = _fall_back(connection, require_unit(connection, unit_code), profile, on)
        told = _told(connection, failed)
    return {**told, "fallback": fallback, "proposals": _proposals(profile)}


def withdraw_outcome(engine: Engine, actor: Actor, *, unit_code: str) -> dict[str, Any]:
    """Take back that a plan failed, or was carried out, where that was a mistake: it is consulted again.

    A fallback that followed is taken back with it, and what it had ended is recorded again, until whatever
    has been recorded to begin since; the mistake stays as history.

    Raises
    ------
    NotFound
        No such plan in the actor's scope.
    Conflict
        The plan has come to neither.
    Forbidden
        The actor's role changes no data.
    """
    require_writer(actor)
    unit_code = require_words(unit_code, where="unit", most=LONGEST_CODE)
    with transaction(engine, actor) as connection:
        number, plan = compound_plans.require_plan(connection, unit_code)
        if PlanState(plan.state) not in OUTCOMES:
            raise Conflict("compound_plan.no_outcome", where=unit_code)
        asked = consents.require_round(connection, plan.consent_round_id or 0)
        again = replace(plan, state=PlanState.CONSULTED.value, entered_on=asked.ended, reason=None)
        compound_plans.write_plan(connection, again, after=number, actor=actor.name)
        followed, ended = compound_plans.fallback_of(connection, number)
        if followed:
            unit = require_unit(connection, unit_code)
            arrangements.undo_fallback(
                connection, unit, step=FALLBACK_STEP, starts=plan.entered_on, ended=ended
            )
        return {**_told(connection, again), "withdrawn": plan.state}


def list_plans(engine: Engine, actor: Actor, *, area_code: str, on: date) -> dict[str, Any]:
    """Every present plan of an area, with how its unit is managed on a day.

    Raises
    ------
    NotFound
        No such area in the actor's scope.
    Forbidden
        The actor reads coverage alone, or one zone alone.
    """
    require_reader(actor)
    with transaction(engine, actor, read_only=True) as connection:
        area = areas.require_area(connection, area_code)
        plans = [_as_json(row) for row in compound_plans.plans_of(connection, area_code, on=on)]
    return {
        "area": area.code,
        "area_name": area.name,
        "on": on.isoformat(),
        "states": {state.value: sum(plan["state"] == state for plan in plans) for state in PlanState},
        "plans": plans,
    }


def _present(connection: Connection, unit_code: str, state: PlanState) -> tuple[int, CompoundPlan]:
    """The plan as it is, where a state may follow."""
    number, plan = compound_plans.require_plan(connection, unit_code)
    if not PlanState(plan.state).may_become(state):
        raise Conflict(f"compound_plan.cannot_be_{state.value}", where=unit_code)
    return number, plan


def _require_day(connection: Connection, plan: CompoundPlan, on: date) -> None:
    require_come(connection, on, where=plan.unit_code)
    require_order(plan.entered_on, on, where=plan.unit_code)


def _fall_back(connection: Connection, unit: Unit, profile: Profile, on: date) -> dict[str, Any] | None:
    """Assign the fallback form; None where the profile has none, or the unit is covered as it is."""
    rule = profile.management.fallback
    now = arrangements.in_force(connection, unit, on)
    if rule is None or now.served or (now.form, now.step) in profile.covered_pairs:
        return None
    arrangements.change_from(
        connection, unit, form=rule.form, step=FALLBACK_STEP, starts=on, is_gov_fallback=True
    )
    return {
        "form": rule.form,
        "step": FALLBACK_STEP,
        "from": on.isoformat(),
        "is_gov_fallback": True,
        "clause": {"plan": profile.title_zh, "section": rule.section},
    }


def _proposals(profile: Profile) -> list[dict[str, Any]]:
    return [
        {
            **sanction.model_dump(mode="json", include={"key", "title_zh", "title_en", "where", "against"}),
            "clause": {"plan": profile.title_zh, "section": sanction.section},
        }
        for sanction in possible(profile.conduct, "consent_failed", None, {})
    ]


def _told(connection: Connection, plan: CompoundPlan) -> dict[str, Any]:
    """The plan as it is listed, with how its unit is managed on the day it came to its state."""
    (row,) = compound_plans.plans_of(connection, plan.community_code, on=plan.entered_on, unit=plan.unit_code)
    return _as_json(row)


def _as_json(row: Row) -> dict[str, Any]:
    return {
        "kind": row.unit_kind,
        "unit": row.unit_code,
        "name": row.name,
        "community": row.community_code,
        "form": row.form,
        "measures": row.measures,
        "state": row.state,
        "entered_on": row.entered_on.isoformat(),
        "reason": row.reason,
        "consent_round": row.consent_round_id,
        "agreed": row.passes,
        "profile": row.profile_key,
        "version": row.profile_version,
        "managed": row.arranged_form
        and {
            "form": row.arranged_form,
            "step": row.arranged_step,
            "is_gov_fallback": row.is_gov_fallback,
        },
        "by": row.recorded_by,
        "at": row.recorded_at.isoformat(),
    }
