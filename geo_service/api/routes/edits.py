"""Drafts edited by hand: one request an edit, answered with the zones that changed."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Response

from geo_service.api.deps import Caller, Database, ExpectedRevision, Language, PlanId, Reader, plan_etag
from geo_service.pipeline.edit_history import read_history
from geo_service.pipeline.editing import edit_plan, redo_edit, undo_edit
from geo_service.planning.editing import EditOrder

router = APIRouter(prefix="/api/plans", tags=["edits"])

MOST_ROWS = 1_000
Report = dict[str, Any]


@router.post("/{plan_id}/edits", summary="Edit the zones of one community of a draft", response_model=Report)
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


@router.post("/{plan_id}/undo", summary="Take back the newest edit that stands", response_model=Report)
def undo(plan_id: PlanId, caller: Caller, revision: ExpectedRevision, engine: Database) -> Response:
    """Answers as an edit does; works across sessions, planners and restarts."""
    return _answer(undo_edit(engine, caller, plan_id=plan_id, expected_revision=revision))


@router.post("/{plan_id}/redo", summary="Do again what was taken back last", response_model=Report)
def redo(plan_id: PlanId, caller: Caller, revision: ExpectedRevision, engine: Database) -> Response:
    """Answers as an edit does; a new edit leaves nothing to do again."""
    return _answer(redo_edit(engine, caller, plan_id=plan_id, expected_revision=revision))


@router.get("/{plan_id}/edits", summary="The history of a plan, newest first")
def history(
    plan_id: PlanId,
    engine: Database,
    caller: Reader,
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Rows before this number")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 100,
) -> Report:
    """Who did what when, in words; ``next`` is ``before`` of the next page, null on the last."""
    return read_history(engine, caller, plan_id=plan_id, before=before, most=limit)


def _answer(report: Report) -> Response:
    # Outlines go out as the database wrote them.
    return Response(
        orjson.dumps(report),
        media_type="application/json",
        headers={"ETag": plan_etag(report["plan_id"], report["revision"])},
    )
