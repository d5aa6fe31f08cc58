"""Zones and outcomes of communities as JSON-ready rows."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection

from geo_service.errors import NotFound
from geo_service.store.areas import today
from geo_service.store.queries import query

BOX = ("west", "south", "east", "north")

_PLAIN = (
    *("id", "code", "name", "plan_id", "plan_state", "community_code", "households", "buildings"),
    *("load", "distance_m", "patrol_m", "compactness", "locked"),
)


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
    return {
        **{key: row[key] for key in _PLAIN},
        "chief": chief,
        "bbox": [row[side] for side in BOX],
        "effective_from": row["effective_from"],
    }


def list_outcomes(
    connection: Connection,
    area_code: str | None = None,
    *,
    on: date | None = None,
    plan_id: int | None = None,
) -> list[dict[str, Any]]:
    """Each zoned community's figures and how far they can be from the best possible; as ``list_zones``."""
    given = {"area": area_code, "on_date": on or today(connection), "plan": plan_id}
    return [dict(row) for row in connection.execute(query("list_outcomes"), given).mappings()]


def explained_zones(
    connection: Connection, plan_id: int, zone_code: str | None = None
) -> list[dict[str, Any]]:
    """The zones of a plan, or the one of a code: why each is as it is, its buildings in walking order.

    Raises
    ------
    NotFound
        When the plan has no such zone.
    """
    given = {"plan": plan_id, "zone": zone_code}
    found = [dict(row) for row in connection.execute(query("explained_zones"), given).mappings()]
    if not found and zone_code is not None:
        raise NotFound("plan.no_such_zone", where=str(plan_id), zone=zone_code)
    return found
