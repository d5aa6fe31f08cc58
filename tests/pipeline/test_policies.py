"""Profiles of the deployment's own: adopted, used, and never rewritten."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Role
from geo_service.errors import Conflict, Forbidden, InvalidInput, NotFound
from geo_service.pipeline import export_layers, measure_coverage
from geo_service.pipeline.bulletins import correct_bulletin, issue_bulletin, read_bulletin
from geo_service.pipeline.classifying import classify_units
from geo_service.pipeline.milestones import follow_milestones
from geo_service.pipeline.policies import adopt_profile, list_profiles, read_one_profile, use_profile
from geo_service.planning.policy.classify import UNDEFINED_BY_POLICY
from geo_service.publish.load import load_layers
from geo_service.resources import layers_dir
from tests.actors import actor
from tests.planning.test_policy import DOCUMENT
from tests.world import TOWN, WEST, build_world


@pytest.fixture
def world(engine: Engine) -> Engine:
    """Three standalone buildings, and a compound in service from May 2024 on."""
    build_world(engine, {TOWN: {WEST: "123\naa."}})
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid)"
                f" VALUES ('compound', '{WEST}-C001', '{WEST}', 'basic', 'in_service', '[2024-05-01,)')"
            )
        )
    return engine


def test_the_five_plans_are_there_and_the_county_plan_is_used(world: Engine) -> None:
    listed = list_profiles(world, LOCAL_ADMIN)

    assert len(listed) == 5
    assert [each.profile.key for each in listed if each.in_use] == ["county_2024"]
    assert all(each.is_shipped for each in listed)


def test_a_sixth_district_judges_by_its_own_profile(world: Engine) -> None:
    """Other bands, other dates, other thresholds: no change of code."""
    adopt_profile(world, LOCAL_ADMIN, key="sixth", document=DOCUMENT.replace("percent = 30", "percent = 25"))
    use_profile(world, LOCAL_ADMIN, key="sixth")
    report = measure_coverage(world, LOCAL_ADMIN, area_code=WEST, on=date(2024, 6, 30))

    # 1 of 4 is 25 %: just enough, where the county plan would ask for 30 %
    assert report.profile.key == "sixth"
    assert report.judgement is not None
    assert (report.judgement.milestone.percent, report.judgement.required, report.judgement.met) == (
        25,
        1,
        True,
    )
    county = measure_coverage(
        world, LOCAL_ADMIN, area_code=WEST, on=date(2024, 6, 30), profile_key="county_2024"
    )
    assert county.judgement is not None
    assert (county.judgement.required, county.judgement.met) == (2, False)


SEVENTH = (
    DOCUMENT.replace('measure = "units"\nbase = "unmanaged_baseline"', 'measure = "households"\nbase = "all"')
    .replace(
        'title_en = "Coverage"\n',
        'title_en = "Coverage"\nmeasure = "households"\nbase = "all"\nkind = "incremental"\n',
    )
    .replace("date = 2024-06-30\npercent = 30", "date = 2024-03-31\npercent = 25")
    .replace("date = 2024-10-31\npercent = 80", "date = 2024-09-30\npercent = 75")
    .replace('key = "small"\nat_most = 100', 'key = "small"\nat_most = 19')
    .replace('key = "large"\nat_least = 101', 'key = "large"\nat_least = 30')
    .replace('covered_from = "in_service"', 'covered_from = "assigned"')
)


def test_a_district_of_another_kind_needs_no_change_of_code(world: Engine) -> None:
    """By households of all units, in yearly shares, from "assigned" on, with bands that leave 20-29 open.

    The buildings have 10, 20 and 30 households, the compound 60 and is served: 60 of 120 by the end of
    September, where 25 + 75 = 100 % are asked for; in March 0 of 30.
    """
    adopt_profile(world, LOCAL_ADMIN, key="seventh", document=SEVENTH)
    use_profile(world, LOCAL_ADMIN, key="seventh")

    def judged(on: date) -> tuple[object, ...]:
        judgement = measure_coverage(world, LOCAL_ADMIN, area_code=WEST, on=on).judgement
        assert judgement is not None
        figure = judgement.figure
        return judgement.measure, figure.numerator, figure.denominator, judgement.required, judgement.met

    assert judged(date(2024, 3, 31)) == ("households", 0, 120, 30, False)
    assert judged(date(2024, 9, 30)) == ("households", 60, 120, 120, False)
    found = classify_units(world, LOCAL_ADMIN, area_code=WEST, on=date(2024, 9, 30)).as_json()
    assert {unit["households"]: unit["rule"] or unit["verdict"] for unit in found["units"]} == {
        10: "small",
        20: UNDEFINED_BY_POLICY,
        30: "large",
        60: "large",
    }
    curve = follow_milestones(world, LOCAL_ADMIN, area_code=WEST, on=date(2024, 9, 30))
    assert [step.required for step in curve.total.steps] == [30, 120]
    bulletin = issue_bulletin(world, LOCAL_ADMIN, area_code=WEST, period="2024-09").as_json()
    assert (bulletin["total"]["numerator"], bulletin["profile_key"]) == (60, "seventh")
    assert bulletin["due"]["required"] == 120


def test_a_version_is_never_rewritten(world: Engine) -> None:
    adopt_profile(world, LOCAL_ADMIN, key="sixth", document=DOCUMENT)
    adopt_profile(world, LOCAL_ADMIN, key="sixth", document=DOCUMENT)  # the same once more changes nothing
    other = DOCUMENT.replace("percent = 30", "percent = 40")
    with pytest.raises(Conflict) as taken:
        adopt_profile(world, LOCAL_ADMIN, key="sixth", document=other)
    assert taken.value.key == "policy.version_taken"

    adopt_profile(world, LOCAL_ADMIN, key="sixth", document=other.replace("version = 1", "version = 2"))
    assert read_one_profile(world, LOCAL_ADMIN, "sixth").milestones[0].percent == 40
    with pytest.raises(Conflict):
        adopt_profile(world, LOCAL_ADMIN, key="sixth", document=DOCUMENT.replace('"Plan"', '"Old"'))
    with world.connect() as connection:
        stored = connection.execute(text("SELECT key, version FROM policy_profile ORDER BY version")).all()
        trail = connection.execute(
            text("SELECT row_key FROM audit WHERE table_name = 'policy_profile' ORDER BY id")
        ).all()
    assert [tuple(row) for row in stored] == [("sixth", 1), ("sixth", 2)]
    assert [row.row_key for row in trail] == ["sixth/1", "sixth/2"]


def test_what_was_told_keeps_the_version_it_was_told_by(world: Engine) -> None:
    """1 of 4 is 25 %: version 1 asks for 30 %, version 2 for 20 %."""
    adopt_profile(world, LOCAL_ADMIN, key="sixth", document=DOCUMENT)
    use_profile(world, LOCAL_ADMIN, key="sixth")
    told = issue_bulletin(world, LOCAL_ADMIN, area_code=WEST, period="2024-06").as_json()
    milder = DOCUMENT.replace("percent = 30", "percent = 20").replace("version = 1", "version = 2")
    adopt_profile(world, LOCAL_ADMIN, key="sixth", document=milder)
    later = issue_bulletin(world, LOCAL_ADMIN, area_code=WEST, period="2024-07").as_json()

    def judged(bulletin: dict[str, Any]) -> tuple[int, int, float, bool]:
        total, due = bulletin["total"], bulletin["due"]
        return bulletin["profile_version"], total["numerator"], due["threshold"], due["met"]

    assert (judged(told), judged(later)) == ((1, 1, 0.3, False), (2, 1, 0.2, True))
    assert read_bulletin(world, LOCAL_ADMIN, told["id"]).as_json() == told
    with world.begin() as connection:  # a second unit turns out to have been served
        connection.execute(
            text(
                "INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid)"
                f" VALUES ('building', '{WEST}-B0001', '{WEST}', 'basic', 'in_service', '[2024-06-01,)')"
            )
        )
    [note] = correct_bulletin(world, LOCAL_ADMIN, bulletin_id=told["id"], reason="漏报").as_json()[
        "corrections"
    ]
    # corrected by the rules it was told by: 2 of 4 reach 30 %
    assert judged(note) == (1, 2, 0.3, True)


def test_a_wrong_document_and_an_unknown_key_are_refused(world: Engine) -> None:
    with pytest.raises(InvalidInput, match="faults"):
        adopt_profile(
            world, LOCAL_ADMIN, key="sixth", document=DOCUMENT.replace("percent = 30", "percent = 105")
        )
    with pytest.raises(InvalidInput):
        adopt_profile(world, LOCAL_ADMIN, key="No Key!", document=DOCUMENT)
    with pytest.raises(NotFound, match="county_2024"):
        use_profile(world, LOCAL_ADMIN, key="sixth")
    with pytest.raises(NotFound):
        read_one_profile(world, LOCAL_ADMIN, "'; DROP TABLE area; --")


def test_only_an_administrator_of_everything_changes_profiles(world: Engine) -> None:
    for who in (actor(Role.PLANNER), actor(Role.ADMIN, TOWN), actor(Role.GIS), actor(Role.VIEWER)):
        with pytest.raises(Forbidden):
            adopt_profile(world, who, key="sixth", document=DOCUMENT)
        with pytest.raises(Forbidden):
            use_profile(world, who, key="luolong_2020")
    assert len(list_profiles(world, actor(Role.VIEWER, TOWN))) == 5


def test_what_the_ledger_does_not_say_is_told_and_never_judged_by_something_else(world: Engine) -> None:
    report = measure_coverage(
        world, LOCAL_ADMIN, area_code=WEST, on=date(2018, 12, 31), profile_key="zhengzhou_etdz_2018"
    )

    assert report.judgement is not None
    assert (report.judgement.figure.denominator, report.judgement.met) == (0, None)
    assert report.judgement.unknown == report.total["units_all"].denominator > 0


def test_layers_and_reports_go_by_the_same_profile(world: Engine, tmp_path: Path) -> None:
    """What counts as covered on the map is what the report counts, whichever profile is used."""

    def covered() -> tuple[int, int]:
        layers = load_layers(layers_dir())
        out = tmp_path / "out"
        export_layers(
            world, LOCAL_ADMIN, area_code=WEST, layers=["coverage_by_community"], format="geojson", out=out,
            on=date(2024, 6, 30), layer_set=layers,
        )  # fmt: skip
        (file,) = out.glob("*.geojson")
        (feature,) = json.loads(file.read_text(encoding="utf-8"))["features"]
        report = measure_coverage(world, LOCAL_ADMIN, area_code=WEST, on=date(2024, 6, 30))
        return feature["properties"]["units_covered"], report.total["units"].numerator

    # basic service is none of the county plan's forms, and one of the other's
    assert covered() == (0, 0)
    adopt_profile(world, LOCAL_ADMIN, key="mild", document=DOCUMENT)
    use_profile(world, LOCAL_ADMIN, key="mild")
    assert covered() == (1, 1)
    strict = DOCUMENT.replace('covered_from = "in_service"', 'covered_from = "accepted"')
    adopt_profile(world, LOCAL_ADMIN, key="strict", document=strict)
    use_profile(world, LOCAL_ADMIN, key="strict")
    assert covered() == (0, 0)
