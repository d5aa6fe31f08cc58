"""Governance bodies: founded, dissolved, listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Row, text

from geo_service.errors import NotFound
from geo_service.store.queries import query
from geo_service.store.records import close_record, open_record
from geo_service.store.tables import governance_body


@dataclass(frozen=True)
class Body:
    """A body as it is founded.

    Parameters
    ----------
    unit : tuple of str, or None
        Kind and code of the unit it is of; None for a body of the whole community.
    filing_number : str or None
        Where it was filed (备案号).
    """

    kind: str
    name: str
    unit: tuple[str, str] | None
    community_code: str
    founded_on: date
    filing_number: str | None


def found_body(connection: Connection, body: Body, actor: str) -> int:
    """Record a body; its id."""
    kind, code = body.unit or (None, None)
    return open_record(
        connection,
        governance_body,
        kind=body.kind,
        name=body.name,
        unit_kind=kind,
        unit_code=code,
        community_code=body.community_code,
        founded_on=body.founded_on,
        filing_number=body.filing_number,
        recorded_by=actor,
    )


def require_body(connection: Connection, body_id: int) -> Row:
    """A body that was not withdrawn: name, founded_on, dissolved_on.

    Raises
    ------
    NotFound
        No such body in the actor's scope.
    """
    row = connection.execute(
        text(
            "SELECT name, founded_on, dissolved_on FROM governance_body"
            " WHERE id = :id AND upper_inf(recorded)"
        ),
        {"id": body_id},
    ).one_or_none()
    if row is None:
        raise NotFound("body.unknown", where=str(body_id))
    return row


def dissolve_body(connection: Connection, body_id: int, on: date) -> bool:
    """Write down the day from which a body is no more; False where it has such a day."""
    done = connection.execute(
        text(
            "UPDATE governance_body SET dissolved_on = :on_date"
            " WHERE id = :id AND upper_inf(recorded) AND dissolved_on IS NULL"
        ),
        {"id": body_id, "on_date": on},
    )
    return done.rowcount == 1


def withdraw_body(connection: Connection, body_id: int) -> None:
    """Take a body back that was recorded wrongly; it stays as history.

    Raises
    ------
    NotFound
        No such body in the actor's scope.
    """
    if not close_record(connection, governance_body, id=body_id):
        raise NotFound("body.unknown", where=str(body_id))


def bodies_of(connection: Connection, area_code: str, *, on: date | None) -> Sequence[Row]:
    """Bodies of an area and of its units, those of one day or all; by community and unit."""
    return connection.execute(query("governance_bodies"), {"area": area_code, "on_date": on}).all()
