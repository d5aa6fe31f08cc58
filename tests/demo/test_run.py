"""The whole demo against a real database: scenario D-A's figures, and a second run that changes nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN
from geo_service.demo.run import run_demo
from geo_service.errors import Conflict
from geo_service.pipeline.bulletins import issue_bulletin
from geo_service.pipeline.milestones import follow_milestones

COVERED = {
    "2024-03-31": 0, "2024-04-30": 22, "2024-05-31": 47, "2024-06-30": 71, "2024-07-31": 98,
    "2024-08-31": 127, "2024-09-30": 155, "2024-10-31": 183, "2024-11-30": 206, "2024-12-31": 229,
}  # fmt: skip
WRITTEN = (
    "plan",
    "plan_publication",
    "zone",
    "zone_member",
    "post",
    "arrangement",
    "compound",
    "building",
    "audit",
)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo-output")


@pytest.fixture(scope="module")
def report(module_engine: Engine, out: Path) -> dict[str, Any]:
    return run_demo(module_engine, LOCAL_ADMIN, out=out).as_json()


def test_the_county_has_its_units(report: dict[str, Any]) -> None:
    assert report["units"] == 229
    assert report["compounds"] == 134
    assert report["standalone_buildings"] == 95
    assert [(entry["kind"], entry["rows"], entry["rejected"]) for entry in report["imports"]] == [
        ("areas", 7, 0), ("compounds", 133, 0), ("buildings", report["imports"][2]["rows"], 0),
        ("barriers", 4, 0), ("walkways", report["imports"][4]["rows"], 0),
        ("people", 19, 0), ("ledger", 229, 0),
    ]  # fmt: skip


def test_zones_keep_the_limits_and_every_one_has_a_chief_of_its_own(report: dict[str, Any]) -> None:
    by_community: dict[str, list[int]] = {}
    for zone in report["zones"]:
        by_community.setdefault(zone["community_code"], []).append(zone["households"])
    assert {code: (len(sizes), sum(sizes)) for code, sizes in by_community.items()} == {
        "990122100001": (2, 800), "990122100002": (2, 704), "990122100003": (2, 608),
        "990122100004": (2, 512), "990122100005": (1, 416),
    }  # fmt: skip
    fourth = by_community.pop("990122100004")
    assert all(250 <= households <= 262 for households in fourth)
    assert all(300 <= households <= 500 for sizes in by_community.values() for households in sizes)
    assert sum(zone["buildings"] for zone in report["zones"]) == 95
    assert [chief["zone_code"] for chief in report["chiefs"]] == [zone["code"] for zone in report["zones"]]
    assert len({chief["post_id"] for chief in report["chiefs"]}) == 9


def test_the_fourth_community_is_infeasible_and_told_what_would_do(report: dict[str, Any]) -> None:
    (entry,) = report["infeasible"]
    assert entry["community_code"] == "990122100004"
    assert "512" in entry["reason_en"]
    assert "512" in entry["reason_zh"]
    assert {"limits": "250-500", "zones": 2} in entry["nearest"]


def test_month_ends_and_milestones_are_judged_on_exact_counts(report: dict[str, Any]) -> None:
    coverage = report["coverage"]
    assert {day: figure["numerator"] for day, figure in coverage.items()} == COVERED
    assert {figure["denominator"] for figure in coverage.values()} == {229}
    judged = {
        day: (f["milestone"], f["milestone_met"]) for day, f in coverage.items() if f["milestone"] is not None
    }
    assert judged == {"2024-06-30": (30, True), "2024-10-31": (80, False), "2024-12-31": (100, True)}
    assert coverage["2024-10-31"]["rate"] == pytest.approx(183 / 229)
    june = coverage["2024-06-30"]["communities"]
    assert [(row["numerator"], row["denominator"]) for row in june.values()] == [
        (20, 61), (16, 52), (15, 47), (12, 38), (8, 31),
    ]  # fmt: skip


def test_the_files_are_there_and_can_be_opened(report: dict[str, Any], out: Path) -> None:
    names = {Path(path).name for path in report["files"]}
    assert {
        "ledger.xlsx",
        "buildings.gpkg",
        "zones.gpkg",
        "coverage.xlsx",
        "map.png",
        "zone-sheets.pdf",
    } <= names
    assert all(Path(path).stat().st_size > 0 for path in report["files"])
    assert len(PdfReader(out / "zone-sheets.pdf").pages) == 9


def test_a_second_run_changes_nothing_and_says_so(
    module_engine: Engine, report: dict[str, Any], out: Path
) -> None:
    before = _counts(module_engine)
    again = run_demo(module_engine, LOCAL_ADMIN, out=out).as_json()
    assert _counts(module_engine) == before
    assert len(again["reused_plans"]) == 2
    assert report["reused_plans"] == []
    assert {entry["inserted"] + entry["updated"] for entry in again["imports"]} == {0}
    for key in ("units", "zones", "infeasible", "chiefs", "coverage", "files"):
        assert again[key] == report[key], key


def test_an_interrupted_run_is_taken_up_where_it_stopped(
    engine: Engine, report: dict[str, Any], tmp_path: Path
) -> None:
    class Stop(Exception):
        pass

    def stop_at_the_fourth_community(stage: str, done: int, total: int | None = None) -> None:
        with engine.connect() as connection:
            if connection.execute(text("SELECT count(*) FROM plan WHERE state = 'published'")).scalar_one():
                raise Stop

    with pytest.raises(Stop):
        run_demo(engine, LOCAL_ADMIN, out=tmp_path, progress=stop_at_the_fourth_community)
    resumed = run_demo(engine, LOCAL_ADMIN, out=tmp_path).as_json()
    assert resumed["coverage"] == report["coverage"]
    assert len(resumed["reused_plans"]) == 1


def test_another_seed_over_drawn_plans_is_refused(
    module_engine: Engine, report: dict[str, Any], tmp_path: Path
) -> None:
    before = _counts(module_engine)
    with pytest.raises(Conflict) as refused:
        run_demo(module_engine, LOCAL_ADMIN, out=tmp_path, seed=1)
    assert "--seed" in refused.value.mend("en")
    assert not list(tmp_path.iterdir())
    assert _counts(module_engine) == before


def test_a_second_town_adds_data_and_leaves_the_story_alone(
    module_engine: Engine, report: dict[str, Any], tmp_path: Path
) -> None:
    bigger = run_demo(module_engine, LOCAL_ADMIN, out=tmp_path, scale=2).as_json()
    assert (bigger["units"], bigger["compounds"], bigger["standalone_buildings"]) == (458, 268, 190)
    assert bigger["coverage"] == report["coverage"]
    assert bigger["zones"] == report["zones"]


def _counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in WRITTEN
        }


def test_the_curve_of_the_county_foresees_that_october_is_missed_by_one(
    module_engine: Engine, report: dict[str, Any]
) -> None:
    """Scenario D-A: 69, 184 and 229 are asked for; on 30 September the pace leads to 183."""
    september = follow_milestones(
        module_engine, LOCAL_ADMIN, area_code=report["area"], on=date(2024, 9, 30)
    ).as_json()["total"]
    december = follow_milestones(
        module_engine, LOCAL_ADMIN, area_code=report["area"], on=date(2024, 12, 31)
    ).as_json()["total"]

    assert (september["flag"], september["next"]["required"], september["next"]["expected"]) == (
        "amber", 184, 183,
    )  # fmt: skip
    assert [(step["required"], step["numerator"], step["met"]) for step in december["steps"]] == [
        (69, 71, True), (184, 183, False), (229, 229, True),
    ]  # fmt: skip
    assert {point["date"]: point["numerator"] for point in december["points"]}.items() >= COVERED.items()


def test_the_bulletin_of_june_ranks_the_communities(module_engine: Engine, report: dict[str, Any]) -> None:
    """Scenario D-A: ranks 1, 4, 2, 3, 5; the fifth misses what is due although the town reaches it."""
    june = issue_bulletin(module_engine, LOCAL_ADMIN, area_code=report["area"], period="2024-06").as_json()

    by_code = {row["code"][-1]: row for row in june["rows"]}
    assert {place: row["rank"] for place, row in by_code.items()} == {"1": 1, "2": 4, "3": 2, "4": 3, "5": 5}
    assert [by_code[place]["meets_due"] for place in "12345"] == [True, True, True, True, False]
    assert june["due"]["met"]
    assert sum(row["change"] for row in june["rows"]) == 71 - 47
