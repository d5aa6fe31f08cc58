"""The hand-over of a plan from the command line: a table, a document, a file to meet about."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN
from geo_service.pipeline.editing import edit_plan
from geo_service.planning.editing import read_order
from tests.cli.conftest import Cli
from tests.world import EAST, TOWN, WEST, save_plan

BUILDINGS = [f"{WEST}-B{number:04d}" for number in range(1, 5)]
HEADINGS = ["社区", "楼栋编码", "名称", "户数", "原片区", "原网格长", "新片区", "新网格长"]


@pytest.fixture
def plan(world: Engine) -> int:
    """In WEST one person serves all; the draft gives the last two buildings to the other."""
    one, other = f"{WEST}-P01", f"{WEST}-P02"
    save_plan(
        world, WEST, {f"{WEST}001": BUILDINGS}, effective_from=date(2024, 6, 1), chiefs={f"{WEST}001": one}
    )
    zones = {f"{WEST}001": BUILDINGS[:2], f"{WEST}002": BUILDINGS[2:]}
    return save_plan(world, TOWN, zones, chiefs={f"{WEST}001": one, f"{WEST}002": other})


def test_a_handover_for_people_and_for_programs(cli: Cli, plan: int):
    asked = ("handover", "--plan", plan, "--from", "2024-07-01")
    document = cli(*asked, "--json").document()
    assert document["totals"] == {"buildings": 2, "households": 70, "gain": 0, "lose": 0, "change": 2}
    assert [each["code"] for each in document["buildings"]] == BUILDINGS[2:]
    told = cli(*asked)
    assert told.code == 0
    assert "2 栋楼、70 户更换网格长：2 栋交接，0 栋原来无人服务，0 栋此后无人服务" in told.out
    assert f"person {WEST}-P02" in told.out


def test_a_handover_as_a_file(cli: Cli, plan: int, environment: Path):
    for name in ("交接.csv", "交接.xlsx"):
        assert cli("handover", "--plan", plan, "--from", "2024-07-01", "--out", name).code == 0
    with (environment / "交接.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    served = [f"{WEST}001", f"person {WEST}-P01", f"{WEST}002", f"person {WEST}-P02"]
    assert rows == [
        HEADINGS,
        [f"area {WEST}", BUILDINGS[2], f"building {BUILDINGS[2]}", "30", *served],
        [f"area {WEST}", BUILDINGS[3], f"building {BUILDINGS[3]}", "40", *served],
    ]
    workbook = openpyxl.load_workbook(environment / "交接.xlsx")
    by_chief = list(workbook.worksheets[1].values)
    assert (f"person {WEST}-P01", 2, 0) in by_chief
    assert (f"person {WEST}-P02", 0, 2) in by_chief


@pytest.mark.parametrize(
    ("key", "more"),
    [
        ("command.bad_date", ("--from", "2024-02-30")),
        ("plan.publication_overlaps", ("--from", "2024-06-01")),
        ("plan.not_in_area", ("--from", "2024-07-01", "--area", EAST)),
        ("area.unknown", ("--from", "2024-07-01", "--area", "nowhere")),
        ("export.unknown_format", ("--from", "2024-07-01", "--out", "list.pdf")),
    ],
)
def test_bad_questions_are_answered_in_words(cli: Cli, plan: int, key: str, more: tuple[str, ...]):
    refused = cli("handover", "--plan", plan, *more, "--json")
    assert refused.code == 2
    assert key in refused.out + refused.err


def test_a_plan_that_breaks_its_rules_is_published_for_a_reason_alone(cli: Cli, world: Engine):
    drawn = cli("zone", "--area", WEST, "--target", "100-100", "--json").document()["plan_id"]
    left_out = read_order({"kind": "assign", "zone": None, "buildings": [BUILDINGS[3]]})
    edit_plan(world, LOCAL_ADMIN, plan_id=drawn, order=left_out)
    asked = ("publish", "--plan", drawn, "--from", "2024-07-01", "--json")
    refused = cli(*asked)
    assert refused.code == 2
    problem = refused.document()["error"]
    assert problem["key"] == "plan.breaks_rules"
    # The last building's 40 households wait for a zone; the zone has 60 of the 100 it should have.
    assert {each["rule"] for each in problem["details"]} == {"unassigned", "under"}
    assert cli(*asked, "--override", "  ").code == 2
    assert cli(*asked, "--override", "先行服务").code == 0
    with world.connect() as connection:
        (kept,) = connection.execute(
            text("SELECT edit->>'reason' FROM plan_edit WHERE plan_id = :plan AND kind = 'publish'"),
            {"plan": drawn},
        ).scalars()
    assert kept == "先行服务"
