"""The coverage rate: exact counts of an area on a date."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from geo_service.api.answers.coverage import By, Coverage, Types
from geo_service.api.deps import AreaQuery, Caller, Database, KnownAt, Language, OnDate
from geo_service.api.routes.policies import ProfileQuery
from geo_service.pipeline.coverage import measure_coverage
from geo_service.pipeline.unit_types import count_types

router = APIRouter(prefix="/api", tags=["coverage"])


@router.get(
    "/coverage",
    summary="Coverage of an area on a date, by area, type, class, form or responsible unit",
    response_model=Coverage,
)
def read_coverage(
    area: AreaQuery,
    engine: Database,
    caller: Caller,
    on: OnDate,
    known: KnownAt,
    language: Language,
    by: By = "community",
    measure: Annotated[str | None, Query(max_length=64, description="Only this measure")] = None,
    profile: ProfileQuery = None,
) -> dict[str, Any]:
    """Numerator and denominator beside every rate, and the milestone that holds on the date."""
    report = measure_coverage(
        engine,
        caller,
        area_code=area,
        by=by,
        on=on,
        known=known,
        measure=measure,
        profile_key=profile,
        language=language,
    )
    return report.as_json()


@router.get(
    "/coverage/types",
    summary="Units of an area by what ledgers tick: marks beside distinct units",
    response_model=Types,
)
def read_types(
    area: AreaQuery, engine: Database, caller: Caller, on: OnDate, profile: ProfileQuery = None
) -> dict[str, Any]:
    """Several management types of a unit are several marks, by the profile's rules too, but one unit."""
    return count_types(engine, caller, area_code=area, on=on, profile_key=profile).as_json()
