"""Recommended forms of real rows, and decisions against them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from time import sleep

import pytest
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.errors import Conflict, Forbidden, InvalidInput, NotFound
from geo_service.pipeline.classifying import classify_units, decide_form
from geo_service.store import decisions
from geo_service.store.session import transaction
from tests.actors import actor
from tests.world import EAST, TOWN, WEST, build_world

DAY = date(2024, 6, 30)
COMPOUND = f"{WEST}-C001"
BUILDING = f"{WEST}-B0001"


@pytest.fixture
def world(engine: Engine) -> Engine:
    """Standalone buildings of 10 to 30 households, a compound of class B in WEST and one in EAST."""
    build_world(engine, {TOWN: {WEST: "123\naa.", EAST: "4b."}})
    return engine


def rows(engine: Engine, who: Actor = LOCAL_ADMIN, **options: object) -> dict[str, dict[str, object]]:
    options = {"area_code": TOWN, "on": DAY, **options}
    return {row["code"]: row for row in classify_units(engine, who, **options).as_json()["units"]}


def test_the_county_plan_recommends_by_class(world: Engine) -> None:
    with world.begin() as connection:
        connection.execute(
            text("UPDATE compound SET responsible_unit = '云川棉纺厂' WHERE code = :code"), {"code": COMPOUND}
        )
    found = rows(world)

    assert len(found) == 6
    assert {found[code]["rule"] for code in found if "-B" in code} == {"single_building"}
    assert found[BUILDING]["forms"] == ["roving"]
    assert found[COMPOUND]["forms"] == ["professional", "responsible_unit"]
    assert (found[COMPOUND]["arranged_by"], found[COMPOUND]["readings"]) == (["responsible_unit"], ["where"])
    assert found[COMPOUND]["clause"]["section"] == "三、（二）"
    assert found[f"{EAST}-C001"]["forms"][0] == "committee_self"


def test_the_plan_of_2020_is_silent_between_its_bands(world: Engine) -> None:
    """Scenario D-B's twelve numbers of households, as rows of the database."""
    numbers = [99, 100, 101, 150, 199, 200, 300, 301, 350, 399, 400, 401]
    with world.begin() as connection:
        for number in numbers:
            connection.execute(
                text(
                    "INSERT INTO compound (code, community_code, name, household_count)"
                    f" VALUES ('{WEST}-N{number}', '{WEST}', '小区{number}', {number})"
                )
            )
    found = rows(world, area_code=WEST, profile_key="luolong_2020")

    undefined = {
        number for number in numbers if found[f"{WEST}-N{number}"]["verdict"] == "UNDEFINED_BY_POLICY"
    }
    assert undefined == {101, 150, 199, 301, 350, 399}
    assert [found[f"{WEST}-N{number}"]["rule"] for number in (99, 100, 200, 300, 400, 401)] == [
        "small", "small", "medium", "medium", "large", "large",
    ]  # fmt: skip
    assert found[f"{WEST}-N100"]["is_open"]


def test_what_its_employer_manages_goes_by_ownership(world: Engine) -> None:
    with world.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid) VALUES"
                f" ('compound', '{COMPOUND}', '{WEST}', 'employer_managed', 'in_service', '[2020-01-01,)')"
            )
        )
    found = rows(world, profile_key="luolong_2020")[COMPOUND]

    assert (found["rule"], found["also"], found["is_transition"]) == ("employer", "small", True)
    before = rows(world, profile_key="luolong_2020", on=date(2019, 12, 31))[COMPOUND]
    assert before["rule"] == "small"


def test_what_the_ledger_does_not_say_is_asked_for(world: Engine) -> None:
    found = rows(world, profile_key="zhoucun_2017")

    assert found[BUILDING]["forms"] == ["basic"]  # of no compound, whatever else
    assert (found[COMPOUND]["verdict"], found[COMPOUND]["missing"]) == ("NEEDS_FACTS", ["type"])
    assert found[COMPOUND]["forms"] == []


def test_a_decision_stands_beside_the_recommendation_until_it_is_withdrawn(world: Engine) -> None:
    decide_form(world, LOCAL_ADMIN, unit_code=BUILDING, form="professional", reason=" 与邻近小区合并管理 ")
    decided = rows(world)[BUILDING]
    assert decided["forms"] == ["roving"]
    assert (decided["decision"]["form"], decided["decision"]["reason"]) == (
        "professional",
        "与邻近小区合并管理",
    )
    assert rows(world, profile_key="luolong_2020")[BUILDING]["decision"] is None

    decide_form(world, LOCAL_ADMIN, unit_code=BUILDING, form="committee_self", reason="业主大会决定")
    assert rows(world)[BUILDING]["decision"]["form"] == "committee_self"
    decide_form(world, LOCAL_ADMIN, unit_code=BUILDING, form=None, reason="")
    assert rows(world)[BUILDING]["decision"] is None
    with world.connect() as connection:
        kept = connection.execute(
            text("SELECT form, upper_inf(recorded) FROM form_decision ORDER BY id")
        ).all()
        trail = connection.execute(
            text(
                "SELECT action, after ->> 'reason' FROM audit WHERE table_name = 'form_decision' ORDER BY id"
            )
        ).all()
    assert [tuple(row) for row in kept] == [("professional", False), ("committee_self", False)]
    assert [tuple(row) for row in trail] == [
        ("insert", "与邻近小区合并管理"),
        ("update", "与邻近小区合并管理"),
        ("insert", "业主大会决定"),
        ("update", "业主大会决定"),
    ]


def test_a_unit_that_has_moved_to_another_community_is_decided_anew(world: Engine) -> None:
    decide_form(world, LOCAL_ADMIN, unit_code=BUILDING, form="professional", reason="因")
    with world.begin() as connection:
        connection.execute(
            text("UPDATE building SET community_code = :east WHERE code = :code"),
            {"east": EAST, "code": BUILDING},
        )
    decide_form(world, LOCAL_ADMIN, unit_code=BUILDING, form="committee_self", reason="因")

    with world.connect() as connection:
        kept = connection.execute(
            text("SELECT form, community_code, upper_inf(recorded) FROM form_decision ORDER BY id")
        )
        assert [tuple(row) for row in kept] == [
            ("professional", WEST, False),
            ("committee_self", EAST, True),
        ]


def test_of_two_who_decide_at_once_the_later_is_told_to_try_again(world: Engine) -> None:
    def decide(form: str) -> None:
        decide_form(world, LOCAL_ADMIN, unit_code=BUILDING, form=form, reason="因")

    with ThreadPoolExecutor(1) as elsewhere:
        with transaction(world, LOCAL_ADMIN) as connection:
            decisions.decide_form(
                connection, BUILDING, profile_key="county_2024", form="professional", reason="因", actor="one"
            )
            later = elsewhere.submit(decide, "committee_self")
            wait_for_lock(world)
        with pytest.raises(Conflict) as refused:
            later.result()
    assert refused.value.key == "database.busy"
    assert rows(world)[BUILDING]["decision"]["form"] == "professional"


def wait_for_lock(engine: Engine) -> None:
    """Until somebody waits for another's transaction to end."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    for _ in range(1_000):
        with engine.connect() as connection:
            if connection.execute(waiting).scalar_one():
                return
        sleep(0.01)
    pytest.fail("nobody waits")


@pytest.mark.parametrize(
    ("form", "reason", "unit", "key"),
    [
        ("professional", "", BUILDING, "classification.no_reason"),
        ("professional", " \n", BUILDING, "classification.no_reason"),
        ("professional", "因" * 501, BUILDING, "record.too_long"),
        ("professional", "因\x00", BUILDING, "record.unreadable"),
        ("professional", "因\ud800", BUILDING, "record.unreadable"),
        ("magic", "因", BUILDING, "classification.unknown_form"),
        ("basic", "因", BUILDING, "classification.unknown_form"),  # a form, but none of this plan's
        ("professional", "因", f"{WEST}-B0004", "classification.no_such_unit"),  # a compound's building
        ("professional", "因", "nowhere", "classification.no_such_unit"),
        (None, "", BUILDING, "classification.nothing_decided"),
    ],
)
def test_a_decision_without_grounds_is_refused(
    world: Engine, form: str | None, reason: str, unit: str, key: str
) -> None:
    with pytest.raises((InvalidInput, NotFound)) as refused:
        decide_form(world, LOCAL_ADMIN, unit_code=unit, form=form, reason=reason)
    assert refused.value.key == key


def test_scopes_hold(world: Engine) -> None:
    planner = actor(Role.PLANNER, EAST)

    assert all(code.startswith(EAST) for code in rows(world, planner, area_code=EAST))
    with pytest.raises(NotFound):
        rows(world, planner, area_code=WEST)
    with pytest.raises(NotFound):
        decide_form(world, planner, unit_code=BUILDING, form="professional", reason="因")
    for who in (actor(Role.VIEWER), actor(Role.CHIEF, EAST)):
        with pytest.raises(Forbidden):
            rows(world, who)
    with pytest.raises(Forbidden):
        decide_form(world, actor(Role.GIS), unit_code=BUILDING, form="professional", reason="因")


def test_an_area_without_units_is_an_empty_table(world: Engine) -> None:
    with world.begin() as connection:
        connection.execute(text("DELETE FROM building"))
        connection.execute(text("DELETE FROM compound"))

    assert classify_units(world, LOCAL_ADMIN, area_code=TOWN, on=DAY).as_json()["summary"] == []
