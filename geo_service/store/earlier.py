"""What a new plan is drawn from beside the buildings: earlier zones, people, places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, text

from geo_service.store.queries import query


@dataclass(frozen=True)
class EarlierZone:
    """A zone of an earlier plan, by the codes of its buildings."""

    code: str
    name: str
    locked: bool
    buildings: list[str]


@dataclass(frozen=True)
class Place:
    """Where somebody lives or a building stands, in the metric CRS asked for."""

    code: str
    community_code: str
    x: float
    y: float


def earlier_zones(connection: Connection, plan_id: int, community_code: str) -> list[EarlierZone]:
    """The zones a plan has in one community, by code; none where it has none."""
    rows = connection.execute(query("earlier_zones"), {"plan": plan_id, "community": community_code})
    return [EarlierZone(*row) for row in rows]


def zone_codes(connection: Connection, plan_id: int, communities: Sequence[str]) -> set[str]:
    """The codes of the zones a plan has in some communities."""
    rows = connection.execute(
        text("SELECT code FROM zone WHERE plan_id = :plan AND community_code = ANY(:communities)"),
        {"plan": plan_id, "communities": list(communities)},
    )
    return set(rows.scalars())


def plans_in_force(connection: Connection, area_code: str, on: date) -> list[int]:
    """The plans that hold somewhere in an area on a date, by id."""
    rows = connection.execute(query("plans_in_force"), {"area": area_code, "on_date": on})
    return list(rows.scalars())


def free_chiefs(connection: Connection, area_code: str, on: date) -> dict[str, int]:
    """How many zones the people of each community of an area can serve; those without people are missing."""
    rows = connection.execute(query("free_chiefs"), {"area": area_code, "on_date": on})
    return {row.community_code: int(row.zones) for row in rows}


def zones_losing_chief(connection: Connection, plan_id: int, on: date) -> dict[str, list[str]]:
    """Codes of a plan's zones whose chief is gone, by community, the smallest first; others never had one."""
    lost: dict[str, list[str]] = {}
    for row in connection.execute(query("zones_losing_chief"), {"plan": plan_id, "on_date": on}):
        lost.setdefault(row.community_code, []).append(row.code)
    return lost


def places(connection: Connection, codes: Sequence[str], *, srid: int) -> dict[str, Place]:
    """The people and buildings of some codes; unknown codes are missing, a person goes before a building."""
    rows = connection.execute(query("places"), {"codes": list(codes), "srid": srid})
    found: dict[str, Place] = {}
    for row in rows:
        found.setdefault(row.code, Place(*row))
    return found
