"""The coverage rate: exact counts of an area on a date."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from geo_service.api.deps import AreaQuery, Caller, Database, OnDate
from geo_service.pipeline.coverage import measure_coverage
from geo_service.pipeline.unit_types import count_types

router = APIRouter(prefix="/api", tags=["coverage"])


@router.get("/coverage", summary="Coverage of an area on a date, by community or sub-district")
def read_coverage(
    area: AreaQuery,
    engine: Database,
    caller: Caller,
    on: OnDate,
    by: Literal["community", "subdistrict"] = "community",
    measure: Annotated[str | None, Query(max_length=64, description="Only this measure")] = None,
) -> dict[str, Any]:
    """Numerator and denominator beside every rate, and the milestone that holds on the date."""
    report = measure_coverage(engine, caller, area_code=area, by=by, on=on, measure=measure)
    return report.as_json()


@router.get("/coverage/types", summary="Units of an area by what ledgers tick: marks beside distinct units")
def read_types(area: AreaQuery, engine: Database, caller: Caller, on: OnDate) -> dict[str, Any]:
    """Several management types of a unit are several marks, but one unit."""
    return count_types(engine, caller, area_code=area, on=on).as_json()
