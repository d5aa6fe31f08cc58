"""Zone plans: drawn, given chiefs, published. Whoever writes says by If-Match which revision was read."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from geo_service.access import Actor
from geo_service.api.answers.drawing import Appointments, DrawnPlan, Plan, Published, ZoneReasons
from geo_service.api.answers.plans import PlanSummary
from geo_service.api.deps import (
    LARGEST_ID,
    LONGEST_CODE,
    AreaQuery,
    Caller,
    Database,
    ExpectedRevision,
    Language,
    PlanId,
    Reader,
    plan_etag,
)
from geo_service.pipeline.chiefs import appoint_chiefs
from geo_service.pipeline.explaining import explain_plan
from geo_service.pipeline.publishing import publish_plan
from geo_service.pipeline.rebalancing import rebalance_plan
from geo_service.pipeline.wishes import Wishes
from geo_service.pipeline.zoning import draw_zones
from geo_service.planning.model import LoadRange
from geo_service.store.areas import require_area
from geo_service.store.plans import get_plan, list_plans
from geo_service.store.session import transaction
from geo_service.store.zones import list_outcomes

router = APIRouter(prefix="/api/plans", tags=["plans"])

Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")]
Code = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_CODE, pattern=r"^[^\x00-\x1f]*$")]
Reason = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=1_000, pattern=r"^[^\x00-\x08\x0b-\x1f]*$"
    ),
]
ZoneCode = Annotated[str, Path(min_length=1, max_length=LONGEST_CODE, description="Zone code")]

ZoneCount = Annotated[int, Field(ge=1, le=10_000, strict=True)] | Literal["least", "chiefs", "middle"]
Pairs = Annotated[list[tuple[Code, Code]], Field(max_length=1_000)]
Codes = Annotated[list[Code], Field(max_length=1_000)]
Changes = Annotated[
    int | None, Field(ge=0, le=10_000_000, description="At most so many buildings of a community change zone")
]


class NewPlan(BaseModel):
    """What to draw zones for, and what they must be."""

    model_config = ConfigDict(extra="forbid")

    area: Code
    name: Line | None = None
    target: Line | None = Field(
        default=None, description="Load a zone, LO-HI; the policy profile's by default"
    )
    zones: ZoneCount | None = Field(
        default=None, description="So many zones, or a rule; the policy profile's by default"
    )
    seed: int = Field(default=1, ge=0, lt=2**31)
    budget: int | None = Field(default=None, ge=1, le=10**10, description="Moves the search may try")
    from_plan: int | None = Field(
        default=None, ge=1, le=LARGEST_ID, description="The plan to continue; by default the one in force"
    )
    keep_locked: bool = Field(default=False, description="The earlier plan's locked zones stay as they are")
    lock: Codes = Field(default=[], description="Codes of its zones that stay as they are and become locked")
    max_moves: Changes = None
    together: Pairs = Field(default=[], description="Pairs of buildings that share a zone")
    apart: Pairs = Field(default=[], description="Pairs of buildings that must not share one")
    centres: Codes = Field(default=[], description="People or buildings, each the centre of one zone")

    @property
    def wishes(self) -> Wishes:
        """What the zones must be beside their size."""
        return Wishes(
            from_plan=self.from_plan,
            keep_locked=self.keep_locked,
            lock=tuple(self.lock),
            most_changes=self.max_moves,
            together=tuple(self.together),
            apart=tuple(self.apart),
            centres=tuple(self.centres),
        )


class Rebalance(BaseModel):
    """How far a plan may be changed to hold again."""

    model_config = ConfigDict(extra="forbid")

    area: Code | None = Field(default=None, description="Only the plan's communities in this area")
    name: Line | None = None
    max_moves: Changes = None
    seed: int = Field(default=1, ge=0, lt=2**31)


class Override(BaseModel):
    """Why a rule may be broken."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason


class Publication(BaseModel):
    """From when a plan holds, and where."""

    model_config = ConfigDict(extra="forbid")

    from_date: date = Field(alias="from", description="The first day, ISO")
    area: Code | None = Field(default=None, description="Only the plan's communities in this area")
    override: Override | None = Field(
        default=None, description="Publish although rules are broken; the reason is kept in the history"
    )


@router.get("", summary="Plans of an area, newest first", response_model=list[PlanSummary])
def read_plans(area: AreaQuery, engine: Database, caller: Reader) -> list[dict[str, Any]]:
    """Plans made for the area or for one inside it."""
    with transaction(engine, caller, read_only=True) as connection:
        require_area(connection, area)
        return list_plans(connection, area)


@router.get("/{plan_id}", summary="One plan, with its ETag", response_model=Plan)
def read_plan(plan_id: PlanId, engine: Database, caller: Reader, response: Response) -> dict[str, Any]:
    """State, size and publications of a plan, and how far each community is from the best possible."""
    with transaction(engine, caller, read_only=True) as connection:
        plan = get_plan(connection, plan_id) | {"outcomes": list_outcomes(connection, plan_id=plan_id)}
    response.headers["ETag"] = plan_etag(plan_id, plan["revision"])
    return plan


@router.get(
    "/{plan_id}/zones/{zone_code}",
    summary="Why one zone is as it is, and its walk",
    response_model=ZoneReasons,
)
def read_zone(plan_id: PlanId, zone_code: ZoneCode, engine: Database, caller: Reader) -> dict[str, Any]:
    """Figures and reasons of a zone, its buildings in walking order."""
    (zone,) = explain_plan(engine, caller, plan_id=plan_id, zone_code=zone_code)["zones"]
    return zone


@router.post("", status_code=201, summary="Draw zones into a new draft", response_model=DrawnPlan)
def draw_plan(
    order: NewPlan, engine: Database, caller: Caller, response: Response, language: Language
) -> dict[str, Any]:
    """Zones of every community of the area that admits them; the others are listed with the reason."""
    report = draw_zones(
        engine,
        caller,
        area_code=order.area,
        plan_name=order.name,
        limits=None if order.target is None else LoadRange.parse(order.target),
        zones=order.zones,
        seed=order.seed,
        budget=order.budget,
        wishes=order.wishes,
        language=language,
    )
    response.headers["Location"] = f"/api/plans/{report.plan_id}"
    return _with_etag(report.as_json(), engine, caller, report.plan_id, response)


@router.post(
    "/{plan_id}/rebalance",
    status_code=201,
    summary="Mend a plan with the least change",
    response_model=DrawnPlan,
)
def rebalance(
    plan_id: PlanId,
    order: Rebalance,
    engine: Database,
    caller: Caller,
    response: Response,
    language: Language,
) -> dict[str, Any]:
    """A new draft that continues the plan and keeps its rules over what the database holds now."""
    report = rebalance_plan(
        engine,
        caller,
        plan_id=plan_id,
        area_code=order.area,
        plan_name=order.name,
        max_moves=order.max_moves,
        seed=order.seed,
        language=language,
    )
    response.headers["Location"] = f"/api/plans/{report.plan_id}"
    return _with_etag(report.as_json(), engine, caller, report.plan_id, response)


@router.post("/{plan_id}/appoint", summary="Appoint a chief to every zone", response_model=Appointments)
def appoint(
    plan_id: PlanId, caller: Caller, revision: ExpectedRevision, engine: Database, response: Response
) -> dict[str, Any]:
    """The community's people to its zones by least total walking distance."""
    report = appoint_chiefs(engine, caller, plan_id=plan_id, expected_revision=revision)
    return _with_etag(report.as_json(), engine, caller, plan_id, response)


@router.post("/{plan_id}/publish", summary="Publish a plan from a date", response_model=Published)
def publish(
    plan_id: PlanId,
    order: Publication,
    caller: Caller,  # before the revision: who may not ask at all is told that first
    revision: ExpectedRevision,
    engine: Database,
    response: Response,
) -> dict[str, Any]:
    """Freezes the plan; what was published in its communities before ends the day before."""
    report = publish_plan(
        engine,
        caller,
        plan_id=plan_id,
        from_date=order.from_date,
        area_code=order.area,
        expected_revision=revision,
        override_reason=None if order.override is None else order.override.reason,
    )
    return _with_etag(report.as_json(), engine, caller, plan_id, response)


def _with_etag(
    document: dict[str, Any], engine: Database, caller: Actor, plan_id: int, response: Response
) -> dict[str, Any]:
    with transaction(engine, caller, read_only=True) as connection:
        response.headers["ETag"] = plan_etag(plan_id, get_plan(connection, plan_id)["revision"])
    return document
