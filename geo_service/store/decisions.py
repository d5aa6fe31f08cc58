"""Units as a profile's rules see them, and what was decided against a recommendation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import get_args

import numpy as np
from sqlalchemy import Connection, text

from geo_service.errors import NotFound
from geo_service.planning.policy.classify import UnitFacts
from geo_service.planning.policy.management import UnitTypes
from geo_service.planning.policy.part import Fact
from geo_service.store.coverage import Known, load_states
from geo_service.store.queries import query
from geo_service.store.records import close_record, open_record
from geo_service.store.tables import form_decision


@dataclass(frozen=True)
class Decision:
    """A form that somebody chose against, or beside, the recommendation."""

    form: str
    reason: str
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True)
class ClassifiedUnit:
    """A management unit by name."""

    kind: str
    code: str
    name: str | None
    community_code: str
    households: int
    decision: Decision | None


def units_to_classify(
    connection: Connection,
    area_code: str,
    *,
    on: date,
    known: Known = None,
    profile_key: str,
    types: UnitTypes | None,
) -> tuple[list[ClassifiedUnit], UnitFacts]:
    """Every compound and standalone building of an area, with what rules may ask of it; by community."""
    rows = connection.execute(
        query("units_to_classify"),
        {"area": area_code, "on_date": on, "known": known, "profile": profile_key},
    ).all()
    units = [
        ClassifiedUnit(
            row.kind,
            row.code,
            row.name,
            row.community_code,
            row.households,
            Decision(row.decided_form, row.decided_reason, row.decided_by, row.decided_at)
            if row.decided_form
            else None,
        )
        for row in rows
    ]
    states = load_states(connection, {row.state_id for row in rows})
    place = np.array([states.places[row.state_id] for row in rows], dtype=np.int64)
    facts = UnitFacts(
        households=np.array([row.households for row in rows], dtype=np.int64),
        types=states.types(types)[place],
        answers={fact: states.answer(fact)[place] for fact in get_args(Fact)},
    )
    return units, facts


@dataclass(frozen=True)
class Unit:
    """A management unit by its code."""

    kind: str
    code: str
    community_code: str

    @property
    def columns(self) -> dict[str, str]:
        """What every record of a unit names it by."""
        return {"unit_kind": self.kind, "unit_code": self.code, "community_code": self.community_code}


def require_unit(connection: Connection, code: str) -> Unit:
    """The compound, or standalone building, of a code.

    Raises
    ------
    NotFound
        No such unit in the actor's scope.
    """
    row = connection.execute(
        text(
            "SELECT 'compound' AS kind, community_code FROM compound WHERE code = :code"
            " UNION ALL SELECT 'building', community_code FROM building WHERE code = :code AND is_standalone"
        ),
        {"code": code},
    ).first()
    if row is None:
        raise NotFound("classification.no_such_unit", where=code)
    return Unit(row.kind, code, row.community_code)


def decide_form(
    connection: Connection, unit_code: str, *, profile_key: str, form: str | None, reason: str, actor: str
) -> str:
    """Record what was decided for one unit, in place of what was decided before; its community.

    Parameters
    ----------
    form : str or None
        None withdraws an earlier decision.

    Raises
    ------
    NotFound
        No such unit in the actor's scope, or nothing to withdraw.
    """
    unit = require_unit(connection, unit_code)
    had = close_record(
        connection, form_decision, unit_kind=unit.kind, unit_code=unit_code, profile_key=profile_key
    )
    if form is not None:
        open_record(
            connection,
            form_decision,
            **unit.columns,
            profile_key=profile_key,
            form=form,
            reason=reason,
            decided_by=actor,
        )
    elif not had:
        raise NotFound("classification.nothing_decided", where=unit_code)
    return unit.community_code
