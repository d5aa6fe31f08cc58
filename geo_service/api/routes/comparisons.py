"""Plans held against each other."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Query, Response

from geo_service.api.answers.comparison import PlanComparison
from geo_service.api.deps import LARGEST_ID, LONGEST_CODE, Database, OptionalAreaQuery, PlanId, Reader
from geo_service.pipeline.comparing import MOST_BUILDINGS, compare_plans

router = APIRouter(prefix="/api/plans", tags=["plans"])

OtherPlanId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="The plan to compare with")]
After = Annotated[
    str | None,
    Query(min_length=1, max_length=LONGEST_CODE, description="Buildings with codes after this one"),
]


@router.get(
    "/{plan_id}/comparison/{other_plan_id}",
    summary="Two plans side by side, and which buildings differ",
    response_model=PlanComparison,
)
def comparison(
    plan_id: PlanId,
    other_plan_id: OtherPlanId,
    engine: Database,
    caller: Reader,
    area: OptionalAreaQuery = None,
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=MOST_BUILDINGS)] = 1_000,
) -> Response:
    """Zones are matched by the people they share, not by code; a building differs when it left its match."""
    report = compare_plans(
        engine, caller, plan_a=plan_id, plan_b=other_plan_id, area_code=area, after=after, most=limit
    )
    return Response(orjson.dumps(report), media_type="application/json")
