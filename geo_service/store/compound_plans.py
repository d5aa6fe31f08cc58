"""Per-compound plans: one a unit, from state to state; what it was before stays as history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Row, text

from geo_service.errors import Conflict, NotFound
from geo_service.store.queries import query
from geo_service.store.records import close_record, open_record
from geo_service.store.tables import compound_plan


@dataclass(frozen=True)
class CompoundPlan:
    """A unit's plan in one state.

    Parameters
    ----------
    entered_on : date
        The day it came to this state.
    consent_round_id : int or None
        The round in which it was put to the owners; none while it is drafted, or when it failed as a draft.
    reason : str or None
        Why it failed.
    """

    unit_kind: str
    unit_code: str
    community_code: str
    form: str
    measures: str
    state: str
    entered_on: date
    profile_key: str
    profile_version: int
    consent_round_id: int | None = None
    reason: str | None = None


_COLUMNS = tuple(CompoundPlan.__dataclass_fields__)


def present_plan(connection: Connection, unit_code: str) -> tuple[int, CompoundPlan] | None:
    """A unit's plan as it is now, with the id of its record."""
    row = connection.execute(
        text(
            f"SELECT id, {', '.join(_COLUMNS)} FROM compound_plan"  # noqa: S608 - our own column names
            " WHERE unit_code = :unit AND upper_inf(recorded)"
        ),
        {"unit": unit_code},
    ).one_or_none()
    return None if row is None else (row[0], CompoundPlan(*row[1:]))


def require_plan(connection: Connection, unit_code: str) -> tuple[int, CompoundPlan]:
    """The same, where there has to be one.

    Raises
    ------
    NotFound
        The unit has no plan, or is not in the actor's scope.
    """
    found = present_plan(connection, unit_code)
    if found is None:
        raise NotFound("compound_plan.unknown", where=unit_code)
    return found


def write_plan(connection: Connection, plan: CompoundPlan, *, after: int | None, actor: str) -> None:
    """Keep a plan in its new state in place of the record it follows.

    Raises
    ------
    Conflict
        Somebody else has written the plan since.
    """
    if after is not None and not close_record(connection, compound_plan, id=after):
        raise Conflict("compound_plan.changed", where=plan.unit_code)
    values = {name: getattr(plan, name) for name in _COLUMNS}
    open_record(connection, compound_plan, **values, recorded_by=actor)


def fallback_of(connection: Connection, plan_id: int) -> tuple[bool, int | None]:
    """Whether the fallback followed a failed plan, and the id of the arrangement which that ended, if any."""
    row = connection.execute(query("fallback_of_plan"), {"plan": plan_id}).one()
    return row.followed, row.ended


def plans_of(connection: Connection, area_code: str, *, on: date, unit: str | None = None) -> Sequence[Row]:
    """Every present plan of an area, or of one unit, with how the unit is managed on a day."""
    given = {"area": area_code, "on_date": on, "unit": unit}
    return connection.execute(query("compound_plans"), given).all()
