"""The whole path over one real town: import, zone, appoint, publish, measure; and a judge of the result.

The judge reads what the database holds, and has the zones checked by ``tests/zoning_checker.py``, which
shares no code with the engine.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import shapely
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN
from geo_service.pipeline import (
    AppointmentReport,
    CoverageReport,
    ImportOptions,
    ImportReport,
    PlanReport,
    appoint_chiefs,
    draw_zones,
    import_file,
    measure_coverage,
    publish_plan,
)
from geo_service.planning.model import CommunityZoning, DrawnZone, LoadRange, ZoningArea
from tests.zoning_checker import complaints

PUBLISHED_FROM = date(2024, 6, 1)
THE_DAY_BEFORE = date(2024, 5, 31)


@dataclass(frozen=True)
class Town:
    """What is imported: the files in their order, and the area everything is asked for."""

    area_code: str
    imports: tuple[tuple[str, Path, ImportOptions], ...]
    limits: LoadRange = field(default_factory=LoadRange)


@dataclass(frozen=True)
class Walked:
    """What each verb answered."""

    town: Town
    engine: Engine
    imported: dict[str, ImportReport]
    plan: PlanReport
    appointment: AppointmentReport
    before: CoverageReport
    after: CoverageReport


def walk(engine: Engine, town: Town) -> Walked:
    """Run every verb of the path over the town."""
    imported = {
        kind: import_file(engine, LOCAL_ADMIN, kind=kind, path=path, options=options)
        for kind, path, options in town.imports
    }
    plan = draw_zones(engine, LOCAL_ADMIN, area_code=town.area_code, limits=town.limits)
    appointment = appoint_chiefs(engine, LOCAL_ADMIN, plan_id=plan.plan_id)
    publish_plan(engine, LOCAL_ADMIN, plan_id=plan.plan_id, from_date=PUBLISHED_FROM)
    before, after = (
        measure_coverage(engine, LOCAL_ADMIN, area_code=town.area_code, on=day)
        for day in (THE_DAY_BEFORE, PUBLISHED_FROM)
    )
    return Walked(town, engine, imported, plan, appointment, before, after)


def rows(engine: Engine, statement: str, **values: object) -> list[tuple]:
    """Read as the database's owner, past every layer of the product."""
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement), values)]


def assert_every_community_answered(walked: Walked) -> None:
    """Each community with buildings was zoned, or is listed with a reason; never both, never neither."""
    holding = {code for (code,) in rows(walked.engine, "SELECT DISTINCT community_code FROM building")}
    zoned = {zone.community_code for zone in walked.plan.zones}
    refused = {entry["area_code"] for entry in walked.plan.infeasible}
    assert zoned | refused == holding
    assert zoned & refused == set()
    assert all(entry["reason_zh"] and entry["reason_en"] for entry in walked.plan.infeasible)


def assert_zones_hold(walked: Walked) -> None:
    """The independent checker finds nothing wrong with any community's zones."""
    wrong = {
        code: found
        for code in sorted({zone.community_code for zone in walked.plan.zones})
        if (found := _complaints(walked, code))
    }
    assert wrong == {}


def assert_arithmetic_of_refusals(walked: Walked) -> None:
    """Whole communities whose households fit no number of zones must be refused, and with proof."""
    limits = walked.town.limits
    sums = rows(walked.engine, "SELECT community_code, sum(household_count) FROM building GROUP BY 1")
    hopeless = {code for code, total in sums if not _fits_some_number_of_zones(int(total), limits)}
    refused = {entry["area_code"]: entry["proven"] for entry in walked.plan.infeasible}
    assert hopeless <= set(refused)
    assert all(refused[code] for code in hopeless)


def assert_coverage_counts(walked: Walked) -> None:
    """Nothing is covered the day before; from the day on, the buildings of the zones with a chief are."""
    posted = {post.zone_id for post in walked.appointment.posts}
    covered, households = rows(
        walked.engine,
        """SELECT count(*), coalesce(sum(b.household_count), 0) FROM zone_member m
           JOIN building b ON b.code = m.building_code WHERE m.zone_id = ANY(:zones)""",
        zones=list(posted),
    )[0]
    everything, all_households = rows(
        walked.engine, "SELECT count(*), sum(household_count) FROM building WHERE baseline_unmanaged"
    )[0]
    counted = walked.after.as_json()["total"]
    assert covered > 0
    assert (counted["buildings"]["numerator"], counted["buildings"]["denominator"]) == (covered, everything)
    assert (counted["households"]["numerator"], counted["households"]["denominator"]) == (
        households,
        all_households,
    )
    assert {figure["numerator"] for figure in walked.before.as_json()["total"].values()} == {0}


def _fits_some_number_of_zones(households: int, limits: LoadRange) -> bool:
    return any(k * limits.lo <= households <= k * limits.hi for k in range(1, households + 1))


def _complaints(walked: Walked, community: str) -> list[str]:
    area = _zoning_area(walked.engine, community)
    zones = _zones(walked, community, area)
    distance_m = sum(_summed_distance(area, zone) for zone in zones)
    return complaints(
        area, walked.town.limits, CommunityZoning(community, tuple(zones), distance_m=distance_m)
    )


def _zoning_area(engine: Engine, community: str) -> ZoningArea:
    given = {"community": community, "srid": _srid(engine)}
    outline = rows(
        engine, "SELECT ST_AsBinary(ST_Transform(geom, :srid)) FROM area WHERE code = :community", **given
    )
    buildings = rows(
        engine,
        """SELECT code, household_count, ST_AsBinary(ST_Transform(geom, :srid)) FROM building
           WHERE community_code = :community AND is_standalone ORDER BY code""",
        **given,
    )
    lines = """SELECT ST_AsBinary(ST_Transform(l.geom, :srid))
               FROM {} l JOIN area a ON ST_Intersects(l.geom, a.geom)
               WHERE a.code = :community ORDER BY l.code"""
    return ZoningArea(
        code=community,
        outline=shapely.from_wkb(bytes(outline[0][0])),
        building_codes=np.array([code for code, _, _ in buildings], dtype=object),
        footprints=_geometries(wkb for _, _, wkb in buildings),
        households=np.array([households for _, households, _ in buildings], dtype=np.int64),
        barriers=_geometries(wkb for (wkb,) in rows(engine, lines.format("barrier"), **given)),
        crossings=_geometries(wkb for (wkb,) in rows(engine, lines.format("walkway"), **given)),
    )


def _zones(walked: Walked, community: str, area: ZoningArea) -> list[DrawnZone]:
    index = {code: number for number, code in enumerate(area.building_codes)}
    found = rows(
        walked.engine,
        """SELECT z.code, z.household_count, z.medoid_building_code, ST_AsBinary(ST_Transform(z.geom, :srid)),
                  array_agg(m.building_code ORDER BY m.building_code)
           FROM zone z JOIN zone_member m ON m.zone_id = z.id
           WHERE z.plan_id = :plan AND z.community_code = :community GROUP BY z.id ORDER BY z.code""",
        plan=walked.plan.plan_id,
        community=community,
        srid=_srid(walked.engine),
    )
    return [
        DrawnZone(
            code=code,
            members=np.array([index[member] for member in members]),
            households=households,
            medoid=index[medoid],
            outline=shapely.from_wkb(bytes(wkb)),
            load=households,
            distance_m=0.0,
        )
        for code, households, medoid, wkb, members in found
    ]


def _summed_distance(area: ZoningArea, zone: DrawnZone) -> float:
    east, north = shapely.get_coordinates(shapely.centroid(area.footprints[zone.members])).T
    own = list(zone.members).index(zone.medoid)
    return float(np.hypot(east - east[own], north - north[own]).sum())


def _srid(engine: Engine) -> int:
    return rows(engine, "SELECT metric_srid FROM deployment")[0][0]


def _geometries(wkbs) -> np.ndarray:
    return shapely.from_wkb(np.array([bytes(wkb) for wkb in wkbs], dtype=object))
