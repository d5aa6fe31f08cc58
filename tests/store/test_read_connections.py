"""Single reads: as whom they are made, how often they are planned, and what becomes of lost connections."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from psycopg import DataError
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.errors import Forbidden, Unavailable
from geo_service.store.read_connections import ReadConnections
from geo_service.store.session import make_engine
from tests.world import SECOND_TOWN, SOUTH, TOWN, WEST, build_world

COUNT = "SELECT count(*) FROM building WHERE code LIKE :pattern"
OTHERS = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
PLANNER = Actor("p", Role.PLANNER, TOWN)
VIEWER = Actor("v", Role.VIEWER)


@pytest.fixture
def readers(engine: Engine) -> Iterator[ReadConnections]:
    readers = ReadConnections(engine)
    yield readers
    readers.close()


def test_each_reader_sees_the_own_scope_alone_whoever_read_before(
    readers: ReadConnections, engine: Engine
) -> None:
    build_world(engine, {TOWN: {WEST: "12"}, SECOND_TOWN: {SOUTH: "3"}})
    asked = [LOCAL_ADMIN, PLANNER, VIEWER, PLANNER, LOCAL_ADMIN, VIEWER] * 20
    seen = {LOCAL_ADMIN: 3, PLANNER: 2, VIEWER: 0}
    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(lambda actor: readers.value(actor, COUNT, {"pattern": "%B%"}), asked))
    assert found == [seen[actor] for actor in asked]


def test_nothing_is_written(readers: ReadConnections) -> None:
    with pytest.raises(Exception, match="read-only"):
        readers.value(LOCAL_ADMIN, "DELETE FROM person RETURNING code", {})


def test_after_a_refusal_the_same_connection_reads_on(readers: ReadConnections) -> None:
    backend = readers.value(LOCAL_ADMIN, "SELECT pg_backend_pid()", {})
    with pytest.raises(Forbidden):
        readers.value(LOCAL_ADMIN, "SELECT code FROM access.changed_community", {})
    with pytest.raises(DataError):
        readers.value(LOCAL_ADMIN, "SELECT 1 / CAST(:zero AS integer)", {"zero": 0})
    assert readers.value(LOCAL_ADMIN, "SELECT pg_backend_pid()", {}) == backend


def test_a_statement_is_planned_once(readers: ReadConnections) -> None:
    for pattern in ("%A%", "%B%", "%C%"):
        readers.value(LOCAL_ADMIN, COUNT, {"pattern": pattern})
    plans = "SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement LIKE :begins"
    assert readers.value(LOCAL_ADMIN, plans, {"begins": "SELECT count(*) FROM building%"}) == 3


def test_a_lost_connection_is_made_anew(readers: ReadConnections, engine: Engine) -> None:
    before = readers.value(LOCAL_ADMIN, "SELECT pg_backend_pid()", {})
    with engine.begin() as connection:
        connection.execute(text(f"SELECT pg_terminate_backend(pid) {OTHERS}"))
    assert readers.value(LOCAL_ADMIN, "SELECT pg_backend_pid()", {}) != before


def test_a_read_that_takes_too_long_is_ended(readers: ReadConnections) -> None:
    assert readers.value(LOCAL_ADMIN, "SHOW statement_timeout", {}) == "30s"
    readers.value(LOCAL_ADMIN, "SELECT set_config('statement_timeout', '1', false)", {})
    with pytest.raises(Unavailable) as refused:
        readers.value(LOCAL_ADMIN, "SELECT pg_sleep(60)", {})
    assert refused.value.key == "database.too_slow"
    assert readers.value(LOCAL_ADMIN, "SHOW default_transaction_read_only", {}) == "on"


def test_without_a_database_it_is_said_in_words(engine: Engine) -> None:
    nowhere = make_engine(engine.url.set(database="nowhere").render_as_string(hide_password=False))
    readers = ReadConnections(nowhere)
    for _ in range(20):  # more often than there are connections: none is lost count of
        with pytest.raises(Unavailable):
            readers.value(LOCAL_ADMIN, "SELECT 1", {})


def test_when_closed_none_is_left(engine: Engine) -> None:
    readers = ReadConnections(engine)
    with engine.connect() as connection:
        before = connection.scalar(text(f"SELECT count(*) {OTHERS}"))
        with ThreadPoolExecutor(16) as threads:
            list(threads.map(lambda _: readers.value(LOCAL_ADMIN, "SELECT pg_sleep(0.05)", {}), range(16)))
        readers.close()
        connection.rollback()
        left = f"SELECT count(*) {OTHERS} AND state IS NOT NULL"
        for _ in range(100):
            if connection.scalar(text(left)) <= before:
                break
            connection.execute(text("SELECT pg_sleep(0.05)"))
            connection.rollback()
        assert connection.scalar(text(left)) <= before
