from datetime import date, timedelta

import pytest

from geo_service.errors import InvalidInput, NotFound
from geo_service.planning import coverage
from geo_service.planning.policy import load, load_profile, read_profile

DOCUMENT = """
version = 1
title_zh = "方案"
title_en = "Plan"
[coverage]
measure = "units"
base = "unmanaged_baseline"
covered_from = "in_service"
is_default = true
section = "1"
[[milestones]]
date = 2024-06-30
percent = 30
section = "2"
[[milestones]]
date = 2024-10-31
percent = 80
section = "2"
[zone_size]
min_households = 300
max_households = 500
is_default = true
"""


def test_the_county_plan_of_2024() -> None:
    profile = load_profile("county_2024")

    assert [(milestone.date, milestone.percent) for milestone in profile.milestones] == [
        (date(2024, 6, 30), 30),
        (date(2024, 10, 31), 80),
        (date(2024, 12, 31), 100),
    ]
    assert profile.coverage.covered_steps == ("in_service", "accepted", "compliant")
    assert str(profile.zone_size.households) == "300-500"
    assert profile.zone_size.is_default


def test_a_milestone_is_due_on_its_own_day_and_not_the_day_before() -> None:
    profile = load_profile("county_2024")
    june = profile.milestones[0]

    assert profile.milestone_on(june.date) == june
    assert profile.milestone_on(june.date - timedelta(days=1)) is None
    assert profile.milestone_on(date(2030, 1, 1)) == profile.milestones[-1]


def test_the_document_of_the_tests_is_good() -> None:
    assert read_profile("plan", DOCUMENT).milestones[1].percent == 80


@pytest.mark.parametrize(
    ("good", "bad", "where"),
    [
        ("percent = 30", "percent = 0", "plan.toml: milestones[0].percent"),
        ("percent = 80", "percent = 101", "plan.toml: milestones[1].percent"),
        ("percent = 80", "percent = 29", "plan.toml: milestones[1].percent"),
        ("percent = 30", "percent = true", "plan.toml: milestones[0].percent"),
        ("percent = 30", "percent = 29.5", "plan.toml: milestones[0].percent"),
        ("2024-10-31", "2024-06-30", "plan.toml: milestones[1].date"),
        ("2024-06-30", '"2024-06-30"', "plan.toml: milestones[0].date"),
        ("2024-06-30", "2024-06-30T00:00:00", "plan.toml: milestones[0].date"),
        ('"in_service"', '"served"', "plan.toml: coverage.covered_from"),
        ('"units"', '"people"', "plan.toml: coverage.measure"),
        ('base = "unmanaged_baseline"\n', "", "plan.toml: coverage.base"),
        ("version = 1", 'version = "1"', "plan.toml.version"),
        ("version = 1", "version = 1\nvresion = 2", "plan.toml.vresion"),
        ("max_households = 500", "max_households = 299", "plan.toml: zone_size.max_households"),
        ("[zone_size]", "[zone_sise]", "plan.toml.zone_size"),
    ],
)
def test_a_wrong_field_is_named(good: str, bad: str, where: str) -> None:
    assert good in DOCUMENT
    with pytest.raises(InvalidInput) as refused:
        read_profile("plan", DOCUMENT.replace(good, bad))
    assert refused.value.where == where
    assert refused.value.mend("zh")


def test_a_document_that_is_not_toml_is_refused() -> None:
    with pytest.raises(InvalidInput, match="not a TOML document"):
        read_profile("plan", "version = ")


def test_an_unknown_profile_is_answered_with_the_known_ones() -> None:
    with pytest.raises(NotFound, match="county_2024"):
        load_profile("county_1999")


def test_every_measure_a_profile_may_name_is_registered() -> None:
    assert set(load.MEASURES) == set(coverage.MEASURES)
