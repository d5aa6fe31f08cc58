"""What new zones are asked beside their size, held against the database."""

from __future__ import annotations

from datetime import date
from importlib.resources import files

import pytest
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.errors import Infeasible, InvalidInput, NotFound
from geo_service.pipeline import PlanReport, Wishes, draw_zones, explain_plan
from geo_service.pipeline.policies import adopt_profile, use_profile
from geo_service.planning.model import LoadRange
from tests.pipeline.test_zoning import draw, members
from tests.world import EAST, SECOND_TOWN, SOUTH, TOWN, WEST, build_world, save_plan

# 400 households west in two rows of five buildings of 40; two people with room for one zone each.
ROWS = "44444\n44444\nP...P"
NARROW = LoadRange(80, 240)


@pytest.fixture
def town(engine: Engine) -> Engine:
    build_world(engine, {TOWN: {WEST: ROWS, EAST: "66\n66"}, SECOND_TOWN: {SOUTH: "9."}})
    return engine


def buildings(*numbers: int, community: str = WEST) -> list[str]:
    return [f"{community}-B{number:04d}" for number in numbers]


def halves(engine: Engine, **options: object) -> int:
    """A plan of WEST whose first zone is the four western buildings, the second the six eastern ones."""
    zones = {f"{WEST}001": buildings(1, 2, 6, 7), f"{WEST}002": buildings(3, 4, 5, 8, 9, 10)}
    return save_plan(engine, WEST, zones, **options)


def asked(engine: Engine, limits: LoadRange = NARROW, area: str = WEST, **wishes: object) -> PlanReport:
    return draw(engine, area, limits, wishes=Wishes(**wishes))


def test_zones_are_named_after_their_community(town: Engine) -> None:
    report = draw(town, WEST, NARROW)
    english = draw(town, WEST, NARROW, language="en")

    assert [zone.name for zone in report.zones] == [
        f"area {WEST}第{n + 1}片区" for n in range(len(report.zones))
    ]
    assert english.zones[0].name == f"area {WEST} zone 1"


def test_what_was_found_is_kept_beside_the_plan(town: Engine) -> None:
    report = draw(town, TOWN, NARROW)

    with town.begin() as connection:
        outcomes = connection.execute(
            text(
                "SELECT o.community_code, o.zones, o.distance_m, o.border_pairs, o.objective_m,"
                " (SELECT sum(z.distance_m) FROM zone z WHERE z.plan_id = o.plan_id"
                "  AND z.community_code = o.community_code) AS summed"
                " FROM plan_outcome o WHERE o.plan_id = :plan ORDER BY 1"
            ),
            {"plan": report.plan_id},
        ).all()
        zones = connection.execute(
            text("SELECT load, household_count, compactness FROM zone WHERE plan_id = :plan"),
            {"plan": report.plan_id},
        ).all()
    assert [row.community_code for row in outcomes] == [WEST, EAST]
    assert all(row.distance_m == pytest.approx(row.summed) for row in outcomes)
    assert all(row.objective_m >= row.distance_m - 1e-6 for row in outcomes)
    assert all(row.load == row.household_count for row in zones)
    # Cells of buildings on a grid are rectangles: none rounder than a square, whose measure is pi / 4.
    assert all(0.3 < row.compactness < 0.7854 for row in zones)
    shown = report.as_json()["communities"]
    assert [entry["community_code"] for entry in shown] == [WEST, EAST]
    assert shown[0]["distance_m"] == pytest.approx(outcomes[0].distance_m)
    assert all(entry["gap_zh"] and entry["gap_en"] for entry in shown)


def test_least_means_the_fewest_that_hold_the_households(town: Engine) -> None:
    # 400 households at most 240 a zone: two, though mid-range would be nearer to three.
    assert len(draw(town, WEST, NARROW, zones="least").zones) == 2


def test_chiefs_means_one_zone_a_person_who_can_serve_one(town: Engine) -> None:
    report = draw(town, TOWN, NARROW, zones="chiefs")

    # Two people live in WEST, none in EAST.
    assert len(report.zones) == 2
    (refused,) = report.infeasible
    assert refused["area_code"] == EAST
    assert refused["reason_en"] == "nobody in the community can serve a zone"


def test_people_busy_in_another_community_do_not_count(town: Engine) -> None:
    with town.begin() as connection:
        connection.execute(text(f"UPDATE person SET zone_capacity = 2 WHERE code = '{WEST}-P01'"))
    assert len(draw(town, WEST, NARROW, zones="chiefs").zones) == 3
    zone = f"{EAST}001"
    save_plan(
        town, EAST, {zone: buildings(1, community=EAST)},
        effective_from=date(2020, 1, 1), chiefs={zone: f"{WEST}-P01"},
    )  # fmt: skip
    assert len(draw(town, WEST, NARROW, zones="chiefs").zones) == 2


def test_pairs_share_a_zone_or_do_not(town: Engine) -> None:
    first, last, second = buildings(1, 5, 2)
    together = members(town, asked(town, together=((first, last),)).plan_id)
    apart = members(town, asked(town, apart=((first, second),)).plan_id)

    assert any({first, last} <= zone for zone in together.values())
    assert not any({first, second} <= zone for zone in apart.values())


def test_a_zone_has_its_centre_where_a_chief_lives(town: Engine) -> None:
    # The people live in the third row, under the first and the last column.
    report = asked(town, centres=(f"{WEST}-P01", f"{WEST}-P02"))
    with town.begin() as connection:
        medoids = connection.execute(
            text("SELECT medoid_building_code FROM zone WHERE plan_id = :plan"), {"plan": report.plan_id}
        ).scalars()
        assert {*buildings(6, 10)} <= set(medoids)


def test_locked_zones_stay_with_their_code_name_and_lock(town: Engine) -> None:
    plan = halves(town)
    with town.begin() as connection:
        connection.execute(
            text("UPDATE zone SET locked = true, name = '北门片' WHERE code LIKE '%002' AND plan_id = :plan"),
            {"plan": plan},
        )
    report = asked(town, from_plan=plan, keep_locked=True)
    zones = members(town, report.plan_id)

    assert zones[f"{WEST}002"] == {*buildings(3, 4, 5, 8, 9, 10)}
    kept = next(zone for zone in report.zones if zone.code == f"{WEST}002")
    assert (kept.locked, kept.name) == (True, "北门片")
    assert report.parent_id == plan
    # Without the word the lock is not kept, and the zone is as free as the others.
    assert not any(zone.locked for zone in asked(town, from_plan=plan).zones)


def test_a_zone_can_be_locked_as_it_is_drawn_around(town: Engine) -> None:
    plan = halves(town)
    report = asked(town, from_plan=plan, lock=(f"{WEST}001",))

    assert members(town, report.plan_id)[f"{WEST}001"] == {*buildings(1, 2, 6, 7)}
    assert [zone.code for zone in report.zones if zone.locked] == [f"{WEST}001"]


def test_a_locked_zone_without_buildings_left_is_not_kept_and_said(town: Engine) -> None:
    plan = save_plan(town, WEST, {f"{WEST}001": buildings(1), f"{WEST}002": buildings(2, 3)})
    with town.begin() as connection:
        connection.execute(
            text(f"UPDATE building SET baseline_unmanaged = false WHERE code = '{WEST}-B0001'")
        )
    report = asked(town, from_plan=plan, lock=(f"{WEST}001",))

    assert not any(zone.locked for zone in report.zones)
    assert "locked zone" in next(f["message_en"] for f in report.findings if f["key"] == "zoning.locked_gone")


def test_the_plan_in_force_is_continued_where_none_is_named(town: Engine) -> None:
    plan = halves(town, effective_from=date(2024, 1, 1))

    assert asked(town, most_changes=0).parent_id == plan


def test_at_most_so_many_buildings_change_zone(town: Engine) -> None:
    plan = halves(town)
    untouched, loose = (
        asked(town, from_plan=plan, most_changes=0),
        asked(town, from_plan=plan, most_changes=2),
    )

    assert members(town, untouched.plan_id) == members(town, plan)
    assert untouched.as_json()["communities"][0]["changed_buildings"] == 0
    assert loose.as_json()["communities"][0]["changed_buildings"] <= 2


def test_codes_go_on_where_buildings_stay_together(town: Engine) -> None:
    # The zones of the earlier plan are numbered against the order: east first.
    zones = {f"{WEST}001": buildings(3, 4, 5, 8, 9, 10), f"{WEST}007": buildings(1, 2, 6, 7)}
    plan = save_plan(town, WEST, zones)
    report = asked(town, from_plan=plan, most_changes=0)

    assert members(town, report.plan_id) == {code: set(held) for code, held in zones.items()}


def test_loads_are_what_the_policy_counts(town: Engine) -> None:
    county = (files("geo_service.planning.policy") / "profiles" / "county_2024.toml").read_text(
        encoding="utf-8"
    )
    by_household, by_building = "households = 1\nbuildings = 0", "households = 0\nbuildings = 1"
    assert by_household in county
    adopt_profile(town, LOCAL_ADMIN, key="by_building", document=county.replace(by_household, by_building))
    use_profile(town, LOCAL_ADMIN, key="by_building")
    report = draw(town, WEST, LoadRange(5, 5))

    assert [(zone.buildings, zone.load, zone.households) for zone in report.zones] == [(5, 5, 200)] * 2


@pytest.mark.parametrize(
    ("wishes", "key"),
    [
        ({"keep_locked": True}, "zoning.no_earlier_plan"),
        ({"most_changes": 3}, "zoning.no_earlier_plan"),
        ({"lock": (f"{WEST}001",)}, "zoning.no_earlier_plan"),
        ({"together": ((f"{WEST}-B0001", "nowhere"),)}, "zoning.place_unknown"),
        ({"together": ((f"{WEST}-B0001", f"{SOUTH}-B0001"),)}, "zoning.place_unknown"),  # outside the town
        ({"together": ((f"{WEST}-B0001", f"{EAST}-B0001"),)}, "zoning.pair_of_two_communities"),
        ({"centres": ("'; DROP TABLE zone; --",)}, "zoning.place_unknown"),
        ({"apart": ((f"{WEST}-B0001", f"{WEST}-P01"),)}, "zoning.building_not_zoned"),
        (
            {
                "together": ((f"{WEST}-B0001", f"{WEST}-B0002"),),
                "apart": ((f"{WEST}-B0001", f"{WEST}-B0002"),),
            },
            "zoning.apart_and_together",
        ),
    ],
)
def test_wishes_that_cannot_be_meant_are_refused_in_words(
    town: Engine, wishes: dict[str, object], key: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        asked(town, area=TOWN, **wishes)
    assert refused.value.key == key
    assert refused.value.mend("zh")
    assert refused.value.mend("en")


def test_plans_that_cannot_be_meant_are_refused_in_words(town: Engine) -> None:
    plan = halves(town)
    with pytest.raises(NotFound):
        asked(town, from_plan=99)
    with pytest.raises(InvalidInput) as refused:
        asked(town, area=EAST, from_plan=plan)
    assert refused.value.key == "plan.not_in_area"
    with pytest.raises(InvalidInput) as refused:
        asked(town, from_plan=plan, lock=(f"{WEST}009",))
    assert refused.value.key == "zoning.no_zone_to_lock"
    with pytest.raises(InvalidInput):
        Wishes(most_changes=-1)
    with pytest.raises(InvalidInput):
        Wishes(lock=("x",) * 10_001)
    june = date(2024, 6, 1)
    save_plan(town, EAST, {f"{EAST}001": buildings(1, community=EAST)}, effective_from=june)
    halves(town, effective_from=june)
    with pytest.raises(InvalidInput) as refused:
        asked(town, area=TOWN, keep_locked=True)
    assert refused.value.key == "zoning.several_earlier_plans"


def test_a_planner_continues_no_plan_of_another_town(town: Engine) -> None:
    plan = halves(town)
    planner = Actor("planner", Role.PLANNER, SECOND_TOWN)
    with pytest.raises(NotFound):
        draw_zones(town, planner, area_code=SOUTH, limits=NARROW, wishes=Wishes(from_plan=plan))
    # Nor does the planner learn where somebody of another town lives.
    with pytest.raises(InvalidInput) as refused:
        draw_zones(town, planner, area_code=SOUTH, wishes=Wishes(centres=(f"{WEST}-P01",)))
    assert refused.value.key == "zoning.place_unknown"


@pytest.mark.parametrize("zones", ["most", "", "1 OR 1", -1, 0])
def test_a_number_of_zones_that_is_none_is_refused(town: Engine, zones: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        draw(town, WEST, zones=zones)
    assert refused.value.key == "zoning.zones_unreadable"


def test_nobody_to_serve_anywhere_is_infeasible(town: Engine) -> None:
    with pytest.raises(Infeasible) as refused:
        draw(town, EAST, NARROW, zones="chiefs")
    assert refused.value.details[0]["reason_zh"] == "该社区没有可任片区网格长的人员"


def test_a_plan_explains_itself(town: Engine) -> None:
    report = draw(town, TOWN, NARROW)
    document = explain_plan(town, LOCAL_ADMIN, plan_id=report.plan_id)

    assert [zone["code"] for zone in document["zones"]] == [zone.code for zone in report.zones]
    assert {each["community_code"] for each in document["communities"]} == {WEST, EAST}
    one = explain_plan(town, LOCAL_ADMIN, plan_id=report.plan_id, zone_code=f"{WEST}001")
    (zone,) = one["zones"]
    held = members(town, report.plan_id)[f"{WEST}001"]
    assert {building["code"] for building in zone["walk"]} == held
    assert [each["community_code"] for each in one["communities"]] == [WEST]
    with pytest.raises(NotFound) as missing:
        explain_plan(town, LOCAL_ADMIN, plan_id=report.plan_id, zone_code="nowhere")
    assert missing.value.key == "plan.no_such_zone"
    with pytest.raises(NotFound):
        explain_plan(town, Actor("gis", Role.GIS, SECOND_TOWN), plan_id=report.plan_id)


def test_every_zone_has_its_walk(town: Engine) -> None:
    report = draw(town, WEST, LoadRange(400, 400))

    # Two rows of five buildings 20 m apart: eight steps of 20 m along the rows and two across.
    assert report.zones[0].patrol_m == pytest.approx(200, rel=1e-3)
    (zone,) = explain_plan(town, LOCAL_ADMIN, plan_id=report.plan_id)["zones"]
    assert [building["visit_order"] for building in zone["walk"]] == list(range(1, 11))
    places = [divmod(int(building["code"][-4:]) - 1, 5) for building in zone["walk"]]
    steps = zip(places, places[1:] + places[:1], strict=True)
    assert all(abs(a - c) + abs(b - d) == 1 for (a, b), (c, d) in steps)
    assert report.as_json()["communities"][0]["patrol_m"] == pytest.approx(200, rel=1e-3)
