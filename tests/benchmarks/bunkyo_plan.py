"""A plan over Bunkyo's real buildings, for benchmarks of working on one."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import shapely
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN
from geo_service.pipeline.zoning import draw_zones
from geo_service.planning.model import LoadRange, ZoningArea
from geo_service.planning.space import metric_srid_for
from tests.benchmarks.throwaway import throwaway_database
from tests.bunkyo import chome

SHARED_DATA = Path(__file__).parents[3] / "shared" / "data"
COUNTY, TOWN = "990500000000", "990501000000"
SRID = metric_srid_for(139.75, 35.71)
METRES = f"ST_SetSRID(ST_GeomFromWKB(:shape), {SRID})"


def drawn_plan(engine: Engine, data: Path, least_buildings: int) -> tuple[int, list[ZoningArea]]:
    """A draft over the first chome with so many buildings, made unless it is there; its number, the chome."""
    areas: list[ZoningArea] = []
    for area in chome(data):
        if sum(len(each.footprints) for each in areas) < least_buildings:
            areas.append(area)
    with engine.connect() as connection:
        plan_id = connection.execute(text("SELECT min(id) FROM plan")).scalar_one()
    if plan_id is None:
        load(engine, areas)
        plan_id = draw_zones(
            engine, LOCAL_ADMIN, area_code=COUNTY, limits=LoadRange(200, 500), budget=20_000
        ).plan_id
    return plan_id, areas


def load(engine: Engine, areas: list[ZoningArea]) -> int:
    """Write a county of these communities; how many buildings it has."""
    in_degrees = f"ST_Multi(ST_Transform({METRES}, 4490))"
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO deployment (metric_srid) VALUES (:srid)"), {"srid": SRID})
        county = shapely.to_wkb(shapely.union_all([area.outline for area in areas]))
        rows = [
            (COUNTY, "county", None, [COUNTY], county),
            (TOWN, "subdistrict", COUNTY, [COUNTY, TOWN], county),
            *(
                (area.code, "community", TOWN, [COUNTY, TOWN, area.code], shapely.to_wkb(area.outline))
                for area in areas
            ),
        ]
        connection.execute(
            text(
                "INSERT INTO area (code, kind, subdistrict_kind, name, parent_code, lineage, geom)"
                " VALUES (:code, :kind, CASE :kind WHEN 'subdistrict' THEN 'town' END, :code, :parent,"
                f" :lineage, {in_degrees})"
            ),
            [
                {"code": code, "kind": kind, "parent": parent, "lineage": lineage, "shape": shape}
                for code, kind, parent, lineage, shape in rows
            ],
        )
        for area in areas:
            connection.execute(
                text(
                    "INSERT INTO building (code, community_code, household_count, geom)"
                    " SELECT r.code, :area, r.households,"
                    f" ST_Multi(ST_Transform(ST_SetSRID(ST_GeomFromWKB(r.shape), {SRID}), 4490))"
                    " FROM unnest(CAST(:codes AS text[]), CAST(:households AS integer[]),"
                    " CAST(:shapes AS bytea[])) AS r (code, households, shape)"
                ),
                {
                    "area": area.code,
                    "codes": [str(code) for code in area.building_codes],
                    "households": area.households.tolist(),
                    "shapes": list(shapely.to_wkb(area.footprints)),
                },
            )
    return sum(len(area.footprints) for area in areas)


def members(engine: Engine, plan_id: int) -> dict[str, list[str]]:
    """Codes of the buildings of each zone."""
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT z.code, array_agg(m.building_code) AS buildings FROM zone z"
                " JOIN zone_member m ON m.zone_id = z.id WHERE z.plan_id = :plan"
                " GROUP BY z.code ORDER BY z.code"
            ),
            {"plan": plan_id},
        )
        return {row.code: row.buildings for row in rows}


def run(description: str | None, measure: Callable[[str, argparse.Namespace], None], **counts: int) -> None:
    """Measure on a database of its own or on a named one; ``counts`` are how often by default."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, default=SHARED_DATA, help="folder of the real data")
    parser.add_argument("--database", help="a migrated, empty or seeded database to use and keep")
    for name, times in counts.items():
        parser.add_argument(f"--{name}", type=int, default=times)
    given = parser.parse_args()
    if given.database:
        measure(given.database, given)
        return
    with throwaway_database() as (url, _):
        measure(url, given)
