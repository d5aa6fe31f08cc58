"""Bodies, responsible units and target letters: recorded, listed, refused in words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Role
from geo_service.errors import Conflict, Forbidden, InvalidInput, NotFound
from geo_service.pipeline.governing import dissolve_body, found_body, list_bodies, withdraw_body
from geo_service.pipeline.letters import list_letters, sign_letter, withdraw_letter
from geo_service.pipeline.responsibilities import (
    assign_responsible,
    list_responsible,
    register_responsible,
)
from geo_service.planning.governance import BodyKind
from tests.actors import actor
from tests.world import COUNTY, EAST, SECOND_TOWN, SOUTH, TOWN, WEST, build_world

COMPOUND = f"{WEST}-C001"
FOUNDED = date(2023, 5, 1)
FAR = date(9999, 12, 31)


@pytest.fixture
def world(engine: Engine) -> Engine:
    """Two compounds and a building in WEST, a compound in EAST, one in another town."""
    build_world(engine, {TOWN: {WEST: "ab1", EAST: "c"}, SECOND_TOWN: {SOUTH: "d"}})
    return engine


def found(engine: Engine, who=LOCAL_ADMIN, **changes: Any) -> dict[str, Any]:
    given = {
        "kind": BodyKind.COMMITTEE,
        "name": "第一届业主委员会",
        "founded_on": FOUNDED,
        "unit_code": COMPOUND,
        **changes,
    }
    return found_body(engine, who, **given)


def test_a_body_is_there_from_its_founding_until_the_day_it_is_dissolved(world: Engine) -> None:
    committee = found(world, filing_number="云物备〔2023〕7号")
    found(world, kind=BodyKind.PMC, name="物业管理委员会", unit_code=None, community_code=WEST)
    dissolve_body(world, LOCAL_ADMIN, body_id=committee["id"], on=date(2024, 5, 1))

    def names(on: date | None) -> list[str]:
        return [body["name"] for body in list_bodies(world, LOCAL_ADMIN, area_code=TOWN, on=on)["bodies"]]

    assert names(date(2023, 4, 30)) == []
    assert names(date(2024, 4, 30)) == ["物业管理委员会", "第一届业主委员会"]
    assert names(date(2024, 5, 1)) == ["物业管理委员会"]
    listed = list_bodies(world, LOCAL_ADMIN, area_code=WEST)["bodies"]
    assert [(body["kind"], body["unit"], body["dissolved_on"], body["filing_number"]) for body in listed] == [
        ("pmc", None, None, None),
        ("committee", COMPOUND, "2024-05-01", "云物备〔2023〕7号"),
    ]
    assert list_bodies(world, LOCAL_ADMIN, area_code=EAST)["bodies"] == []
    # The next one of the same name may follow; at the same time there is one only.
    assert found(world, founded_on=date(2024, 5, 1))["id"]
    with pytest.raises(Conflict) as twice:
        found(world, founded_on=date(2024, 6, 1))
    assert twice.value.key == "body.founded_already"


def test_bodies_of_all_five_kinds_are_kept_side_by_side(world: Engine) -> None:
    names = {
        "assembly": "业主大会",
        "committee": "业主委员会",
        "preparatory": "业主大会筹备组",
        "deliberation": "党员议事小组",
        "pmc": "物业管理委员会",
    }
    for kind, name in names.items():
        found(world, kind=BodyKind(kind), name=name)

    listed = list_bodies(world, LOCAL_ADMIN, area_code=WEST, on=FOUNDED)["bodies"]
    assert {body["kind"]: body["name"] for body in listed} == names
    assert {body["unit"] for body in listed} == {COMPOUND}


def test_a_body_that_cannot_be_is_refused(world: Engine) -> None:
    for change, key in (
        ({"name": " "}, "record.blank"),
        ({"founded_on": FAR}, "record.ahead"),
        ({"community_code": WEST}, "body.unit_or_community"),
        ({"unit_code": None}, "body.unit_or_community"),
        ({"unit_code": None, "community_code": TOWN}, "body.not_a_community"),
        ({"unit_code": None, "community_code": "nowhere"}, "area.unknown"),
        ({"unit_code": "nowhere"}, "classification.no_such_unit"),
        ({"filing_number": ""}, "record.blank"),
    ):
        with pytest.raises((InvalidInput, NotFound)) as refused:
            found(world, **change)
        assert refused.value.key == key
    number = found(world)["id"]
    for day, key in ((date(2023, 4, 30), "record.backwards"), (FAR, "record.ahead")):
        with pytest.raises(InvalidInput) as refused:
            dissolve_body(world, LOCAL_ADMIN, body_id=number, on=day)
        assert refused.value.key == key
    dissolve_body(world, LOCAL_ADMIN, body_id=number, on=FOUNDED)
    with pytest.raises(Conflict) as dissolved:
        dissolve_body(world, LOCAL_ADMIN, body_id=number, on=FOUNDED)
    assert dissolved.value.key == "body.dissolved_already"
    withdraw_body(world, LOCAL_ADMIN, body_id=number)
    for verb in (withdraw_body, lambda *who, **body: dissolve_body(*who, **body, on=FOUNDED)):
        with pytest.raises(NotFound) as gone:
            verb(world, LOCAL_ADMIN, body_id=number)
        assert gone.value.key == "body.unknown"


def say(engine: Engine, code: str, responsible: str | None) -> None:
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE compound SET responsible_unit = :said WHERE code = :code"),
            {"said": responsible, "code": code},
        )


def answered(engine: Engine, area: str = COUNTY, who=LOCAL_ADMIN) -> dict[str, list[tuple[str, str]]]:
    listed = list_responsible(engine, who, area_code=area)
    return {
        entry["code"]: [(unit["code"], unit["matched_by"]) for unit in entry["units"]]
        for entry in listed["responsible"]
    }


def test_compounds_are_found_by_the_ledgers_text_until_a_code_is_given(world: Engine) -> None:
    register_responsible(world, LOCAL_ADMIN, area_code=COUNTY, code="Z01", name="云川棉纺厂（一分厂）")
    register_responsible(world, LOCAL_ADMIN, area_code=COUNTY, code="Z02", name="云川县粮食局")
    say(world, COMPOUND, " 云川棉纺厂(一分厂) ")  # half-width brackets, blanks
    say(world, f"{WEST}-C002", "Z01")
    say(world, f"{EAST}-C001", "云川酒厂")

    assert answered(world) == {"Z01": [(COMPOUND, "name"), (f"{WEST}-C002", "name")], "Z02": []}
    (left,) = list_responsible(world, LOCAL_ADMIN, area_code=TOWN)["unregistered"]
    assert (left["name"], [unit["code"] for unit in left["units"]]) == ("云川酒厂", [f"{EAST}-C001"])

    assign_responsible(world, LOCAL_ADMIN, unit_code=COMPOUND, code="Z02")
    assign_responsible(world, LOCAL_ADMIN, unit_code=f"{WEST}-B0003", code="Z02")  # buildings have no text
    assert answered(world) == {
        "Z01": [(f"{WEST}-C002", "name")],
        "Z02": [(COMPOUND, "code"), (f"{WEST}-B0003", "code")],
    }
    assert answered(world, EAST) == {"Z01": [], "Z02": []}
    assign_responsible(world, LOCAL_ADMIN, unit_code=COMPOUND, code=None)
    assert answered(world)["Z01"][0] == (COMPOUND, "name")
    with world.connect() as connection:  # the ledger's own column is as it was
        said = connection.execute(
            text("SELECT responsible_unit FROM compound WHERE code = :code"), {"code": COMPOUND}
        ).scalar_one()
    assert said == " 云川棉纺厂(一分厂) "


def test_the_nearest_register_decides_what_a_name_means(world: Engine) -> None:
    register_responsible(world, LOCAL_ADMIN, area_code=COUNTY, code="Z01", name="供销社")
    register_responsible(world, LOCAL_ADMIN, area_code=TOWN, code="T01", name="供销社")
    say(world, COMPOUND, "供销社")
    say(world, f"{SOUTH}-C001", "供销社")

    assert answered(world) == {"T01": [(COMPOUND, "name")], "Z01": [(f"{SOUTH}-C001", "name")]}


def test_a_responsible_unit_is_renamed_and_its_former_name_stays_as_history(world: Engine) -> None:
    first = register_responsible(world, LOCAL_ADMIN, area_code=TOWN, code="T01", name="棉纺厂")
    again = register_responsible(world, LOCAL_ADMIN, area_code=TOWN, code="T01", name="棉纺厂")
    renamed = register_responsible(world, LOCAL_ADMIN, area_code=TOWN, code="T01", name="棉纺有限公司")

    assert (first["changed"], again["changed"], renamed["changed"]) == (True, False, True)
    with world.connect() as connection:
        kept = connection.execute(text("SELECT name, upper_inf(recorded) FROM responsible_unit ORDER BY id"))
        assert [tuple(row) for row in kept] == [("棉纺厂", False), ("棉纺有限公司", True)]
    for area, code, name, key in (
        (SECOND_TOWN, "T01", "粮食局", "responsible.code_taken"),
        (TOWN, "T02", "棉纺有限公司", "responsible.name_taken"),
    ):
        with pytest.raises(Conflict) as taken:
            register_responsible(world, LOCAL_ADMIN, area_code=area, code=code, name=name)
        assert taken.value.key == key
    for code, unit, key in (
        ("T09", COMPOUND, "responsible.unknown"),
        ("T01", f"{SOUTH}-C001", "responsible.unknown"),  # another town's register
        ("T01", "nowhere", "classification.no_such_unit"),
        (None, COMPOUND, "responsible.nothing_assigned"),
    ):
        with pytest.raises(NotFound) as refused:
            assign_responsible(world, LOCAL_ADMIN, unit_code=unit, code=code)
        assert refused.value.key == key


def sign(engine: Engine, giver: str, taker: str, who=LOCAL_ADMIN, **changes: Any) -> dict[str, Any]:
    given = {
        "signed_on": date(2024, 3, 20),
        "due_on": date(2024, 12, 31),
        "document_no": "云责〔2024〕1号",
        "target_percent": 100,
        **changes,
    }
    return sign_letter(engine, who, giver_code=giver, taker_code=taker, **given)


def test_letters_go_down_level_by_level_and_the_list_shows_who_has_none(world: Engine) -> None:
    sign(world, COUNTY, TOWN)
    letter = sign(world, TOWN, WEST, target_percent=None, target_count=3, due_on=date(2024, 6, 30))

    listed = list_letters(world, LOCAL_ADMIN, area_code=COUNTY)
    assert [taker["code"] for taker in listed["takers"]] == [TOWN, WEST, EAST, SECOND_TOWN, SOUTH]
    assert listed["without"] == [EAST, SECOND_TOWN, SOUTH]
    (west,) = listed["takers"][1]["letters"]
    assert (west["giver"], west["target_count"], west["target_percent"], west["due_on"]) == (
        TOWN, 3, None, "2024-06-30",
    )  # fmt: skip
    withdraw_letter(world, LOCAL_ADMIN, letter_id=letter["id"])
    assert list_letters(world, LOCAL_ADMIN, area_code=TOWN)["without"] == [WEST, EAST]
    assert list_letters(world, LOCAL_ADMIN, area_code=WEST)["without"] == [WEST]


def test_a_letter_that_cannot_be_is_refused(world: Engine) -> None:
    for giver, taker, change, key in (
        (TOWN, COUNTY, {}, "letter.giver_not_above"),
        (WEST, EAST, {}, "letter.giver_not_above"),
        (TOWN, SOUTH, {}, "letter.giver_not_above"),
        (TOWN, TOWN, {}, "letter.giver_not_above"),
        (TOWN, "nowhere", {}, "area.unknown"),
        (COUNTY, TOWN, {"target_percent": None}, "letter.percent_or_count"),
        (COUNTY, TOWN, {"target_count": 1}, "letter.percent_or_count"),
        (COUNTY, TOWN, {"target_percent": 101}, "letter.target_outside"),
        (COUNTY, TOWN, {"target_percent": None, "target_count": 0}, "letter.target_outside"),
        (COUNTY, TOWN, {"due_on": date(2024, 3, 19)}, "record.backwards"),
        (COUNTY, TOWN, {"signed_on": FAR, "due_on": FAR}, "record.ahead"),
        (COUNTY, TOWN, {"document_no": ""}, "record.blank"),
    ):
        with pytest.raises((InvalidInput, NotFound)) as refused:
            sign(world, giver, taker, **change)
        assert refused.value.key == key
    sign(world, COUNTY, TOWN)
    with pytest.raises(Conflict) as twice:
        sign(world, COUNTY, TOWN, target_percent=80)
    assert twice.value.key == "letter.signed_already"


def test_scopes_and_roles_hold(world: Engine) -> None:
    town, abroad = actor(Role.PLANNER, TOWN), actor(Role.PLANNER, SECOND_TOWN)
    number = found(world, town)["id"]
    register_responsible(world, LOCAL_ADMIN, area_code=COUNTY, code="Z01", name="粮食局")
    register_responsible(world, town, area_code=TOWN, code="T01", name="棉纺厂")
    letter = sign(world, TOWN, WEST, town)
    assign_responsible(world, town, unit_code=COMPOUND, code="Z01")  # the county's register holds here
    assert answered(world, TOWN, town) == {"T01": [], "Z01": [(COMPOUND, "code")]}
    assert answered(world, SECOND_TOWN, abroad) == {"Z01": []}

    for refused in (
        lambda: found(world, abroad),
        lambda: withdraw_body(world, abroad, body_id=number),
        lambda: dissolve_body(world, abroad, body_id=number, on=FOUNDED),
        lambda: list_bodies(world, abroad, area_code=TOWN),
        lambda: register_responsible(world, abroad, area_code=TOWN, code="S01", name="x"),
        lambda: register_responsible(world, abroad, area_code=COUNTY, code="S01", name="x"),
        lambda: assign_responsible(world, abroad, unit_code=COMPOUND, code="Z01"),
        lambda: list_responsible(world, abroad, area_code=COUNTY),
        lambda: sign(world, TOWN, EAST, abroad),
        lambda: sign(world, COUNTY, SECOND_TOWN, abroad),  # nobody gives a letter to himself
        lambda: withdraw_letter(world, abroad, letter_id=letter["id"]),
        lambda: list_letters(world, abroad, area_code=TOWN),
    ):
        with pytest.raises(NotFound):
            refused()
    with pytest.raises(NotFound):  # what the county gave, the town cannot take back
        withdraw_letter(world, town, letter_id=sign(world, COUNTY, TOWN)["id"])
    for who in (actor(Role.VIEWER), actor(Role.CHIEF, WEST)):
        for verb in (list_bodies, list_responsible, list_letters):
            with pytest.raises(Forbidden):
                verb(world, who, area_code=TOWN)
    for refused in (
        lambda: found(world, actor(Role.GIS)),
        lambda: register_responsible(world, actor(Role.GIS), area_code=TOWN, code="S01", name="x"),
        lambda: sign(world, TOWN, EAST, actor(Role.VIEWER)),
    ):
        with pytest.raises(Forbidden):
            refused()
