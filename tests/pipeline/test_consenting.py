"""Consent rounds: 90 of 180 pass where the rule is inclusive, both tallies are kept, bad input is refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from importlib.resources import files

import pytest
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Role
from geo_service.errors import Conflict, Forbidden, InvalidInput, NotFound
from geo_service.pipeline.compound_plans import consult_owners, draft_plan
from geo_service.pipeline.consenting import list_rounds, record_round, withdraw_round
from geo_service.pipeline.policies import adopt_profile
from tests.actors import actor
from tests.world import EAST, SECOND_TOWN, SOUTH, TOWN, WEST, build_world

COMPOUND = f"{WEST}-C001"
ZHOUCUN = "zhoucun_2017"
PROPOSAL = "改为简易物业管理，每月每户 10 元"


@pytest.fixture
def world(engine: Engine) -> Engine:
    """A compound and a building in WEST, a building in EAST of the same town, one in another town."""
    build_world(engine, {TOWN: {WEST: "aa1", EAST: "2"}, SECOND_TOWN: {SOUTH: "3"}})
    return engine


@pytest.fixture(scope="module")
def shared_world(module_engine: Engine) -> Engine:
    """The same compound for the tests that keep nothing."""
    build_world(module_engine, {TOWN: {WEST: "aa1"}})
    return module_engine


def ask(engine: Engine, who=LOCAL_ADMIN, **changes: object) -> dict[str, object]:
    given = {
        "unit_code": COMPOUND,
        "proposal": PROPOSAL,
        "began": date(2017, 11, 1),
        "ended": date(2017, 11, 10),
        "heads": (90, 180),
        "area_m2": (Decimal("7000.5"), Decimal("15000")),
        "profile_key": ZHOUCUN,
        **changes,
    }
    return record_round(engine, who, **given)  # type: ignore[arg-type]


def test_half_of_the_owners_are_enough_where_the_rule_is_inclusive(world: Engine) -> None:
    """Scenario D-C: 90 of 180 is 50.0 %; the plan counts heads, so 7,000.5 of 15,000 m2 decide nothing."""
    told = ask(world)

    assert told["passes"] is True
    assert (told["profile"], told["version"]) == (ZHOUCUN, 3)
    assert told["clause"] == {
        "plan": "2017年周村区住宅小区物业管理全覆盖工作实施方案",
        "section": "三、（二）1",
    }
    assert ask(world, heads=(89, 180), began=date(2017, 11, 2))["passes"] is False
    listed = list_rounds(world, LOCAL_ADMIN, area_code=TOWN)
    assert (listed["passed"], listed["not_passed"]) == (1, 1)
    kept = listed["rounds"][0]
    assert kept["heads"] == {"agree": 90, "all": 180}
    assert kept["area_m2"] == {"agree": 7000.5, "all": 15000.0}
    assert (kept["proposal"], kept["began"], kept["ended"]) == (PROPOSAL, "2017-11-01", "2017-11-10")
    assert (kept["rule"]["percent"], kept["rule"]["inclusive"], kept["rule"]["tally"]) == (50, True, "heads")
    assert kept["clause"] == told["clause"]


STRICT = [
    ("heads", (90, 180), (15000, 15000), False),  # just half is not more than half
    ("heads", (91, 180), (0, 15000), True),
    ("area", (180, 180), (7500, 15000), False),
    ("area", (0, 180), ("7500.000001", 15000), True),
    ("both", (91, 180), (7500, 15000), False),
    ("both", (91, 180), (7501, 15000), True),
]


@pytest.mark.parametrize("tally", ["heads", "area", "both"])
def test_just_half_fails_where_the_rule_is_strict(shared_world: Engine, tally: str) -> None:
    document = files("geo_service.planning.policy").joinpath(f"profiles/{ZHOUCUN}.toml").read_text("utf-8")
    strict = document.replace("inclusive = true", "inclusive = false")
    assert strict != document
    strict = strict.replace('tally = "heads"', f'tally = "{tally}"')
    adopt_profile(shared_world, LOCAL_ADMIN, key=f"strict_{tally}", document=strict)

    asked = [case for case in STRICT if case[0] == tally]
    assert asked
    for day, (_, heads, area, passes) in enumerate(asked, start=1):
        told = ask(
            shared_world, heads=heads, area_m2=tuple(map(Decimal, area)), profile_key=f"strict_{tally}",
            began=date(2016, 5, day), proposal=tally,
        )  # fmt: skip
        assert (told["passes"], told["rule"]["inclusive"]) == (passes, False), (heads, area)
        withdraw_round(shared_world, LOCAL_ADMIN, round_id=told["id"])


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"heads": (181, 180)}, "consent.more_than_all"),
        ({"area_m2": (Decimal("15000.1"), Decimal(15000))}, "consent.more_than_all"),
        ({"heads": (-1, 180)}, "consent.negative"),
        ({"heads": (0, -5)}, "consent.negative"),
        ({"area_m2": (Decimal(-1), Decimal(1))}, "consent.negative"),
        ({"heads": (0, 0)}, "consent.nobody_asked"),
        ({"area_m2": (Decimal(0), Decimal(0))}, "consent.nobody_asked"),
        ({"area_m2": (Decimal("NaN"), Decimal(1))}, "consent.not_a_number"),
        ({"area_m2": (Decimal(1), Decimal("Infinity"))}, "consent.not_a_number"),
        ({"area_m2": (Decimal("1e-300"), Decimal(1))}, "consent.not_a_number"),
        ({"heads": (1, 10**12)}, "consent.too_many"),
        ({"began": date(2017, 11, 11)}, "record.backwards"),
        ({"ended": date(9999, 12, 31)}, "record.ahead"),
        ({"proposal": " \n"}, "record.blank"),
        ({"proposal": "改\0"}, "record.unreadable"),
        ({"proposal": "改" * 4001}, "record.too_long"),
        ({"unit_code": "nowhere"}, "classification.no_such_unit"),
        ({"unit_code": f"{WEST}-B0001"}, "classification.no_such_unit"),  # a compound's building
        ({"unit_code": "\0"}, "record.unreadable"),
        ({"form": "roving"}, "classification.unknown_form"),  # a form, but none of this plan's
        ({"profile_key": "county_2024"}, "consent.no_rule"),
        ({"profile_key": "nowhere"}, "policy.unknown"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_not_kept(
    shared_world: Engine, change: dict[str, object], key: str
) -> None:
    with pytest.raises((InvalidInput, NotFound)) as refused:
        ask(shared_world, **change)
    assert refused.value.key == key
    assert refused.value.what("zh")
    assert list_rounds(shared_world, LOCAL_ADMIN, area_code=TOWN)["rounds"] == []


def test_a_round_told_wrongly_is_withdrawn_and_stays_as_history(world: Engine) -> None:
    first = ask(world)["id"]
    with pytest.raises(Conflict) as twice:
        ask(world, heads=(91, 180))
    assert twice.value.key == "consent.told_already"
    withdraw_round(world, LOCAL_ADMIN, round_id=first)
    second = ask(world, heads=(91, 180))

    (listed,) = list_rounds(world, LOCAL_ADMIN, area_code=WEST)["rounds"]
    assert (listed["id"], listed["heads"]["agree"]) == (second["id"], 91)
    with pytest.raises(NotFound):
        withdraw_round(world, LOCAL_ADMIN, round_id=first)
    with world.connect() as connection:
        kept = connection.execute(
            text("SELECT heads_agree, upper_inf(recorded) FROM consent_round ORDER BY id")
        ).all()
        trail = connection.execute(
            text("SELECT action, row_key FROM audit WHERE table_name = 'consent_round' ORDER BY id")
        ).all()
    assert [tuple(row) for row in kept] == [(90, False), (91, True)]
    assert [row.action for row in trail] == ["insert", "update", "insert"]
    assert trail[1].row_key == str(first)


def test_a_round_that_carries_a_plan_is_not_withdrawn(world: Engine) -> None:
    draft_plan(
        world, LOCAL_ADMIN, unit_code=COMPOUND, form="basic", measures="门卫、保洁", on=date(2017, 11, 1),
        profile_key=ZHOUCUN,
    )  # fmt: skip
    number = ask(world)["id"]
    consult_owners(world, LOCAL_ADMIN, unit_code=COMPOUND, round_id=number)
    with pytest.raises(Conflict) as refused:
        withdraw_round(world, LOCAL_ADMIN, round_id=number)
    assert refused.value.key == "consent.carries_a_plan"


def test_scopes_and_roles_hold(world: Engine) -> None:
    number = ask(world)["id"]
    other_street, here = actor(Role.PLANNER, SECOND_TOWN), actor(Role.PLANNER, TOWN)
    with pytest.raises(NotFound):
        ask(world, other_street, began=date(2017, 11, 3))
    with pytest.raises(NotFound):
        withdraw_round(world, other_street, round_id=number)
    with pytest.raises(NotFound):
        list_rounds(world, other_street, area_code=TOWN)
    assert list_rounds(world, other_street, area_code=SECOND_TOWN)["rounds"] == []
    for who in (actor(Role.VIEWER), actor(Role.CHIEF, WEST)):
        with pytest.raises(Forbidden):
            list_rounds(world, who, area_code=TOWN)
    with pytest.raises(Forbidden):
        ask(world, actor(Role.GIS, TOWN), began=date(2017, 11, 3))
    assert len(list_rounds(world, actor(Role.GIS, WEST), area_code=WEST)["rounds"]) == 1
    assert ask(world, here, began=date(2017, 11, 3))["passes"]
