"""Responsible units: the register, who answers for what, and who is named without being registered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Row, text

from geo_service.errors import NotFound
from geo_service.store.decisions import Unit
from geo_service.store.queries import query
from geo_service.store.records import close_record, open_record
from geo_service.store.tables import responsibility, responsible_unit


def register(connection: Connection, *, code: str, name: str, area_code: str, actor: str) -> bool:
    """Put a unit on an area's register, or rename one that is there; False when nothing changes."""
    found = connection.execute(
        text(
            "SELECT id, name FROM responsible_unit"
            " WHERE code = :code AND area_code = :area AND upper_inf(recorded)"
        ),
        {"code": code, "area": area_code},
    ).one_or_none()
    if found is not None:
        if found.name == name:
            return False
        close_record(connection, responsible_unit, id=found.id)
    open_record(connection, responsible_unit, code=code, name=name, area_code=area_code, recorded_by=actor)
    return True


def require_registered(connection: Connection, code: str, community_code: str) -> str:
    """The name of a unit on a register that holds in a community.

    Raises
    ------
    NotFound
        No such unit there.
    """
    name = connection.execute(
        text(
            "SELECT r.name FROM responsible_unit r JOIN area a ON a.code = :community"
            " WHERE r.code = :code AND upper_inf(r.recorded) AND r.area_code = ANY (a.lineage)"
        ),
        {"code": code, "community": community_code},
    ).scalar_one_or_none()
    if name is None:
        raise NotFound("responsible.unknown", where=code)
    return name


def assign(connection: Connection, unit: Unit, code: str | None, actor: str) -> bool:
    """Say who answers for a unit; None for nobody by code any more.

    Returns
    -------
    bool
        Whether somebody answered for it by code before.
    """
    had = close_record(connection, responsibility, unit_kind=unit.kind, unit_code=unit.code)
    if code is not None:
        open_record(connection, responsibility, **unit.columns, responsible_code=code, recorded_by=actor)
    return had


def register_of(connection: Connection, area_code: str) -> Sequence[Row]:
    """The register as it holds in an area, one row a unit answered for; names that are on none at the end."""
    return connection.execute(query("responsible_units"), {"area": area_code}).all()


@dataclass(frozen=True)
class AnsweredUnit:
    """A management unit on a day, with who answers for it; ``code`` is None where that is on no register."""

    code: str | None
    name: str
    state_id: int


def answered_for(
    connection: Connection, area_code: str, inside: Sequence[str], on: date
) -> list[AnsweredUnit]:
    """Units for which somebody answers, in some areas inside an area, with their states on a day."""
    answers = {(row.unit_kind, row.unit_code): row for row in register_of(connection, area_code)}
    codes = [code for _, code in answers if code is not None]
    rows = connection.execute(
        query("states_of_units"), {"codes": codes, "areas": list(inside), "on_date": on}
    ).all()
    return [
        AnsweredUnit(row.code, row.name, state_id)
        for kind, code, state_id in rows
        if (row := answers.get((kind, code))) is not None
    ]
