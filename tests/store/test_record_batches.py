"""Rows as Arrow batches are the rows of the transaction they belong to, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import adbc_driver_manager
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.errors import Forbidden, Unavailable
from geo_service.publish.statements import Statement
from geo_service.store.record_batches import BatchReader
from geo_service.store.session import make_engine, transaction
from tests.world import EAST, SECOND_TOWN, SOUTH, TOWN, WEST, build_world

CODES = Statement("SELECT code FROM building WHERE household_count >= :least ORDER BY code", {"least": 0})


def codes(engine: Engine, actor: Actor, statement: Statement = CODES) -> list[str]:
    with reading(engine, actor) as reader:
        return codes_read(reader, statement)


@contextmanager
def reading(engine: Engine, actor: Actor = LOCAL_ADMIN) -> Iterator[BatchReader]:
    with (
        transaction(engine, actor, read_only=True) as connection,
        closing(BatchReader(connection, actor)) as reader,
    ):
        yield reader


def codes_read(reader: BatchReader, statement: Statement = CODES) -> list[str]:
    return [code for batch in reader.stream(statement) for code in batch.column(0).to_pylist()]


def test_an_actor_gets_the_rows_of_the_scope_alone(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "1", EAST: "2"}, SECOND_TOWN: {SOUTH: "3"}})
    mine = [f"{WEST}-B0001", f"{EAST}-B0001"]
    assert codes(engine, LOCAL_ADMIN) == sorted([*mine, f"{SOUTH}-B0001"])
    assert codes(engine, Actor("g", Role.GIS, TOWN)) == sorted(mine)


def test_what_is_committed_meanwhile_is_not_seen(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "12"}})
    with reading(engine) as reader:
        batches = reader.stream(CODES)
        first = next(batches)
        with engine.begin() as other:
            other.execute(text("DELETE FROM building"))
        assert first.num_rows + sum(batch.num_rows for batch in batches) == 2
        assert len(codes_read(reader)) == 2, "one moment for all that is read"


def test_many_statements_are_read_over_one_connection(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "12"}})
    session = Statement("SELECT pg_backend_pid() AS pid", {})
    with reading(engine) as reader:
        first, second = (next(iter(list(reader.stream(session)))).column(0).to_pylist() for _ in range(2))
        assert first == second


@pytest.mark.parametrize("end", ["stopped half-way", "refused"])
def test_after_a_statement_that_did_not_end_well_others_are_read(engine: Engine, end: str) -> None:
    build_world(engine, {TOWN: {WEST: "12"}})
    with reading(engine) as reader:
        if end == "refused":
            with pytest.raises(adbc_driver_manager.ProgrammingError):
                codes_read(reader, Statement("SELECT no_such_column FROM building", {}))
        else:
            many = reader.stream(Statement("SELECT repeat('x', 1000) FROM generate_series(1, 100000)", {}))
            next(many)
            many.close()
        assert len(codes_read(reader)) == 2


def test_nothing_can_be_written(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "1"}})
    with pytest.raises(Forbidden):
        codes(engine, LOCAL_ADMIN, Statement("SELECT code FROM access.changed_community", {}))
    with pytest.raises(adbc_driver_manager.Error):
        codes(engine, LOCAL_ADMIN, Statement("DELETE FROM building RETURNING code", {}))


def test_a_mistake_of_ours_is_told_as_one_and_a_lost_database_as_lost(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "1"}})
    with pytest.raises(adbc_driver_manager.ProgrammingError):
        codes(engine, LOCAL_ADMIN, Statement("SELECT no_such_column FROM building", {}))
    gone = make_engine(str(make_url(engine.url).set(database="nowhere")))
    with (
        transaction(engine, LOCAL_ADMIN, read_only=True) as connection,
        closing(BatchReader(connection, LOCAL_ADMIN)) as reader,
    ):
        connection.engine.url, kept = gone.url, connection.engine.url
        try:
            with pytest.raises(Unavailable):
                codes_read(reader)
        finally:
            connection.engine.url = kept
