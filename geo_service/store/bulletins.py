"""Bulletins: figures as they were told, and their corrections."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, text

from geo_service.errors import NotFound
from geo_service.store import tables

_bulletin = tables.bulletin


@dataclass(frozen=True)
class NewBulletin:
    """A bulletin that is about to be issued."""

    kind: str
    area_code: str
    period: date
    cut_off: date
    profile_key: str
    profile_version: int
    figures: dict[str, Any]
    content_sha256: str
    corrects: int | None
    reason: str | None
    objections_until: date
    issued_by: str


@dataclass(frozen=True)
class Bulletin(NewBulletin):
    """A bulletin that was issued."""

    id: int
    issued_at: datetime


def insert_bulletin(connection: Connection, bulletin: NewBulletin) -> Bulletin:
    """Issue a bulletin."""
    row = connection.execute(insert(_bulletin).values(**asdict(bulletin)).returning(_bulletin))
    return Bulletin(**row.mappings().one())


def get_bulletin(connection: Connection, bulletin_id: int) -> Bulletin:
    """One bulletin.

    Raises
    ------
    NotFound
        No such bulletin in the actor's scope.
    """
    found = _where(connection, _bulletin.c.id == bulletin_id)
    if not found:
        raise NotFound("bulletin.unknown", where=str(bulletin_id))
    return found[0]


def first_of_period(
    connection: Connection, kind: str, area_code: str, period: date, target: str | None
) -> Bulletin | None:
    """The bulletin, itself no correction, of an area and a period by a target; by none of a list of units."""
    columns = _bulletin.c
    by = func.coalesce(columns.figures["target"]["key"].astext, "")
    found = _where(
        connection,
        (columns.kind == kind)
        & (columns.area_code == area_code)
        & (columns.period == period)
        & (by == (target or ""))
        & columns.corrects.is_(None),
    )
    return found[0] if found else None


def issue_day(connection: Connection, bulletin: Bulletin) -> date:
    """The day a bulletin was issued, where the deployment is."""
    return connection.execute(
        text("SELECT CAST(:at AS timestamptz)::date"), {"at": bulletin.issued_at}
    ).scalar_one()


def corrections_of(connection: Connection, bulletin_id: int) -> list[Bulletin]:
    """Corrections of a bulletin, the earliest first."""
    return _where(connection, _bulletin.c.corrects == bulletin_id)


def list_bulletins(connection: Connection, area_code: str) -> list[Bulletin]:
    """Bulletins of an area and of everything inside it, the latest month first."""
    area = tables.area
    inside = select(area.c.code).where(area.c.lineage.contains([area_code]))
    found = _where(connection, _bulletin.c.area_code.in_(inside))
    return sorted(found, key=lambda each: (each.period, each.id), reverse=True)


def _where(connection: Connection, condition: ColumnElement[bool]) -> list[Bulletin]:
    """Bulletins that meet a condition, by id."""
    rows = connection.execute(select(_bulletin).where(condition).order_by(_bulletin.c.id))
    return [Bulletin(**row) for row in rows.mappings()]
