"""Consent, bodies, responsible units, letters, plans and lapses from the command line."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from tests.cli.conftest import Cli
from tests.world import COUNTY, EAST, TOWN, WEST

UNIT = f"{WEST}-B0001"
PROFILE = ("--profile", "zhoucun_2017")
ASK = (
    *("consent", "record", "--unit", UNIT, "--proposal", "简易物业，每月 10 元", "--began", "2017-11-01"),
    *("--ended", "2017-11-10", *PROFILE),
)
TALLIES = ("--heads", "90／180", "--floor-area", "7000.5/12345678.25")
FOUND = ("body", "found", "--kind", "committee", "--name", "业主委员会", "--on", "2023-05-01")
SIGN = ("letter", "sign", "--on", "2024-03-20", "--due", "2024-12-31", "--document-no", "1号")


def test_a_consent_round_shows_both_tallies_and_its_clause(cli: Cli, world: Engine):
    told = cli(*ASK, *TALLIES, "--json").document()
    assert (told["passes"], told["heads"], told["version"]) == (True, {"agree": 90, "all": 180}, 3)
    table = cli("consent", "list", "--area", TOWN).out
    assert all(part in table for part in ("90/180", "7000.5/12345678.25", "人数", "是", "三、（二）1"))
    assert cli("consent", "withdraw", told["id"]).code == 0
    assert cli("consent", "list", "--area", TOWN, "--json").document()["rounds"] == []


def test_a_plan_fails_into_government_fallback(cli: Cli, world: Engine):
    plan = ("compound-plan", "draft", "--unit", UNIT, "--form", "star_rated", "--measures", "整修门卫室")
    assert "已拟定" in cli(*plan, "--on", "2017-11-05", *PROFILE).out
    number = cli(*ASK, "--heads", "89/180", "--floor-area", "1/2", "--json").document()["id"]
    consulted = cli("compound-plan", "consult", "--unit", UNIT, "--round", number)
    assert "已征求意见" in consulted.out
    assert cli("compound-plan", "carry-out", "--unit", UNIT, "--on", "2017-11-20").code == 2
    failed = cli("compound-plan", "fail", "--unit", UNIT, "--on", "2017-11-25", "--reason", "未过半数")
    assert all(part in failed.out for part in ("未能实施：未过半数", "简易物业", "政府托底", "三、（二）2"))
    listed = cli("compound-plan", "list", "--area", TOWN, "--on", "2017-11-25", "--json").document()
    assert listed["plans"][0]["managed"]["is_gov_fallback"] is True
    assert "政府托底" in cli("compound-plan", "list", "--area", TOWN).out
    again = cli("compound-plan", "withdraw", "--unit", UNIT, "--json").document()
    assert (again["state"], again["withdrawn"]) == ("consulted", "failed")
    assert cli("compound-plan", "withdraw", "--unit", UNIT).code == 2


def test_a_lapse_takes_a_unit_out_of_coverage_until_it_is_withdrawn(cli: Cli, world: Engine):
    with world.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid) VALUES"
                f" ('building', '{UNIT}', '{WEST}', 'professional', 'in_service', '[2024-01-01,)')"
            )
        )

    def covered() -> int:
        report = cli("coverage", "--area", WEST, "--on", "2024-12-31", "--json").document()
        return report["total"]["units"]["numerator"]

    lapse = ("lapse", "--unit", UNIT, "--on", "2024-12-10", "--reason", "合同到期")
    assert covered() == 1
    assert "专业化物业" in cli(*lapse).out
    assert covered() == 0
    assert cli(*lapse).code == 2
    listed = cli("lapses", "--area", TOWN, "--on", "2024-12-31")
    assert all(part in listed.out for part in ("合同到期", "2024-12", "目前失管"))
    assert cli("lapse", "--unit", UNIT, "--withdraw", "--json").document()["lapsed_on"] == "2024-12-10"
    assert covered() == 1


def test_bodies_responsible_units_and_letters_are_listed(cli: Cli, world: Engine):
    number = cli(*FOUND, "--unit", UNIT, "--filing-number", "7号", "--json").document()["id"]
    assert all(part in cli("body", "list", "--area", TOWN).out for part in ("业主委员会", "7号"))
    assert cli("body", "dissolve", number, "--on", "2024-05-01").code == 0
    gone = cli("body", "list", "--area", TOWN, "--on", "2024-05-01", "--json").document()
    assert gone["bodies"] == []
    assert cli("body", "withdraw", number).code == 0

    register = ("responsible", "register", "--area", COUNTY, "--code", "Z01", "--name", "粮食局")
    assert "粮食局" in cli(*register).out
    assert cli("responsible", "assign", "--unit", UNIT, "--code", "Z01").code == 0
    assert all(part in cli("responsible", "list", "--area", WEST).out for part in ("Z01", UNIT, "编码"))
    assert cli("responsible", "assign", "--unit", UNIT, "--withdraw").code == 0

    letter = cli(*SIGN, "--giver", COUNTY, "--taker", TOWN, "--percent", 100, "--json").document()
    assert letter["target_percent"] == 100
    listed = cli("letter", "list", "--area", COUNTY)
    assert all(part in listed.out for part in ("1号", "100%", "未签订", EAST))
    assert cli("letter", "withdraw", letter["id"]).code == 0
    assert TOWN in cli("letter", "list", "--area", COUNTY, "--json").document()["without"]


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        ((*ASK, "--heads", "181/180", "--floor-area", "1/2"), "consent.more_than_all"),
        ((*ASK, "--heads", "0/0", "--floor-area", "1/2"), "consent.nobody_asked"),
        ((*ASK, "--heads", "-1/2", "--floor-area", "1/2"), "consent.negative"),
        ((*ASK, "--heads", "90", "--floor-area", "1/2"), "consent.bad_tally"),
        ((*ASK, "--heads", "1.5/2", "--floor-area", "1/2"), "consent.bad_tally"),
        ((*ASK, "--heads", "nan/2", "--floor-area", "1/2"), "consent.bad_tally"),
        ((*ASK, "--heads", "1/1e999999", "--floor-area", "1/2"), "consent.bad_tally"),
        ((*ASK, "--heads", "1/2", "--floor-area", "1/nan"), "consent.not_a_number"),
        ((*ASK[:-2], *TALLIES), "consent.no_rule"),  # the county's own plan says nothing of consent
        ((*ASK[:-3], "2017-10-31", *PROFILE, *TALLIES), "record.backwards"),
        (("consent", "withdraw", "7"), "consent.unknown"),
        (("consent", "withdraw", "9" * 30), "command.bad_value"),
        (("consent", "list", "--area", "990199000000"), "area.unknown"),
        ((*FOUND,), "body.unit_or_community"),
        ((*FOUND, "--community", TOWN), "body.not_a_community"),
        (("body", "found", "--kind", "club", "--name", "x", "--on", "2023-05-01"), "command.bad_value"),
        (("body", "dissolve", "7", "--on", "2023-05-01"), "body.unknown"),
        (("responsible", "assign", "--unit", UNIT), "responsible.code_or_withdraw"),
        (("responsible", "assign", "--unit", UNIT, "--code", "Z"), "responsible.unknown"),
        ((*SIGN, "--giver", WEST, "--taker", TOWN, "--percent", "1"), "letter.giver_not_above"),
        ((*SIGN, "--giver", TOWN, "--taker", WEST), "letter.percent_or_count"),
        (("compound-plan", "consult", "--unit", UNIT, "--round", "1"), "compound_plan.unknown"),
        (("compound-plan", "fail", "--unit", UNIT, "--on", "soon", "--reason", "x"), "command.bad_date"),
        (("lapse", "--unit", UNIT), "lapse.on_and_reason"),
        (("lapse", "--unit", UNIT, "--on", "2024-01-01"), "lapse.on_and_reason"),
        (("lapse", "--unit", UNIT, "--on", "2024-01-01", "--reason", "x"), "lapse.not_covered"),
        (("lapse", "--unit", UNIT, "--withdraw"), "lapse.nothing_to_withdraw"),
        (
            ("lapse", "--unit", "nowhere", "--on", "2024-01-01", "--reason", "x"),
            "classification.no_such_unit",
        ),
        (("lapse", "--unit", UNIT, "--on", "2024-01-01", "--reason", "a\udce4"), "record.unreadable"),
    ],
)
def test_what_cannot_be_is_refused_in_words(reading_cli: Cli, arguments: tuple[str, ...], key: str):
    run = reading_cli(*arguments, "--json")
    assert (run.code, run.document()["error"]["key"]) == (2, key)
    assert run.document()["error"]["mend_zh"]
    assert "Traceback" not in run.err
