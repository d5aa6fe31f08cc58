"""Zones as JSON-ready rows."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection

from geo_service.store.areas import today
from geo_service.store.queries import query

BOX = ("west", "south", "east", "north")


def list_zones(
    connection: Connection, area_code: str, *, on: date | None = None, plan_id: int | None = None
) -> list[dict[str, Any]]:
    """Zones of an area with their chiefs, by code.

    Parameters
    ----------
    on : date, optional
        The zones published for that day; today unless a plan is named.
    plan_id : int, optional
        The zones of that plan, published or not, with the chief last appointed.
    """
    given = {"area": area_code, "on_date": on or today(connection), "plan": plan_id}
    return [_zone(row) for row in connection.execute(query("list_zones"), given).mappings()]


def _zone(row: Any) -> dict[str, Any]:
    chief = None
    if row["post_id"] is not None:
        chief = {"post_id": row["post_id"], "name": row["chief_name"], "work_phone": row["work_phone"]}
    plain = ("id", "code", "name", "plan_id", "plan_state", "community_code", "households", "buildings")
    return {
        **{key: row[key] for key in plain},
        "chief": chief,
        "bbox": [row[side] for side in BOX],
        "effective_from": row["effective_from"],
    }
