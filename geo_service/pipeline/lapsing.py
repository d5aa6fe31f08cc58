"""The verbs on lapses (失管): record that a unit's management ended, take that back, list."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, Row

from geo_service.access import Actor
from geo_service.errors import Conflict
from geo_service.pipeline.guard import require_reader, require_writer
from geo_service.pipeline.policies import find_profile
from geo_service.pipeline.wording import LONGEST_CODE, LONGEST_REASON, require_come, require_words
from geo_service.planning.policy.part import LAPSED
from geo_service.store import areas, arrangements, lapses
from geo_service.store.arrangements import InForce
from geo_service.store.decisions import Unit, require_unit
from geo_service.store.session import transaction


def record_lapse(
    engine: Engine,
    actor: Actor,
    *,
    unit_code: str,
    on: date,
    reason: str,
    profile_key: str | None = None,
) -> dict[str, Any]:
    """Record that a covered unit's management ended on a day; its form stays what it was.

    Whatever is recorded to begin later stands: a unit that is managed again gets a new arrangement.

    Parameters
    ----------
    on : date
        The first day without management.

    Raises
    ------
    InvalidInput
        No reason, or a day that has not come.
    NotFound
        No such unit in the actor's scope, or no such profile.
    Conflict
        The unit is not covered on that day, or a zone whose chief is in post serves it.
    Forbidden
        The actor's role changes no data.
    """
    require_writer(actor)
    unit_code = require_words(unit_code, where="unit", most=LONGEST_CODE)
    reason = require_words(reason, where="reason", most=LONGEST_REASON)
    with transaction(engine, actor) as connection:
        unit = require_unit(connection, unit_code)
        require_come(connection, on, where=unit_code)
        now = _covered(connection, unit, on, profile_key)
        arrangements.change_from(
            connection,
            unit,
            form=now.form,
            step=LAPSED,
            starts=on,
            is_gov_fallback=now.is_gov_fallback,
        )
        number = lapses.write_lapse(
            connection, unit, on=on, reason=reason, ended_arrangement_id=now.id, actor=actor.name
        )
    return {
        "id": number,
        "unit": unit.code,
        "community": unit.community_code,
        "lapsed_on": on.isoformat(),
        "reason": reason,
        "form": now.form,
        "step_before": now.step,
    }


def withdraw_lapse(engine: Engine, actor: Actor, *, unit_code: str, on: date | None = None) -> dict[str, Any]:
    """Take back a lapse that never was: what it had ended is recorded again; the mistake stays as history.

    Parameters
    ----------
    on : date, optional
        The day of the lapse; the latest by default.

    Raises
    ------
    NotFound
        No such unit in the actor's scope, or no such lapse of it.
    Forbidden
        The actor's role changes no data.
    """
    require_writer(actor)
    unit_code = require_words(unit_code, where="unit", most=LONGEST_CODE)
    with transaction(engine, actor) as connection:
        unit = require_unit(connection, unit_code)
        lapsed_on, ended = lapses.withdraw_lapse(connection, unit_code, on)
        arrangements.undo_lapse(connection, unit, lapsed_on, ended)
    return {
        "unit": unit.code,
        "community": unit.community_code,
        "lapsed_on": lapsed_on.isoformat(),
        "withdrawn": True,
    }


def list_lapses(engine: Engine, actor: Actor, *, area_code: str, on: date) -> dict[str, Any]:
    """Every lapse of an area up to a day, how many a month, and who is still without management.

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
        rows = [row for row in lapses.lapses_of(connection, area_code) if row.lapsed_on <= on]
    found = [_as_json(row, on) for row in rows]
    return {
        "area": area.code,
        "area_name": area.name,
        "on": on.isoformat(),
        "by_month": dict(sorted(Counter(each["lapsed_on"][:7] for each in found).items())),
        "lapsed_now": sum(each["managed_again_on"] is None for each in found),
        "lapses": found,
    }


def _covered(connection: Connection, unit: Unit, on: date, profile_key: str | None) -> InForce:
    """How a unit is managed on a day, where that is something that can lapse."""
    now = arrangements.in_force(connection, unit, on)
    if now.served:
        raise Conflict("lapse.zone_serves", where=unit.code)
    if now.step == LAPSED:
        raise Conflict("lapse.lapsed_already", where=unit.code)
    profile = find_profile(connection, profile_key)
    if (now.form, now.step) not in profile.covered_pairs | profile.unknown_pairs:
        raise Conflict("lapse.not_covered", where=unit.code, on=on)
    return now


def _as_json(row: Row, on: date) -> dict[str, Any]:
    again = row.managed_again_on
    return {
        "id": row.id,
        "kind": row.unit_kind,
        "unit": row.unit_code,
        "name": row.name,
        "community": row.community_code,
        "lapsed_on": row.lapsed_on.isoformat(),
        "reason": row.reason,
        "form": row.form,
        "step_before": row.step,
        "managed_again_on": again.isoformat() if again is not None and again <= on else None,
        "by": row.recorded_by,
        "at": row.recorded_at.isoformat(),
    }
