"""The verbs on responsible units (责任单位): register, assign, list with what each answers for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, Row

from geo_service.access import Actor
from geo_service.errors import NotFound
from geo_service.pipeline.guard import require_reader, require_writer
from geo_service.pipeline.wording import LONGEST_CODE, require_words
from geo_service.store import areas, responsible_units
from geo_service.store.decisions import require_unit
from geo_service.store.session import transaction


def register_responsible(
    engine: Engine, actor: Actor, *, area_code: str, code: str, name: str
) -> dict[str, Any]:
    """Put a responsible unit on an area's register, or give one that is there another name.

    Raises
    ------
    InvalidInput
        No code, or no name.
    NotFound
        No such area in the actor's scope.
    Conflict
        The code, or in this area the name, is another's.
    Forbidden
        The actor's role changes no data.
    """
    require_writer(actor)
    code = require_words(code, where="code", most=LONGEST_CODE)
    name = require_words(name, where="name")
    area_code = require_words(area_code, where="area", most=LONGEST_CODE)
    with transaction(engine, actor) as connection:
        area = areas.require_area(connection, area_code)
        changed = responsible_units.register(
            connection, code=code, name=name, area_code=area.code, actor=actor.name
        )
    return {"code": code, "name": name, "area": area.code, "changed": changed}


def assign_responsible(engine: Engine, actor: Actor, *, unit_code: str, code: str | None) -> dict[str, Any]:
    """Say by code who answers for a unit; from then on the ledger's text does not decide.

    Parameters
    ----------
    code : str or None
        None takes the assignment back: the text decides again.

    Raises
    ------
    NotFound
        No such unit in the actor's scope, no such responsible unit there, or nothing to take back.
    Forbidden
        The actor's role changes no data.
    """
    require_writer(actor)
    unit_code = require_words(unit_code, where="unit", most=LONGEST_CODE)
    with transaction(engine, actor) as connection:
        unit = require_unit(connection, unit_code)
        name = None
        if code is not None:
            code = require_words(code, where="code", most=LONGEST_CODE)
            name = responsible_units.require_registered(connection, code, unit.community_code)
        had = responsible_units.assign(connection, unit, code, actor.name)
        if code is None and not had:
            raise NotFound("responsible.nothing_assigned", where=unit_code)
    return {"unit": unit.code, "community": unit.community_code, "code": code, "name": name}


def list_responsible(engine: Engine, actor: Actor, *, area_code: str) -> dict[str, Any]:
    """Every responsible unit of an area with what it answers for there, and names that are on no register.

    Raises
    ------
    NotFound
        No such area in the actor's scope.
    Forbidden
        The actor reads coverage alone, or one zone alone.
    """
    require_reader(actor)
    with transaction(engine, actor, read_only=True) as connection:
        area = areas.require_area(connection, area_code)
        rows = responsible_units.register_of(connection, area_code)
    entries: dict[tuple[str | None, str], dict[str, Any]] = {}
    for row in rows:
        entry = entries.setdefault((row.code, row.name), _entry(row))
        if row.unit_code is not None:
            entry["units"].append(_unit(row))
    return {
        "area": area.code,
        "area_name": area.name,
        "responsible": [entry for entry in entries.values() if entry["code"] is not None],
        "unregistered": [
            {"name": entry["name"], "units": entry["units"]}
            for entry in entries.values()
            if entry["code"] is None
        ],
    }


def _entry(row: Row) -> dict[str, Any]:
    return {"code": row.code, "name": row.name, "area": row.area_code, "units": []}


def _unit(row: Row) -> dict[str, Any]:
    return {
        "kind": row.unit_kind,
        "code": row.unit_code,
        "name": row.unit_name,
        "community": row.community_code,
        "matched_by": row.matched_by,
    }
