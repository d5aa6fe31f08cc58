"""What changes hands when a plan begins, and who served a unit ever."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from geo_service.api.answers.handover import Handover, PastService
from geo_service.api.deps import LONGEST_CODE, Database, PlanId, Reader
from geo_service.pipeline.handing_over import list_handover
from geo_service.pipeline.serving import list_services

router = APIRouter(prefix="/api", tags=["handovers"])

MOST_BUILDINGS = 10_000


@router.get(
    "/plans/{plan_id}/handover",
    summary="Buildings that another chief would serve",
    response_model=Handover,
)
def handover(
    plan_id: PlanId,
    engine: Database,
    caller: Reader,
    from_date: Annotated[date, Query(alias="from", description="The plan's first day, ISO")],
    area: Annotated[
        str | None,
        Query(min_length=1, max_length=LONGEST_CODE, description="Only the plan's communities in this area"),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_BUILDINGS)] = 1_000,
    after: Annotated[
        str | None, Query(min_length=1, max_length=LONGEST_CODE, description="``next`` of the page before")
    ] = None,
) -> dict[str, Any]:
    """Against who is in post on that date without it; of a plan that is published, what changed then."""
    return list_handover(
        engine, caller, plan_id=plan_id, from_date=from_date, area_code=area, most=limit, after=after
    )


@router.get(
    "/units/{unit}/services", summary="Who served a unit, newest first", response_model=list[PastService]
)
def services(
    unit: Annotated[str, Path(min_length=1, max_length=LONGEST_CODE)], engine: Database, caller: Reader
) -> list[dict[str, Any]]:
    """Zones of published plans and their primary chiefs; a compound, which is in no zone, has none."""
    return list_services(engine, caller, unit_code=unit)
