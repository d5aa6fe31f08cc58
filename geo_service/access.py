"""Who asks: every verb and request has an actor with a role and an area scope."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

WHOLE_DEPLOYMENT = "*"


class Role(StrEnum):
    """What an actor may do; the database's row-level security enforces it."""

    ADMIN = "admin"
    PLANNER = "planner"
    CHIEF = "chief"
    GIS = "gis"
    VIEWER = "viewer"


@dataclass(frozen=True)
class Actor:
    """Somebody acting on the data.

    Parameters
    ----------
    name : str
        Written into the audit trail.
    role : Role
    scope : str
        The area code the actor is confined to, ``"*"`` for the whole deployment.
    post_id : int, optional
        The post a chief holds; a chief reads only that post's zone.
    """

    name: str
    role: Role
    scope: str = WHOLE_DEPLOYMENT
    post_id: int | None = None

    @property
    def may_write(self) -> bool:
        """Whether the role changes data at all; where, is for the database to say."""
        return self.role in (Role.ADMIN, Role.PLANNER)


LOCAL_ADMIN = Actor(name="local", role=Role.ADMIN)
