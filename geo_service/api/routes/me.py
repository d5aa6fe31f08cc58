"""Who the caller is to the service."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from geo_service.access import Role
from geo_service.api.deps import Caller

router = APIRouter(prefix="/api", tags=["me"])


class Me(BaseModel):
    """The caller's name, role and area; ``scope`` is ``*`` for the whole deployment."""

    name: str
    role: Role
    scope: str
    post_id: int | None


@router.get("/me", summary="Who I am")
def read_me(caller: Caller) -> Me:
    """The actor of the token, or the local administrator."""
    return Me(name=caller.name, role=caller.role, scope=caller.scope, post_id=caller.post_id)
