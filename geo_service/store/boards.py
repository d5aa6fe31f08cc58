"""A whole plan, read at once for somebody who opens it to work on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from geo_service.store.queries import query


def board_zones(
    connection: Connection, plan_id: int, codes: Sequence[str] | None = None
) -> list[dict[str, Any]]:
    """The zones of a plan by code, all by default; ``geometry`` is GeoJSON text in EPSG:4490."""
    given = {"plan": plan_id, "codes": None if codes is None else list(codes)}
    return [dict(row) for row in connection.execute(query("board_zones"), given).mappings()]


def buildings_in_zones(connection: Connection, plan_id: int, codes: Sequence[str]) -> dict[str, list[str]]:
    """The buildings of some zones of a plan, by the zone's code."""
    rows = connection.execute(
        text(
            "SELECT z.code, array_agg(m.building_code ORDER BY m.building_code) AS buildings"
            " FROM zone z JOIN zone_member m ON m.zone_id = z.id"
            " WHERE z.plan_id = :plan AND z.code = ANY(:codes) GROUP BY z.code ORDER BY z.code"
        ),
        {"plan": plan_id, "codes": list(codes)},
    )
    return {row.code: row.buildings for row in rows}


def board_buildings(
    connection: Connection, plan_id: int, area_code: str, *, on: date
) -> dict[str, list[Any]]:
    """Code, community, zone (empty for none), households and a point inside of each building, a list each."""
    given = {"plan": plan_id, "area": area_code, "on_date": on}
    return dict(connection.execute(query("board_buildings"), given).mappings().one())


def board_communities(connection: Connection, area_code: str) -> dict[str, str]:
    """Names of the communities of an area, by code."""
    rows = connection.execute(
        text(
            "SELECT code, name FROM area WHERE kind = 'community'"
            " AND lineage @> ARRAY[CAST(:area AS text)] ORDER BY code"
        ),
        {"area": area_code},
    )
    return {row.code: row.name for row in rows}


def building_names(connection: Connection, community_code: str) -> dict[str, str]:
    """Names, or else addresses, of a community's buildings, by code."""
    rows = connection.execute(
        text(
            "SELECT code, coalesce(name, address) AS name FROM building"
            " WHERE community_code = :community AND coalesce(name, address) IS NOT NULL"
        ),
        {"community": community_code},
    )
    return {row.code: row.name for row in rows}
