"""Who waits for news of a plan, and the one connection of a process on which the database tells of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import Engine

from geo_service.errors import Unavailable

# Told by store/sql/insert_plan_edit.sql.
_CHANNEL = "plan_changed"
_MOST_WAITING = 200
_PAUSE_S = 1.0
_log = logging.getLogger(__name__)


class PlanNotices:
    """News of plans, for coroutines of one event loop.

    The database tells only that something has happened; who waits asks what it was, as who they are.

    Parameters
    ----------
    engine : Engine
        Says which database.
    most_waiting : int
        How many may wait at once.
    """

    def __init__(self, engine: Engine, *, most_waiting: int = _MOST_WAITING) -> None:
        self._address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._most_waiting = most_waiting
        self._waiting: dict[int, set[asyncio.Event]] = {}
        self._listening: asyncio.Task[None] | None = None
        self.ended = False

    @contextmanager
    def waiting(self, plan_id: int) -> Iterator[asyncio.Event]:
        """An event that is set whenever the plan may have changed, and when all is to end.

        Raises
        ------
        Unavailable
            When too many wait already.
        """
        if sum(map(len, self._waiting.values())) >= self._most_waiting:
            raise Unavailable("live.too_many", where=str(plan_id), most=self._most_waiting)
        news = asyncio.Event()
        self._waiting.setdefault(plan_id, set()).add(news)
        if self._listening is None or self._listening.done():
            self._listening = asyncio.get_running_loop().create_task(self._listen())
        try:
            yield news
        finally:
            self._waiting[plan_id].discard(news)
            if not self._waiting[plan_id]:
                del self._waiting[plan_id]

    def end(self) -> None:
        """Let nobody wait any longer; called in the event loop."""
        self.ended = True
        if self._listening is not None:
            self._listening.cancel()
        self._tell_all()

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    self._address, autocommit=True
                ) as connection:
                    await connection.execute(f"LISTEN {_CHANNEL}")
                    # What happened until now was told to nobody.
                    self._tell_all()
                    async for notice in connection.notifies():
                        self._tell(int(notice.payload))
            except psycopg.OperationalError as error:
                _log.warning("news of plans are not heard, trying again: %s", error)
            await asyncio.sleep(_PAUSE_S)

    def _tell(self, plan_id: int) -> None:
        for news in self._waiting.get(plan_id, ()):
            news.set()

    def _tell_all(self) -> None:
        for plan_id in self._waiting:
            self._tell(plan_id)
