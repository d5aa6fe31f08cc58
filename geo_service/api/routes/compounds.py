"""Per-compound plans, and lapses of management."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from geo_service.api.answers.compounds import (
    CompoundPlan,
    CompoundPlans,
    FailedPlan,
    LapseRecord,
    Lapses,
    ResumedPlan,
    WithdrawnLapse,
)
from geo_service.api.deps import LARGEST_ID, AreaQuery, Database, OnDate, Reader
from geo_service.api.records import Record
from geo_service.api.routes.governance import Code, UnitPath
from geo_service.api.routes.policies import ProfileQuery
from geo_service.pipeline import compound_plans, lapsing
from geo_service.pipeline.wording import LONGEST_REASON, LONGEST_TEXT

router = APIRouter(prefix="/api", tags=["compounds"])

Reason = Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)]


class Draft(Record):
    """A unit's own plan."""

    unit: Code
    form: Annotated[str, Field(min_length=1, max_length=40)]
    measures: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
    on: date


class Consultation(Record):
    """The round in which a plan was put to the owners."""

    consent_round: Annotated[int, Field(ge=1, le=LARGEST_ID)]


class Completion(Record):
    """When a plan was carried out."""

    on: date


class Failure(Record):
    """When a plan failed, and why."""

    on: date
    reason: Reason


class Lapse(Record):
    """The first day without management, and why."""

    unit: Code
    on: date
    reason: Reason


@router.get("/compound-plans", summary="Per-compound plans of an area", response_model=CompoundPlans)
def list_plans(area: AreaQuery, engine: Database, caller: Reader, on: OnDate) -> dict[str, Any]:
    """How far each has come, and how its unit is managed on a day; government fallback is marked."""
    return compound_plans.list_plans(engine, caller, area_code=area, on=on)


@router.post("/compound-plans", status_code=201, summary="Draft a unit's plan", response_model=CompoundPlan)
def draft_plan(told: Draft, engine: Database, caller: Reader, profile: ProfileQuery = None) -> dict[str, Any]:
    """An earlier one, however far it came, stays in the history."""
    return compound_plans.draft_plan(
        engine,
        caller,
        unit_code=told.unit,
        form=told.form,
        measures=told.measures,
        on=told.on,
        profile_key=profile,
    )


@router.post(
    "/compound-plans/{unit}/consultation",
    summary="Link a plan to its consent round",
    response_model=CompoundPlan,
)
def consult_owners(unit: UnitPath, told: Consultation, engine: Database, caller: Reader) -> dict[str, Any]:
    """Whatever the owners said."""
    return compound_plans.consult_owners(engine, caller, unit_code=unit, round_id=told.consent_round)


@router.post(
    "/compound-plans/{unit}/completion",
    summary="Record that a plan was carried out",
    response_model=CompoundPlan,
)
def carry_out_plan(unit: UnitPath, told: Completion, engine: Database, caller: Reader) -> dict[str, Any]:
    """Only one that its owners agreed to."""
    return compound_plans.carry_out_plan(engine, caller, unit_code=unit, on=told.on)


@router.post("/compound-plans/{unit}/failure", summary="Let a plan fail", response_model=FailedPlan)
def fail_plan(unit: UnitPath, told: Failure, engine: Database, caller: Reader) -> dict[str, Any]:
    """The profile's fallback form is assigned; what may be proposed is named with its clause."""
    return compound_plans.fail_plan(engine, caller, unit_code=unit, on=told.on, reason=told.reason)


@router.delete(
    "/compound-plans/{unit}/outcome",
    summary="Take back a plan's failure, or completion",
    response_model=ResumedPlan,
)
def withdraw_outcome(unit: UnitPath, engine: Database, caller: Reader) -> dict[str, Any]:
    """For a wrong record: what was before is recorded again, the mistake stays in the history."""
    return compound_plans.withdraw_outcome(engine, caller, unit_code=unit)


@router.get("/lapses", summary="Lapses of management in an area", response_model=Lapses)
def list_lapses(area: AreaQuery, engine: Database, caller: Reader, on: OnDate) -> dict[str, Any]:
    """Up to a day, how many a month, and who is still without management."""
    return lapsing.list_lapses(engine, caller, area_code=area, on=on)


@router.post(
    "/lapses", status_code=201, summary="Record that a unit's management ended", response_model=LapseRecord
)
def record_lapse(
    told: Lapse, engine: Database, caller: Reader, profile: ProfileQuery = None
) -> dict[str, Any]:
    """Only of a unit that is covered."""
    return lapsing.record_lapse(
        engine, caller, unit_code=told.unit, on=told.on, reason=told.reason, profile_key=profile
    )


@router.delete("/lapses/{unit}", summary="Take back a unit's lapse", response_model=WithdrawnLapse)
def withdraw_lapse(
    unit: UnitPath,
    engine: Database,
    caller: Reader,
    on: Annotated[date | None, Query(description="Its day; the latest when missing")] = None,
) -> dict[str, Any]:
    """What it had ended is recorded again; the mistake stays in the history."""
    return lapsing.withdraw_lapse(engine, caller, unit_code=unit, on=on)
