"""What every verb checks before it starts to work."""

from __future__ import annotations

from geo_service.access import Actor, Role
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


def require_reader_of_counts(actor: Actor) -> None:
    """Refuse the role that reads one zone alone: what is counted is of whole areas.

    Raises
    ------
    Forbidden
        To chiefs.
    """
    if actor.role is Role.CHIEF:
        raise Forbidden("access.outside_scope", where=actor.role.value)


def require_reader(actor: Actor) -> None:
    """Refuse roles that read coverage alone, or one zone alone: an empty answer would read as "none".

    Raises
    ------
    Forbidden
        To viewers and chiefs.
    """
    if actor.role in (Role.VIEWER, Role.CHIEF):
        raise Forbidden("access.outside_scope", where=actor.role.value)
