"""The verbs on governance bodies: found, dissolve, take back, list. Names of bodies, never of people."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Engine, Row

from geo_service.access import Actor
from geo_service.errors import Conflict, InvalidInput
from geo_service.pipeline.guard import require_reader, require_writer
from geo_service.pipeline.wording import LONGEST_CODE, require_come, require_order, require_words
from geo_service.planning.governance import BodyKind
from geo_service.store import areas, bodies
from geo_service.store.decisions import require_unit
from geo_service.store.session import transaction


def found_body(
    engine: Engine,
    actor: Actor,
    *,
    kind: BodyKind,
    name: str,
    founded_on: date,
    unit_code: str | None = None,
    community_code: str | None = None,
    filing_number: str | None = None,
) -> dict[str, Any]:
    """Record a body of a unit, or of a whole community.

    Parameters
    ----------
    filing_number : str, optional
        Where it was filed (备案号).

    Raises
    ------
    InvalidInput
        No name, a day that has not come, or not just one of unit and community.
    NotFound
        No such unit, or community, in the actor's scope.
    Conflict
        The same body is there already.
    Forbidden
        The actor's role changes no data.
    """
    require_writer(actor)
    if (unit_code is None) == (community_code is None):
        raise InvalidInput("body.unit_or_community", where=kind.value)
    name = require_words(name, where="name")
    where = require_words(unit_code or community_code or "", where="unit", most=LONGEST_CODE)
    if filing_number is not None:
        filing_number = require_words(filing_number, where="filing_number", most=LONGEST_CODE)
    with transaction(engine, actor) as connection:
        require_come(connection, founded_on, where="founded_on")
        unit = None
        if unit_code is not None:
            found = require_unit(connection, where)
            unit, community = (found.kind, found.code), found.community_code
        else:
            area = areas.require_area(connection, where)
            if area.kind != "community":
                raise InvalidInput("body.not_a_community", where=where)
            community = area.code
        body = bodies.Body(kind.value, name, unit, community, founded_on, filing_number)
        number = bodies.found_body(connection, body, actor.name)
    return {
        "id": number,
        "kind": kind.value,
        "name": name,
        "unit": unit and unit[1],
        "community": community,
        "founded_on": founded_on.isoformat(),
        "dissolved_on": None,
        "filing_number": filing_number,
    }


def dissolve_body(engine: Engine, actor: Actor, *, body_id: int, on: date) -> dict[str, Any]:
    """Record the day from which a body is no more.

    Raises
    ------
    InvalidInput
        A day before its founding, or one that has not come.
    NotFound
        No such body in the actor's scope.
    Conflict
        It has been dissolved.
    Forbidden
        The actor's role changes no data.
    """
    require_writer(actor)
    with transaction(engine, actor) as connection:
        body = bodies.require_body(connection, body_id)
        require_come(connection, on, where=body.name)
        require_order(body.founded_on, on, where=body.name)
        if not bodies.dissolve_body(connection, body_id, on):
            raise Conflict("body.dissolved_already", where=body.name, given=body.dissolved_on)
    return {"id": body_id, "name": body.name, "dissolved_on": on.isoformat()}


def withdraw_body(engine: Engine, actor: Actor, *, body_id: int) -> dict[str, Any]:
    """Take a body back that was recorded wrongly; it stays as history.

    Raises
    ------
    NotFound
        No such body in the actor's scope.
    Forbidden
        The actor's role changes no data.
    """
    require_writer(actor)
    with transaction(engine, actor) as connection:
        bodies.withdraw_body(connection, body_id)
    return {"id": body_id, "withdrawn": True}


def list_bodies(engine: Engine, actor: Actor, *, area_code: str, on: date | None = None) -> dict[str, Any]:
    """Bodies of an area and of its units, all of them, or those there are on a day.

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
        rows = bodies.bodies_of(connection, area_code, on=on)
    return {
        "area": area.code,
        "area_name": area.name,
        "on": on and on.isoformat(),
        "bodies": [_as_json(row) for row in rows],
    }


def _as_json(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "name": row.name,
        "unit": row.unit_code,
        "unit_name": row.unit_name,
        "community": row.community_code,
        "founded_on": row.founded_on.isoformat(),
        "dissolved_on": row.dissolved_on and row.dissolved_on.isoformat(),
        "filing_number": row.filing_number,
        "by": row.recorded_by,
        "at": row.recorded_at.isoformat(),
    }
