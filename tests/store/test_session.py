"""Transactions and single reads run as somebody, and leave the connection as it was."""

import pytest
from psycopg2 import DataError
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.errors import Forbidden
from geo_service.store.session import make_engine, read_once, transaction
from tests.world import SECOND_TOWN, SOUTH, TOWN, WEST, build_world

COUNT = "SELECT count(*) FROM building WHERE code LIKE :pattern"


def test_a_transaction_runs_as_the_application_role(engine: Engine) -> None:
    with transaction(engine, LOCAL_ADMIN) as connection:
        assert connection.execute(text("SELECT current_user, access.actor(), access.role()")).one() == (
            "geo_service_app",
            "local",
            "admin",
        )


def test_a_single_read_sees_the_scope_alone(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "12"}, SECOND_TOWN: {SOUTH: "3"}})
    assert read_once(engine, LOCAL_ADMIN, COUNT, {"pattern": "%B%"}) == 3
    assert read_once(engine, Actor("p", Role.PLANNER, TOWN), COUNT, {"pattern": "%B%"}) == 2
    assert read_once(engine, Actor("v", Role.VIEWER), COUNT, {"pattern": "%B%"}) == 0


def test_a_single_read_writes_nothing(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "1"}})
    with pytest.raises(Exception, match="read-only"):
        read_once(engine, LOCAL_ADMIN, "DELETE FROM person RETURNING code", {})


def test_after_a_single_read_the_connection_is_as_before(engine: Engine) -> None:
    one = make_engine(engine.url.render_as_string(hide_password=False))
    for statement, refusal in (
        ("SELECT 1", None),
        ("SELECT code FROM access.changed_community", Forbidden),
        ("SELECT 1 / 0", DataError),
        ("SELECT 1", None),
    ):
        if refusal is None:
            assert read_once(one, LOCAL_ADMIN, statement, {}) == 1
        else:
            with pytest.raises(refusal):
                read_once(one, LOCAL_ADMIN, statement, {})
        assert one.pool.checkedout() == 0
        with one.connect() as connection:
            assert not connection.connection.dbapi_connection.autocommit
            role, settings = connection.execute(
                text("SELECT current_user, coalesce(current_setting('geo.scope', true), '')")
            ).one()
            assert (role != "geo_service_app", settings) == (True, "")
    with engine.begin() as connection:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        connection.execute(text(f"{others} AND datname = current_database()"))
    assert read_once(one, LOCAL_ADMIN, "SELECT 1", {}) == 1
    one.dispose()
