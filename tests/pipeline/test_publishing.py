from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.errors import Conflict, Forbidden, InvalidInput, NotFound
from geo_service.pipeline import publish_plan
from geo_service.store import plans, zones
from geo_service.store.session import transaction
from tests.world import COUNTY, EAST, SECOND_TOWN, SOUTH, TOWN, WEST, build_world, save_plan

JUNE, JULY = date(2024, 6, 1), date(2024, 7, 1)


@pytest.fixture
def world(engine: Engine) -> Engine:
    build_world(engine, {TOWN: {WEST: "12P", EAST: "34P"}, SECOND_TOWN: {SOUTH: "5P"}})
    return engine


def draft(engine: Engine, area: str, *communities: str) -> int:
    """A plan of one zone a community, each with a chief."""
    members = {WEST: [f"{WEST}-B0001", f"{WEST}-B0002"], EAST: [f"{EAST}-B0001"], SOUTH: [f"{SOUTH}-B0001"]}
    return save_plan(
        engine,
        area,
        {f"{community}001": members[community] for community in communities},
        chiefs={f"{community}001": f"{community}-P01" for community in communities},
    )


def plan_of(engine: Engine, plan_id: int) -> dict:
    with transaction(engine, LOCAL_ADMIN) as connection:
        return plans.get_plan(connection, plan_id)


def posts_of(engine: Engine, plan_id: int) -> list[tuple[str, date | None, date | None]]:
    with engine.begin() as connection:
        return [
            tuple(row)
            for row in connection.execute(
                text(
                    "SELECT z.community_code, lower(o.valid), upper(o.valid) FROM post o"
                    " JOIN zone z ON z.id = o.zone_id WHERE z.plan_id = :plan ORDER BY 1"
                ),
                {"plan": plan_id},
            )
        ]


def serving(engine: Engine, area: str, on: date) -> list[int]:
    with transaction(engine, LOCAL_ADMIN) as connection:
        return [zone["plan_id"] for zone in zones.list_zones(connection, area, on=on)]


def test_publishing_freezes_the_plan_and_starts_its_posts(world: Engine) -> None:
    plan = draft(world, TOWN, WEST, EAST)

    report = publish_plan(world, LOCAL_ADMIN, plan_id=plan, from_date=JUNE).as_json()

    assert (report["plan_id"], report["revision"], report["from"]) == (plan, 2, "2024-06-01")
    common = {"zones": 1, "households": 30, "replaced_plan_id": None, "without_chief": []}
    assert report["communities"] == [
        {"code": WEST, "name": f"area {WEST}", **common},
        {"code": EAST, "name": f"area {EAST}", **common},
    ]
    assert plan_of(world, plan)["state"] == "published"
    assert posts_of(world, plan) == [(WEST, JUNE, None), (EAST, JUNE, None)]


def test_a_zone_without_a_chief_is_named(world: Engine) -> None:
    plan = save_plan(world, WEST, {f"{WEST}001": [f"{WEST}-B0001"]})

    (community,) = publish_plan(world, LOCAL_ADMIN, plan_id=plan, from_date=JUNE).communities

    assert community.without_chief == [f"{WEST}001"]


def test_the_next_plan_ends_the_earlier_one_and_its_posts_the_day_before(world: Engine) -> None:
    first, second = draft(world, WEST, WEST), draft(world, WEST, WEST)
    publish_plan(world, LOCAL_ADMIN, plan_id=first, from_date=JUNE)

    (community,) = publish_plan(world, LOCAL_ADMIN, plan_id=second, from_date=JULY).communities

    assert community.replaced_plan_id == first
    assert plan_of(world, first)["state"] == "superseded"
    assert plan_of(world, first)["publications"][0]["to"] == "2024-06-30"
    assert posts_of(world, first) == [(WEST, JUNE, JULY)]
    assert posts_of(world, second) == [(WEST, JULY, None)]
    assert serving(world, WEST, date(2024, 5, 31)) == []
    assert serving(world, WEST, date(2024, 6, 30)) == [first]
    assert serving(world, WEST, JULY) == [second]


def test_a_post_that_would_have_started_later_is_dropped_with_its_plan(world: Engine) -> None:
    zone = {f"{WEST}001": [f"{WEST}-B0001"]}
    first = save_plan(
        world,
        WEST,
        zone,
        effective_from=JUNE,
        chiefs={f"{WEST}001": f"{WEST}-P01"},
        posts_from=date(2024, 9, 1),
    )

    publish_plan(world, LOCAL_ADMIN, plan_id=draft(world, WEST, WEST), from_date=JULY)

    assert posts_of(world, first) == []


@pytest.mark.parametrize("day", [JUNE, date(2024, 5, 1)])
def test_a_plan_cannot_start_on_or_before_the_one_it_replaces(world: Engine, day: date) -> None:
    first, second = draft(world, WEST, WEST), draft(world, WEST, WEST)
    publish_plan(world, LOCAL_ADMIN, plan_id=first, from_date=JUNE)

    with pytest.raises(Conflict) as refused:
        publish_plan(world, LOCAL_ADMIN, plan_id=second, from_date=day)

    assert (refused.value.key, refused.value.where) == ("plan.publication_overlaps", WEST)
    assert (plan_of(world, first)["state"], plan_of(world, second)["state"]) == ("published", "draft")
    assert posts_of(world, first) == [(WEST, JUNE, None)]


def test_the_communities_of_a_plan_may_follow_one_another(world: Engine) -> None:
    plan = draft(world, TOWN, WEST, EAST)

    publish_plan(world, LOCAL_ADMIN, plan_id=plan, from_date=JUNE, area_code=WEST)
    assert posts_of(world, plan) == [(WEST, JUNE, None), (EAST, None, None)]
    assert serving(world, TOWN, JULY) == [plan]

    report = publish_plan(world, LOCAL_ADMIN, plan_id=plan, from_date=JULY)
    assert [community.code for community in report.communities] == [EAST]
    assert posts_of(world, plan) == [(WEST, JUNE, None), (EAST, JULY, None)]
    assert serving(world, TOWN, date(2024, 6, 30)) == [plan]
    assert serving(world, TOWN, JULY) == [plan, plan]

    with pytest.raises(Conflict, match="published there already"):
        publish_plan(world, LOCAL_ADMIN, plan_id=plan, from_date=date(2024, 8, 1))


def test_a_plan_is_superseded_when_its_last_community_is_replaced(world: Engine) -> None:
    both = draft(world, TOWN, WEST, EAST)
    publish_plan(world, LOCAL_ADMIN, plan_id=both, from_date=JUNE, area_code=WEST)

    publish_plan(world, LOCAL_ADMIN, plan_id=draft(world, WEST, WEST), from_date=JULY)
    assert plan_of(world, both)["state"] == "published"  # EAST is still to come

    publish_plan(world, LOCAL_ADMIN, plan_id=both, from_date=JULY, area_code=EAST)
    assert plan_of(world, both)["state"] == "published"

    publish_plan(world, LOCAL_ADMIN, plan_id=draft(world, EAST, EAST), from_date=date(2024, 8, 1))
    assert plan_of(world, both)["state"] == "superseded"


def test_the_planner_of_a_community_replaces_what_a_larger_plan_holds_there(world: Engine) -> None:
    larger = draft(world, COUNTY, WEST)
    publish_plan(world, LOCAL_ADMIN, plan_id=larger, from_date=JUNE)

    publish_plan(world, Actor("west", Role.PLANNER, WEST), plan_id=draft(world, WEST, WEST), from_date=JULY)

    assert plan_of(world, larger)["state"] == "superseded"


def test_a_superseded_plan_is_not_published_again(world: Engine) -> None:
    first, second = draft(world, WEST, WEST), draft(world, WEST, WEST)
    publish_plan(world, LOCAL_ADMIN, plan_id=first, from_date=JUNE)
    publish_plan(world, LOCAL_ADMIN, plan_id=second, from_date=JULY)

    with pytest.raises(Conflict) as refused:
        publish_plan(world, LOCAL_ADMIN, plan_id=first, from_date=date(2024, 8, 1))
    assert refused.value.key == "plan.superseded"


def test_a_lost_race_is_refused(world: Engine) -> None:
    plan = draft(world, WEST, WEST)

    with pytest.raises(Conflict) as refused:
        publish_plan(world, LOCAL_ADMIN, plan_id=plan, from_date=JUNE, expected_revision=7)
    assert refused.value.key == "plan.revision_lost"
    publish_plan(world, LOCAL_ADMIN, plan_id=plan, from_date=JUNE, expected_revision=1)


def test_areas_and_plans_that_do_not_fit_are_refused(world: Engine) -> None:
    plan = draft(world, TOWN, WEST)
    town = Actor("town", Role.PLANNER, SECOND_TOWN)

    with pytest.raises(InvalidInput):
        publish_plan(world, LOCAL_ADMIN, plan_id=plan, from_date=JUNE, area_code=EAST)
    with pytest.raises(NotFound):
        publish_plan(world, LOCAL_ADMIN, plan_id=plan, from_date=JUNE, area_code="000000000000")
    with pytest.raises(NotFound):
        publish_plan(world, LOCAL_ADMIN, plan_id=plan + 1, from_date=JUNE)
    with pytest.raises(NotFound):
        publish_plan(world, town, plan_id=plan, from_date=JUNE)
    with pytest.raises(Forbidden):
        publish_plan(world, Actor("gis", Role.GIS), plan_id=plan, from_date=JUNE)
    assert plan_of(world, plan)["state"] == "draft"
