"""What every route asks for: the engine, the settings, who asks, in which language, checked parameters.

They are coroutines, though they wait for nothing: plain functions would each be handed to a thread and back.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated

from fastapi import Depends, Header, Path, Query, Request
from sqlalchemy import Engine

from geo_service import tokens
from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.api.errors import PreconditionRequired
from geo_service.api.language import preferred_language
from geo_service.deployment import read_moment, signing_secret, today
from geo_service.errors import Forbidden, InvalidInput, Unauthenticated
from geo_service.pipeline.wording import LONGEST_CODE
from geo_service.settings import Settings

LARGEST_ID = 2**63 - 1

_BEARER = "bearer "

AreaCode = Annotated[str, Path(min_length=1, max_length=LONGEST_CODE, description="Area code")]
AreaQuery = Annotated[str, Query(min_length=1, max_length=LONGEST_CODE, description="Area code")]
OptionalAreaQuery = Annotated[
    str | None,
    Query(min_length=1, max_length=LONGEST_CODE, description="Area code; the caller's scope when missing"),
]
ShownDate = Annotated[date | None, Query(description="ISO date; today when missing")]
PlanId = Annotated[int, Path(ge=1, le=LARGEST_ID)]
PostId = Annotated[int, Path(ge=1, le=LARGEST_ID)]


async def settings(request: Request) -> Settings:
    """The settings the application was made with."""
    return request.app.state.settings


async def engine(request: Request) -> Engine:
    """The database's engine, made when the application starts."""
    return request.app.state.engine


async def actor(
    request: Request, authorization: Annotated[str | None, Header(include_in_schema=False)] = None
) -> Actor:
    """Who asks: the token's actor, or the local administrator where no token is required.

    Raises
    ------
    Unauthenticated
        When the token is not ours or has expired, or when one is required and missing.
    """
    configured: Settings = request.app.state.settings
    if authorization is None:
        if configured.require_token:
            raise Unauthenticated("token.missing")
        return LOCAL_ADMIN
    if not authorization.lower().startswith(_BEARER):
        raise Unauthenticated("token.invalid")
    return tokens.read(authorization[len(_BEARER) :].strip(), signing_secret(configured))


async def reader(caller: Annotated[Actor, Depends(actor)]) -> Actor:
    """Who asks, when the role reads more than areas and coverage.

    Raises
    ------
    Forbidden
        To viewers: an empty answer would read as "there is none".
    """
    if caller.role is Role.VIEWER:
        raise Forbidden("access.outside_scope", where=caller.role.value)
    return caller


async def language(accept_language: Annotated[str | None, Header(include_in_schema=False)] = None) -> str:
    """``zh`` or ``en``, as the client prefers."""
    return preferred_language(accept_language)


async def chosen_date(on: ShownDate = None) -> date:
    """The date asked about."""
    return on or today()


async def chosen_moment(
    known: Annotated[
        str | None,
        Query(max_length=40, description="ISO date (its end) or moment; what is known now when missing"),
    ] = None,
) -> datetime | None:
    """The moment whose knowledge is asked for."""
    return None if known is None else read_moment(known, where="known")


def plan_etag(plan_id: int, revision: int) -> str:
    """The ETag of a plan at a revision."""
    return f'"plan-{plan_id}-{revision}"'


async def expected_revision(
    plan_id: PlanId,
    if_match: Annotated[str | None, Header(description="The plan's ETag; * for any revision")] = None,
) -> int | None:
    """The revision the caller last read, from If-Match; None for ``*``.

    Raises
    ------
    PreconditionRequired
        Without the header.
    InvalidInput
        When it is no ETag of this plan.
    """
    if if_match is None:
        raise PreconditionRequired("request.if_match_required", where=f"plan {plan_id}")
    if if_match.strip() == "*":
        return None
    name, _, revision = if_match.strip().removeprefix("W/").strip('"').rpartition("-")
    if name != f"plan-{plan_id}" or not re.fullmatch("[0-9]{1,18}", revision):
        raise InvalidInput("request.if_match_unusable", where="If-Match")
    return int(revision)


Configured = Annotated[Settings, Depends(settings)]
Database = Annotated[Engine, Depends(engine)]
Caller = Annotated[Actor, Depends(actor)]
Reader = Annotated[Actor, Depends(reader)]
Language = Annotated[str, Depends(language)]
OnDate = Annotated[date, Depends(chosen_date)]
KnownAt = Annotated[datetime | None, Depends(chosen_moment)]
ExpectedRevision = Annotated[int | None, Depends(expected_revision)]
