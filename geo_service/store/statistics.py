"""What the database's planner knows of plans."""

from __future__ import annotations

from sqlalchemy import Connection, text

# With fewer a plan is soon read whole, whatever the planner thinks of it.
_MANY_MEMBERS = 1_000


def renew_statistics(connection: Connection, members: int) -> None:
    """Tell the planner of ``members`` that a plan has got, where they are many.

    It takes no longer for large plans than for small ones. Whoever else renews them waits for the end of the
    transaction, so this is the last step of what writes them.
    """
    if members >= _MANY_MEMBERS:
        connection.execute(text("SELECT access.analyze_zones()"))
