"""Records that are opened and closed, never changed or deleted: what was believed stays on record."""

from __future__ import annotations

from sqlalchemy import Connection, Table, func, insert, update


def open_record(connection: Connection, table: Table, **values: object) -> int:
    """Believe something from now on; the record's id."""
    # clock_timestamp: a record closed and followed in one transaction would else end where it begins
    recorded = func.tstzrange(func.clock_timestamp(), None)
    return connection.execute(
        insert(table).values(**values, recorded=recorded).returning(table.c.id)
    ).scalar_one()


def close_record(connection: Connection, table: Table, **which: object) -> bool:
    """Believe something no longer; False where no such record is open in the actor's scope.

    Parameters
    ----------
    which : object
        By column, what tells the record from all others that are open: its id, or whatever it is one of.
    """
    until = func.tstzrange(func.lower(table.c.recorded), func.clock_timestamp())
    this = [table.c[column] == value for column, value in which.items()]
    closed = connection.execute(
        update(table).where(*this, func.upper_inf(table.c.recorded)).values(recorded=until)
    )
    return closed.rowcount == 1
