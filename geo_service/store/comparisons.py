"""Two plans read side by side: their zones, and the buildings that either has in one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, text

from geo_service.store.queries import query


def shared_area(connection: Connection, areas: Sequence[str]) -> str | None:
    """Of some areas the one that lies in all the others; None where there is none."""
    rows = connection.execute(
        text(
            "SELECT code FROM area WHERE code = ANY(CAST(:areas AS text[]))"
            " AND lineage @> CAST(:areas AS text[]) ORDER BY code LIMIT 1"
        ),
        {"areas": list(areas)},
    )
    return rows.scalars().one_or_none()


def compared_zones(connection: Connection, plan_id: int, area_code: str) -> list[dict[str, Any]]:
    """The zones a plan has in an area, by code, with their judgement and the name of their chief."""
    given = {"plan": plan_id, "area": area_code}
    return [dict(row) for row in connection.execute(query("compared_zones"), given).mappings()]


def compared_buildings(
    connection: Connection, plan_a: int, plan_b: int, area_code: str
) -> dict[str, list[Any]]:
    """Codes, households, and the code of the zone in either plan (empty for none), a list each."""
    given = {"a": plan_a, "b": plan_b, "area": area_code}
    return dict(connection.execute(query("compared_buildings"), given).mappings().one())


def waiting_by_community(connection: Connection, plan_id: int) -> dict[str, int]:
    """How many buildings of each community of a plan wait for a zone, where that is known."""
    rows = connection.execute(
        text(
            "SELECT community_code, unassigned FROM plan_outcome"
            " WHERE plan_id = :plan AND unassigned IS NOT NULL"
        ),
        {"plan": plan_id},
    )
    return {row.community_code: row.unassigned for row in rows}


def named_buildings(connection: Connection, codes: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What people know some buildings by, and where they stand in degrees (EPSG:4490), by code."""
    rows = connection.execute(query("named_buildings"), {"codes": list(codes)}).mappings()
    return {row["code"]: dict(row) for row in rows}
