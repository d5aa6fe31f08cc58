"""What changes hands when a plan begins, against a drawn world and against what publishing really does."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from geo_service.access import LOCAL_ADMIN, Role
from geo_service.errors import Conflict, Forbidden, InvalidInput, NotFound
from geo_service.pipeline import publish_plan
from geo_service.pipeline.handing_over import list_handover
from geo_service.pipeline.serving import list_services, served_by
from tests.actors import actor
from tests.pipeline.editing_world import b
from tests.world import EAST, SECOND_TOWN, SOUTH, TOWN, WEST, build_world, save_plan

JUNE, JULY, AUGUST = date(2024, 6, 1), date(2024, 7, 1), date(2024, 8, 1)
ONE, OTHER, EASTERN = f"{WEST}-P01", f"{WEST}-P02", f"{EAST}-P01"
FIRST, SECOND, THIRD = f"{WEST}001", f"{WEST}002", f"{WEST}003"


@pytest.fixture
def world(engine: Engine) -> Engine:
    """Six buildings of 10 to 60 households in WEST, one of 30 in EAST, one of 10 in SOUTH."""
    build_world(engine, {TOWN: {WEST: "123456\nP..P", EAST: "3P"}, SECOND_TOWN: {SOUTH: "1P"}})
    return engine


def in_force(engine: Engine, posts_from: date | None = None) -> int:
    """Since June the one person serves 1, 2, 5 and 6; 3 is in a zone without a chief, 4 in none."""
    zones = {FIRST: [b(1), b(2), b(5), b(6)], SECOND: [b(3)]}
    return save_plan(engine, WEST, zones, effective_from=JUNE, chiefs={FIRST: ONE}, posts_from=posts_from)


def draft(engine: Engine) -> int:
    """The one person keeps 1, the other takes 2, 3 and 4; 5 is in no zone, 6 in one without a chief."""
    zones = {FIRST: [b(1)], SECOND: [b(2), b(3), b(4)], THIRD: [b(6)], f"{EAST}001": [b(1, EAST)]}
    return save_plan(engine, TOWN, zones, chiefs={FIRST: ONE, SECOND: OTHER, f"{EAST}001": EASTERN})


def handover(engine: Engine, plan: int, **asked: Any) -> dict[str, Any]:
    return list_handover(engine, LOCAL_ADMIN, plan_id=plan, **{"from_date": JULY, **asked})


def hands(report: dict[str, Any]) -> list[tuple]:
    """Each building with the zone and chief before and after."""
    return [
        (each["code"], *((side and (side["zone_code"], side["chief_code"])) for side in
                         (each["before"], each["after"])))
        for each in report["buildings"]
    ]  # fmt: skip


WEST_HANDS = [
    (b(2), (FIRST, ONE), (SECOND, OTHER)),
    (b(3), (SECOND, None), (SECOND, OTHER)),
    (b(4), None, (SECOND, OTHER)),
    (b(5), (FIRST, ONE), None),
    (b(6), (FIRST, ONE), (THIRD, None)),
]
EAST_HANDS = [(b(1, EAST), None, (f"{EAST}001", EASTERN))]


def test_every_building_that_another_chief_would_serve_is_listed(world: Engine):
    in_force(world)
    report = handover(world, draft(world))

    assert hands(report) == [*WEST_HANDS, *EAST_HANDS]
    assert report["buildings"][0] == {
        "code": b(2),
        "name": f"building {b(2)}",
        "households": 20,
        "community_code": WEST,
        "community_name": f"area {WEST}",
        "before": {
            "zone_code": FIRST, "zone_name": FIRST, "chief_code": ONE, "chief_name": f"person {ONE}"
        },
        "after": {
            "zone_code": SECOND, "zone_name": SECOND, "chief_code": OTHER, "chief_name": f"person {OTHER}"
        },
    }  # fmt: skip
    # 20 + 30 + 40 + 50 + 60 in WEST, 30 in EAST.
    assert report["totals"] == {"buildings": 6, "households": 230, "gain": 3, "lose": 2, "change": 1}
    assert [(chief["chief_code"], chief["gives"], chief["takes"]) for chief in report["by_chief"]] == [
        (ONE, 3, 0),
        (OTHER, 0, 3),
        (EASTERN, 0, 1),
    ]
    assert (report["from"], report["next"]) == ("2024-07-01", None)


def test_one_area_of_the_plan_may_be_asked_about(world: Engine):
    in_force(world)
    report = handover(world, draft(world), area_code=EAST)
    assert hands(report) == EAST_HANDS
    assert report["totals"] == {"buildings": 1, "households": 30, "gain": 1, "lose": 0, "change": 0}
    assert [chief["chief_code"] for chief in report["by_chief"]] == [EASTERN]


def test_pages_follow_one_another_and_each_tells_the_totals(world: Engine):
    in_force(world)
    plan = draft(world)
    whole = handover(world, plan)
    seen, after, pages = [], None, 0
    while pages == 0 or after:
        page = handover(world, plan, most=2, after=after)
        assert (page["totals"], page["by_chief"]) == (whole["totals"], whole["by_chief"])
        seen += page["buildings"]
        after, pages = page["next"], pages + 1
    assert (seen, pages) == (whole["buildings"], 3)
    assert handover(world, plan, after="~")["buildings"] == []


def test_only_who_is_in_post_on_that_day_gives(world: Engine):
    in_force(world, posts_from=AUGUST)
    plan = draft(world)
    july = handover(world, plan)
    # Nobody is in post yet: 5 and 6 lose nobody, and 1 gains its chief.
    assert [code for code, _, _ in hands(july)] == [b(1), b(2), b(3), b(4), b(1, EAST)]
    assert july["totals"] == {"buildings": 5, "households": 130, "gain": 5, "lose": 0, "change": 0}
    assert hands(handover(world, plan, from_date=AUGUST)) == [*WEST_HANDS, *EAST_HANDS]


def test_of_a_published_plan_it_tells_what_changed_hands_then(world: Engine):
    in_force(world)
    plan = draft(world)
    expected = handover(world, plan)
    publish_plan(world, LOCAL_ADMIN, plan_id=plan, from_date=JULY)
    told = handover(world, plan, from_date=date(2030, 1, 1))
    assert told | {"from": "2024-07-01"} == expected


def test_where_a_plan_is_published_in_part_only_the_rest_is_asked_about(world: Engine):
    in_force(world)
    plan = draft(world)
    publish_plan(world, LOCAL_ADMIN, plan_id=plan, from_date=JULY, area_code=EAST)
    assert hands(handover(world, plan)) == WEST_HANDS
    assert hands(handover(world, plan, area_code=EAST)) == EAST_HANDS


def test_a_plan_from_the_first_day_there_is_has_a_day_before(world: Engine):
    plan = draft(world)
    publish_plan(world, LOCAL_ADMIN, plan_id=plan, from_date=date.min, area_code=EAST)
    assert hands(handover(world, plan, area_code=EAST)) == EAST_HANDS


def test_what_publishing_would_be_refused_for_is_said_before(world: Engine):
    in_force(world)
    plan = draft(world)
    for refusal, key, asked in (
        (NotFound, "plan.unknown", {"plan_id": plan + 1}),
        (NotFound, "area.unknown", {"area_code": "nowhere"}),
        (InvalidInput, "plan.not_in_area", {"area_code": SOUTH}),
        (Conflict, "plan.publication_overlaps", {"from_date": JUNE}),
    ):
        with pytest.raises(refusal) as refused:
            list_handover(world, LOCAL_ADMIN, **{"plan_id": plan, "from_date": JULY, **asked})
        assert refused.value.key == key
    # Nothing is published in EAST, so that any day will do there.
    assert hands(handover(world, plan, area_code=EAST, from_date=JUNE)) == EAST_HANDS


def test_who_reads_no_plans_is_refused_and_who_reads_elsewhere_finds_none(world: Engine):
    plan = draft(world)
    for role in (Role.VIEWER, Role.CHIEF):
        with pytest.raises(Forbidden):
            list_handover(world, actor(role, "*"), plan_id=plan, from_date=JULY)
        with pytest.raises(Forbidden):
            list_services(world, actor(role, "*"), unit_code=b(1))
    elsewhere = actor(Role.PLANNER, SECOND_TOWN)
    with pytest.raises(NotFound):
        list_handover(world, elsewhere, plan_id=plan, from_date=JULY)
    with pytest.raises(NotFound):
        list_services(world, elsewhere, unit_code=b(1))


@pytest.mark.parametrize("seed", range(6))
def test_it_is_what_publishing_changes(world: Engine, seed: int):
    """Two plans at random; who serves each building is asked before and after publishing the second."""
    chance = random.Random(seed)
    buildings = [b(number) for number in range(1, 7)]

    def any_plan(**more: Any) -> int:
        zones: dict[str, list[str]] = {}
        for building in buildings:
            zones.setdefault(chance.choice(["", FIRST, SECOND, THIRD]), []).append(building)
        zones = {code: held for code, held in zones.items() if code} or {FIRST: [b(1)]}
        chiefs = {code: chief for code in zones if (chief := chance.choice([None, ONE, OTHER]))}
        return save_plan(world, WEST, zones, chiefs=chiefs, **more)

    def chiefs_now() -> dict[str, str | None]:
        served = {
            code: served_by(world, LOCAL_ADMIN, unit_code=code, on=JULY)["service"] for code in buildings
        }
        return {code: service and service["chief_name"] for code, service in served.items()}

    any_plan(effective_from=JUNE)
    plan = any_plan()
    report, before = handover(world, plan), chiefs_now()
    publish_plan(world, LOCAL_ADMIN, plan_id=plan, from_date=JULY)
    after = chiefs_now()

    changed = {code: (before[code], after[code]) for code in buildings if before[code] != after[code]}
    assert {
        each["code"]: tuple(side and side["chief_name"] for side in (each["before"], each["after"]))
        for each in report["buildings"]
    } == changed
    totals = report["totals"]
    assert totals["gain"] + totals["lose"] + totals["change"] == totals["buildings"] == len(changed)


def test_a_building_tells_who_served_it_newest_first(world: Engine):
    first = in_force(world, posts_from=date(2024, 6, 16))
    second = draft(world)
    publish_plan(world, LOCAL_ADMIN, plan_id=second, from_date=JULY)

    def times(code: str) -> list[tuple]:
        rows = list_services(world, LOCAL_ADMIN, unit_code=code)
        return [(row["plan_id"], row["zone_code"], row["chief_name"], row["from"], row["to"]) for row in rows]

    assert times(b(2)) == [
        (second, SECOND, f"person {OTHER}", "2024-07-01", None),
        (first, FIRST, f"person {ONE}", "2024-06-16", "2024-06-30"),
        (first, FIRST, None, "2024-06-01", "2024-06-15"),
    ]
    assert times(b(5)) == times(b(2))[1:]
    assert times(b(6))[0] == (second, THIRD, None, "2024-07-01", None)
    assert times(b(1, SOUTH)) == []
    newest = list_services(world, LOCAL_ADMIN, unit_code=b(2))[0]
    assert (newest["plan_name"], newest["zone_name"], newest["chief_role"]) == ("plan", SECOND, "grid_chief")
    with pytest.raises(NotFound):
        list_services(world, LOCAL_ADMIN, unit_code="nowhere")
