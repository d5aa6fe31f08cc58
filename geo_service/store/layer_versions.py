"""How new what a layer shows is: the versions that revision 0009 keeps, and the topics that a query reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from threading import Lock

import psycopg2
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from geo_service.access import WHOLE_DEPLOYMENT
from geo_service.errors import Unavailable
from geo_service.store.layers import BoundStatement

_BOUND = re.compile(r"(?<![:\w]):([a-z_]\w*)")
_READ = """
SELECT topic, sum(version)::bigint FROM access.layer_version
WHERE area_code IN (coalesce(nullif($1, '*'), ''), '*') GROUP BY topic"""


class VersionReader:
    """Reads versions over one connection of its own, in one round trip; threads take turns.

    A request that only asks whether anything is new need not wait for a connection of the pool.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = Lock()
        self._connection: psycopg2.extensions.connection | None = None

    def read(self, area_code: str | None) -> dict[str, int]:
        """The version of every topic for what lies in an area, the whole deployment by default.

        A topic of which nothing has changed yet is not there.

        Raises
        ------
        Unavailable
            When the database is not there.
        """
        with self._lock:
            try:
                return self._ask(area_code)
            except psycopg2.Error:
                # The connection may be one of before the database restarted.
                self._drop()
            try:
                return self._ask(area_code)
            except psycopg2.Error as error:
                self._drop()
                raise Unavailable("database.lost") from error

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            self._drop()

    def _ask(self, area_code: str | None) -> dict[str, int]:
        if self._connection is None:
            self._connection = self._open()
        with self._connection.cursor() as cursor:
            cursor.execute("EXECUTE read_versions (%s)", (area_code or WHOLE_DEPLOYMENT,))
            return dict(cursor.fetchall())

    def _open(self) -> psycopg2.extensions.connection:
        try:
            pooled = self._engine.raw_connection()
        except DBAPIError as error:
            raise Unavailable("database.lost") from error
        connection = pooled.dbapi_connection
        pooled.detach()
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"PREPARE read_versions (text) AS {_READ}")
        return connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def topics_read(connection: Connection, statement: BoundStatement) -> frozenset[str] | None:
    """The topics of the tables a statement reads, whatever its values; None where a table has no versions.

    The tables are those of the plan for values not known yet, policies and views included.
    """
    tables = _tables_read(connection, statement)
    topics = dict(
        connection.execute(
            text("SELECT table_name, topic FROM access.layer_topic WHERE table_name = ANY (:tables)"),
            {"tables": sorted(tables)},
        ).all()
    )
    return frozenset(topics.values()) if topics.keys() == tables else None


def _tables_read(connection: Connection, statement: BoundStatement) -> frozenset[str]:
    names = list(dict.fromkeys(_BOUND.findall(statement.text)))
    numbered = _BOUND.sub(lambda found: f"${names.index(found[1]) + 1}", statement.text)
    run = connection.exec_driver_sql
    values = f"({', '.join(['NULL'] * len(names))})" if names else ""
    try:
        with connection.begin_nested() as probe:
            run("SET LOCAL plan_cache_mode = force_generic_plan")
            run(f"PREPARE layer_probe AS {numbered.replace('%', '%%')}")
            plan = run(f"EXPLAIN (FORMAT JSON, COSTS off) EXECUTE layer_probe{values}").scalar_one()
            probe.rollback()
    finally:
        run("DEALLOCATE ALL")
    return frozenset(_relations(plan if isinstance(plan, list) else json.loads(plan)))


def _relations(node: object) -> Iterator[str]:
    if isinstance(node, Mapping):
        if "Relation Name" in node:
            yield str(node["Relation Name"])
        for each in node.values():
            yield from _relations(each)
    elif isinstance(node, list):
        for each in node:
            yield from _relations(each)
