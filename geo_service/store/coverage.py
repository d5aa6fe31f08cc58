"""Exact coverage counts by community, for anybody who may read coverage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from geo_service.planning.coverage import Figure, Figures
from geo_service.store.queries import query


@dataclass(frozen=True)
class CommunityCounts:
    """What is covered in one community on a date, by every measure.

    ``subdistrict`` is the area of that kind above it or, where there is none, whatever lies above it.
    """

    code: str
    name: str
    subdistrict_code: str
    subdistrict_name: str
    figures: Figures


def count_coverage(
    connection: Connection, area_code: str, *, on: date, covered_steps: Sequence[str]
) -> list[CommunityCounts]:
    """Counts of every community of an area on a date, by code."""
    return count_coverage_of_days(connection, area_code, days=[on], covered_steps=covered_steps)[on]


def count_coverage_of_days(
    connection: Connection, area_code: str, *, days: Sequence[date], covered_steps: Sequence[str]
) -> dict[date, list[CommunityCounts]]:
    """Counts of every community of an area on each of some days, by code."""
    rows = connection.execute(
        query("coverage_by_community"), {"area": area_code, "days": list(days), "steps": list(covered_steps)}
    )
    counts: dict[date, list[CommunityCounts]] = {day: [] for day in days}
    for row in rows:
        counts[row.day].append(
            CommunityCounts(
                row.code,
                row.name,
                row.subdistrict_code,
                row.subdistrict_name,
                {
                    "units": Figure(row.units_covered, row.units),
                    "buildings": Figure(int(row.buildings_covered), int(row.buildings)),
                    "households": Figure(int(row.households_covered), int(row.households)),
                    "floor_area_m2": Figure(row.floor_area_m2_covered, row.floor_area_m2),
                },
            )
        )
    return counts
