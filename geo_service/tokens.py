"""Signed tokens: who may ask, in which role, for which area, until when (JWT, HS256)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import jwt

from geo_service.access import Actor, Role
from geo_service.errors import InvalidInput, Unauthenticated

LONGEST_DAYS = 366

_ALGORITHM = "HS256"
_ISSUER = "geo-service"


def issue(actor: Actor, days: int, secret: str) -> str:
    """A token by which the bearer acts as ``actor`` for ``days`` days.

    Raises
    ------
    InvalidInput
        When ``days`` is not within 1 to 366, a chief has no post, or another role has one.
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput("token.days_out_of_range", where="--days", days=days, longest=LONGEST_DAYS)
    if (actor.role is Role.CHIEF) != (actor.post_id is not None):
        raise InvalidInput("token.post_is_for_chiefs", where="--post")
    now = datetime.now(UTC)
    claims = {
        "iss": _ISSUER,
        "iat": now,
        "exp": now + timedelta(days=days),
        "name": actor.name,
        "role": actor.role.value,
        "scope": actor.scope,
        "post": actor.post_id,
    }
    return jwt.encode(claims, secret, algorithm=_ALGORITHM)


def read(token: str, secret: str) -> Actor:
    """The actor of a token we signed and that has not expired.

    Raises
    ------
    Unauthenticated
        When it has expired, was tampered with, or is no token of ours.
    """
    try:
        claims = jwt.decode(
            token, secret, algorithms=[_ALGORITHM], issuer=_ISSUER, options={"require": ["exp", "iat", "iss"]}
        )
        return Actor(
            name=str(claims["name"]),
            role=Role(claims["role"]),
            scope=str(claims["scope"]),
            post_id=None if claims["post"] is None else int(claims["post"]),
        )
    except jwt.ExpiredSignatureError as error:
        raise Unauthenticated("token.expired") from error
    except (jwt.InvalidTokenError, KeyError, ValueError, TypeError) as error:
        raise Unauthenticated("token.invalid") from error
