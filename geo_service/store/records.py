"""What ledgers say of units, kept bitemporally: it holds from the ledger's day until a later one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection, text

from geo_service.store.copying import Column, copy_into
from geo_service.store.queries import query

_STAGED = (
    "CREATE TEMP TABLE staged_record (unit_kind text, unit_code text, community_code text, facts jsonb,"
    " details jsonb, source_row integer) ON COMMIT DROP"
)


def differing(connection: Connection, columns: Mapping[str, Column], on: date) -> set[str]:
    """Codes of the units of which a ledger that speaks of the day ``on`` says something new.

    Parameters
    ----------
    columns : mapping of str to array, shape (n,)
        ``unit_kind``, ``unit_code``, ``community_code``, ``source_row``; ``facts`` and ``details`` as JSON.
    """
    connection.execute(text("DROP TABLE IF EXISTS staged_record, record_difference"))
    connection.execute(text(_STAGED))
    copy_into(connection, "staged_record", columns)
    connection.execute(query("records_differing"), {"on_date": on})
    return set(connection.execute(text("SELECT unit_code FROM record_difference")).scalars())


def supersede(connection: Connection, on: date, import_id: int) -> None:
    """Record what ``differing`` has found; what was recorded before is closed, not removed."""
    connection.execute(query("records_close"))
    connection.execute(query("records_open"), {"on_date": on, "import_id": import_id})
