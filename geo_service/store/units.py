"""How many management units an area has."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from geo_service.store.queries import query


@dataclass(frozen=True)
class UnitCounts:
    """Compounds and standalone buildings, managed or not."""

    compounds: int
    standalone_buildings: int


def count_units(connection: Connection, area_code: str) -> UnitCounts:
    """The units of an area and of everything inside it."""
    return UnitCounts(*connection.execute(query("count_units"), {"area": area_code}).one())
