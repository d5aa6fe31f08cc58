"""Single values read as somebody, by statements that the database plans once and keeps."""

from __future__ import annotations

from collections.abc import Mapping
from queue import LifoQueue
from typing import Any

import psycopg
from sqlalchemy import Engine

from geo_service.access import Actor
from geo_service.store.session import (
    APPLICATION_ROLE,
    SESSION_SETTINGS,
    in_driver_style,
    in_words,
    settings_of,
)

_MOST_CONNECTIONS = 8
_LONGEST_READ_S = 30
_STAGE = f"""{SESSION_SETTINGS}; SET default_transaction_read_only = on;
SET statement_timeout = '{_LONGEST_READ_S}s'; SET ROLE {APPLICATION_ROLE}"""


class ReadConnections:
    """A few connections that only read, apart from the engine's.

    A tile is made in a millisecond or two. To check a connection of the pool, to open a transaction, to say
    who asks, to plan the statement and to write the tile in hexadecimal digits takes as long again; here only
    what differs from the read before is said, and bytes come as bytes.

    Parameters
    ----------
    engine : Engine
        Says which database.
    """

    def __init__(self, engine: Engine) -> None:
        self._address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._dialect = engine.dialect
        # The one used last is the next: few readers keep few connections busy.
        self._places: LifoQueue[_ReadConnection | None] = LifoQueue()
        for _ in range(_MOST_CONNECTIONS):
            self._places.put(None)

    def value(self, actor: Actor, statement: str, values: Mapping[str, Any]) -> Any:
        """The one value that a statement with ``:named`` parameters gives, read as ``actor``.

        Raises
        ------
        Forbidden, Unavailable
            What the database refused, in our own words.
        """
        statement = in_driver_style(statement, self._dialect)
        connection = self._places.get()
        try:
            if connection is not None:
                try:
                    return connection.value(actor, statement, values)
                except psycopg.Error:
                    # A connection that is lost may be one of before the database restarted.
                    if not connection.is_lost:
                        raise
            connection = None
            connection = _ReadConnection(self._address)
            return connection.value(actor, statement, values)
        except psycopg.Error as error:
            raise in_words(error, is_lost=connection is None or connection.is_lost) or error from error
        finally:
            self._places.put(None if connection is None or connection.is_lost else connection)

    def close(self) -> None:
        """Give the connections back, those in use once they have been read from."""
        for connection in [self._places.get() for _ in range(_MOST_CONNECTIONS)]:
            if connection is not None:
                connection.close()
            self._places.put(None)


class _ReadConnection:
    """One connection, which remembers for whom it read last."""

    def __init__(self, address: str) -> None:
        self._raw = psycopg.connect(address, autocommit=True)
        self._actor: Actor | None = None
        self._raw.execute(_STAGE)

    @property
    def is_lost(self) -> bool:
        """Whether the database has hung up."""
        return self._raw.closed

    def value(self, actor: Actor, statement: str, values: Mapping[str, Any]) -> Any:
        """The one value that a statement gives."""
        if actor != self._actor:
            self._become(actor)
        with self._raw.cursor(binary=True) as cursor:
            return cursor.execute(statement, values, prepare=True).fetchone()[0]

    def close(self) -> None:
        """Hang up."""
        self._raw.close()

    def _become(self, actor: Actor) -> None:
        self._actor = None
        settings = settings_of(actor)
        chosen = ", ".join(f"set_config('{name}', %({name})s, false)" for name in settings)
        self._raw.execute(f"SELECT {chosen}", settings)
        self._actor = actor
