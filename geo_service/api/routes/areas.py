"""Areas of the caller's scope, and the zones drawn in them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from geo_service.api.answers.areas import Area, Zones
from geo_service.api.answers.plans import BegunPlan
from geo_service.api.deps import LARGEST_ID, AreaCode, Caller, Database, Language, Reader, plan_etag
from geo_service.deployment import today
from geo_service.pipeline.beginning import begin_plan
from geo_service.planning.model import LoadRange
from geo_service.store.areas import list_areas, require_area
from geo_service.store.plans import get_plan
from geo_service.store.session import transaction
from geo_service.store.zones import list_outcomes, list_zones

router = APIRouter(prefix="/api/areas", tags=["areas"])

Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")]


class BlankPlan(BaseModel):
    """What to call a plan, and what to judge its zones by."""

    model_config = ConfigDict(extra="forbid")

    name: Line | None = None
    target: Line | None = Field(
        default=None, description="Load a zone, LO-HI; the policy profile's by default"
    )


@router.get("", summary="Areas of my scope, parents first", response_model=list[Area])
def read_areas(engine: Database, caller: Caller) -> list[dict[str, Any]]:
    """Every area the caller's scope holds."""
    with transaction(engine, caller, read_only=True) as connection:
        return list_areas(connection)


@router.get("/{code}/zones", summary="Zones of an area on a date, or of one plan", response_model=Zones)
def read_zones(
    code: AreaCode,
    engine: Database,
    caller: Reader,
    on: Annotated[date | None, Query(description="ISO date; today when missing")] = None,
    plan: Annotated[
        int | None, Query(ge=1, le=LARGEST_ID, description="This plan's, published or not")
    ] = None,
) -> dict[str, Any]:
    """The published zones, each with its chief; with ``plan`` that plan's."""
    with transaction(engine, caller, read_only=True) as connection:
        require_area(connection, code)
        if plan is not None:
            get_plan(connection, plan)
        day = on or today()
        return {
            "zones": list_zones(connection, code, on=day, plan_id=plan),
            "outcomes": list_outcomes(connection, code, on=day, plan_id=plan),
        }


@router.post("/{code}/plans", status_code=201, summary="Begin a draft without zones over an area")
def begin(
    code: AreaCode,
    order: BlankPlan,
    engine: Database,
    caller: Caller,
    response: Response,
    language: Language,
) -> BegunPlan:
    """To be drawn by hand, or by asking the solver."""
    report = begin_plan(
        engine,
        caller,
        area_code=code,
        plan_name=order.name,
        limits=None if order.target is None else LoadRange.parse(order.target),
        language=language,
    )
    response.headers["Location"] = f"/api/plans/{report['plan_id']}"
    response.headers["ETag"] = plan_etag(report["plan_id"], report["revision"])
    return BegunPlan(**report)
