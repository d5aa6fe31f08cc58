"""Transactions run as somebody."""

import time
from contextlib import ExitStack

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import TimeoutError as NoneLeft

from geo_service.access import LOCAL_ADMIN
from geo_service.store.session import make_engine, transaction


def test_a_transaction_runs_as_the_application_role(engine: Engine) -> None:
    with transaction(engine, LOCAL_ADMIN) as connection:
        assert connection.execute(text("SELECT current_user, access.actor(), access.role()")).one() == (
            "geo_service_app",
            "local",
            "admin",
        )


def test_who_only_reads_leaves_a_writer_a_connection(engine: Engine) -> None:
    """As many exports as there may be at a time, and a planner who edits."""
    own = make_engine(engine.url.render_as_string(hide_password=False))
    own.pool._timeout = 0.2
    with ExitStack() as exports:
        for _ in range(24):
            exports.enter_context(transaction(own, LOCAL_ADMIN, read_only=True))
        with pytest.raises(NoneLeft):
            exports.enter_context(transaction(own, LOCAL_ADMIN, read_only=True))
        with transaction(own, LOCAL_ADMIN) as connection:
            backend = connection.scalar(text("SELECT pg_backend_pid()"))
    own.dispose()
    for _ in range(100):
        with transaction(engine, LOCAL_ADMIN, read_only=True) as connection:
            left = connection.scalar(
                text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid"), {"pid": backend}
            )
        if left == 0:
            break
        time.sleep(0.05)
    assert left == 0
