"""What an edit answers: the zones that changed, what left, and the plan in figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import Connection

from geo_service.planning.editing.figures import load_histogram
from geo_service.planning.editing.judgement import deviation_percent
from geo_service.planning.model import LoadRange
from geo_service.store.people import people_by_code
from geo_service.store.plan_edits import plan_totals
from geo_service.store.zone_records import ZoneRecord


def figures_json(zone: Mapping[str, Any], limits: LoadRange) -> dict[str, Any]:
    """One zone in figures and judgement, from the columns of a ``ZoneRecord`` and its number of buildings."""
    load = zone["households"] if zone["load"] is None else zone["load"]
    return {
        "code": zone["code"],
        "name": zone["name"],
        "community_code": zone["community_code"],
        "locked": zone["locked"],
        "households": zone["households"],
        "buildings": zone["building_count"],
        "load": load,
        "deviation_percent": round(deviation_percent(load, limits), 2),
        "fit": fit(load, limits),
        "distance_m": zone["distance_m"],
        "patrol_m": zone["patrol_m"],
        "span_m": zone["span_m"],
        "compactness": zone["compactness"],
        "connected": None if zone["stranded"] is None else not zone["stranded"],
        "stranded": zone["stranded"] or [],
        "crosses_barrier": None if zone["barriers"] is None else bool(zone["barriers"]),
        "barriers": zone["barriers"] or [],
        "centre_building": zone["medoid"],
    }


def fit(load: int, limits: LoadRange) -> str:
    """``under``, ``within`` or ``over``."""
    if load < limits.lo:
        return "under"
    return "over" if load > limits.hi else "within"


def changed_zones(
    connection: Connection,
    zones: Iterable[ZoneRecord],
    community_code: str,
    limits: LoadRange,
    geometries: Mapping[str, str],
) -> list[dict[str, Any]]:
    """The zones that an edit changed; their outlines, GeoJSON in EPSG:4490, are for orjson to write."""
    zones = list(zones)
    people = people_by_code(connection, [post["person"] for zone in zones for post in zone.posts])
    return [
        {
            **figures_json(
                {**vars(zone), "community_code": community_code, "building_count": len(zone.buildings)},
                limits,
            ),
            "chief": people.get(_primary(zone)),
            "geometry": orjson.Fragment(geometries[zone.code]),
        }
        for zone in zones
    ]


def _primary(zone: ZoneRecord) -> str:
    return next((post["person"] for post in zone.posts if post["rank"] == "primary"), "")


def plan_figures(connection: Connection, plan_id: int, limits: LoadRange) -> dict[str, Any]:
    """The plan in figures, summed over its zones."""
    totals = plan_totals(connection, plan_id, lowest=limits.lo, highest=limits.hi)
    histogram = load_histogram(totals.pop("loads"), limits)
    return {**totals, "histogram": {"edges": histogram.edges, "counts": histogram.counts}}
