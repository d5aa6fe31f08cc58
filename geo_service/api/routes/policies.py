"""Policy profiles, and what they recommend for each unit."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Path, Query
from fastapi.responses import FileResponse, Response
from pydantic import Field

from geo_service.api.answers.classification import ClassificationReport, Profiles
from geo_service.api.answers.evaluations import DecidedForm, Evaluations, ScoredSheet
from geo_service.api.answers.units import UnitService
from geo_service.api.attachments import attachment, documented
from geo_service.api.deps import (
    LONGEST_CODE,
    AreaQuery,
    Caller,
    Configured,
    Database,
    KnownAt,
    Language,
    OnDate,
    Reader,
)
from geo_service.api.records import Record
from geo_service.pipeline import classifying, evaluating, policies
from geo_service.pipeline.documents import write_scores
from geo_service.pipeline.serving import served_by
from geo_service.pipeline.wording import LONGEST_REASON
from geo_service.planning.policy import profile_schema

router = APIRouter(prefix="/api", tags=["policy"])

ProfileKey = Annotated[str, Path(min_length=1, max_length=40, description="Key of a policy profile")]
ProfileQuery = Annotated[
    str | None,
    Query(min_length=1, max_length=40, description="Policy profile; the deployment's by default"),
]


RoundQuery = Annotated[
    str, Query(min_length=1, max_length=40, description="Key of one of the profile's rounds")
]


class FormDecision(Record):
    """A form chosen for a unit against the recommendation, or beside it."""

    form: Annotated[str, Field(min_length=1, max_length=40)]
    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)]


class Sheet(Record):
    """A unit's marks in a round."""

    unit: Annotated[str, Field(min_length=1, max_length=LONGEST_CODE)]
    round: Annotated[str, Field(min_length=1, max_length=40)]
    marks: Annotated[dict[str, Annotated[Decimal, Field(max_digits=20)]], Field(max_length=50)]
    not_applicable: Annotated[list[str], Field(default_factory=list, max_length=50)]


@router.get("/policies", summary="The policy profiles", response_model=Profiles)
def list_policies(engine: Database, caller: Caller) -> dict[str, Any]:
    """Key, version and title of each, and which is the deployment's own."""
    return {"profiles": [each.as_json() for each in policies.list_profiles(engine, caller)]}


@router.get("/policies/schema", summary="The JSON Schema of a policy profile")
def read_schema() -> dict[str, Any]:
    """Of the document behind ``/api/policies/{key}`` and of the TOML files."""
    return profile_schema()


@router.get("/policies/{key}", summary="One policy profile")
def read_policy(key: ProfileKey, engine: Database, caller: Caller) -> dict[str, Any]:
    """Everything in it, with the section each rule comes from."""
    return policies.read_one_profile(engine, caller, key).model_dump(mode="json")


@router.get(
    "/classification",
    summary="The recommended form of every unit of an area",
    response_model=ClassificationReport,
)
def read_classification(
    area: AreaQuery,
    engine: Database,
    caller: Reader,
    on: OnDate,
    known: KnownAt,
    profile: ProfileQuery = None,
) -> Response:
    """Verdict, rule, clause and any decision, unit by unit, with a summary by rule."""
    report = classifying.classify_units(
        engine, caller, area_code=area, on=on, known=known, profile_key=profile
    )
    # A county has tens of thousands of units; to check each of them against the model again takes long.
    return Response(orjson.dumps(report.as_json()), media_type="application/json")


@router.put(
    "/classification/{unit}/decision",
    summary="Decide a unit's form, with a reason",
    response_model=DecidedForm,
)
def decide(
    unit: Annotated[str, Path(min_length=1, max_length=LONGEST_CODE, description="Code of the unit")],
    decision: FormDecision,
    engine: Database,
    caller: Reader,
    profile: ProfileQuery = None,
) -> dict[str, Any]:
    """Takes the place of an earlier decision, which stays in the history."""
    return classifying.decide_form(
        engine, caller, unit_code=unit, form=decision.form, reason=decision.reason, profile_key=profile
    )


@router.delete(
    "/classification/{unit}/decision",
    summary="Withdraw the decision on a unit's form",
    response_model=DecidedForm,
)
def withdraw(
    unit: Annotated[str, Path(min_length=1, max_length=LONGEST_CODE, description="Code of the unit")],
    engine: Database,
    caller: Reader,
    profile: ProfileQuery = None,
) -> dict[str, Any]:
    """The recommendation stands again."""
    return classifying.decide_form(engine, caller, unit_code=unit, form=None, reason="", profile_key=profile)


@router.get(
    "/evaluations",
    summary="Who is compliant in a round, who is not, who is not scored",
    response_model=Evaluations,
)
def list_evaluations(
    area: AreaQuery,
    round: RoundQuery,
    engine: Database,
    caller: Reader,
    profile: ProfileQuery = None,
) -> dict[str, Any]:
    """Every unit of the baseline, with its marks where it has been scored."""
    return evaluating.list_round(engine, caller, area_code=area, round=round, profile_key=profile)


@router.get(
    "/evaluations/document",
    summary="The scores of a round as a file",
    response_class=Response,
    responses=documented("xlsx", "csv"),
)
def read_scores(
    area: AreaQuery,
    round: RoundQuery,
    engine: Database,
    caller: Reader,
    configured: Configured,
    language: Language,
    profile: ProfileQuery = None,
    format: Literal["xlsx", "csv"] = "xlsx",
) -> FileResponse:
    """Every unit's marks and score, for the year's assessment; the workbook sums up by community, too."""
    report = evaluating.list_round(engine, caller, area_code=area, round=round, profile_key=profile)
    name = f"scores.{format}"
    return attachment(configured, name, lambda out: write_scores(report, out, language=language))


@router.post(
    "/evaluations", status_code=201, summary="Score a unit's sheet of marks", response_model=ScoredSheet
)
def evaluate(sheet: Sheet, engine: Database, caller: Reader, profile: ProfileQuery = None) -> dict[str, Any]:
    """Takes the place of an earlier sheet of the round, which stays in the history."""
    return evaluating.evaluate_unit(
        engine,
        caller,
        unit_code=sheet.unit,
        round=sheet.round,
        marks=sheet.marks,
        not_applicable=sheet.not_applicable,
        profile_key=profile,
    )


@router.get("/units/{unit}/service", summary="Who served a unit on a day", response_model=UnitService)
def read_service(
    unit: Annotated[str, Path(min_length=1, max_length=LONGEST_CODE)],
    engine: Database,
    caller: Reader,
    on: OnDate,
    known: KnownAt,
) -> dict[str, Any]:
    """Its form, its step of the ladder and whether that counts, and the zone and chief in post then."""
    return served_by(engine, caller, unit_code=unit, on=on, known=known)
