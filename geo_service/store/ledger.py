"""What the ledger says of every unit on a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import Connection

from geo_service.store.queries import query

_ROWS_A_CHUNK = 2_000


def ledger_units(connection: Connection, area_code: str, on: date) -> Iterator[dict[str, Any]]:
    """One mapping a unit, by the names of the ledger's fields, community by community.

    Facts and details are among them, under their own names; a unit nobody arranged has no form, and where it
    is not known since when it is managed so, no date.
    """
    found = connection.execute(
        query("ledger_units"),
        {"area": area_code, "on_date": on},
        execution_options={"yield_per": _ROWS_A_CHUNK},
    )
    for row in found.mappings():
        own = {name: value for name, value in row.items() if name not in ("facts", "details")}
        yield own | row["facts"] | row["details"]
