"""Sheets of marks: 85 passes, 84.5 does not, and coverage is another matter."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Role
from geo_service.errors import Forbidden, InvalidInput, NotFound
from geo_service.pipeline import measure_coverage
from geo_service.pipeline.documents import write_scores
from geo_service.pipeline.evaluating import evaluate_unit, list_round
from tests.actors import actor
from tests.world import EAST, TOWN, WEST, build_world

UNIT = f"{WEST}-B0001"
KEYS = ("hygiene", "order", "green", "shared_parts", "parking")


@pytest.fixture
def world(engine: Engine) -> Engine:
    """Three standalone buildings in WEST, one in EAST."""
    build_world(engine, {TOWN: {WEST: "123", EAST: "4"}})
    return engine


def sheet(mark: str, *, without: tuple[str, ...] = ()) -> dict[str, Decimal]:
    return {key: Decimal(mark) for key in KEYS if key not in without}


def evaluate(
    engine: Engine, unit: str, mark: str, round: str = "final", **options: object
) -> dict[str, object]:
    options.setdefault("marks", sheet(mark))
    return evaluate_unit(engine, LOCAL_ADMIN, unit_code=unit, round=round, **options)  # type: ignore[arg-type]


def test_a_round_lists_who_passes_who_fails_and_who_is_left(world: Engine) -> None:
    """Scenario D-A: 85.0 passes, 84.5 fails, without green space the others count."""
    assert evaluate(world, f"{WEST}-B0001", "85.0")["passes"]
    assert not evaluate(world, f"{WEST}-B0002", "84.5")["passes"]
    partial = evaluate(
        world, f"{WEST}-B0003", "0", marks=sheet("90", without=("green",)), not_applicable=["green"],
    )  # fmt: skip
    assert (partial["total"], partial["left_out"]) == (90.0, ["green"])

    listed = list_round(world, LOCAL_ADMIN, area_code=TOWN, round="final")
    assert (listed["compliant"], listed["not_compliant"], listed["not_scored"]) == (2, 1, 1)
    assert listed["evaluated"] == ["responsible_unit", "subdistrict"]  # whose work it is, by 附件2 一
    assert list_round(world, LOCAL_ADMIN, area_code=TOWN, round="first")["not_scored"] == 4
    covered = measure_coverage(world, LOCAL_ADMIN, area_code=TOWN, on=date(2024, 12, 31)).total["units"]
    assert covered.numerator == 0


def test_a_sheet_written_anew_keeps_the_earlier_one_as_history(world: Engine) -> None:
    evaluate(world, UNIT, "80")
    evaluate(world, UNIT, "90")

    (row,) = [
        unit for unit in list_round(world, LOCAL_ADMIN, area_code=WEST, round="final")["units"] if unit["by"]
    ]
    assert (row["total"], row["passes"], row["marks"]["order"]) == (90.0, True, "90")
    with world.connect() as connection:
        kept = connection.execute(
            text("SELECT total, upper_inf(recorded), profile_version FROM evaluation ORDER BY id")
        ).all()
    assert [tuple(each) for each in kept] == [(80, False, 3), (90, True, 3)]


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"round": "spring"}, "evaluation.unknown_round"),
        ({"profile_key": "luolong_2020"}, "evaluation.no_scoring"),
        ({"marks": sheet("85", without=("order",))}, "evaluation.mark_missing"),
        ({"marks": sheet("101")}, "evaluation.mark_outside"),
        ({"not_applicable": ["order"]}, "evaluation.always_applies"),
        ({"not_applicable": ["music"]}, "evaluation.always_applies"),
        ({"profile_key": "nowhere"}, "policy.unknown"),
    ],
)
def test_a_wrong_sheet_is_refused_and_nothing_is_kept(
    world: Engine, options: dict[str, object], key: str
) -> None:
    with pytest.raises((InvalidInput, NotFound)) as refused:
        evaluate(world, UNIT, "85", **options)
    assert refused.value.key == key
    assert list_round(world, LOCAL_ADMIN, area_code=WEST, round="final")["not_scored"] == 3


def test_scopes_and_roles_hold(world: Engine) -> None:
    with pytest.raises(NotFound):
        evaluate_unit(world, actor(Role.PLANNER, EAST), unit_code=UNIT, round="final", marks=sheet("85"))
    with pytest.raises(Forbidden):
        evaluate_unit(world, actor(Role.GIS), unit_code=UNIT, round="final", marks=sheet("85"))
    with pytest.raises(Forbidden):
        list_round(world, actor(Role.VIEWER), area_code=TOWN, round="final")
    evaluate(world, UNIT, "85")
    assert list_round(world, actor(Role.GIS, EAST), area_code=EAST, round="final")["not_scored"] == 1


def test_scores_are_taken_away_for_the_years_assessment(world: Engine, tmp_path: Path) -> None:
    """WEST: 85 and 84.5, a mean of 84.75, and one not scored; EAST: 90 without green space."""
    evaluate(world, f"{WEST}-B0001", "85.0")
    evaluate(world, f"{WEST}-B0002", "84.5")
    evaluate(world, f"{EAST}-B0001", "0", marks=sheet("90", without=("green",)), not_applicable=["green"])
    with world.begin() as connection:
        connection.execute(text(f"UPDATE building SET name = '=1+1' WHERE code = '{WEST}-B0002'"))
    report = list_round(world, LOCAL_ADMIN, area_code=TOWN, round="final")
    for name in ("scores.csv", "scores.xlsx"):
        write_scores(report, tmp_path / name, language="zh")

    with (tmp_path / "scores.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["编码"]: row for row in csv.DictReader(file)}
    assert len(rows) == 4
    failed, east = rows[f"{WEST}-B0002"], rows[f"{EAST}-B0001"]
    assert (failed["名称"], failed["绿化养护管理"], failed["得分"], failed["达标"]) == (
        "'=1+1",
        "84.5",
        "84.5",
        "否",
    )
    assert (east["绿化养护管理"], east["得分"], east["达标"]) == ("", "90.0", "是")
    assert (rows[f"{WEST}-B0003"]["得分"], rows[f"{WEST}-B0003"]["达标"]) == ("", "未打分")
    workbook = openpyxl.load_workbook(tmp_path / "scores.xlsx")
    units, communities = workbook.worksheets
    assert [cell.value for cell in units[4]][3:9] == [
        "公共环境卫生", "公共秩序维护", "绿化养护管理", "共用部位管理", "停车管理服务", "得分",
    ]  # fmt: skip
    assert [[cell.value for cell in row] for row in communities.iter_rows(min_row=4)] == [
        [f"area {WEST}", 1, 1, 1, 84.75],
        [f"area {EAST}", 1, 0, 0, 90],
    ]
    with pytest.raises(InvalidInput):
        write_scores(report, tmp_path / "scores.pdf", language="zh")
