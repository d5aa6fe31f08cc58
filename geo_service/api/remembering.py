"""Answers from memory to questions that were asked before, before anything of them is parsed again."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from geo_service.api.conditions import conditions_of
from geo_service.api.deps import actor
from geo_service.api.editions import Answer, Editions
from geo_service.deployment import today


def answered_by(request: Request, answer: Answer) -> None:
    """Let the route remember what answers this request."""
    request.state.answered_by = answer


class RememberingRoute(APIRoute):
    """A route that answers the same question of the same caller from memory while nothing has changed.

    Its function says what it is ``answered_by``. What a map asks most are tiles that it has shown already: to
    parse and check each request anew takes longer than to see that its answer is still current.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler that asks memory first."""
        answer_anew = super().get_route_handler()

        async def answer(request: Request) -> Response:
            editions: Editions = request.app.state.editions
            caller = await actor(request, request.headers.get("authorization"))
            question = (caller, today(), request.scope["path"], request.scope["query_string"])
            known = editions.recall(question)
            if known is not None:
                repeated = await run_in_threadpool(editions.repeat, known, conditions_of(request))
                if repeated is not None:
                    return repeated
            response = await answer_anew(request)
            answered = getattr(request.state, "answered_by", None)
            if answered is not None:
                editions.remember(question, answered)
            return response

        return answer
