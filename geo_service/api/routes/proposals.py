"""The solver asked about a draft: a proposal to look at, then to accept or drop."""

from __future__ import annotations

import threading
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Response

from geo_service.api.answers.boards import EditReport
from geo_service.api.answers.proposals import OpenProposal, Proposal
from geo_service.api.deps import (
    LARGEST_ID,
    Caller,
    Database,
    ExpectedRevision,
    Language,
    PlanId,
    Reader,
    plan_etag,
)
from geo_service.api.errors import problem_document, status_of
from geo_service.pipeline.proposal_work import work_out
from geo_service.pipeline.proposing import (
    accept_proposal,
    drop_proposal,
    open_proposal,
    read_proposal,
    start_proposal,
)
from geo_service.planning.proposing.asks import Ask

router = APIRouter(prefix="/api/plans/{plan_id}/proposals", tags=["proposals"])

Report = dict[str, Any]
ProposalId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="Number of the proposal")]
TOLD = {200: {"model": Proposal}}


@router.post("", status_code=202, summary="Ask the solver about a draft", response_model=Proposal)
def ask(
    plan_id: PlanId,
    order: Ask,
    caller: Caller,
    revision: ExpectedRevision,
    engine: Database,
    language: Language,
) -> Response:
    """Nothing of the plan is written; what the caller asked of it before is set aside. Poll ``Location``."""
    started = start_proposal(
        engine, caller, plan_id=plan_id, ask=order, expected_revision=revision, language=language
    )
    number = started["number"]
    work = {"plan_id": plan_id, "proposal_id": number}
    threading.Thread(target=work_out, args=(engine, caller), kwargs=work, daemon=True).start()
    answer = _answer(started, language)
    answer.status_code = 202
    answer.headers["Location"] = f"/api/plans/{plan_id}/proposals/{number}"
    return answer


@router.get("", summary="My proposal of a plan that is not settled yet", response_model=OpenProposal)
def mine(plan_id: PlanId, caller: Reader, engine: Database) -> Report:
    """Being worked out, or waiting to be accepted or dropped; null when there is none."""
    return {"number": open_proposal(engine, caller, plan_id=plan_id)}


@router.get("/{proposal_id}", summary="A proposal: how far it is, and its answer", responses=TOLD)
def read(
    plan_id: PlanId, proposal_id: ProposalId, caller: Reader, engine: Database, language: Language
) -> Response:
    """Kept for seven days after its last change."""
    return _answer(read_proposal(engine, caller, plan_id=plan_id, proposal_id=proposal_id), language)


@router.delete("/{proposal_id}", summary="Cancel or drop a proposal", responses=TOLD)
def drop(
    plan_id: PlanId, proposal_id: ProposalId, caller: Caller, engine: Database, language: Language
) -> Response:
    """The work ends at its next step; of the plan nothing was written."""
    return _answer(drop_proposal(engine, caller, plan_id=plan_id, proposal_id=proposal_id), language)


@router.post(
    "/{proposal_id}/accept", summary="Write what was proposed, as one edit", response_model=EditReport
)
def accept(
    plan_id: PlanId, proposal_id: ProposalId, caller: Caller, revision: ExpectedRevision, engine: Database
) -> Response:
    """Answers as an edit does, and is undone as one; refused where its communities were edited since."""
    report = accept_proposal(
        engine, caller, plan_id=plan_id, proposal_id=proposal_id, expected_revision=revision
    )
    return Response(
        orjson.dumps(report),
        media_type="application/json",
        headers={"ETag": plan_etag(report["plan_id"], report["revision"])},
    )


def _answer(told: Report, language: str) -> Response:
    error = told["problem"]
    problem = None if error is None else problem_document(error, status_of(error), language)
    # The report goes out as it was written.
    return Response(orjson.dumps({**told, "problem": problem}), media_type="application/json")
