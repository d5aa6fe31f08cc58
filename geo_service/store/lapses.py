"""Lapses: the day a unit's management ended, taken back where that was a mistake, listed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, Row, text

from geo_service.errors import NotFound
from geo_service.store.decisions import Unit
from geo_service.store.queries import query
from geo_service.store.records import close_record, open_record
from geo_service.store.tables import lapse


def write_lapse(
    connection: Connection,
    unit: Unit,
    *,
    on: date,
    reason: str,
    ended_arrangement_id: int,
    actor: str,
) -> int:
    """Record a lapse of a unit, with the arrangement it ended; its id."""
    return open_record(
        connection,
        lapse,
        **unit.columns,
        lapsed_on=on,
        reason=reason,
        ended_arrangement_id=ended_arrangement_id,
        recorded_by=actor,
    )


def withdraw_lapse(connection: Connection, unit_code: str, on: date | None) -> tuple[date, int]:
    """Take back a unit's lapse of a day, the latest by default; its day, and the arrangement it had ended.

    Raises
    ------
    NotFound
        No such lapse in the actor's scope.
    """
    row = connection.execute(
        text(
            "SELECT id, lapsed_on, ended_arrangement_id FROM lapse WHERE unit_code = :unit"
            " AND upper_inf(recorded) AND lapsed_on = coalesce(CAST(:on_date AS date), lapsed_on)"
            " ORDER BY lapsed_on DESC LIMIT 1"
        ),
        {"unit": unit_code, "on_date": on},
    ).one_or_none()
    if row is None or not close_record(connection, lapse, id=row.id):
        raise NotFound("lapse.nothing_to_withdraw", where=unit_code)
    return row.lapsed_on, row.ended_arrangement_id


def lapses_of(connection: Connection, area_code: str) -> Sequence[Row]:
    """Every lapse of an area, the latest first."""
    return connection.execute(query("lapses"), {"area": area_code}).all()
