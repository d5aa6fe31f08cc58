"""Posts: a person who serves a zone for a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text

from geo_service.errors import NotFound
from geo_service.store.queries import query
from geo_service.store.zones import BOX


def get_post(connection: Connection, post_id: int) -> dict[str, Any]:
    """A post with its chief, its zone and the zone's buildings; geometry is GeoJSON in EPSG:4490 degrees.

    Raises
    ------
    NotFound
        When there is no such post, or the actor may not read it.
    """
    row = connection.execute(query("get_post"), {"post": post_id}).mappings().one_or_none()
    if row is None:
        raise NotFound("post.unknown", where=str(post_id), id=post_id)
    buildings = connection.execute(query("post_buildings"), {"zone": row["zone_id"]}).mappings()
    return {
        "post": {key: row[key] for key in ("id", "rank", "valid_from", "valid_to")},
        "chief": {
            "name": row["chief_name"],
            "work_phone": row["work_phone"],
            "chief_role": row["chief_role"],
        },
        "zone": {
            "id": row["zone_id"],
            **{key: row[key] for key in ("code", "name", "households", "buildings", "patrol_m")},
            "bbox": [row[side] for side in BOX],
            "geometry": row["geometry"],
        },
        "buildings": [dict(building) for building in buildings],
    }


def who_serves(
    connection: Connection, unit_code: str, *, on: date, known: datetime | None = None
) -> dict[str, Any] | None:
    """A management unit's state on a day, with the zone and chief that held it; None where there is none."""
    found = connection.execute(query("who_serves"), {"code": unit_code, "on_date": on, "known": known})
    row = found.mappings().first()
    return None if row is None else dict(row)


@dataclass(frozen=True)
class ZoneToAppoint:
    """A zone whose chief is to be chosen: its medoid building in metres, and its undated post if any."""

    id: int
    code: str
    community_code: str
    x: float
    y: float
    post_id: int | None
    holder: str | None


@dataclass(frozen=True)
class Candidate:
    """A person who can serve ``free`` more zones of the community; the home is in metres."""

    code: str
    name: str
    community_code: str
    x: float
    y: float
    free: int


def zones_to_appoint(connection: Connection, plan_id: int, *, srid: int) -> list[ZoneToAppoint]:
    """Zones of a plan that have no chief yet, or one whose post has no dates yet; by code."""
    rows = connection.execute(query("zones_to_appoint"), {"plan": plan_id, "srid": srid})
    return [ZoneToAppoint(*row) for row in rows]


def candidates(connection: Connection, plan_id: int, *, srid: int) -> list[Candidate]:
    """The people of the communities a plan has zones in, by code."""
    rows = connection.execute(query("people_to_appoint"), {"plan": plan_id, "srid": srid})
    return [Candidate(*row) for row in rows]


def earlier_chiefs(connection: Connection, plan_id: int) -> set[tuple[int, str]]:
    """Pairs of a zone of the plan and a person who serves one of its buildings already."""
    return {
        (row.zone_id, row.person_code)
        for row in connection.execute(query("earlier_chiefs"), {"plan": plan_id})
    }


def replace_posts(
    connection: Connection, removed: Sequence[int], added: Sequence[tuple[int, str, float]]
) -> dict[int, int]:
    """Delete undated posts and write new ones of ``(zone id, person code, walk_distance_m)``.

    Returns
    -------
    dict of int to int
        Id of the new post by zone.
    """
    connection.execute(
        text("DELETE FROM post WHERE id = ANY(:ids) AND valid IS NULL"), {"ids": list(removed)}
    )
    rows = connection.execute(
        query("insert_posts"),
        {
            "zones": [zone for zone, _, _ in added],
            "people": [person for _, person, _ in added],
            "walk_distances_m": [distance for _, _, distance in added],
        },
    )
    return {row.zone_id: row.id for row in rows}
