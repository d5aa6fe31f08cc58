"""How far the work is: milestone curves and bulletins."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.deps import LARGEST_ID, LONGEST_CODE, AreaQuery, Caller, Database, KnownAt, OnDate
from geo_service.api.routes.policies import ProfileQuery
from geo_service.pipeline import bulletins
from geo_service.pipeline.milestones import follow_milestones

router = APIRouter(prefix="/api", tags=["reporting"])

BulletinId = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Level = Literal["community", "subdistrict"]


class _Order(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewBulletin(_Order):
    """The ranking of a month that is to be issued."""

    area: Annotated[str, Field(min_length=1, max_length=LONGEST_CODE)]
    month: Annotated[str, Field(max_length=16, description="2024-10")]
    by: Level | None = None
    profile: Annotated[str | None, Field(max_length=40)] = None
    objection_days: Annotated[int, Field(ge=0, le=bulletins.MOST_OBJECTION_DAYS)] = bulletins.OBJECTION_DAYS


class Correction(_Order):
    """Why a bulletin's figures have turned out wrong."""

    reason: Annotated[str, Field(min_length=1, max_length=bulletins.LONGEST_REASON)]


@router.get("/milestones", summary="Plan against actual, with a forecast")
def read_milestones(
    area: AreaQuery,
    engine: Database,
    caller: Caller,
    on: OnDate,
    known: KnownAt,
    by: Level = "community",
    target: Annotated[str | None, Query(max_length=40, description="Key of one of its targets")] = None,
    profile: ProfileQuery = None,
) -> dict[str, Any]:
    """Counts at every month's end, milestones met and missed, pace, and a red, amber or green flag."""
    report = follow_milestones(
        engine, caller, area_code=area, by=by, on=on, known=known, target_key=target, profile_key=profile
    )
    return report.as_json()


@router.get("/bulletins", summary="Bulletins of an area")
def list_bulletins(area: AreaQuery, engine: Database, caller: Caller) -> dict[str, Any]:
    """The latest month first, corrections among them."""
    return {"bulletins": bulletins.list_bulletins(engine, caller, area_code=area)}


@router.get("/bulletins/{bulletin_id}", summary="A bulletin with its corrections")
def read_bulletin(bulletin_id: BulletinId, engine: Database, caller: Caller) -> dict[str, Any]:
    """As it was issued; a correction lists what was told and what is known."""
    return bulletins.read_bulletin(engine, caller, bulletin_id).as_json()


@router.post("/bulletins", status_code=201, summary="Issue the ranking of a month")
def issue_bulletin(order: NewBulletin, engine: Database, caller: Caller) -> dict[str, Any]:
    """Frozen from then on."""
    report = bulletins.issue_bulletin(
        engine,
        caller,
        area_code=order.area,
        month=order.month,
        by=order.by,
        profile_key=order.profile,
        objection_days=order.objection_days,
    )
    return report.as_json()


@router.post("/bulletins/{bulletin_id}/corrections", status_code=201, summary="Correct a bulletin")
def correct_bulletin(
    bulletin_id: BulletinId, correction: Correction, engine: Database, caller: Caller
) -> dict[str, Any]:
    """The bulletin stays as it is; the correction stands beside it."""
    report = bulletins.correct_bulletin(engine, caller, bulletin_id=bulletin_id, reason=correction.reason)
    return report.as_json()
