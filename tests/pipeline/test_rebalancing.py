"""Plans mended after something changed in the database."""

from __future__ import annotations

import json
from datetime import date

import pytest
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.errors import Cancelled, Forbidden, Infeasible, InvalidInput, NotFound
from geo_service.pipeline import PlanReport, publish_plan, rebalance_plan
from geo_service.planning.model import LoadRange
from tests.pipeline.test_zoning import members
from tests.world import EAST, SECOND_TOWN, SOUTH, TOWN, WEST, build_world, save_plan

LIMITS = LoadRange(100, 200)
FIRST, SECOND, THIRD = (f"{WEST}00{number}" for number in (1, 2, 3))


def buildings(*numbers: int, community: str = WEST) -> list[str]:
    return [f"{community}-B{number:04d}" for number in numbers]


def set_limits(engine: Engine, plan: int, limits: str = str(LIMITS)) -> None:
    change(engine, f"""UPDATE plan SET parameters = '{{"limits": "{limits}"}}' WHERE id = {plan}""")


@pytest.fixture
def row(engine: Engine) -> Engine:
    """Plan 1: a row of twelve buildings of 40 households in three zones of four; three people."""
    build_world(
        engine, {TOWN: {WEST: "444444444444\nP....P.....P", EAST: "66\n66"}, SECOND_TOWN: {SOUTH: "9."}}
    )
    zones = {FIRST: buildings(1, 2, 3, 4), SECOND: buildings(5, 6, 7, 8), THIRD: buildings(9, 10, 11, 12)}
    save_plan(engine, WEST, zones)
    set_limits(engine, 1)
    return engine


def change(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))


def households(engine: Engine, number: int, count: int) -> None:
    change(engine, f"UPDATE building SET household_count = {count} WHERE code = '{buildings(number)[0]}'")


def mend(engine: Engine, plan: int = 1, **options: object) -> PlanReport:
    return rebalance_plan(engine, LOCAL_ADMIN, plan_id=plan, **options)


def test_a_plan_that_holds_is_continued_unchanged(row: Engine) -> None:
    report = mend(row)

    assert members(row, report.plan_id) == members(row, 1)
    assert (report.parent_id, report.changes) == (1, ())
    assert report.name == "plan（调整）"


def test_forty_households_more_move_one_building(row: Engine) -> None:
    # 160 + 80 = 240 in the first zone: one of its neighbours' end must go, and 40 are enough.
    households(row, 1, 120)
    report = mend(row)

    assert report.changes == ({"building_code": buildings(4)[0], "from_zone": FIRST, "to_zone": SECOND},)
    assert {zone.code: zone.households for zone in report.zones} == {FIRST: 200, SECOND: 200, THIRD: 160}
    (entry,) = report.as_json()["communities"]
    assert entry["changed_buildings"] == 1
    assert any(f["message_zh"] == "1 栋换片区，已证明不能更少" for f in report.findings)


def test_a_demolished_building_is_gone_and_the_rest_stays(row: Engine) -> None:
    change(row, f"UPDATE building SET baseline_unmanaged = false WHERE code = '{buildings(1)[0]}'")
    report = mend(row)

    assert members(row, report.plan_id)[FIRST] == {*buildings(2, 3, 4)}
    assert report.changes == ()


def test_a_new_building_joins_a_zone_without_counting_as_a_change(row: Engine) -> None:
    change(
        row,
        "INSERT INTO building (code, community_code, household_count, geom)"
        f" SELECT 'new', community_code, 30, ST_Translate(geom, 0, -0.0003) FROM building"
        f" WHERE code = '{buildings(2)[0]}'",
    )
    report = mend(row)

    assert "new" in members(row, report.plan_id)[FIRST]
    assert report.changes == ()


def test_a_lost_chief_ends_the_zone(row: Engine) -> None:
    # Two zones for 480 households need 240 each.
    set_limits(row, 1, "100-260")
    serve(row, {FIRST: 1, SECOND: 2, THIRD: 3})
    change(row, f"UPDATE person SET zone_capacity = 0 WHERE code = '{WEST}-P02'")
    report = mend(row)

    assert [zone.code for zone in report.zones] == [FIRST, THIRD]
    assert {entry["from_zone"] for entry in report.changes} == {SECOND}
    assert len(report.changes) == 4


def test_a_post_that_ended_ends_the_zone_unless_somebody_else_is_free(row: Engine) -> None:
    set_limits(row, 1, "100-260")
    serve(row, {FIRST: 1, SECOND: 2, THIRD: 3})
    change(
        row,
        f"UPDATE post SET valid = daterange('2024-01-01', '2024-06-01') WHERE person_code = '{WEST}-P02'",
    )
    # P02 still lives here with room for one zone: it needs an appointment, not a rebalance.
    assert mend(row).changes == ()
    change(row, f"UPDATE person SET zone_capacity = 0 WHERE code = '{WEST}-P02'")
    assert len(mend(row).zones) == 2


def serve(engine: Engine, chiefs: dict[str, int]) -> None:
    for zone, person in chiefs.items():
        change(
            engine,
            "INSERT INTO post (zone_id, person_code, community_code, walk_distance_m, valid)"
            f" SELECT id, '{WEST}-P{person:02d}', community_code, 0, '[2024-01-01,)' FROM zone"
            f" WHERE plan_id = 1 AND code = '{zone}'",
        )


def test_pairs_hold_in_what_continues_the_plan(row: Engine) -> None:
    third, fourth = buildings(3, 4)
    wished = json.dumps({"together": [[third, fourth], [third, "demolished since"]]})
    change(row, f"UPDATE plan SET parameters = parameters || '{wished}'")
    households(row, 1, 120)
    report = mend(row)

    # 4 may not leave 3 behind; both make the second zone 240, which passes 40 on to the third.
    assert {entry["building_code"]: entry["to_zone"] for entry in report.changes} == {
        third: SECOND,
        fourth: SECOND,
        buildings(8)[0]: THIRD,
    }


def test_locked_zones_stay_locked(row: Engine) -> None:
    change(row, f"UPDATE zone SET locked = true WHERE code = '{FIRST}'")
    households(row, 12, 120)
    report = mend(row)

    assert [zone.code for zone in report.zones if zone.locked] == [FIRST]
    assert [entry["building_code"] for entry in report.changes] == buildings(9)
    # Now the locked zone is the one that is too full, and it is not to be touched.
    households(row, 12, 40)
    households(row, 1, 120)
    assert mend(row).changes == ()


def test_what_cannot_be_mended_is_said_in_words_and_nothing_written(row: Engine) -> None:
    households(row, 1, 400)
    with pytest.raises(Infeasible) as refused:
        mend(row)
    (entry,) = refused.value.details
    assert entry["area_code"] == WEST
    assert buildings(1)[0] in entry["reason_zh"]
    assert entry["reason_en"] != entry["reason_zh"]
    with row.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM plan")).scalar_one() == 1


def test_too_few_moves_are_refused_with_how_many_are_needed(row: Engine) -> None:
    households(row, 1, 120)
    with pytest.raises(Infeasible) as refused:
        mend(row, max_moves=0)
    assert "1" in refused.value.details[0]["reason_zh"]
    assert len(mend(row, max_moves=1).changes) == 1


def test_what_cannot_be_asked_is_refused(row: Engine) -> None:
    with pytest.raises(NotFound):
        mend(row, 99)
    with pytest.raises(InvalidInput):
        mend(row, max_moves=-1)
    with pytest.raises(InvalidInput) as refused:
        mend(row, area_code=EAST)
    assert refused.value.key == "plan.not_in_area"
    for role in (Role.GIS, Role.VIEWER, Role.CHIEF):
        with pytest.raises(Forbidden):
            rebalance_plan(row, Actor("reader", role), plan_id=1)
    with pytest.raises(NotFound):
        rebalance_plan(row, Actor("planner", Role.PLANNER, SECOND_TOWN), plan_id=1)
    change(row, "UPDATE plan SET parameters = '{}'")
    with pytest.raises(InvalidInput) as refused:
        mend(row)
    assert refused.value.key == "plan.no_limits"


def test_a_published_plan_is_continued_by_a_draft(row: Engine) -> None:
    publish_plan(row, LOCAL_ADMIN, plan_id=1, from_date=date(2024, 6, 1))
    households(row, 1, 120)
    report = mend(row)

    with row.begin() as connection:
        states = connection.execute(text("SELECT id, state, parent_id FROM plan ORDER BY id")).all()
    assert [tuple(state) for state in states] == [(1, "published", None), (report.plan_id, "draft", 1)]
    assert len(report.changes) == 1


def test_stopping_writes_nothing(row: Engine) -> None:
    def stop(stage: str, done: int, total: int | None = None) -> None:
        raise Cancelled("command.cancelled")

    with pytest.raises(Cancelled):
        mend(row, progress=stop)
    with row.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM plan")).scalar_one() == 1
