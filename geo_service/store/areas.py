"""Areas: county, sub-districts and communities."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from geo_service.errors import NotFound
from geo_service.store.queries import query


@dataclass(frozen=True)
class AreaName:
    """An area by code, kind and name."""

    code: str
    kind: str
    name: str


def list_areas(connection: Connection) -> list[dict[str, Any]]:
    """Every area of the actor's scope, parents first, with its box in degrees (EPSG:4490)."""
    rows = connection.execute(query("list_areas")).mappings()
    return [
        {**{key: row[key] for key in row if key not in _BOX}, "bbox": [row[side] for side in _BOX]}
        for row in rows
    ]


_BOX = ("west", "south", "east", "north")


def require_area(connection: Connection, code: str) -> AreaName:
    """The area ``code``.

    Raises
    ------
    NotFound
        When no such area lies in the actor's scope. An area *above* the scope counts as unknown too: a
        figure for it would silently cover a part of it only.
    """
    row = connection.execute(
        text(
            "SELECT code, kind, name FROM area WHERE code = :code"
            " AND (access.scope() = '*' OR lineage @> ARRAY[access.scope()])"
        ),
        {"code": code},
    ).one_or_none()
    if row is None:
        raise NotFound("area.unknown", where=code, code=code)
    return AreaName(*row)


def is_inside(connection: Connection, code: str, above: str) -> bool:
    """Whether an area is another one or lies in it."""
    return bool(
        connection.execute(
            text("SELECT lineage @> ARRAY[CAST(:above AS text)] FROM area WHERE code = :code"),
            {"code": code, "above": above},
        ).scalar_one_or_none()
    )


def first_day(connection: Connection) -> date | None:
    """The earliest day an area of the actor's scope is valid on; None when that is not known."""
    return connection.execute(
        text(
            "SELECT min(lower(valid)) FROM area"
            " WHERE access.scope() = '*' OR lineage @> ARRAY[access.scope()]"
        )
    ).scalar_one()


def english_name(connection: Connection, code: str) -> str | None:
    """The English name of an area that has one."""
    return connection.execute(
        text("SELECT name_en FROM area WHERE code = :code"), {"code": code}
    ).scalar_one_or_none()


def today(connection: Connection) -> date:
    """The day it is where the deployment is, whatever the server's own time zone."""
    return connection.execute(text("SELECT current_date")).scalar_one()


def metric_srid(connection: Connection) -> int:
    """The deployment's metric CRS as an EPSG code; it is set when the first areas are imported.

    Raises
    ------
    NotFound
        Before that.
    """
    srid = connection.execute(text("SELECT metric_srid FROM deployment")).scalar_one_or_none()
    if srid is None:
        raise NotFound("area.none_imported")
    return srid


def profile_key(connection: Connection) -> str | None:
    """Key of the deployment's policy profile; None before the first areas are imported."""
    return connection.execute(text("SELECT profile_key FROM deployment")).scalar_one_or_none()


def areas_inside(connection: Connection, code: str, kind: str) -> dict[str, str]:
    """Names by code of the areas of a kind in an area, itself among them."""
    rows = connection.execute(
        text(
            "SELECT code, name FROM area"
            " WHERE kind = :kind AND lineage @> ARRAY[CAST(:code AS text)] ORDER BY code"
        ),
        {"code": code, "kind": kind},
    )
    return {row.code: row.name for row in rows}


def few_codes_inside(connection: Connection, code: str, *, at_most: int) -> tuple[str, ...] | None:
    """Codes of all areas in an area, itself among them; None where they are more than ``at_most``."""
    rows = connection.execute(
        text("SELECT code FROM area WHERE lineage @> ARRAY[CAST(:code AS text)] ORDER BY code LIMIT :most"),
        {"code": code, "most": at_most + 1},
    )
    codes = tuple(rows.scalars())
    return codes if len(codes) <= at_most else None


def civilized_units(connection: Connection, code: str) -> dict[str, bool]:
    """Areas in an area of which it is known whether they are a civilized unit (文明单位)."""
    rows = connection.execute(
        text(
            "SELECT code, is_civilized_unit FROM area"
            " WHERE is_civilized_unit IS NOT NULL AND lineage @> ARRAY[CAST(:code AS text)]"
        ),
        {"code": code},
    )
    return {row.code: row.is_civilized_unit for row in rows}
