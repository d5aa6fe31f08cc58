"""How many rows a statement matches, remembered for as long as the database stays what it was."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import sha256
from threading import Lock
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, text

from geo_service.access import Actor
from geo_service.store.layers import BoundStatement, read_count
from geo_service.store.session import settings_of

_MOST_REMEMBERED = 1_000
_remembered: WeakKeyDictionary[Engine, OrderedDict[bytes, int]] = WeakKeyDictionary()
_lock = Lock()


def read_remembered_count(connection: Connection, actor: Actor, statement: BoundStatement) -> int:
    """The one number a statement gives to ``actor``, exact now.

    Two equal snapshots see the same rows: as long as nobody commits anything the number holds, and the next
    commit, whatever it writes, ends that. Policies may look at the actor and at the day, so both belong to
    what is remembered.
    """
    snapshot, day = connection.execute(text("SELECT pg_current_snapshot()::text, current_date")).one()
    state = repr((snapshot, day, settings_of(actor), statement.text, sorted(statement.values.items())))
    key = sha256(state.encode()).digest()
    with _lock:
        numbers = _remembered.setdefault(connection.engine, OrderedDict())
        if key in numbers:
            numbers.move_to_end(key)
            return numbers[key]
    number = read_count(connection, statement)
    with _lock:
        numbers[key] = number
        if len(numbers) > _MOST_REMEMBERED:
            numbers.popitem(last=False)
    return number
