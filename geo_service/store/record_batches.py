"""The rows of a statement as Arrow batches: column by column, without a Python object for every value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import adbc_driver_manager
import pyarrow as pa
from adbc_driver_postgresql import dbapi
from sqlalchemy import Connection, text

from geo_service.access import Actor
from geo_service.errors import Cancelled, Unavailable
from geo_service.store.layers import BoundStatement
from geo_service.store.session import APPLICATION_ROLE, refusal, settings_of

# Small enough that the next batch is on its way while one is written, large enough not to be felt.
_BATCH_BYTES = 4 * 2**20

# PostgreSQL has one state for a statement stopped by somebody and by the clock: its sentence tells which.
_CANCELLED, _TOO_LATE = "57014", ("timeout", "超时")


class BatchReader:
    """Runs statements beside a transaction, over a connection of its own that they share.

    It sees just what the transaction sees, and may do no more than ``actor``. Connecting takes as long as
    reading some thousand rows: an export of many layers does it once.
    """

    def __init__(self, connection: Connection, actor: Actor) -> None:
        self._beside = connection
        self._actor = actor
        self._opened: ExitStack | None = None
        self._cursor: dbapi.Cursor | None = None

    def stream(self, statement: BoundStatement) -> Iterator[pa.RecordBatch]:
        """Every row, in batches of some megabytes; text and geometries as PostgreSQL sends them.

        One statement at a time. It is read one batch ahead, and cancelled when the caller closes the stream
        before its end.

        Raises
        ------
        Cancelled, Conflict, Forbidden, Unavailable
            What the database refused, in our own words.
        """
        whole = False
        try:
            cursor = self._connected()
            cursor.execute(_written(self._beside, statement.text, statement.values))
            with cursor.fetch_record_batch() as batches:
                yield from _read_ahead(batches, cursor)
            whole = True
        except adbc_driver_manager.Error as error:
            raise _translated(error) from error
        finally:
            if not whole:
                # What was stopped half-way leaves a transaction in which nothing more can be asked.
                self.close()

    def close(self) -> None:
        """Hang up; the next statement connects anew."""
        opened, self._opened, self._cursor = self._opened, None, None
        if opened is not None:
            opened.close()

    def _connected(self) -> dbapi.Cursor:
        if self._cursor is None:
            self._opened = ExitStack()
            self._cursor = self._opened.enter_context(_reading_as(self._beside, self._actor))
        return self._cursor


def _translated(error: adbc_driver_manager.Error) -> Exception:
    if error.sqlstate is None and isinstance(error, adbc_driver_manager.OperationalError):
        return Unavailable("database.lost")
    if error.sqlstate == _CANCELLED and not any(word in str(error) for word in _TOO_LATE):
        # The driver answers Ctrl-C so: it asks the server to stop.
        return Cancelled("command.cancelled")
    return refusal(error.sqlstate or "") or error


@contextmanager
def _reading_as(connection: Connection, actor: Actor) -> Iterator[dbapi.Cursor]:
    snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
    url = connection.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with dbapi.connect(url, autocommit=True) as reader, reader.cursor() as cursor:
        cursor.adbc_statement.set_options(**{"adbc.postgresql.batch_size_hint_bytes": str(_BATCH_BYTES)})
        # Plans, and so the order of equal rows, are those of every other read: see session.make_engine.
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        cursor.execute("SET jit = off")
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute(_written(connection, "SET TRANSACTION SNAPSHOT :id", {"id": snapshot}))
        for name, value in settings_of(actor).items():
            cursor.execute(_written(connection, f"SET LOCAL {name} = :value", {"value": value}))
        cursor.execute(f"SET LOCAL ROLE {APPLICATION_ROLE}")
        yield cursor


def _read_ahead(batches: pa.RecordBatchReader, cursor: dbapi.Cursor) -> Iterator[pa.RecordBatch]:
    with ThreadPoolExecutor(max_workers=1) as reader:
        coming = reader.submit(next, batches, None)
        try:
            while (batch := coming.result()) is not None:
                coming = reader.submit(next, batches, None)
                yield batch
        finally:
            if not coming.done():
                cursor.adbc_cancel()


def _written(connection: Connection, statement: str, values: Mapping[str, Any]) -> str:
    """The statement with its values bound into it, as psycopg2 sends every statement."""
    compiled = text(statement).compile(dialect=connection.dialect)
    with connection.connection.cursor() as cursor:
        return cursor.mogrify(str(compiled), compiled.construct_params(values)).decode()
