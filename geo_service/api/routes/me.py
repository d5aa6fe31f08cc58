"""Who the caller is to the service."""

from __future__ import annotations

from fastapi import APIRouter

from geo_service.api.answers.me import Me
from geo_service.api.deps import Caller

router = APIRouter(prefix="/api", tags=["me"])


@router.get("/me", summary="Who I am")
def read_me(caller: Caller) -> Me:
    """The actor of the token, or the local administrator."""
    return Me(name=caller.name, role=caller.role, scope=caller.scope, post_id=caller.post_id)
