"""Exact counts of an area and its parts, on any day, as known at any moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from sqlalchemy import Connection, text

from geo_service.errors import InvalidInput
from geo_service.planning.policy.part import LAPSED
from geo_service.planning.states import State, States, Tally
from geo_service.store.queries import query

_AMOUNTS = ("units", "buildings", "households", "floor_area_m2", "land_area_m2")
"""In the order of the columns of ``coverage_changes.sql``."""

Known = datetime | None
"""A moment with its time zone; None for what is known now."""


def tally(
    connection: Connection, area_code: str, *, by: str | None, days: Sequence[date], known: Known = None
) -> Tally:
    """What there is in an area at the end of each of some days, split by state.

    Parameters
    ----------
    by : {"community", "subdistrict"} or None
        What one part is; the area as a whole by default.
    days : sequence of date
        In order of time.

    Raises
    ------
    InvalidInput
        A day after which there is none.
    """
    if max(days) == date.max:
        raise InvalidInput("coverage.no_next_day", where=str(date.max))
    connection.execute(text("SET LOCAL work_mem = '32MB'"))
    parts, place_of = _parts(connection, area_code, by)
    ends = [day + timedelta(days=1) for day in days]
    rows = connection.execute(
        query("coverage_changes"),
        {"areas": list(place_of), "ends": ends, "last_end": ends[-1], "known": known or "infinity"},
    ).all()
    areas, ids, since, *amounts = zip(*rows, strict=True) if rows else [()] * (3 + len(_AMOUNTS))
    states = load_states(connection, set(ids))
    return Tally(
        parts=parts,
        states=states,
        part=np.array([place_of[code] for code in areas], dtype=np.int64),
        state=np.array([states.places[id_] for id_ in ids], dtype=np.int64),
        since=np.array(since, dtype=np.int64),
        amounts={
            amount: np.array(column, dtype=np.int64) for amount, column in zip(_AMOUNTS, amounts, strict=True)
        },
        days=len(days),
    )


def _parts(
    connection: Connection, area_code: str, by: str | None
) -> tuple[tuple[tuple[str, str], ...], dict[str, int]]:
    """Code and name of every part, and which part each area that is read counts for."""
    if by is None:
        name = connection.scalar(text("SELECT name FROM area WHERE code = :code"), {"code": area_code})
        return ((area_code, name),), {area_code: 0}
    rows = connection.execute(query("coverage_parts"), {"area": area_code, "by": by}).all()
    names = {row.code: row.name for row in rows}
    places = {code: place for place, code in enumerate(names)}
    return tuple(names.items()), {row.summed: places[row.code] for row in rows}


def first_known_day(connection: Connection, area_code: str) -> date | None:
    """The first day that a file about an area speaks of, or on which something known of it begins.

    None where nothing is known. An area that no file speaks of is known from the day its units were entered.
    """
    return connection.execute(query("first_known_day"), {"area": area_code}).scalar_one()


@dataclass(frozen=True)
class PublishedPlan:
    """A plan of zones that holds on a day, in so many communities."""

    id: int
    revision: int
    communities: int


def published_plans(connection: Connection, area_code: str, on: date) -> list[PublishedPlan]:
    """Plans of zones that hold somewhere in an area on a day, as far as the actor reads them."""
    rows = connection.execute(query("published_plans"), {"area": area_code, "on_date": on})
    return [PublishedPlan(*row) for row in rows]


@dataclass(frozen=True)
class Lapse:
    """A unit that has come to be without management."""

    kind: str
    code: str
    name: str | None
    community_code: str
    lapsed_on: date


def new_lapses(
    connection: Connection, area_code: str, states: States, *, first: date, last: date, known: Known = None
) -> list[Lapse]:
    """Units of an area that lapsed between two days, both included, among those in some states."""
    lapsed = [state.id for state in states.items if state.step == LAPSED]
    if not lapsed:
        return []
    rows = connection.execute(
        query("new_lapses"),
        {"area": area_code, "lapsed": lapsed, "first": first, "last": last, "known": known},
    )
    return [Lapse(*row) for row in rows]


_STATES = (
    "SELECT id, is_standalone, implementation_class, baseline_unmanaged, responsible_unit, form, step, facts"
    " FROM unit_state"
)


def load_states(connection: Connection, ids: set[int]) -> States:
    """States by their ids."""
    rows = connection.execute(text(f"{_STATES} WHERE id = ANY (:ids) ORDER BY id"), {"ids": sorted(ids)})
    return States(tuple(State(*row) for row in rows))


def all_states(connection: Connection) -> States:
    """Every state there is: what a map may have to show."""
    return States(tuple(State(*row) for row in connection.execute(text(f"{_STATES} ORDER BY id"))))


def states_version(connection: Connection) -> tuple[int, int]:
    """Changes whenever a state is added; none is ever changed or taken away."""
    row = connection.execute(text("SELECT coalesce(max(id), 0), count(*) FROM unit_state")).one()
    return row[0], row[1]
