"""How new what a layer shows is: the versions that revision 0009 keeps, and the topics that a query reads."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock

import psycopg2
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from geo_service.access import WHOLE_DEPLOYMENT
from geo_service.errors import Unavailable
from geo_service.store.layers import BoundStatement

_BOUND = re.compile(r"(?<![:\w]):([a-z_]\w*)")
# How revision 0009 names what counts for the deployment as a whole, and what counts for every area.
_WHOLE, _EVERYWHERE = "", "*"
_Found = dict[str, dict[str, int]]
_READ = """
SELECT area_code, topic, version FROM access.layer_version WHERE area_code = ANY ($1)"""


class VersionReader:
    """Reads versions over one connection of its own, in one round trip; threads take turns.

    Whoever comes while another reads waits for the next reading, and shares it with all who came meanwhile: a
    hundred requests at once cost the database two readings.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: psycopg2.extensions.connection | None = None
        self._turn = Lock()
        self._joining = Lock()
        self._next = _Reading()

    def read(self, area_code: str | None) -> dict[str, int]:
        """The version of every topic for what lies in an area, the whole deployment by default.

        A topic of which nothing has changed yet is not there.

        Raises
        ------
        Unavailable
            When the database is not there.
        """
        counting, reading = self._join(area_code)
        return _summed(self._found(reading)[code] for code in counting)

    async def read_soon(self, area_code: str | None) -> dict[str, int]:
        """As ``read``, for coroutines: those that share a reading share the thread that waits for it."""
        counting, reading = self._join(area_code)
        if reading.task is None or reading.task.get_loop() is not asyncio.get_running_loop():
            reading.task = asyncio.create_task(asyncio.to_thread(self._found, reading))
        # Who hangs up must not stop the reading of the others.
        found = await asyncio.shield(reading.task)
        return _summed(found[code] for code in counting)

    def close(self) -> None:
        """Give the connection back."""
        with self._turn:
            self._drop()

    def _join(self, area_code: str | None) -> tuple[set[str], _Reading]:
        if area_code is None or area_code == WHOLE_DEPLOYMENT:
            area_code = _WHOLE
        counting = {area_code, _EVERYWHERE}
        with self._joining:
            reading = self._next
            reading.area_codes |= counting
        return counting, reading

    def _found(self, reading: _Reading) -> _Found:
        with self._turn:
            if reading.found is None:
                with self._joining:
                    self._next = _Reading()
                reading.found = self._read(sorted(reading.area_codes))
        return reading.found

    def _read(self, area_codes: Sequence[str]) -> _Found:
        try:
            return self._ask(area_codes)
        except psycopg2.Error:
            # The connection may be one of before the database restarted.
            self._drop()
        try:
            return self._ask(area_codes)
        except psycopg2.Error as error:
            self._drop()
            raise Unavailable("database.lost") from error

    def _ask(self, area_codes: Sequence[str]) -> _Found:
        if self._connection is None:
            self._connection = self._open()
        found: _Found = {code: {} for code in area_codes}
        with self._connection.cursor() as cursor:
            cursor.execute("EXECUTE read_versions (%s)", (list(area_codes),))
            for area_code, topic, version in cursor.fetchall():
                found[area_code][topic] = version
        return found

    def _open(self) -> psycopg2.extensions.connection:
        try:
            pooled = self._engine.raw_connection()
        except DBAPIError as error:
            raise Unavailable("database.lost") from error
        connection = pooled.dbapi_connection
        pooled.detach()
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"PREPARE read_versions (text[]) AS {_READ}")
        return connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@dataclass
class _Reading:
    """One reading of the versions of some areas; nothing is found before it is read."""

    area_codes: set[str] = field(default_factory=set)
    found: _Found | None = None
    task: asyncio.Task[_Found] | None = None


def _summed(each: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for versions in each:
        total.update(versions)
    return dict(total)


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
    prepared = _BOUND.sub(lambda found: f"${names.index(found[1]) + 1}", statement.text)
    run = connection.exec_driver_sql
    values = f"({', '.join(['NULL'] * len(names))})" if names else ""
    is_prepared = False
    try:
        with connection.begin_nested() as probe:
            run("SET LOCAL plan_cache_mode = force_generic_plan")
            run(f"PREPARE layer_probe AS {prepared.replace('%', '%%')}")
            is_prepared = True
            plan = run(f"EXPLAIN (FORMAT JSON, COSTS off) EXECUTE layer_probe{values}").scalar_one()
            probe.rollback()
    finally:
        if is_prepared:
            run("DEALLOCATE layer_probe")
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
