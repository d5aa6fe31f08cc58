"""Sheets of marks: written, written anew, and listed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlalchemy import Connection, Row, text

from geo_service.store.decisions import require_unit
from geo_service.store.queries import query


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
    key = {"kind": unit.kind, "code": unit_code, "profile": profile[0], "round": round}
    # clock_timestamp: a second sheet in the transaction of the first would else end where it begins
    connection.execute(
        text(
            "UPDATE evaluation SET recorded = tstzrange(lower(recorded), clock_timestamp())"
            " WHERE unit_kind = :kind AND unit_code = :code AND profile_key = :profile AND round = :round"
            " AND upper_inf(recorded)"
        ),
        key,
    )
    connection.execute(
        text(
            "INSERT INTO evaluation (unit_kind, unit_code, community_code, profile_key, profile_version,"
            " round, marks, left_out, total, passes, evaluated_by, recorded)"
            " VALUES (:kind, :code, :community,"
            " :profile, :version, :round, CAST(:marks AS jsonb), :left_out, :total, :passes, :actor,"
            " tstzrange(clock_timestamp(), NULL))"
        ),
        {
            **key,
            "community": unit.community_code,
            "version": profile[1],
            "marks": json.dumps({name: str(mark) for name, mark in marks.items()}),
            "left_out": list(left_out),
            "total": total,
            "passes": passes,
            "actor": actor,
        },
    )
    return unit.community_code


def sheets_of(connection: Connection, area_code: str, *, profile_key: str, round: str) -> Sequence[Row]:
    """Every unit of the baseline with its sheet of a round, or without one; by community."""
    values = {"area": area_code, "profile": profile_key, "round": round}
    return connection.execute(query("evaluations"), values).all()
