from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine

from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.errors import NotFound
from geo_service.store import areas, zones
from geo_service.store.posts import get_post
from geo_service.store.session import transaction
from tests.world import COUNTY, EAST, TOWN, WEST, build_world, post_of, save_plan

ZONE = f"{WEST}001"


@pytest.fixture(scope="module")
def world(module_engine: Engine) -> Engine:
    """A zone published from June 2024, whose chief starts in July; and a draft."""
    build_world(module_engine, {TOWN: {WEST: "12P\n3..", EAST: "4P"}})
    save_plan(
        module_engine,
        WEST,
        {ZONE: [f"{WEST}-B0001", f"{WEST}-B0002"]},
        effective_from=date(2024, 6, 1),
        chiefs={ZONE: f"{WEST}-P01"},
        posts_from=date(2024, 7, 1),
    )
    save_plan(module_engine, TOWN, {ZONE: [f"{WEST}-B0003"], f"{EAST}001": [f"{EAST}-B0001"]})
    return module_engine


def test_a_post_is_read_with_its_chief_zone_and_buildings(world: Engine) -> None:
    post = post_of(world, 1, ZONE)
    with transaction(world, Actor("chief", Role.CHIEF, WEST, post), read_only=True) as connection:
        read = get_post(connection, post)

    assert read["post"] == {"id": post, "rank": "primary", "valid_from": "2024-07-01", "valid_to": None}
    assert read["chief"] == {
        "name": f"person {WEST}-P01",
        "work_phone": "0990-1234567",
        "chief_role": "grid_chief",
    }
    assert (read["zone"]["code"], read["zone"]["households"], read["zone"]["buildings"]) == (ZONE, 30, 2)
    assert read["zone"]["geometry"]["type"] == "MultiPolygon"
    west, south, east, north = read["zone"]["bbox"]
    assert 111 < west < east < 111.001
    assert 34.32 < south < north < 34.33
    assert read["zone"]["patrol_m"] == 1234
    # in walking order
    assert [
        tuple(building[key] for key in ("visit_order", "code", "households"))
        for building in read["buildings"]
    ] == [
        (1, f"{WEST}-B0002", 20),
        (2, f"{WEST}-B0001", 10),
    ]


def test_another_post_is_not_found_by_a_chief(world: Engine) -> None:
    post = post_of(world, 1, ZONE)
    with (
        transaction(world, Actor("chief", Role.CHIEF, WEST, post_id=post + 1), read_only=True) as connection,
        pytest.raises(NotFound),
    ):
        get_post(connection, post)


def test_zones_of_a_day_show_the_chief_of_that_day(world: Engine) -> None:
    with transaction(world, LOCAL_ADMIN, read_only=True) as connection:
        assert zones.list_zones(connection, COUNTY, on=date(2024, 5, 31)) == []
        (june,) = zones.list_zones(connection, COUNTY, on=date(2024, 6, 30))
        (july,) = zones.list_zones(connection, COUNTY, on=date(2024, 7, 1))
        assert zones.list_zones(connection, EAST, on=date(2024, 7, 1)) == []
    assert june["chief"] is None
    assert july["chief"]["name"] == f"person {WEST}-P01"
    assert (july["plan_id"], july["plan_state"], july["effective_from"]) == (1, "published", "2024-06-01")


def test_zones_of_a_plan_are_listed_whatever_its_state(world: Engine) -> None:
    with transaction(world, LOCAL_ADMIN, read_only=True) as connection:
        draft = zones.list_zones(connection, COUNTY, plan_id=2)
        published = zones.list_zones(connection, COUNTY, plan_id=1)
    assert [(zone["code"], zone["plan_state"], zone["effective_from"]) for zone in draft] == [
        (ZONE, "draft", None),
        (f"{EAST}001", "draft", None),
    ]
    assert [zone["chief"] is not None for zone in published] == [True]


def test_areas_are_listed_parents_first_and_only_those_of_the_scope(world: Engine) -> None:
    def listed(scope: str) -> list[str]:
        with transaction(world, Actor("viewer", Role.VIEWER, scope), read_only=True) as connection:
            return [area["code"] for area in areas.list_areas(connection)]

    assert listed("*") == [COUNTY, TOWN, WEST, EAST]
    assert listed(TOWN) == [TOWN, WEST, EAST]
    assert listed(EAST) == [EAST]
