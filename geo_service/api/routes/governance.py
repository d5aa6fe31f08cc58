"""Consent rounds, governance bodies, responsible units and target letters."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field

from geo_service.api.answers.governance import (
    AssignedUnit,
    ConsentRounds,
    DissolvedBody,
    FoundedBody,
    GovernanceBodies,
    RecordedRound,
    Registration,
    ResponsibleUnits,
    SignedLetter,
    TargetLetters,
    Withdrawn,
)
from geo_service.api.deps import LARGEST_ID, LONGEST_CODE, AreaQuery, Database, Reader
from geo_service.api.records import Record
from geo_service.api.routes.policies import ProfileQuery
from geo_service.pipeline import consenting, governing, letters, responsibilities
from geo_service.pipeline.wording import LONGEST_NAME, LONGEST_TEXT
from geo_service.planning.governance import BodyKind

router = APIRouter(prefix="/api", tags=["governance"])

Code = Annotated[str, Field(min_length=1, max_length=LONGEST_CODE)]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
RecordId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="Number of the record")]
UnitPath = Annotated[
    str, Path(min_length=1, max_length=LONGEST_CODE, description="Code of a compound or standalone building")
]
_Number = Annotated[int, Field(ge=-LARGEST_ID, le=LARGEST_ID)]
_SquareMetres = Annotated[Decimal, Field(max_digits=20)]


class Heads(Record):
    """Owners, or residents, who agree, and all of them."""

    agree: _Number
    all: _Number


class FloorArea(Record):
    """Floor area (m2) of those who agree, and of all."""

    agree: _SquareMetres
    all: _SquareMetres


class ConsentRound(Record):
    """What the owners of a unit were asked, and both tallies."""

    unit: Code
    proposal: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
    form: Annotated[str | None, Field(max_length=40)] = None
    began: date
    ended: date
    heads: Heads
    area_m2: FloorArea


class GovernanceBody(Record):
    """A body of a unit, or of a community; its own name, nobody's."""

    kind: BodyKind
    name: Name
    unit: Code | None = None
    community: Code | None = None
    founded_on: date
    filing_number: Annotated[str | None, Field(max_length=LONGEST_CODE)] = None


class Dissolution(Record):
    """The first day without a body."""

    on: date


class ResponsibleUnit(Record):
    """A responsible unit on an area's register."""

    area: Code
    code: Code
    name: Name


class Assignment(Record):
    """Who answers for a unit."""

    code: Code


class TargetLetter(Record):
    """What an area promises the one above it: a percentage or a number of units, just one."""

    giver: Code
    taker: Code
    signed_on: date
    due_on: date
    target_percent: _Number | None = None
    target_count: _Number | None = None
    document_no: Name


@router.get("/consent-rounds", summary="Consent rounds of an area", response_model=ConsentRounds)
def list_rounds(area: AreaQuery, engine: Database, caller: Reader) -> dict[str, Any]:
    """Both tallies of each, whether it passes, and by which clause."""
    return consenting.list_rounds(engine, caller, area_code=area)


@router.post(
    "/consent-rounds", status_code=201, summary="Record a consent round", response_model=RecordedRound
)
def record_round(
    told: ConsentRound, engine: Database, caller: Reader, profile: ProfileQuery = None
) -> dict[str, Any]:
    """Judged by the profile's rule; key and version are kept with it."""
    return consenting.record_round(
        engine,
        caller,
        unit_code=told.unit,
        proposal=told.proposal,
        form=told.form,
        began=told.began,
        ended=told.ended,
        heads=(told.heads.agree, told.heads.all),
        area_m2=(told.area_m2.agree, told.area_m2.all),
        profile_key=profile,
    )


@router.delete("/consent-rounds/{number}", summary="Take back a consent round", response_model=Withdrawn)
def withdraw_round(number: RecordId, engine: Database, caller: Reader) -> dict[str, Any]:
    """It stays in the history."""
    return consenting.withdraw_round(engine, caller, round_id=number)


@router.get("/governance-bodies", summary="Governance bodies of an area", response_model=GovernanceBodies)
def list_bodies(
    area: AreaQuery,
    engine: Database,
    caller: Reader,
    on: Annotated[date | None, Query(description="Those of one day; all when missing")] = None,
) -> dict[str, Any]:
    """Assemblies, committees and groups, of units and of communities."""
    return governing.list_bodies(engine, caller, area_code=area, on=on)


@router.post(
    "/governance-bodies", status_code=201, summary="Record a governance body", response_model=FoundedBody
)
def found_body(told: GovernanceBody, engine: Database, caller: Reader) -> dict[str, Any]:
    """Of a unit, or of a community."""
    return governing.found_body(
        engine,
        caller,
        kind=told.kind,
        name=told.name,
        founded_on=told.founded_on,
        unit_code=told.unit,
        community_code=told.community,
        filing_number=told.filing_number,
    )


@router.post(
    "/governance-bodies/{number}/dissolution",
    summary="Dissolve a governance body",
    response_model=DissolvedBody,
)
def dissolve_body(number: RecordId, told: Dissolution, engine: Database, caller: Reader) -> dict[str, Any]:
    """From a day on it is no more."""
    return governing.dissolve_body(engine, caller, body_id=number, on=told.on)


@router.delete("/governance-bodies/{number}", summary="Take back a governance body", response_model=Withdrawn)
def withdraw_body(number: RecordId, engine: Database, caller: Reader) -> dict[str, Any]:
    """For one that was recorded wrongly; it stays in the history."""
    return governing.withdraw_body(engine, caller, body_id=number)


@router.get("/responsible-units", summary="Responsible units of an area", response_model=ResponsibleUnits)
def list_responsible(area: AreaQuery, engine: Database, caller: Reader) -> dict[str, Any]:
    """What each answers for, by code or by the ledger's text; names of the ledger that are on no register."""
    return responsibilities.list_responsible(engine, caller, area_code=area)


@router.post(
    "/responsible-units",
    status_code=201,
    summary="Register a responsible unit, or rename it",
    response_model=Registration,
)
def register_responsible(told: ResponsibleUnit, engine: Database, caller: Reader) -> dict[str, Any]:
    """A former name stays in the history."""
    return responsibilities.register_responsible(
        engine, caller, area_code=told.area, code=told.code, name=told.name
    )


@router.put(
    "/responsible-units/assignments/{unit}",
    summary="Say by code who answers for a unit",
    response_model=AssignedUnit,
)
def assign_responsible(unit: UnitPath, told: Assignment, engine: Database, caller: Reader) -> dict[str, Any]:
    """From then on the ledger's text does not decide."""
    return responsibilities.assign_responsible(engine, caller, unit_code=unit, code=told.code)


@router.delete(
    "/responsible-units/assignments/{unit}", summary="Take an assignment back", response_model=AssignedUnit
)
def withdraw_assignment(unit: UnitPath, engine: Database, caller: Reader) -> dict[str, Any]:
    """The ledger's text decides again."""
    return responsibilities.assign_responsible(engine, caller, unit_code=unit, code=None)


@router.get(
    "/target-letters", summary="Target letters of an area, and who has none", response_model=TargetLetters
)
def list_letters(area: AreaQuery, engine: Database, caller: Reader) -> dict[str, Any]:
    """Every sub-district and community with the letters it has taken."""
    return letters.list_letters(engine, caller, area_code=area)


@router.post(
    "/target-letters", status_code=201, summary="Record a target letter", response_model=SignedLetter
)
def sign_letter(told: TargetLetter, engine: Database, caller: Reader) -> dict[str, Any]:
    """From an area to one below it."""
    return letters.sign_letter(
        engine,
        caller,
        giver_code=told.giver,
        taker_code=told.taker,
        signed_on=told.signed_on,
        due_on=told.due_on,
        document_no=told.document_no,
        target_percent=told.target_percent,
        target_count=told.target_count,
    )


@router.delete("/target-letters/{number}", summary="Take back a target letter", response_model=Withdrawn)
def withdraw_letter(number: RecordId, engine: Database, caller: Reader) -> dict[str, Any]:
    """For one that was recorded wrongly; it stays in the history."""
    return letters.withdraw_letter(engine, caller, letter_id=number)
