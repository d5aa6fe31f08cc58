"""How far the work is: milestone curves and bulletins."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import FileResponse, Response
from pydantic import AliasChoices, Field

from geo_service.api.answers.milestones import Milestones
from geo_service.api.attachments import attachment, documented
from geo_service.api.deps import (
    LARGEST_ID,
    LONGEST_CODE,
    AreaQuery,
    Caller,
    Configured,
    Database,
    KnownAt,
    Language,
    OnDate,
)
from geo_service.api.records import Record
from geo_service.api.routes.policies import ProfileQuery
from geo_service.pipeline import bulletins
from geo_service.pipeline.documents import write_bulletin, write_milestones
from geo_service.pipeline.milestones import follow_milestones
from geo_service.pipeline.wording import LONGEST_NAME, LONGEST_REASON
from geo_service.planning.bulletins.kinds import MONTHLY_RANKING

router = APIRouter(prefix="/api", tags=["reporting"])

BulletinId = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Level = Literal["community", "subdistrict"]
TargetQuery = Annotated[str | None, Query(max_length=40, description="Key of one of its targets")]
DocumentFormat = Literal["pdf", "xlsx"]
CurveFormat = Literal["pdf", "xlsx", "png"]


class NewBulletin(Record):
    """What is to be told, of which period."""

    area: Annotated[str, Field(min_length=1, max_length=LONGEST_CODE)]
    kind: Annotated[str, Field(max_length=40)] = MONTHLY_RANKING
    period: Annotated[
        str,
        Field(
            max_length=40,
            validation_alias=AliasChoices("period", "month"),
            description="A month (2024-10), the day of a weekly rhythm (2020-06-24) or a round (final)",
        ),
    ]
    by: Level | None = None
    target: Annotated[str | None, Field(max_length=40, description="Key of one of its targets")] = None
    profile: Annotated[str | None, Field(max_length=40)] = None
    objection_days: Annotated[int, Field(ge=0, le=bulletins.MOST_OBJECTION_DAYS)] = bulletins.OBJECTION_DAYS


class Correction(Record):
    """Why a bulletin's figures have turned out wrong."""

    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)]


class NewObjection(Record):
    """Who objects to a bulletin, to what and why."""

    by: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)]
    on: Annotated[date | None, Field(description="The day it was handed in; default today")] = None


@router.get(
    "/milestones",
    summary="Plan against actual, with a forecast",
    response_model=Milestones,
    response_model_exclude_unset=True,
)
def read_milestones(
    area: AreaQuery,
    engine: Database,
    caller: Caller,
    on: OnDate,
    known: KnownAt,
    by: Level = "community",
    target: TargetQuery = None,
    profile: ProfileQuery = None,
) -> dict[str, Any]:
    """Counts at every month's end, milestones met and missed, pace, and a red, amber or green flag."""
    report = follow_milestones(
        engine, caller, area_code=area, by=by, on=on, known=known, target_key=target, profile_key=profile
    )
    return report.as_json()


@router.get(
    "/milestones/document",
    summary="Plan against actual as a file",
    response_class=Response,
    responses=documented("pdf", "xlsx", "png"),
)
def read_curve(
    area: AreaQuery,
    engine: Database,
    caller: Caller,
    configured: Configured,
    language: Language,
    on: OnDate,
    known: KnownAt,
    by: Level = "community",
    target: TargetQuery = None,
    profile: ProfileQuery = None,
    format: CurveFormat = "pdf",
) -> FileResponse:
    """The report to print, the workbook with its chart, or the curve alone as a picture."""
    report = follow_milestones(
        engine, caller, area_code=area, by=by, on=on, known=known, target_key=target, profile_key=profile
    ).as_json()
    name = f"milestones-{on.isoformat()}.{format}"
    return attachment(configured, name, lambda out: write_milestones(report, out, language=language))


@router.get("/bulletins", summary="Bulletins of an area")
def list_bulletins(area: AreaQuery, engine: Database, caller: Caller) -> dict[str, Any]:
    """The latest period first, corrections among them."""
    return {"bulletins": bulletins.list_bulletins(engine, caller, area_code=area)}


@router.get("/bulletins/{bulletin_id}", summary="A bulletin with its corrections")
def read_bulletin(bulletin_id: BulletinId, engine: Database, caller: Caller) -> dict[str, Any]:
    """As it was issued; a correction lists what was told and what is known."""
    return bulletins.read_bulletin(engine, caller, bulletin_id).as_json()


@router.get(
    "/bulletins/{bulletin_id}/document",
    summary="A bulletin as a file",
    response_class=Response,
    responses=documented("pdf", "xlsx"),
)
def read_document(
    bulletin_id: BulletinId,
    engine: Database,
    caller: Caller,
    configured: Configured,
    language: Language,
    format: DocumentFormat = "pdf",
) -> FileResponse:
    """To print and sign, or to calculate with; corrections are marked."""
    bulletin = bulletins.read_bulletin(engine, caller, bulletin_id).as_json()
    name = f"bulletin-{bulletin_id}.{format}"
    return attachment(configured, name, lambda out: write_bulletin(bulletin, out, language=language))


@router.post("/bulletins", status_code=201, summary="Issue a bulletin of a period")
def issue_bulletin(order: NewBulletin, engine: Database, caller: Caller) -> dict[str, Any]:
    """Frozen from then on."""
    report = bulletins.issue_bulletin(
        engine,
        caller,
        area_code=order.area,
        kind=order.kind,
        period=order.period,
        by=order.by,
        target_key=order.target,
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


@router.post("/bulletins/{bulletin_id}/objections", status_code=201, summary="Object to a bulletin")
def object_to_bulletin(
    bulletin_id: BulletinId, objection: NewObjection, engine: Database, caller: Caller
) -> dict[str, Any]:
    """Until the bulletin's last day for objections; it stands beside what was told."""
    report = bulletins.object_to_bulletin(
        engine,
        caller,
        bulletin_id=bulletin_id,
        objector=objection.by,
        wording=objection.text,
        on=objection.on,
    )
    return report.as_json()
