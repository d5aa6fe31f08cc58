"""Answers from memory to questions that were asked before, before anything of them is parsed again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from geo_service.access import Actor
from geo_service.api.conditions import RequestConditions, conditions_of
from geo_service.api.deps import actor
from geo_service.api.editions import Answer, Editions
from geo_service.api.layers import layers_of
from geo_service.deployment import today
from geo_service.publish.model import LayerSet
from geo_service.store.read_connections import ReadConnections


@dataclass
class Asking:
    """Who asks for what on which conditions; and, once it is known, what answers."""

    caller: Actor
    today: date
    conditions: RequestConditions
    editions: Editions
    layers: LayerSet
    read_connections: ReadConnections
    answer: Answer | None = None


def asking(request: Request) -> Asking:
    """What a remembering route's function needs to know, without a dependency for each."""
    return request.state.asking


class RememberingRoute(APIRoute):
    """A route that answers the same question of the same caller from memory while nothing has changed.

    Its function sets the ``answer`` of what is ``asking``. What a map asks most are tiles that it has shown
    already: to parse and check each request anew takes longer than to see that its answer is still current.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory, or anew and remember it."""
        if scope["method"] != "GET":
            return await super().handle(scope, receive, send)
        request = Request(scope, receive)
        request.state.asking = ask = await _asking(request)
        question = (ask.caller, ask.today, scope["path"], scope["query_string"])
        known = ask.editions.recall(question, ask.conditions)
        if known is not None:
            repeated = await ask.editions.repeat(known, ask.conditions)
            if repeated is not None:
                return await repeated(scope, receive, send)
        await super().handle(scope, receive, send)
        if ask.answer is not None:
            ask.editions.remember(question, ask.answer)
        return None


async def _asking(request: Request) -> Asking:
    state = request.app.state
    return Asking(
        caller=await actor(request, request.headers.get("authorization")),
        today=today(),
        conditions=conditions_of(request),
        editions=state.editions,
        layers=layers_of(state.settings),
        read_connections=state.read_connections,
    )
