"""What a plan's zones break of the rules it was drawn with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, text

from geo_service.planning.model import LoadRange
from geo_service.store.queries import query


def broken_rules(
    connection: Connection, plan_id: int, communities: Sequence[str], limits: LoadRange
) -> list[dict[str, Any]]:
    """Zones outside the limits, in pieces or across barriers, and communities with buildings left over."""
    given = {"plan": plan_id, "communities": list(communities), "lo": limits.lo, "hi": limits.hi}
    return [dict(row) for row in connection.execute(query("broken_rules"), given).mappings()]


def notes(connection: Connection, plan_id: int, area_code: str) -> list[dict[str, Any]]:
    """Zones without a chief, communities with buildings to zone and no zone, chiefs of several zones."""
    given = {"plan": plan_id, "area": area_code}
    return [dict(row) for row in connection.execute(query("plan_notes"), given).mappings()]


def zones_of_buildings(
    connection: Connection, plan_id: int, communities: Sequence[str], buildings: Sequence[str]
) -> dict[str, tuple[str, str]]:
    """Zone and community of some buildings of a plan; those in no zone are missing."""
    given = {"plan": plan_id, "communities": list(communities), "buildings": list(buildings)}
    rows = connection.execute(query("pairs_in_zones"), given)
    return {row.building_code: (row.zone_code, row.community_code) for row in rows}


def communities_with_outdated_visits(connection: Connection, plan_id: int) -> list[str]:
    """Communities with zones whose buildings are still in the order of before an edit."""
    return list(connection.execute(query("communities_with_outdated_visits"), {"plan": plan_id}).scalars())


def set_name(connection: Connection, plan_id: int, name: str) -> None:
    """Call a plan something else; its revision is counted by what is recorded of it."""
    connection.execute(text("UPDATE plan SET name = :name WHERE id = :plan"), {"plan": plan_id, "name": name})


def set_state(connection: Connection, plan_id: int, state: str) -> None:
    """Put a plan into another state; its revision is counted by what is recorded of it."""
    connection.execute(
        text("UPDATE plan SET state = :state WHERE id = :plan"), {"plan": plan_id, "state": state}
    )
