"""People by their codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, text


def people_by_code(connection: Connection, codes: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Code, name and work phone of some people, by code."""
    if not codes:
        return {}
    rows = connection.execute(
        text("SELECT code, name, work_phone FROM person WHERE code = ANY(:codes)"), {"codes": list(codes)}
    )
    return {row["code"]: dict(row) for row in rows.mappings()}
