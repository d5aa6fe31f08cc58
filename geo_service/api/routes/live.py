"""Others' edits as they happen: a stream of events that a page keeps open, and what it then asks for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from functools import partial
from typing import Annotated, Any

import orjson
from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from geo_service.api.answers.live import PlanChanges
from geo_service.api.deps import Database, PlanId, Reader, plan_etag
from geo_service.errors import NotFound, Unavailable
from geo_service.pipeline.plan_news import News, changes_since, read_news
from geo_service.store.notices import PlanNotices

router = APIRouter(prefix="/api/plans", tags=["live"])

# Shorter than proxies keep a silent connection; a revision that nobody told of is seen by then, too.
_SILENCE_S = 15.0
_STREAM = "text/event-stream"

Revision = Annotated[int, Query(ge=1, le=2**31 - 1, description="A revision of the plan")]


async def _notices(request: Request) -> PlanNotices:
    return request.app.state.plan_notices


Notices = Annotated[PlanNotices, Depends(_notices)]


async def _waiting(plan_id: PlanId, caller: Reader, notices: Notices) -> AsyncIterator[asyncio.Event]:
    # Waits from before the plan is read until the answer is sent: nothing happens unseen in between.
    with notices.waiting(plan_id) as news:
        yield news


@router.get(
    "/{plan_id}/events",
    summary="What happens to a plan, while it happens",
    response_class=StreamingResponse,
    responses={200: {"content": {_STREAM: {"schema": {"type": "string"}}}}},
)
async def follow(
    plan_id: PlanId,
    engine: Database,
    caller: Reader,
    notices: Notices,
    news: Annotated[asyncio.Event, Depends(_waiting)],
    since: Annotated[
        Revision | None, Query(description="Begin with what happened after; the present by default")
    ] = None,
) -> StreamingResponse:
    """Server-sent events: ``revision`` says who did what in words, ``gone`` that the plan is no more."""
    read = partial(read_news, engine, caller, plan_id=plan_id)
    first = await to_thread.run_sync(partial(read, since=since))
    events = _events(notices, news, read, first)
    return StreamingResponse(
        events, media_type=_STREAM, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


@router.get("/{plan_id}/changes", summary="The zones that were touched since", response_model=PlanChanges)
def changes(plan_id: PlanId, engine: Database, caller: Reader, since: Revision) -> Response:
    """As they are now, with their buildings; 409 where the plan is better opened anew."""
    report = changes_since(engine, caller, plan_id=plan_id, since=since)
    return Response(
        orjson.dumps(report),
        media_type="application/json",
        headers={"ETag": plan_etag(plan_id, report["revision"])},
    )


async def _events(
    notices: PlanNotices, news: asyncio.Event, read: Callable[..., News], known: News
) -> AsyncIterator[bytes]:
    yield b": following\n\n"
    while True:
        for each in known.told:
            yield _event("revision", each)
        if notices.ended:
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(news.wait(), _SILENCE_S)
        if not news.is_set():
            yield b": still here\n\n"
        news.clear()
        try:
            known = await to_thread.run_sync(partial(read, since=known.revision))
        except NotFound:
            yield _event("gone", {})
            return
        except Unavailable:
            known = News(known.revision, [])  # while the database restarts; it is asked again


def _event(name: str, data: dict[str, Any]) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), orjson.dumps(data))
