"""Engine, scope and transactions: every statement runs as somebody, inside row-level security."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from weakref import WeakKeyDictionary

import psycopg
import psycopg2
from sqlalchemy import Connection, Dialect, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError

from geo_service.access import Actor
from geo_service.errors import Conflict, Forbidden, GeoServiceError, InvalidInput, Unavailable
from geo_service.store.kept_plans import PLAN_LOST, keep_plans

APPLICATION_ROLE = "geo_service_app"
# Parallel plans give tiles whose bytes differ from one request to the next, and jit costs more than it saves
# on queries of milliseconds.
SESSION_SETTINGS = "SET max_parallel_workers_per_gather = 0; SET jit = off; SET timezone = 'Asia/Shanghai'"


# Who writes has a few connections apart: the first edit on one takes four times as long as the next, and
# no lot of exports leaves a planner without any.
_writers: WeakKeyDictionary[Engine, Engine] = WeakKeyDictionary()


def make_engine(url: str) -> Engine:
    """An engine for ``url``; ``postgres://`` and ``postgresql://`` both mean psycopg2."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            url = "postgresql+psycopg2://" + url.removeprefix(prefix)
    engine = _pooled(url, kept=8, most=24)
    _writers[engine] = writer = _pooled(url, kept=2, most=8)
    event.listen(engine, "engine_disposed", lambda _: writer.dispose())
    return engine


def _pooled(url: str, *, kept: int, most: int) -> Engine:
    """With at ``most`` so many connections at a time, so many of them ``kept`` for the next."""
    try:
        # The connection used last is the next: its plans and what it knows of the tables are at hand.
        engine = create_engine(
            url, pool_pre_ping=True, pool_size=kept, max_overflow=most - kept, pool_use_lifo=True
        )
    except Exception as error:
        raise InvalidInput("database.url_unusable", where="DATABASE_URL") from error

    @event.listens_for(engine, "connect")
    def _prepare(connection: psycopg2.extensions.connection, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(SESSION_SETTINGS)
        connection.commit()

    keep_plans(engine)
    return engine


@contextmanager
def transaction(engine: Engine, actor: Actor, *, read_only: bool = False) -> Iterator[Connection]:
    """One transaction as ``actor``: commits at the end, rolls back on any error.

    The role, the scope and the actor's name are set for this transaction alone, and the connection drops to
    a role that owns nothing, so that the policies of ``migrations/`` hold for every statement inside. One
    that only reads sees the database as it was at its first statement.

    Raises
    ------
    Conflict, Forbidden, Unavailable
        What the database refused, in our own words.
    """
    try:
        with (engine if read_only else _writers.get(engine, engine)).begin() as connection:
            if read_only:
                # All that is read is of one moment: a plan's revision and what its zones are at it.
                connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            act_as(connection, actor)
            yield connection
    except DBAPIError as error:
        raise translated(error) from error


@lru_cache(maxsize=256)
def in_driver_style(statement: str, dialect: Dialect) -> str:
    """A statement with its ``:named`` parameters as the driver writes them."""
    return str(text(statement).compile(dialect=dialect))


def act_as(connection: Connection, actor: Actor) -> None:
    """Confine the rest of the transaction to what ``actor`` may see and do."""
    settings = settings_of(actor) | {"role": APPLICATION_ROLE}
    connection.execute(
        text("SELECT set_config(key, value, true) FROM json_each_text(:settings)"),
        {"settings": json.dumps(settings)},
    )


def settings_of(actor: Actor) -> dict[str, str]:
    """What a transaction is told of the actor; the policies of ``migrations/`` read it."""
    return {
        "geo.actor": actor.name,
        "geo.role": actor.role.value,
        "geo.scope": actor.scope,
        "geo.post": "" if actor.post_id is None else str(actor.post_id),
    }


_BY_CONSTRAINT = {
    "one_published_plan_at_a_time": "plan.publication_overlaps",
    "one_primary_a_zone_a_date": "post.two_primaries",
    "post_one_undated_primary": "post.two_primaries",
    "arrangement_one_at_a_time": "arrangement.overlaps",
    "form_decision_one_at_a_time": "database.busy",
    "evaluation_one_at_a_time": "database.busy",
    "report_receipt_one_at_a_time": "database.busy",
    "bulletin_once_a_period": "database.busy",
    "consent_round_told_once": "consent.told_already",
    "governance_body_founded_once": "body.founded_already",
    "responsible_unit_one_a_code": "responsible.code_taken",
    "responsible_unit_one_a_name": "responsible.name_taken",
    "responsibility_one_a_unit": "database.busy",
    "target_letter_signed_once": "letter.signed_already",
    "compound_plan_one_a_unit": "compound_plan.changed",
    "lapse_one_a_day": "lapse.told_already",
}


def translated(error: DBAPIError) -> GeoServiceError:
    """The database's refusal as one of our errors."""
    told = in_words(error.orig, is_lost=error.connection_invalidated)
    if told is None:
        raise error
    return told


def in_words(cause: BaseException | None, *, is_lost: bool) -> GeoServiceError | None:
    """A driver's error in our own words; None where it says that we have made a mistake."""
    code = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None) or ""
    constraint = getattr(getattr(cause, "diag", None), "constraint_name", None)
    if constraint in _BY_CONSTRAINT:
        return Conflict(_BY_CONSTRAINT[constraint])
    if getattr(cause, "errno", None) == errno.ENOSPC:
        return Unavailable("database.disk_full")
    refused = refusal(code)
    if refused is not None:
        return refused
    if is_lost or (isinstance(cause, (psycopg.OperationalError, psycopg2.OperationalError)) and not code):
        return Unavailable("database.lost")
    return None


def refusal(code: str) -> GeoServiceError | None:
    """What an SQLSTATE says, in our own words; None where it says that we have made a mistake."""
    if code == "GS001":
        return Conflict("plan.frozen")
    if code == "42501":
        return Forbidden("access.outside_scope")
    if code in ("40001", "40P01", "55P03"):
        return Conflict("database.busy")
    if code == "57014":
        return Unavailable("database.too_slow")
    if code == "53100":
        return Unavailable("database.disk_full")
    if code[:2] in ("08", "57") or code == PLAN_LOST:
        return Unavailable("database.lost")
    if code == "42P01":
        return Unavailable("database.not_migrated")
    return None
