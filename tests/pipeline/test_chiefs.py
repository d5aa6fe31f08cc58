from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.errors import Cancelled, Conflict, Forbidden, NotFound
from geo_service.pipeline import AppointmentReport, appoint_chiefs, publish_plan
from tests.world import EAST, SECOND_TOWN, SOUTH, TOWN, WEST, build_world, post_of, save_plan

JUNE = date(2024, 6, 1)


def zones_of(community: str, *buildings: Sequence[int]) -> dict[str, list[str]]:
    """Zones 001, 002 ... of a community by the numbers of their buildings."""
    return {
        f"{community}{number:03d}": [f"{community}-B{building:04d}" for building in members]
        for number, members in enumerate(buildings, start=1)
    }


def execute(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))


def chosen(report: AppointmentReport) -> list[tuple[str, str]]:
    return [(post.zone_code[-3:], post.person_code[-3:]) for post in report.posts]


def test_each_zone_gets_the_person_that_makes_the_sum_least(engine: Engine) -> None:
    # Cells of 20 m: P01 at 0, buildings at 1 and 4, P02 at 6. The building at 4 is the medoid of its zone.
    build_world(engine, {TOWN: {WEST: "P1..2.P"}})
    plan = save_plan(engine, WEST, zones_of(WEST, [1], [2]))

    report = appoint_chiefs(engine, LOCAL_ADMIN, plan_id=plan)

    assert chosen(report) == [("001", "P01"), ("002", "P02")]
    assert [post.walk_distance_m for post in report.posts] == pytest.approx([20, 40], abs=1e-3)
    assert report.as_json()["total_walk_distance_m"] == pytest.approx(60, abs=1e-3)
    assert report.without_chief == ()
    assert report.revision == 2


def test_people_serve_their_own_community_only(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: ".1", EAST: "P2"}})
    plan = save_plan(engine, TOWN, {**zones_of(WEST, [1]), **zones_of(EAST, [1])})

    report = appoint_chiefs(engine, LOCAL_ADMIN, plan_id=plan)

    assert [post.zone_code for post in report.posts] == [f"{EAST}001"]
    (missing,) = report.without_chief
    assert missing["zone_code"] == f"{WEST}001"
    assert "registered" in missing["reason_en"]


def test_nobody_serves_beyond_the_capacity(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "P1.2.3"}})
    plan = save_plan(engine, WEST, zones_of(WEST, [1], [2], [3]))

    report = appoint_chiefs(engine, LOCAL_ADMIN, plan_id=plan)
    assert chosen(report) == [("001", "P01")]
    assert [entry["zone_code"][-3:] for entry in report.without_chief] == ["002", "003"]
    assert "as many zones as they can" in report.without_chief[0]["reason_en"]

    execute(engine, "UPDATE person SET zone_capacity = 2")
    assert chosen(appoint_chiefs(engine, LOCAL_ADMIN, plan_id=plan)) == [("001", "P01"), ("002", "P01")]


def test_appointing_a_draft_again_touches_only_what_changed(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "P1...2P"}})
    plan = save_plan(engine, WEST, zones_of(WEST, [1], [2]))
    first = appoint_chiefs(engine, LOCAL_ADMIN, plan_id=plan)

    assert appoint_chiefs(engine, LOCAL_ADMIN, plan_id=plan) == first

    # Somebody moves in at the door of zone 2.
    execute(
        engine,
        "INSERT INTO person (code, community_code, name, home)"
        " SELECT community_code || '-P03', community_code, 'new', ST_Centroid(geom)"
        " FROM building WHERE code LIKE '%-B0002'",
    )
    second = appoint_chiefs(engine, LOCAL_ADMIN, plan_id=plan)
    assert chosen(second) == [("001", "P01"), ("002", "P03")]
    assert second.posts[0] == first.posts[0]
    assert second.posts[1].id != first.posts[1].id
    assert second.revision == first.revision + 1


@pytest.mark.parametrize("holder", ["P01", "P02"])
def test_whoever_serves_a_building_keeps_it_where_that_costs_nothing(engine: Engine, holder: str) -> None:
    # Both homes are 20 m from the building.
    build_world(engine, {TOWN: {WEST: "P1P"}})
    save_plan(
        engine,
        WEST,
        zones_of(WEST, [1]),
        effective_from=JUNE,
        chiefs={f"{WEST}001": f"{WEST}-{holder}"},
    )
    draft = save_plan(engine, WEST, zones_of(WEST, [1]))

    assert chosen(appoint_chiefs(engine, LOCAL_ADMIN, plan_id=draft)) == [("001", holder)]


def test_a_post_that_the_new_plan_ends_takes_no_capacity(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "P1.2"}})
    save_plan(engine, WEST, zones_of(WEST, [1]), effective_from=JUNE, chiefs={f"{WEST}001": f"{WEST}-P01"})
    draft = save_plan(engine, WEST, zones_of(WEST, [1, 2]))

    assert chosen(appoint_chiefs(engine, LOCAL_ADMIN, plan_id=draft)) == [("001", "P01")]


def test_a_running_post_in_another_community_takes_capacity(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "P1", EAST: "2"}})
    save_plan(engine, EAST, zones_of(EAST, [1]), effective_from=JUNE, chiefs={f"{EAST}001": f"{WEST}-P01"})
    draft = save_plan(engine, WEST, zones_of(WEST, [1]))

    assert appoint_chiefs(engine, LOCAL_ADMIN, plan_id=draft).posts == ()


def test_a_published_plan_keeps_its_chiefs_and_fills_its_gaps_from_today(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "1P.2P"}})
    kept = {f"{WEST}001": f"{WEST}-P02"}  # not the nearest, but in post
    plan = save_plan(engine, WEST, zones_of(WEST, [1], [2]), effective_from=JUNE, chiefs=kept)
    before = post_of(engine, plan, f"{WEST}001")

    report = appoint_chiefs(engine, LOCAL_ADMIN, plan_id=plan)

    assert chosen(report) == [("002", "P01")]
    assert post_of(engine, plan, f"{WEST}001") == before
    with engine.begin() as connection:
        starts_today = connection.execute(
            text("SELECT valid = daterange(current_date, NULL) FROM post WHERE id = :id"),
            {"id": report.posts[0].id},
        ).scalar_one()
    assert starts_today
    assert appoint_chiefs(engine, LOCAL_ADMIN, plan_id=plan).posts == ()


def test_a_plan_out_of_reach_is_refused(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "1P"}, SECOND_TOWN: {SOUTH: "1"}})
    plan = save_plan(engine, WEST, zones_of(WEST, [1]))

    with pytest.raises(NotFound):
        appoint_chiefs(engine, Actor("other", Role.PLANNER, SECOND_TOWN), plan_id=plan)
    with pytest.raises(Forbidden):
        appoint_chiefs(engine, Actor("gis", Role.GIS), plan_id=plan)
    with pytest.raises(Conflict) as refused:
        appoint_chiefs(engine, LOCAL_ADMIN, plan_id=plan, expected_revision=2)
    assert refused.value.key == "plan.revision_lost"

    publish_plan(engine, LOCAL_ADMIN, plan_id=plan, from_date=JUNE)
    successor = save_plan(engine, WEST, zones_of(WEST, [1]))
    publish_plan(engine, LOCAL_ADMIN, plan_id=successor, from_date=date(2024, 7, 1))
    with pytest.raises(Conflict) as refused:
        appoint_chiefs(engine, LOCAL_ADMIN, plan_id=plan)
    assert refused.value.key == "plan.superseded"


def test_stopping_appoints_nobody(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "1P"}})
    plan = save_plan(engine, WEST, zones_of(WEST, [1]))

    def stop(stage: str, done: int, total: int | None = None) -> None:
        if done == total:
            raise Cancelled("command.cancelled")

    with pytest.raises(Cancelled):
        appoint_chiefs(engine, LOCAL_ADMIN, plan_id=plan, progress=stop)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM post")).scalar_one() == 0
