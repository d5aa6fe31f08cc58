"""Lapses: from a day on nobody manages the unit, coverage falls, and a mistake is taken back."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.errors import Conflict, Forbidden, InvalidInput, NotFound
from geo_service.pipeline import ImportOptions, import_file, measure_coverage
from geo_service.pipeline.lapsing import list_lapses, record_lapse, withdraw_lapse
from tests.actors import actor, undone
from tests.pipeline.test_import_ledger import unit, write_ledger
from tests.world import EAST, SECOND_TOWN, SOUTH, TOWN, WEST, build_world, save_plan

COMPOUND = f"{WEST}-C001"
OTHER = f"{WEST}-C002"
DAY = date(2024, 12, 10)
WHY = "物业公司合同到期撤出"


@pytest.fixture
def world(engine: Engine) -> Engine:
    """Two compounds and a building in WEST, a building in EAST, one in another town; one compound served."""
    build_world(engine, {TOWN: {WEST: "ab1\nP..", EAST: "2"}, SECOND_TOWN: {SOUTH: "3"}})
    arrange(engine, COMPOUND, "in_service", "[2024-03-01,)")
    return engine


def arrange(
    engine: Engine, code: str, step: str, valid: str, *, kind: str = "compound", form: str = "professional"
) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid)"
                " VALUES (:kind, :code, left(:code, 12), :form, :step, CAST(:valid AS daterange))"
            ),
            {"kind": kind, "code": code, "step": step, "valid": valid, "form": form},
        )


def believed(engine: Engine, code: str = COMPOUND) -> list[tuple[str, str, str]]:
    """What is recorded now of a unit: form, step, days."""
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT form, step, CAST(valid AS text) FROM arrangement"
                " WHERE unit_code = :code AND upper_inf(recorded) ORDER BY lower(valid)"
            ),
            {"code": code},
        )
        return [tuple(row) for row in rows]


def lapse(engine: Engine, on: date = DAY, *, code: str = COMPOUND, who: Actor = LOCAL_ADMIN) -> dict:
    return record_lapse(engine, who, unit_code=code, on=on, reason=WHY)


def covered(engine: Engine, on: date, *, known: datetime | None = None) -> int:
    report = measure_coverage(engine, LOCAL_ADMIN, area_code=WEST, on=on, known=known)
    return report.total["units"].numerator


def test_a_unit_lapses_from_a_day_on_and_its_form_stays(world: Engine) -> None:
    told = lapse(world)

    assert (told["form"], told["step_before"], told["lapsed_on"]) == (
        "professional",
        "in_service",
        "2024-12-10",
    )
    assert believed(world) == [
        ("professional", "in_service", "[2024-03-01,2024-12-10)"),
        ("professional", "lapsed", "[2024-12-10,)"),
    ]
    assert [covered(world, day) for day in (date(2024, 12, 9), DAY)] == [1, 0]
    with world.connect() as connection:
        closed = connection.execute(
            text("SELECT step, CAST(valid AS text) FROM arrangement WHERE NOT upper_inf(recorded)")
        ).all()
    assert [tuple(row) for row in closed] == [("in_service", "[2024-03-01,)")]


def test_one_of_128_that_lapses_leaves_99_2_percent(engine: Engine) -> None:
    """Scenario D-C: 127 / 128 = 99.21875 %; of what was once covered all 128 stay."""
    build_world(engine, {TOWN: {WEST: "1"}})
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM building"))
        connection.execute(
            text(
                "INSERT INTO compound (code, community_code, name)"
                f" SELECT 'X' || n, '{WEST}', '小区' || n FROM generate_series(1, 128) n"
            )
        )
        connection.execute(
            text(
                "INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid)"
                " SELECT 'compound', code, community_code, 'star_rated', 'in_service', '[2017-11-30,)'"
                " FROM compound"
            )
        )
    record_lapse(
        engine, LOCAL_ADMIN, unit_code="X7", on=date(2017, 12, 10), reason=WHY, profile_key="zhoucun_2017"
    )
    report = measure_coverage(
        engine, LOCAL_ADMIN, area_code=TOWN, on=date(2017, 12, 31), profile_key="zhoucun_2017"
    )
    live, once = report.total["units"], report.total["units_once"]
    assert (live.numerator, live.denominator, f"{live.rate:.1%}") == (127, 128, "99.2%")
    assert (once.numerator, once.denominator) == (128, 128)
    listed = list_lapses(engine, LOCAL_ADMIN, area_code=TOWN, on=date(2017, 12, 31))
    assert (listed["by_month"], listed["lapsed_now"]) == ({"2017-12": 1}, 1)


def test_a_lapse_lasts_until_what_is_recorded_to_begin_later(world: Engine) -> None:
    arrange(world, OTHER, "in_service", "[2024-03-01,2025-01-01)")
    arrange(world, OTHER, "in_service", "[2025-06-01,)", form="basic")
    lapse(world, code=OTHER)

    assert believed(world, OTHER) == [
        ("professional", "in_service", "[2024-03-01,2024-12-10)"),
        ("professional", "lapsed", "[2024-12-10,2025-06-01)"),
        ("basic", "in_service", "[2025-06-01,)"),
    ]
    listed = list_lapses(world, LOCAL_ADMIN, area_code=WEST, on=date(2025, 12, 31))
    assert (listed["lapses"][0]["managed_again_on"], listed["lapsed_now"]) == ("2025-06-01", 0)
    earlier = list_lapses(world, LOCAL_ADMIN, area_code=WEST, on=date(2025, 5, 31))
    assert (earlier["lapses"][0]["managed_again_on"], earlier["lapsed_now"]) == (None, 1)
    assert list_lapses(world, LOCAL_ADMIN, area_code=WEST, on=date(2024, 12, 9))["lapses"] == []

    # Withdrawn, just the contract of before is there again: it ran out by itself on New Year's Day.
    withdraw_lapse(world, LOCAL_ADMIN, unit_code=OTHER)
    assert believed(world, OTHER) == [
        ("professional", "in_service", "[2024-03-01,2025-01-01)"),
        ("basic", "in_service", "[2025-06-01,)"),
    ]


def test_a_lapse_that_never_was_is_withdrawn_and_stays_known_as_it_was_believed(world: Engine) -> None:
    lapse(world)
    with world.connect() as connection:
        between = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    withdraw_lapse(world, LOCAL_ADMIN, unit_code=COMPOUND)

    assert believed(world) == [("professional", "in_service", "[2024-03-01,)")]
    assert covered(world, DAY) == 1
    assert covered(world, DAY, known=between) == 0
    assert list_lapses(world, LOCAL_ADMIN, area_code=WEST, on=DAY)["lapses"] == []
    with pytest.raises(NotFound) as again:
        withdraw_lapse(world, LOCAL_ADMIN, unit_code=COMPOUND)
    assert again.value.key == "lapse.nothing_to_withdraw"
    lapse(world)  # and it may lapse on that very day after all
    assert covered(world, DAY) == 0


def test_a_lapse_on_the_first_day_leaves_nothing_before_it(world: Engine) -> None:
    lapse(world, date(2024, 3, 1))
    assert believed(world) == [("professional", "lapsed", "[2024-03-01,)")]
    withdraw_lapse(world, LOCAL_ADMIN, unit_code=COMPOUND, on=date(2024, 3, 1))
    assert believed(world) == [("professional", "in_service", "[2024-03-01,)")]


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"code": OTHER}, "lapse.not_covered"),  # never managed
        ({"on": date(2024, 2, 29)}, "lapse.not_covered"),  # not yet managed
        ({"on": date(9999, 12, 31)}, "record.ahead"),
        ({"code": "nowhere"}, "classification.no_such_unit"),
    ],
)
def test_only_what_is_covered_lapses(world: Engine, given: dict[str, object], key: str) -> None:
    with pytest.raises((Conflict, InvalidInput, NotFound)) as refused:
        lapse(world, **given)
    assert refused.value.key == key
    assert believed(world) == [("professional", "in_service", "[2024-03-01,)")]


def test_what_is_planned_only_or_lapsed_cannot_lapse(world: Engine) -> None:
    arrange(world, OTHER, "assigned", "[2024-03-01,)")
    with pytest.raises(Conflict) as planned:
        lapse(world, code=OTHER)
    assert planned.value.key == "lapse.not_covered"
    lapse(world)
    with pytest.raises(Conflict) as again:
        lapse(world, date(2024, 12, 20))
    assert again.value.key == "lapse.lapsed_already"
    with pytest.raises(InvalidInput) as blank:
        record_lapse(world, LOCAL_ADMIN, unit_code=COMPOUND, on=DAY, reason="  ")
    assert blank.value.key == "record.blank"


def test_a_building_that_a_zone_serves_has_not_lapsed(world: Engine) -> None:
    building = f"{WEST}-B0003"
    arrange(world, building, "in_service", "[2024-03-01,)", kind="building", form="basic")
    save_plan(
        world, WEST, {f"{WEST}001": [building]}, effective_from=date(2024, 6, 1),
        chiefs={f"{WEST}001": f"{WEST}-P01"},
    )  # fmt: skip
    with pytest.raises(Conflict) as refused:
        lapse(world, code=building)
    assert refused.value.key == "lapse.zone_serves"
    assert lapse(world, date(2024, 5, 31), code=building)["form"] == "basic"


def test_a_lapsed_building_is_zoned_again(world: Engine) -> None:
    building = f"{WEST}-B0003"
    arrange(world, building, "in_service", "[2024-03-01,)", kind="building", form="basic")
    wanted = text("SELECT code FROM buildings_to_zone('2024-12-31') WHERE community_code = :area")
    with world.connect() as connection:
        assert connection.execute(wanted, {"area": WEST}).scalars().all() == []
    lapse(world, code=building)
    with world.connect() as connection:
        assert connection.execute(wanted, {"area": WEST}).scalars().all() == [building]


def ledger(path: Path, start: str | None, step: str = "已进驻") -> Path:
    row = unit(COMPOUND, **{"小区名称": f"compound {COMPOUND}", "专业化物业": "√", "进展": step})
    row["社区"] = WEST
    if start is not None:
        row["进驻日期"] = start
    return write_ledger(path, [row])


@pytest.mark.parametrize("start", [None, "2024-03-01", "2024-12-10"])
def test_the_same_ledger_read_again_does_not_undo_a_lapse(
    world: Engine, tmp_path: Path, start: str | None
) -> None:
    lapse(world)
    after = believed(world)
    import_file(
        world, LOCAL_ADMIN, kind="ledger", path=ledger(tmp_path / "台账.xlsx", start),
        options=ImportOptions(rejects_dir=tmp_path),
    )  # fmt: skip
    assert believed(world) == after


def test_a_ledger_with_a_later_start_manages_the_unit_again(world: Engine, tmp_path: Path) -> None:
    lapse(world)
    import_file(
        world, LOCAL_ADMIN, kind="ledger", path=ledger(tmp_path / "台账.xlsx", "2025-02-01"),
        options=ImportOptions(rejects_dir=tmp_path),
    )  # fmt: skip
    assert believed(world) == [
        ("professional", "in_service", "[2024-03-01,2024-12-10)"),
        ("professional", "lapsed", "[2024-12-10,2025-02-01)"),
        ("professional", "in_service", "[2025-02-01,)"),
    ]
    withdraw_lapse(world, LOCAL_ADMIN, unit_code=COMPOUND)
    assert believed(world) == [
        ("professional", "in_service", "[2024-03-01,2025-02-01)"),
        ("professional", "in_service", "[2025-02-01,)"),
    ]


def test_a_lapse_recorded_while_a_ledger_comes_in_stops_neither(world: Engine, tmp_path: Path) -> None:
    """The import is as of its beginning; what is recorded meanwhile is later, and is closed later."""
    row = unit(COMPOUND, **{"简易物业": "√", "进展": "已进驻", "进驻日期": "2024-12-20", "社区": WEST})

    def meanwhile(what: str, done: int, total: int | None = None) -> None:
        if (what, done) == ("import.writing", 0):
            lapse(world)

    report = import_file(
        world, LOCAL_ADMIN, kind="ledger", path=write_ledger(tmp_path / "台账.xlsx", [row]),
        options=ImportOptions(rejects_dir=tmp_path), progress=meanwhile,
    )  # fmt: skip
    assert (report.updated, report.rejected) == (1, 0)
    assert believed(world) == [
        ("professional", "in_service", "[2024-03-01,2024-12-10)"),
        ("professional", "lapsed", "[2024-12-10,2024-12-20)"),
        ("basic", "in_service", "[2024-12-20,)"),
    ]


def test_scopes_and_roles_hold(world: Engine) -> None:
    for who in (actor(Role.PLANNER, SECOND_TOWN), actor(Role.PLANNER, EAST)):
        with pytest.raises(NotFound):
            lapse(world, who=who)
    with pytest.raises(Forbidden):
        lapse(world, who=actor(Role.GIS))
    lapse(world, who=actor(Role.PLANNER, TOWN))
    with pytest.raises(NotFound):
        withdraw_lapse(world, actor(Role.PLANNER, SECOND_TOWN), unit_code=COMPOUND)
    with pytest.raises(NotFound):
        list_lapses(world, actor(Role.PLANNER, SECOND_TOWN), area_code=TOWN, on=DAY)
    with pytest.raises(Forbidden):
        list_lapses(world, actor(Role.VIEWER), area_code=TOWN, on=DAY)
    with undone(world, actor(Role.PLANNER, SECOND_TOWN)) as connection:
        assert connection.execute(text("SELECT count(*) FROM lapse")).scalar_one() == 0
    with world.connect() as connection:
        trail = connection.execute(
            text("SELECT actor, action, after ->> 'reason' FROM audit WHERE table_name = 'lapse'")
        ).all()
    assert [tuple(row) for row in trail] == [(f"planner-{TOWN}", "insert", WHY)]
