"""Statements whose plans are kept: planned once a connection, with the same answers for everybody."""

from __future__ import annotations

from contextlib import suppress
from types import SimpleNamespace

import pytest
from sqlalchemy import Connection, Engine, TextClause, text
from sqlalchemy.exc import DataError, ProgrammingError

from geo_service.access import Role
from geo_service.errors import Unavailable
from geo_service.store.kept_plans import KEPT_AS
from geo_service.store.layer_versions import topics_read
from geo_service.store.session import transaction
from tests.actors import actor
from tests.world import EAST, TOWN, WEST, build_world

WORLD = {TOWN: {WEST: "12", EAST: "3"}}


def kept(name: str, statement: str) -> TextClause:
    return text(statement).execution_options(**{KEPT_AS: name})


def prepared(connection: Connection) -> int:
    return connection.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one()


def test_a_statement_is_planned_once_a_connection(engine: Engine) -> None:
    words = kept(
        "words",
        "SELECT cardinality(CAST(:words AS text[])), CAST(:last AS text) || ' 100 %', :last LIKE '%d'",
    )
    with engine.connect() as connection:
        for given, last, size in (
            (["a", "b"], "c", 2),
            ([], "d", 0),
            (None, "d'%", None),
            (["片区"], "e\\", 1),
        ):
            answer = connection.execute(words, {"words": given, "last": last}).one()
            assert answer == (size, f"{last} 100 %", last.endswith("d"))
        assert prepared(connection) == 1
    with engine.connect() as connection, engine.connect() as other:
        assert (prepared(connection), prepared(other)) in ((1, 0), (0, 1))


def test_what_failed_at_first_works_later(engine: Engine) -> None:
    divided = kept("divided", "SELECT 12 / CAST(:by AS integer)")
    with engine.connect() as connection:
        for _ in range(2):
            with pytest.raises(DataError):
                connection.execute(divided, {"by": 0})
            connection.rollback()
        for by in (3, 4):
            assert connection.execute(divided, {"by": by}).scalar_one() == 12 // by
        with pytest.raises(DataError):
            connection.execute(divided, {"by": 0})
        connection.rollback()
        assert connection.execute(divided, {"by": 6}).scalar_one() == 2


def test_a_kept_plan_shows_nobody_what_is_another_s(engine: Engine) -> None:
    build_world(engine, WORLD)
    asked = kept("buildings", "SELECT code FROM building WHERE is_standalone = :alone ORDER BY code")
    seen = set()
    backends = set()
    for _ in range(8):  # after five the database may go over to one plan for all values
        for scope in (WEST, EAST, "*", TOWN):
            with transaction(engine, actor(Role.PLANNER, scope)) as connection:
                backends.add(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
                codes = connection.execute(asked, {"alone": True}).scalars().all()
                plain = connection.execute(text(asked.text), {"alone": True}).scalars().all()
                assert codes == plain
                seen.add(tuple(codes))
    assert len(backends) == 1
    assert sorted(map(len, seen)) == [1, 2, 3]


def test_a_kept_plan_follows_the_tables(engine: Engine) -> None:
    counted = kept("counted", "SELECT count(*) FROM building WHERE is_standalone = :alone")
    build_world(engine, WORLD)
    with engine.connect() as connection:
        before = connection.execute(counted, {"alone": True}).scalar_one()
        connection.commit()
        with engine.begin() as other:
            other.execute(text("ALTER TABLE building ADD COLUMN later integer"))
            other.execute(text("DROP INDEX building_community_code"))
        assert connection.execute(counted, {"alone": True}).scalar_one() == before == 3


def test_plans_that_the_database_has_forgotten_are_made_anew(engine: Engine) -> None:
    build_world(engine, WORLD)
    counted = kept("counted", "SELECT count(*) FROM building WHERE is_standalone = :alone")

    def count() -> int:
        with transaction(engine, actor(Role.PLANNER)) as connection:
            return connection.execute(counted, {"alone": True}).scalar_one()

    assert count() == 3
    with transaction(engine, actor(Role.PLANNER)) as connection:
        connection.execute(text("DEALLOCATE ALL"))
    with pytest.raises(Unavailable) as trouble:
        count()
    assert trouble.value.key == "database.lost"
    assert count() == 3


def test_looking_what_a_layer_reads_leaves_the_plans_alone(engine: Engine) -> None:
    one = kept("one", "SELECT CAST(:one AS integer)")
    for statement in ("SELECT code FROM area WHERE code = :code", "SELECT nonsense"):
        with engine.connect() as connection:
            connection.execute(one, {"one": 1})
            with suppress(ProgrammingError):
                topics_read(connection, SimpleNamespace(text=statement, values={}))
        with engine.connect() as connection:
            assert connection.execute(one, {"one": 2}).scalar_one() == 2
            assert prepared(connection) == 1
