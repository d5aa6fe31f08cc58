"""Sheets of marks: written, written anew, and listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlalchemy import Connection, Row

from geo_service.store.decisions import require_unit
from geo_service.store.queries import query
from geo_service.store.records import close_record, open_record
from geo_service.store.tables import evaluation


def write_sheet(
    connection: Connection,
    unit_code: str,
    *,
    profile: tuple[str, int],
    round: str,
    marks: Mapping[str, Decimal],
    left_out: Sequence[str],
    total: Decimal,
    passes: bool,
    actor: str,
) -> str:
    """Keep a unit's marks of a round in place of earlier ones, which stay as history; its community.

    Parameters
    ----------
    profile : tuple of str and int
        Key and version of the profile that the marks were weighed by.

    Raises
    ------
    NotFound
        No such unit in the actor's scope.
    """
    unit = require_unit(connection, unit_code)
    sheet = {"profile_key": profile[0], "round": round}
    close_record(connection, evaluation, unit_kind=unit.kind, unit_code=unit_code, **sheet)
    open_record(
        connection,
        evaluation,
        **unit.columns,
        **sheet,
        profile_version=profile[1],
        marks={name: str(mark) for name, mark in marks.items()},
        left_out=list(left_out),
        total=total,
        passes=passes,
        evaluated_by=actor,
    )
    return unit.community_code


def sheets_of(connection: Connection, area_code: str, *, profile_key: str, round: str) -> Sequence[Row]:
    """Every unit of the baseline with its sheet of a round, or without one; by community."""
    values = {"area": area_code, "profile": profile_key, "round": round}
    return connection.execute(query("evaluations"), values).all()
