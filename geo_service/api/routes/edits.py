"""Drafts edited by hand: one request an edit, answered with the zones that changed."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.answers.boards import Board, EditReport, OpenedCommunity, PlanCopy
from geo_service.api.answers.plan_history import CheckList, HandedIn, History, Renamed, Reopened
from geo_service.api.deps import (
    LONGEST_CODE,
    Caller,
    Database,
    ExpectedRevision,
    Language,
    PlanId,
    Reader,
    plan_etag,
)
from geo_service.pipeline.edit_history import read_history
from geo_service.pipeline.editing import edit_plan, redo_edit, undo_edit
from geo_service.pipeline.plan_board import open_board, open_community
from geo_service.pipeline.plan_checks import check_plan
from geo_service.pipeline.plan_copying import copy_plan
from geo_service.pipeline.reviewing import hand_in, rename_plan, reopen
from geo_service.planning.editing import EditOrder
from geo_service.planning.editing.orders import Code, Name

router = APIRouter(prefix="/api/plans", tags=["edits"])

MOST_ROWS = 1_000
Report = dict[str, Any]
CommunityCode = Annotated[str, Path(min_length=1, max_length=LONGEST_CODE, description="Community code")]


class Copy(BaseModel):
    """What of a plan to copy, and what to call it."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    area: Code | None = Field(default=None, description="Only the plan's communities in this area")
    revision: int | None = Field(
        default=None, ge=1, le=2**31 - 1, strict=True, description="As the plan was then; as it is by default"
    )


class PlanName(BaseModel):
    """What to call a plan."""

    model_config = ConfigDict(extra="forbid")

    name: Name


@router.post(
    "/{plan_id}/edits", summary="Edit the zones of one community of a draft", response_model=EditReport
)
def edit(
    plan_id: PlanId,
    order: EditOrder,
    caller: Caller,
    revision: ExpectedRevision,
    engine: Database,
    language: Language,
) -> Response:
    """Only the zones that changed, with outlines; a lost race (412) tells in ``details`` what changed."""
    report = edit_plan(
        engine, caller, plan_id=plan_id, order=order, expected_revision=revision, language=language
    )
    return _answer(report)


@router.post("/{plan_id}/undo", summary="Take back the newest edit that stands", response_model=EditReport)
def undo(plan_id: PlanId, caller: Caller, revision: ExpectedRevision, engine: Database) -> Response:
    """Answers as an edit does; works across sessions, planners and restarts."""
    return _answer(undo_edit(engine, caller, plan_id=plan_id, expected_revision=revision))


@router.post("/{plan_id}/redo", summary="Do again what was taken back last", response_model=EditReport)
def redo(plan_id: PlanId, caller: Caller, revision: ExpectedRevision, engine: Database) -> Response:
    """Answers as an edit does; a new edit leaves nothing to do again."""
    return _answer(redo_edit(engine, caller, plan_id=plan_id, expected_revision=revision))


@router.get("/{plan_id}/edits", summary="The history of a plan, newest first", response_model=History)
def history(
    plan_id: PlanId,
    engine: Database,
    caller: Reader,
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Rows before this number")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 100,
) -> Report:
    """Who did what when, in words; ``next`` is ``before`` of the next page, null on the last."""
    return read_history(engine, caller, plan_id=plan_id, before=before, most=limit)


@router.get("/{plan_id}/board", summary="All that is needed to work on a plan", response_model=Board)
def board(plan_id: PlanId, engine: Database, caller: Reader) -> Response:
    """Zones with judgement and outlines, and as arrays which building is in which; -1 is none."""
    return _answer(open_board(engine, caller, plan_id=plan_id))


@router.get(
    "/{plan_id}/communities/{community_code}",
    summary="One community of a plan",
    response_model=OpenedCommunity,
)
def community(plan_id: PlanId, community_code: CommunityCode, engine: Database, caller: Reader) -> Response:
    """Which buildings wait for a zone; asked before the first edit there, it makes that as fast as others."""
    return _answer(open_community(engine, caller, plan_id=plan_id, community_code=community_code))


@router.get("/{plan_id}/check", summary="What of a plan breaks its rules", response_model=CheckList)
def check(plan_id: PlanId, engine: Database, caller: Reader) -> Report:
    """Zone by zone, in words: what publishing is refused for."""
    return check_plan(engine, caller, plan_id=plan_id)


@router.post("/{plan_id}/review", summary="Hand a draft in for review", response_model=HandedIn)
def review(plan_id: PlanId, caller: Caller, revision: ExpectedRevision, engine: Database) -> Response:
    """Nobody edits it until it is reopened; ``breaches`` lists what publishing would be refused for."""
    return _answer(hand_in(engine, caller, plan_id=plan_id, expected_revision=revision))


@router.put("/{plan_id}/name", summary="Call a plan something else", response_model=Renamed)
def rename(
    plan_id: PlanId, order: PlanName, caller: Caller, revision: ExpectedRevision, engine: Database
) -> Response:
    """A draft or a plan in review; the history keeps the name it had."""
    return _answer(rename_plan(engine, caller, plan_id=plan_id, name=order.name, expected_revision=revision))


@router.post("/{plan_id}/reopen", summary="Make a plan in review a draft again", response_model=Reopened)
def reopened(plan_id: PlanId, caller: Caller, revision: ExpectedRevision, engine: Database) -> Response:
    """With all its history: what was undone can be done again."""
    return _answer(reopen(engine, caller, plan_id=plan_id, expected_revision=revision))


@router.post(
    "/{plan_id}/copy", status_code=201, summary="Copy a plan into a new draft", response_model=PlanCopy
)
def copy(plan_id: PlanId, order: Copy, engine: Database, caller: Caller, language: Language) -> Response:
    """As it is, or as it was at a revision: whoever lost a race goes on from what was read."""
    report = copy_plan(
        engine,
        caller,
        plan_id=plan_id,
        name=order.name,
        area_code=order.area,
        revision=order.revision,
        language=language,
    )
    answer = _answer(report)
    answer.status_code = 201
    answer.headers["Location"] = f"/api/plans/{report['plan_id']}"
    return answer


def _answer(report: Report) -> Response:
    # Outlines go out as the database wrote them.
    return Response(
        orjson.dumps(report),
        media_type="application/json",
        headers={"ETag": plan_etag(report["plan_id"], report["revision"])},
    )
