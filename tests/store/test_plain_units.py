"""Imported units have no line until something is said of them, and are read as if they had."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import Phase, example, given, note, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.store.local import Cluster
from geo_service.store.session import transaction
from tests.conftest import engine_on_a_clone
from tests.world import COUNTY, EAST, SECOND_TOWN, SOUTH, TOWN, WEST, begin_import, build_world

FIRST = date(2024, 1, 1)
DAYS = [FIRST + timedelta(days=number) for number in (-1, 0, 5, 12, 40)]
COMMUNITIES = (WEST, EAST, SOUTH)
COMPOUND = ("compound", f"{WEST}-C001")
HOUSE = ("building", f"{WEST}-B0001")
UNITS = [COMPOUND, HOUSE, ("building", f"{WEST}-B0002"), ("building", f"{EAST}-B0001")]
PART = ("building", f"{WEST}-B0004")
"""A building of the compound: no unit of its own."""

Unit = tuple[str, str, str, int, str | None, str | None, str | None, str]
"""Kind, code, community, households, implementation class, form, step and facts."""


def read_plainly(connection: Connection, on: date) -> set[Unit]:
    """All units on a day out of the tables that people write to."""
    at = {"on": on}
    arranged = {
        (kind, code): (form, step)
        for kind, code, form, step in connection.execute(
            text(
                "SELECT unit_kind, unit_code, form, step FROM arrangement"
                " WHERE upper_inf(recorded) AND valid @> CAST(:on AS date)"
            ),
            at,
        )
    }
    said = {
        (kind, code): json.dumps(facts, sort_keys=True)
        for kind, code, facts in connection.execute(
            text(
                "SELECT unit_kind, unit_code, facts FROM unit_record"
                " WHERE upper_inf(recorded) AND valid @> CAST(:on AS date)"
            ),
            at,
        )
    }
    rows = connection.execute(
        text(
            "SELECT 'compound', code, community_code, household_count, implementation_class FROM compound"
            " UNION ALL SELECT 'building', code, community_code, household_count, implementation_class"
            " FROM building WHERE compound_code IS NULL"
        )
    )
    return {
        (kind, code, community, households, klass, *arranged.get((kind, code), (None, None)),
         said.get((kind, code), "{}"))
        for kind, code, community, households, klass in rows
    }  # fmt: skip


def read_history(connection: Connection, on: date, known: str = "infinity") -> list[Unit]:
    """The same as the history tells it, as known at a moment."""
    moment = "known_to = 'infinity'" if known == "infinity" else "known_from <= :known AND known_to > :known"
    rows = connection.execute(
        text(
            "SELECT unit_kind, unit_code, community_code, households, s.implementation_class, s.form, s.step,"
            " s.facts FROM unit_history() h JOIN unit_state s ON s.id = h.state_id"
            f" WHERE valid_from <= :on AND valid_to > :on AND {moment}"
        ),
        {"on": on, "known": known},
    )
    return sorted((*row[:-1], json.dumps(row[-1], sort_keys=True)) for row in rows)  # type: ignore[type-var]


def counts_of(units: Sequence[Unit], lineage: dict[str, list[str]]) -> Counter[tuple[Any, ...]]:
    """How many units and households there are of every kind in every area."""
    counts: Counter[tuple[Any, ...]] = Counter()
    for _, _, community, households, *state in units:
        for area in lineage[community]:
            counts["units", area, *state] += 1
            counts["households", area, *state] += households
    return +counts


def read_sums(connection: Connection, on: date, known: str = "infinity") -> Counter[tuple[Any, ...]]:
    """The same as the sums have it."""
    counts: Counter[tuple[Any, ...]] = Counter()
    for area, klass, form, step, facts, units, households in connection.execute(
        text(
            "SELECT area_code, implementation_class, form, step, facts, sum(units)::int, sum(households)::int"
            " FROM coverage_change JOIN unit_state s ON s.id = state_id"
            " WHERE day <= :on AND known_at <= :known GROUP BY 1, 2, 3, 4, 5"
        ),
        {"on": on, "known": known},
    ):
        state = (klass, form, step, json.dumps(facts, sort_keys=True))
        counts["units", area, *state] += units
        counts["households", area, *state] += households
    assert min(counts.values(), default=0) >= 0
    return +counts


def act(connection: Connection, deed: tuple[str, tuple[str, str], int]) -> None:
    """Do one thing to one unit, if it is there."""
    what, (kind, code), number = deed
    values: dict[str, Any] = {"kind": kind, "code": code, "number": number,
                              "community": COMMUNITIES[number % 3], "compound": COMPOUND[1],
                              "from": FIRST + timedelta(days=number % 10)}  # fmt: skip
    if what in ("update of an import", "new import"):
        values["import"] = begin_import(connection)
    for statement in _DEEDS[what]:
        connection.execute(text(statement.format(table=kind)), values)


# A unit that has moved keeps what was said of it where it was, and nobody can say more.
_UNSAID = (
    "FROM {table} u WHERE u.code = :code AND NOT EXISTS"
    " (SELECT FROM %s o WHERE o.unit_kind = :kind AND o.unit_code = u.code AND upper_inf(o.recorded))"
)
_DEEDS = {
    "households": ["UPDATE {table} SET household_count = :number WHERE code = :code"],
    "address": ["UPDATE {table} SET address = 'elsewhere' WHERE code = :code"],
    "class": ["UPDATE {table} SET implementation_class = 'A' WHERE code = :code"],
    "update of an import": [
        "UPDATE {table} SET household_count = :number, import_id = :import WHERE code = :code"
    ],
    "move": ["UPDATE {table} SET community_code = :community WHERE code = :code"],
    "joins a compound": [
        "UPDATE building SET compound_code = :compound WHERE code = :code"
        " AND EXISTS (SELECT FROM compound WHERE code = :compound)"
    ],
    "leaves its compound": ["UPDATE building SET compound_code = NULL WHERE code = :code"],
    "deletion": [
        "UPDATE building SET compound_code = NULL WHERE :kind = 'compound' AND compound_code = :code",
        "DELETE FROM {table} WHERE code = :code",
    ],
    "new import": [
        "INSERT INTO building (code, community_code, household_count, geom, import_id)"
        " SELECT :code, a.code, :number, a.geom, :import FROM area a WHERE a.code = :community"
        " AND :kind = 'building' ON CONFLICT DO NOTHING",
    ],
    "arrangement": [
        "UPDATE arrangement t SET recorded = tstzrange(lower(recorded), clock_timestamp())"
        " FROM {table} u WHERE u.code = :code AND unit_kind = :kind AND unit_code = u.code"
        " AND upper_inf(recorded) AND t.community_code = u.community_code",
        "INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid, recorded)"
        " SELECT :kind, u.code, u.community_code, 'basic', 'in_service', daterange(:from, NULL),"
        f" tstzrange(clock_timestamp(), NULL) {_UNSAID % 'arrangement'}",
    ],
    "end of an arrangement": [
        "UPDATE arrangement t SET recorded = tstzrange(lower(recorded), clock_timestamp())"
        " FROM {table} u WHERE u.code = :code AND unit_kind = :kind AND unit_code = u.code"
        " AND upper_inf(recorded) AND t.community_code = u.community_code"
    ],
    "record": [
        "UPDATE unit_record t SET recorded = tstzrange(lower(recorded), clock_timestamp())"
        " FROM {table} u WHERE u.code = :code AND unit_kind = :kind AND unit_code = u.code"
        " AND upper_inf(recorded) AND t.community_code = u.community_code",
        "INSERT INTO unit_record (unit_kind, unit_code, community_code, facts, valid, recorded)"
        " SELECT :kind, u.code, u.community_code, '{{\"is_old\": true}}', daterange(:from, NULL),"
        f" tstzrange(clock_timestamp(), NULL) {_UNSAID % 'unit_record'}",
    ],
    "everything at once": ["UPDATE {table} SET household_count = household_count + 1"],
    "an empty table": ["TRUNCATE building CASCADE"],
    "counting in between": ["SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED"],
}  # fmt: skip

deeds = st.tuples(st.sampled_from(sorted(_DEEDS)), st.sampled_from([*UNITS, PART]), st.integers(0, 99))
transactions = st.lists(st.lists(deeds, min_size=1, max_size=3), max_size=7)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    with transaction(engine, LOCAL_ADMIN, read_only=True) as connection:
        yield connection


@given(told=transactions)
@example(told=[[("move", HOUSE, 1), ("households", HOUSE, 9)], [("move", HOUSE, 0)]])
@example(
    told=[[("leaves its compound", PART, 0)], [("joins a compound", PART, 0)], [("households", PART, 3)]]
)
@example(told=[[("deletion", HOUSE, 0)], [("new import", HOUSE, 0)], [("arrangement", HOUSE, 4)]])
@example(told=[[("arrangement", COMPOUND, 2)], [("move", COMPOUND, 1)], [("households", COMPOUND, 5)]])
@example(told=[[("update of an import", COMPOUND, 28), ("move", COMPOUND, 79)]])
@example(told=[[("an empty table", HOUSE, 0)], [("new import", HOUSE, 0)]])
@settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.generate])
def test_whatever_is_done_is_told_as_it_was_known(
    cluster: Cluster, template: str, told: list[list[tuple[str, tuple[str, str], int]]]
) -> None:
    note(f"told = {told}")
    with engine_on_a_clone(cluster, template) as engine:
        build_world(engine, {TOWN: {WEST: "12\naa", EAST: "3"}, SECOND_TOWN: {SOUTH: "5"}}, imported=True)
        with reading(engine) as connection:
            lineage = dict(connection.execute(text("SELECT code, lineage FROM area")).all())
            assert connection.execute(text("SELECT count(*) FROM unit_line")).scalar_one() == 0
        remembered: list[tuple[str, list[set[Unit]]]] = []
        for once in [[], *told]:
            with engine.begin() as connection:
                for deed in once:
                    act(connection, deed)
            with engine.connect() as connection:
                moment = connection.execute(text("SELECT clock_timestamp()::text")).scalar_one()
                remembered.append((moment, [read_plainly(connection, day) for day in DAYS]))
                assert connection.execute(text("SELECT count(*) FROM access.changed_unit")).scalar_one() == 0
        with reading(engine) as connection:
            for known, days in [*remembered, ("infinity", remembered[-1][1])]:
                for day, units in zip(DAYS, days, strict=True):
                    expected = sorted(units)  # type: ignore[type-var]
                    assert read_history(connection, day, known) == expected
                    assert read_sums(connection, day, known) == counts_of(expected, lineage)


def test_a_line_is_written_for_the_unit_that_is_spoken_of_alone(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "12", EAST: "3"}}, imported=True)
    with engine.begin() as connection:
        act(connection, ("arrangement", HOUSE, 0))

    with reading(engine) as connection:
        lines = connection.execute(text("SELECT unit_code, valid_from::text, valid_to::text FROM unit_line"))
        # what was believed first, and since then: nothing before the first day, service after it
        assert sorted(map(tuple, lines)) == [
            (f"{WEST}-B0001", "-infinity", "2024-01-01"),
            (f"{WEST}-B0001", "-infinity", "infinity"),
            (f"{WEST}-B0001", "2024-01-01", "infinity"),
        ]


def test_a_planner_reads_the_plain_units_of_the_scope_alone(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "12", EAST: "3"}}, imported=True)
    planner = Actor("planner", Role.PLANNER, EAST)
    with transaction(engine, planner, read_only=True) as connection:
        codes = connection.execute(text("SELECT unit_code FROM unit_history()")).scalars().all()
    assert codes == [f"{EAST}-B0001"]

    viewer = Actor("viewer", Role.VIEWER, COUNTY)
    with transaction(engine, viewer, read_only=True) as connection:
        assert connection.execute(text("SELECT count(*) FROM unit_history()")).scalar_one() == 0


def test_a_row_cannot_name_an_import_of_earlier(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "1"}}, imported=True)
    with pytest.raises(DBAPIError, match="import that brings it"), engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO building (code, community_code, geom, import_id)"
                " SELECT 'late', community_code, geom, import_id FROM building"
            )
        )
