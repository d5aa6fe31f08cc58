"""Footers of ledgers' sheets: kept by community and day, for those who write the ledger."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from geo_service.store.queries import query
from geo_service.store.records import open_record
from geo_service.store.tables import ledger_footer


def footers_on(
    connection: Connection, on: date, area_code: str | None = None
) -> dict[str, dict[str, str | None]]:
    """The latest footer up to a day of every community that the actor writes for, by the community's code.

    Parameters
    ----------
    area_code : str, optional
        Of this area's communities alone.
    """
    rows = connection.execute(query("ledger_footers"), {"area": area_code, "on_date": on})
    return {row.pop("community_code"): row for row in map(dict, rows.mappings())}


def keep_footer(connection: Connection, *, community_code: str, on: date, **values: str | None) -> None:
    """Keep the footer of a community for a day, in place of what was kept for it, which stays as history."""
    which = {"community_code": community_code, "on_date": on}
    connection.execute(query("ledger_footer_close"), which)
    open_record(connection, ledger_footer, **which, **values)
