"""Per-compound plans: drafted, consulted, carried out or failed; failing brings the government fallback."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Role
from geo_service.errors import Conflict, Forbidden, InvalidInput, NotFound
from geo_service.pipeline import ImportOptions, import_file
from geo_service.pipeline.compound_plans import (
    carry_out_plan,
    consult_owners,
    draft_plan,
    fail_plan,
    list_plans,
    withdraw_outcome,
)
from geo_service.pipeline.consenting import record_round
from tests.actors import actor, undone
from tests.pipeline.test_import_ledger import unit, write_ledger
from tests.pipeline.test_lapsing import arrange, believed
from tests.world import EAST, SECOND_TOWN, SOUTH, TOWN, WEST, build_world

COMPOUND = f"{WEST}-C001"
OTHER = f"{EAST}-C001"
ZHOUCUN = "zhoucun_2017"
DRAFTED, ENDED, DECIDED = date(2017, 11, 5), date(2017, 11, 15), date(2017, 11, 25)


@pytest.fixture
def world(engine: Engine) -> Engine:
    """A compound in WEST, one in EAST of the same town, one in another town."""
    build_world(engine, {TOWN: {WEST: "aa", EAST: "b"}, SECOND_TOWN: {SOUTH: "c"}})
    return engine


def draft(engine: Engine, who=LOCAL_ADMIN, **changes: Any) -> dict[str, Any]:
    given = {
        "unit_code": COMPOUND,
        "form": "star_rated",
        "measures": "引进三星级物业，先整修门卫室",
        "on": DRAFTED,
        "profile_key": ZHOUCUN,
        **changes,
    }
    return draft_plan(engine, who, **given)


def ask(
    engine: Engine,
    agree: int,
    *,
    unit: str = COMPOUND,
    form: str | None = None,
    ended=ENDED,
    profile: str = ZHOUCUN,
) -> int:
    told = record_round(
        engine, LOCAL_ADMIN, unit_code=unit, proposal=f"{agree} 户意见", began=date(2017, 11, 1), ended=ended,
        heads=(agree, 180), area_m2=(Decimal(1), Decimal(2)), form=form, profile_key=profile,
    )  # fmt: skip
    return told["id"]


def consulted(engine: Engine, agree: int) -> dict[str, Any]:
    draft(engine)
    return consult_owners(engine, LOCAL_ADMIN, unit_code=COMPOUND, round_id=ask(engine, agree))


def test_a_plan_that_fails_brings_basic_management_as_government_fallback(world: Engine) -> None:
    """Scenario D-C: 89 of 180 do not agree; the plan of 2017 has basic management follow (三、（二）2)."""
    assert consulted(world, 89)["agreed"] is False
    failed = fail_plan(world, LOCAL_ADMIN, unit_code=COMPOUND, on=DECIDED, reason="征求意见未过半数")

    plan = "2017年周村区住宅小区物业管理全覆盖工作实施方案"
    assert (failed["state"], failed["reason"], failed["entered_on"]) == (
        "failed", "征求意见未过半数", "2017-11-25",
    )  # fmt: skip
    assert failed["fallback"] == {
        "form": "basic",
        "step": "assigned",
        "from": "2017-11-25",
        "is_gov_fallback": True,
        "clause": {"plan": plan, "section": "二、（二）2；三、（二）2"},
    }
    (proposal,) = failed["proposals"]
    assert (proposal["key"], proposal["against"]) == ("fallback", "subdistrict")
    assert proposal["clause"] == {"plan": plan, "section": "三、（二）2"}
    assert believed(world) == [("basic", "assigned", "[2017-11-25,)")]
    listed = list_plans(world, LOCAL_ADMIN, area_code=TOWN, on=DECIDED)
    assert listed["plans"][0]["managed"] == {"form": "basic", "step": "assigned", "is_gov_fallback": True}
    assert listed["states"] == {"drafted": 0, "consulted": 0, "carried_out": 0, "failed": 1}
    before = list_plans(world, LOCAL_ADMIN, area_code=TOWN, on=date(2017, 11, 24))
    assert before["plans"][0]["managed"] is None


def test_a_draft_that_never_comes_to_the_owners_fails_too(world: Engine) -> None:
    """The plan of 2017 asks for the fallback whatever the reason (三、（二）2): here there is no money."""
    draft(world)
    failed = fail_plan(world, LOCAL_ADMIN, unit_code=COMPOUND, on=DECIDED, reason="无资金")

    assert (failed["state"], failed["reason"], failed["consent_round"]) == ("failed", "无资金", None)
    assert failed["fallback"]["form"] == "basic"
    assert failed["fallback"]["clause"]["section"] == "二、（二）2；三、（二）2"
    assert believed(world) == [("basic", "assigned", "[2017-11-25,)")]
    with pytest.raises(Conflict) as twice:
        fail_plan(world, LOCAL_ADMIN, unit_code=COMPOUND, on=DECIDED, reason="无资金")
    assert twice.value.key == "compound_plan.cannot_be_failed"
    assert draft(world, measures="第二稿", on=DECIDED)["state"] == "drafted"
    with pytest.raises(InvalidInput) as silent:
        fail_plan(world, LOCAL_ADMIN, unit_code=COMPOUND, on=DECIDED, reason=" ")
    assert silent.value.key == "record.blank"


def test_a_plan_that_owners_agreed_to_is_carried_out(world: Engine) -> None:
    assert consulted(world, 90)["state"] == "consulted"
    done = carry_out_plan(world, LOCAL_ADMIN, unit_code=COMPOUND, on=DECIDED)

    assert (done["state"], done["agreed"], done["managed"]) == ("carried_out", True, None)
    with world.connect() as connection:
        steps = connection.execute(
            text("SELECT state, entered_on, upper_inf(recorded) FROM compound_plan ORDER BY id")
        ).all()
    assert [tuple(step) for step in steps] == [
        ("drafted", DRAFTED, False),
        ("consulted", ENDED, False),
        ("carried_out", DECIDED, True),
    ]


def test_what_is_planned_gives_way_to_the_fallback(world: Engine) -> None:
    arrange(world, COMPOUND, "planned", "[2017-11-01,)", form="star_rated")
    consulted(world, 0)
    fail_plan(world, LOCAL_ADMIN, unit_code=COMPOUND, on=DECIDED, reason="无人同意")

    assert believed(world) == [
        ("star_rated", "planned", "[2017-11-01,2017-11-25)"),
        ("basic", "assigned", "[2017-11-25,)"),
    ]


@pytest.mark.parametrize(("form", "is_fallback"), [("简易物业", True), ("专业化物业", False)])
def test_a_fallback_that_the_ledger_carries_on_in_its_form_is_one_still(
    world: Engine, tmp_path: Path, form: str, is_fallback: bool
) -> None:
    consulted(world, 0)
    fail_plan(world, LOCAL_ADMIN, unit_code=COMPOUND, on=DECIDED, reason="无人同意")
    row = unit(COMPOUND, **{form: "√", "进展": "已进驻", "进驻日期": "2017-12-01", "社区": WEST})
    import_file(
        world, LOCAL_ADMIN, kind="ledger", path=write_ledger(tmp_path / "台账.xlsx", [row]),
        options=ImportOptions(rejects_dir=tmp_path),
    )  # fmt: skip

    found = [
        list_plans(world, LOCAL_ADMIN, area_code=WEST, on=on)["plans"][0]["managed"]
        for on in (date(2017, 11, 30), date(2017, 12, 1))
    ]
    assert [(each["step"], each["is_gov_fallback"]) for each in found] == [
        ("assigned", True),
        ("in_service", is_fallback),
    ]


def test_what_is_covered_stays_as_it_is(world: Engine) -> None:
    arrange(world, COMPOUND, "in_service", "[2017-11-01,)", form="socialised")
    consulted(world, 0)
    failed = fail_plan(world, LOCAL_ADMIN, unit_code=COMPOUND, on=DECIDED, reason="无人同意")

    assert failed["fallback"] is None
    assert failed["managed"]["is_gov_fallback"] is False
    assert believed(world) == [("socialised", "in_service", "[2017-11-01,)")]


def test_a_profile_without_a_fallback_has_nothing_follow(world: Engine) -> None:
    draft(world, form="professional", profile_key="meihekou_2021")
    consult_owners(world, LOCAL_ADMIN, unit_code=COMPOUND, round_id=ask(world, 0, profile="meihekou_2021"))
    failed = fail_plan(world, LOCAL_ADMIN, unit_code=COMPOUND, on=DECIDED, reason="无人同意")

    assert (failed["fallback"], failed["proposals"], believed(world)) == (None, [], [])


def test_states_follow_each_other_in_one_order_only(world: Engine) -> None:
    with pytest.raises(NotFound) as none:
        carry_out_plan(world, LOCAL_ADMIN, unit_code=COMPOUND, on=DECIDED)
    assert none.value.key == "compound_plan.unknown"

    draft(world)
    with pytest.raises(Conflict) as early:
        carry_out_plan(world, LOCAL_ADMIN, unit_code=COMPOUND, on=DECIDED)
    assert early.value.key == "compound_plan.cannot_be_carried_out"

    rejected = ask(world, 89)
    consult_owners(world, LOCAL_ADMIN, unit_code=COMPOUND, round_id=rejected)
    with pytest.raises(Conflict) as twice:
        consult_owners(world, LOCAL_ADMIN, unit_code=COMPOUND, round_id=rejected)
    assert twice.value.key == "compound_plan.cannot_be_consulted"
    with pytest.raises(Conflict) as disagreed:
        carry_out_plan(world, LOCAL_ADMIN, unit_code=COMPOUND, on=DECIDED)
    assert disagreed.value.key == "compound_plan.not_agreed"
    for day, key in ((date(2017, 11, 14), "record.backwards"), (date(9999, 12, 31), "record.ahead")):
        with pytest.raises(InvalidInput) as refused:
            fail_plan(world, LOCAL_ADMIN, unit_code=COMPOUND, on=day, reason="因")
        assert refused.value.key == key
    assert draft(world, measures="第二稿", on=DECIDED)["state"] == "drafted"
    (present,) = list_plans(world, LOCAL_ADMIN, area_code=WEST, on=DECIDED)["plans"]
    assert (present["measures"], present["consent_round"]) == ("第二稿", None)


def test_a_plan_rests_on_a_round_of_its_own(world: Engine) -> None:
    draft(world)
    for number, key in (
        (ask(world, 100, unit=OTHER), "compound_plan.other_unit"),
        (ask(world, 101, form="basic"), "compound_plan.other_form"),
        (ask(world, 102, ended=date(2017, 11, 4)), "record.backwards"),
        (ask(world, 104, profile="meihekou_2021"), "compound_plan.other_profile"),
        (10**15, "consent.unknown"),
    ):
        with pytest.raises((InvalidInput, NotFound)) as refused:
            consult_owners(world, LOCAL_ADMIN, unit_code=COMPOUND, round_id=number)
        assert refused.value.key == key
    good = ask(world, 103, form="star_rated")
    assert consult_owners(world, LOCAL_ADMIN, unit_code=COMPOUND, round_id=good)["consent_round"] == good


def test_a_plan_whose_profile_has_no_rule_of_consent_goes_by_anothers(world: Engine) -> None:
    draft(world, form="professional", profile_key="county_2024")
    assert consult_owners(world, LOCAL_ADMIN, unit_code=COMPOUND, round_id=ask(world, 90))["agreed"] is True


def test_a_draft_that_says_nothing_is_refused(world: Engine) -> None:
    for change, key in (
        ({"measures": " "}, "record.blank"),
        ({"form": "roving"}, "classification.unknown_form"),
        ({"on": date(9999, 12, 31)}, "record.ahead"),
        ({"unit_code": "nowhere"}, "classification.no_such_unit"),
        ({"profile_key": "nowhere"}, "policy.unknown"),
    ):
        with pytest.raises((InvalidInput, NotFound)) as refused:
            draft(world, **change)
        assert refused.value.key == key
    assert list_plans(world, LOCAL_ADMIN, area_code=TOWN, on=DECIDED)["plans"] == []


def fail(engine: Engine, on: date = DECIDED) -> dict[str, Any]:
    return fail_plan(engine, LOCAL_ADMIN, unit_code=COMPOUND, on=on, reason="记错了")


def withdraw(engine: Engine, who=LOCAL_ADMIN) -> dict[str, Any]:
    return withdraw_outcome(engine, who, unit_code=COMPOUND)


@pytest.mark.parametrize(
    "before",
    [
        [],
        [("star_rated", "planned", "[2017-11-01,)")],
        [("star_rated", "planned", "[2017-11-25,)")],
        [("star_rated", "planned", "[2017-11-01,2018-03-01)"), ("socialised", "in_service", "[2018-03-01,)")],
        [("socialised", "in_service", "[2017-11-01,)")],
    ],
)
def test_a_failure_taken_back_leaves_the_unit_as_it_was(world: Engine, before: list[tuple]) -> None:
    for form, step, valid in before:
        arrange(world, COMPOUND, step, valid, form=form)
    plan = consulted(world, 89)
    for _ in range(2):
        fail(world)
        again = withdraw(world)
        assert believed(world) == before
    assert again["withdrawn"] == "failed"
    assert {key: again[key] for key in ("state", "entered_on", "reason", "measures", "consent_round")} == {
        key: plan[key] for key in ("state", "entered_on", "reason", "measures", "consent_round")
    }
    with world.connect() as connection:
        states = connection.execute(text("SELECT state FROM compound_plan ORDER BY id")).scalars().all()
    assert states == ["drafted", "consulted", "failed", "consulted", "failed", "consulted"]


def test_a_fallback_that_a_later_ledger_has_moved_on_is_taken_back_until_then(
    world: Engine, tmp_path: Path
) -> None:
    arrange(world, COMPOUND, "planned", "[2017-11-01,)", form="star_rated")
    consulted(world, 0)
    fail(world)
    row = unit(COMPOUND, **{"简易物业": "√", "进展": "已进驻", "进驻日期": "2017-12-01", "社区": WEST})
    import_file(
        world, LOCAL_ADMIN, kind="ledger", path=write_ledger(tmp_path / "台账.xlsx", [row]),
        options=ImportOptions(rejects_dir=tmp_path),
    )  # fmt: skip
    withdraw(world)
    assert believed(world) == [
        ("star_rated", "planned", "[2017-11-01,2017-12-01)"),
        ("basic", "in_service", "[2017-12-01,)"),
    ]


def test_what_somebody_else_recorded_for_the_day_is_not_taken_back(world: Engine, tmp_path: Path) -> None:
    consulted(world, 0)
    fail(world)
    row = unit(COMPOUND, **{"专业化物业": "√", "进展": "已落实", "进驻日期": "2017-11-25", "社区": WEST})
    import_file(
        world, LOCAL_ADMIN, kind="ledger", path=write_ledger(tmp_path / "台账.xlsx", [row]),
        options=ImportOptions(rejects_dir=tmp_path),
    )  # fmt: skip
    assert withdraw(world)["state"] == "consulted"
    assert believed(world) == [("professional", "assigned", "[2017-11-25,)")]


def test_a_completion_is_taken_back_and_only_an_outcome_can_be(world: Engine) -> None:
    with pytest.raises(NotFound):
        withdraw(world)
    consulted(world, 90)
    with pytest.raises(Conflict) as refused:
        withdraw(world)
    assert refused.value.key == "compound_plan.no_outcome"
    carry_out_plan(world, LOCAL_ADMIN, unit_code=COMPOUND, on=DECIDED)
    for who, error in ((actor(Role.PLANNER, SECOND_TOWN), NotFound), (actor(Role.GIS), Forbidden)):
        with pytest.raises(error):
            withdraw(world, who)
    assert (withdraw(world)["state"], present_state(world)) == ("consulted", "consulted")
    assert carry_out_plan(world, LOCAL_ADMIN, unit_code=COMPOUND, on=ENDED)["state"] == "carried_out"


def present_state(engine: Engine) -> str:
    (plan,) = list_plans(engine, LOCAL_ADMIN, area_code=WEST, on=DECIDED)["plans"]
    return plan["state"]


def test_scopes_and_roles_hold(world: Engine) -> None:
    draft(world, actor(Role.PLANNER, WEST))
    abroad = actor(Role.PLANNER, SECOND_TOWN)
    with pytest.raises(NotFound):
        draft(world, abroad)
    with pytest.raises(NotFound):
        consult_owners(world, abroad, unit_code=COMPOUND, round_id=ask(world, 90))
    with pytest.raises(NotFound):
        list_plans(world, abroad, area_code=TOWN, on=DECIDED)
    with pytest.raises(Forbidden):
        draft(world, actor(Role.GIS))
    with pytest.raises(Forbidden):
        list_plans(world, actor(Role.VIEWER), area_code=TOWN, on=DECIDED)
    with undone(world, actor(Role.VIEWER)) as connection:
        assert connection.execute(text("SELECT count(*) FROM compound_plan")).scalar_one() == 0
