"""What every verb checks before it starts to work."""

from __future__ import annotations

from geo_service.access import Actor
from geo_service.errors import Forbidden


def require_writer(actor: Actor) -> None:
    """Refuse at once what the database would refuse at the end of a long computation.

    Raises
    ------
    Forbidden
        When the actor's role changes no data.
    """
    if not actor.may_write:
        raise Forbidden("access.outside_scope", where=actor.role.value)
