"""Answers from memory to questions that were asked before, before anything of them is parsed again."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool

from geo_service.access import Actor
from geo_service.api.conditions import RequestConditions, conditions_of
from geo_service.api.deps import actor
from geo_service.api.editions import Answer, Editions
from geo_service.api.layers import layers_of
from geo_service.deployment import today
from geo_service.publish.model import LayerSet


@dataclass
class Asking:
    """Who asks for what on which conditions; and, once it is known, what answers."""

    caller: Actor
    today: date
    conditions: RequestConditions
    editions: Editions
    layers: LayerSet
    engine: Engine
    answer: Answer | None = None


def asking(request: Request) -> Asking:
    """What a remembering route's function needs to know, without a dependency for each."""
    return request.state.asking


class RememberingRoute(APIRoute):
    """A route that answers the same question of the same caller from memory while nothing has changed.

    Its function sets the ``answer`` of what is ``asking``. What a map asks most are tiles that it has shown
    already: to parse and check each request anew takes longer than to see that its answer is still current.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler that asks memory first."""
        answer_anew = super().get_route_handler()

        async def answer(request: Request) -> Response:
            state = request.app.state
            ask = Asking(
                caller=await actor(request, request.headers.get("authorization")),
                today=today(),
                conditions=conditions_of(request),
                editions=state.editions,
                layers=layers_of(state.settings),
                engine=state.engine,
            )
            question = (ask.caller, ask.today, request.scope["path"], request.scope["query_string"])
            known = ask.editions.recall(question, ask.conditions)
            if known is not None:
                repeated = await run_in_threadpool(ask.editions.repeat, known, ask.conditions)
                if repeated is not None:
                    return repeated
            request.state.asking = ask
            response = await answer_anew(request)
            if ask.answer is not None:
                ask.editions.remember(question, ask.answer)
            return response

        return answer
