from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.errors import Cancelled, Conflict, Forbidden, Infeasible, InvalidInput, NotFound
from geo_service.pipeline import PlanReport, draw_zones
from geo_service.planning.model import LoadRange
from tests.world import COUNTY, EAST, SECOND_TOWN, SOUTH, TOWN, WEST, build_world

LIMITS = LoadRange(100, 200)
QUICK = 2_000


def draw(engine: Engine, area: str, limits: LoadRange = LIMITS, **options: object) -> PlanReport:
    return draw_zones(engine, LOCAL_ADMIN, area_code=area, limits=limits, budget=QUICK, **options)


def members(engine: Engine, plan_id: int) -> dict[str, set[str]]:
    with engine.begin() as connection:
        rows = connection.execute(
            text(
                "SELECT z.code, array_agg(m.building_code) FROM zone z JOIN zone_member m ON m.zone_id = z.id"
                " WHERE z.plan_id = :plan GROUP BY z.id"
            ),
            {"plan": plan_id},
        )
        return {code: set(buildings) for code, buildings in rows}


def numbers(zones: dict[str, set[str]]) -> set[int]:
    """The buildings of all zones by their number alone."""
    return {int(building[-4:]) for zone in zones.values() for building in zone}


def count(engine: Engine, table: str) -> int:
    with engine.begin() as connection:
        return connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


@pytest.fixture(scope="module")
def county(module_engine: Engine) -> Engine:
    """WEST and EAST hold 360 and 240 households, SOUTH 90: too few for a zone of 100."""
    build_world(module_engine, {TOWN: {WEST: "9999\n..a.", EAST: "66\n66"}, SECOND_TOWN: {SOUTH: "9."}})
    return module_engine


@pytest.fixture(scope="module")
def drawn(county: Engine) -> PlanReport:
    return draw(county, COUNTY, plan_name="first")


def test_every_standalone_building_is_in_one_zone_of_its_own_community(
    county: Engine, drawn: PlanReport
) -> None:
    zones = members(county, drawn.plan_id)

    west = {f"{WEST}-B000{number}" for number in (1, 2, 3, 4)}  # the fifth belongs to a compound
    east = {f"{EAST}-B000{number}" for number in (1, 2, 3, 4)}
    assert set.union(*(zone for code, zone in zones.items() if code.startswith(WEST))) == west
    assert set.union(*(zone for code, zone in zones.items() if code.startswith(EAST))) == east
    assert sum(len(zone) for zone in zones.values()) == 8


def test_zones_keep_to_the_limits_and_say_what_they_hold(county: Engine, drawn: PlanReport) -> None:
    # 360 = 2 x 180 and 240 = 2 x 120: the only splits of whole buildings within 100-200.
    assert [(zone.code, zone.community_code, zone.households, zone.buildings) for zone in drawn.zones] == [
        (f"{WEST}001", WEST, 180, 2),
        (f"{WEST}002", WEST, 180, 2),
        (f"{EAST}001", EAST, 120, 2),
        (f"{EAST}002", EAST, 120, 2),
    ]
    # Numbered from west to east: WEST is one row of four.
    assert members(county, drawn.plan_id)[f"{WEST}001"] == {f"{WEST}-B0001", f"{WEST}-B0002"}


def test_a_community_that_cannot_be_zoned_is_reported_while_the_others_are(
    county: Engine, drawn: PlanReport
) -> None:
    report = drawn.as_json()
    (entry,) = report["infeasible"]
    assert (entry["area_code"], entry["name"], entry["proven"]) == (SOUTH, f"area {SOUTH}", True)
    assert {"limits": "90-200", "zones": 1} in entry["nearest"]
    assert entry["reason_zh"] != entry["reason_en"]
    with county.begin() as connection:
        kept = connection.execute(
            text("SELECT infeasible FROM plan_outcome WHERE plan_id = :plan AND zones = 0"),
            {"plan": drawn.plan_id},
        ).scalars()
        assert list(kept) == report["infeasible"]


def test_outlines_neither_overlap_nor_leave_gaps(county: Engine, drawn: PlanReport) -> None:
    # A lattice line of the metric grid is straight in degrees too, so touching zones share whole borders.
    with county.begin() as connection:
        pairs = connection.execute(
            text(
                "SELECT ST_Area(ST_Intersection(a.geom, b.geom)), ST_Length(ST_Intersection(a.geom, b.geom))"
                " FROM zone a JOIN zone b ON a.plan_id = b.plan_id AND a.community_code = b.community_code"
                " AND a.id < b.id WHERE a.plan_id = :plan"
            ),
            {"plan": drawn.plan_id},
        ).all()
        holes = connection.execute(
            text(
                "SELECT sum(ST_NumInteriorRings(part.geom)), count(*) FROM (SELECT community_code,"
                " (ST_Dump(ST_Union(geom))).geom FROM zone WHERE plan_id = :plan GROUP BY 1) AS part"
            ),
            {"plan": drawn.plan_id},
        ).one()
    assert len(pairs) == 2
    assert all(overlap == 0 and border > 0 for overlap, border in pairs)
    assert tuple(holes) == (0, 2)


def test_the_same_seed_draws_the_same_plan(county: Engine, drawn: PlanReport) -> None:
    again = draw(county, COUNTY)

    assert again.plan_id != drawn.plan_id
    assert members(county, again.plan_id) == members(county, drawn.plan_id)


def test_one_community_may_be_told_how_many_zones(county: Engine) -> None:
    assert len(draw(county, WEST, LoadRange(90, 200), zones=3).zones) == 3


def test_nothing_is_written_when_no_community_can_be_zoned(county: Engine) -> None:
    before = count(county, "plan")

    with pytest.raises(Infeasible) as refused:
        draw(county, SECOND_TOWN)

    assert [entry["area_code"] for entry in refused.value.details] == [SOUTH]
    assert count(county, "plan") == before


def test_what_cannot_be_asked_is_refused(county: Engine) -> None:
    before = count(county, "plan")
    with pytest.raises(NotFound):
        draw(county, "000000000000")
    with pytest.raises(InvalidInput):
        draw(county, COUNTY, zones=2)
    with pytest.raises(InvalidInput):
        draw(county, WEST, zones=0)
    with pytest.raises(InvalidInput):
        draw_zones(county, LOCAL_ADMIN, area_code=WEST, budget=0)
    with pytest.raises(NotFound):  # the county lies above the planner's town
        draw_zones(county, Actor("planner", Role.PLANNER, TOWN), area_code=COUNTY)
    for role in (Role.GIS, Role.VIEWER, Role.CHIEF):
        with pytest.raises(Forbidden):
            draw_zones(county, Actor("reader", role), area_code=COUNTY)
    assert count(county, "plan") == before


def test_a_planner_zones_the_own_area(county: Engine) -> None:
    planner = Actor("planner", Role.PLANNER, TOWN)
    report = draw_zones(county, planner, area_code=TOWN, limits=LIMITS, budget=QUICK)

    assert {zone.community_code for zone in report.zones} == {WEST, EAST}


def test_an_area_without_buildings_to_zone_says_so(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "aa"}})

    with pytest.raises(NotFound) as refused:
        draw(engine, TOWN)
    assert refused.value.key == "zoning.nothing_to_zone"


@pytest.mark.parametrize(
    ("form", "valid", "zoned"),
    [
        ("professional", "[2024-01-01,)", {2, 3}),
        ("professional", "[2024-01-01,2024-06-01)", {1, 2, 3}),  # ended on the day before
        ("professional", "[2024-06-02,)", {1, 2, 3}),  # not begun
        ("roving", "[2024-01-01,)", {1, 2, 3}),
    ],
)
def test_a_building_that_somebody_manages_needs_no_zone(
    engine: Engine, form: str, valid: str, zoned: set[int]
) -> None:
    build_world(engine, {TOWN: {WEST: "555"}})
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid)"
                f" VALUES ('building', '{WEST}-B0001', '{WEST}', '{form}', 'in_service', '{valid}')"
            )
        )

    report = draw(engine, WEST, on=date(2024, 6, 1))

    assert numbers(members(engine, report.plan_id)) == zoned


def test_managed_buildings_of_the_survey_are_not_zoned(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "555"}})
    with engine.begin() as connection:
        connection.execute(text("UPDATE building SET baseline_unmanaged = false WHERE code LIKE '%3'"))

    assert numbers(members(engine, draw(engine, WEST).plan_id)) == {1, 2}


@pytest.mark.parametrize(("middle", "feasible"), [("|", False), ("H", True)])
def test_a_river_parts_what_no_bridge_joins(engine: Engine, middle: str, feasible: bool) -> None:
    # 50 households on either bank: too few alone, enough together.
    build_world(engine, {TOWN: {WEST: f"5|.\n.{middle}5"}})

    if feasible:
        assert [zone.buildings for zone in draw(engine, WEST).zones] == [2]
    else:
        with pytest.raises(Infeasible):
            draw(engine, WEST)


def test_a_building_that_moves_away_meanwhile_spoils_nothing(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "55", EAST: "55"}})

    def move(stage: str, done: int, total: int | None = None) -> None:
        if stage == "zoning.communities" and done == total:
            with engine.begin() as connection:
                connection.execute(
                    text(f"UPDATE building SET community_code = '{EAST}' WHERE code = '{WEST}-B0001'")
                )

    with pytest.raises(Conflict) as refused:
        draw(engine, WEST, progress=move)
    assert refused.value.key == "plan.buildings_changed"
    assert (count(engine, "plan"), count(engine, "zone")) == (0, 0)


def test_stopping_writes_nothing(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "55", EAST: "55"}})

    def stop(stage: str, done: int, total: int | None = None) -> None:
        if stage == "zoning.communities" and done == 1:
            raise Cancelled("command.cancelled")

    with pytest.raises(Cancelled):
        draw(engine, TOWN, progress=stop)
    assert count(engine, "plan") == 0
