from datetime import date, timedelta

import numpy as np
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
[zoning]
zones = "least"
distance_per = "household"
balance_m = 1
compactness_m = 2.5
patrol_weight = 0
change_cost_m = 100
is_default = false
[zoning.load]
households = 1
buildings = 5
floor_area_m2 = 0.01
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
        ("[zoning]", "[zonning]", "plan.toml: zoning.zones"),
        ('"least"', '"fewest"', "plan.toml: zoning.zones"),
        ('"household"', '"metre"', "plan.toml: zoning.distance_per"),
        ("balance_m = 1", "balance_m = -1", "plan.toml: zoning.balance_m"),
        ("balance_m = 1", "balance_m = nan", "plan.toml: zoning.balance_m"),
        ("balance_m = 1", "balance_m = inf", "plan.toml: zoning.balance_m"),
        ("balance_m = 1", 'balance_m = "1"', "plan.toml: zoning.balance_m"),
        ("balance_m = 1", "balance_m = true", "plan.toml: zoning.balance_m"),
        ("compactness_m = 2.5", "compactness_m = 1e300", "plan.toml: zoning.compactness_m"),
        ("patrol_weight = 0\n", "", "plan.toml: zoning.patrol_weight"),
        ("change_cost_m = 100", "change_cost_m = []", "plan.toml: zoning.change_cost_m"),
        ("buildings = 5", "buildings = -0.1", "plan.toml: zoning: load.buildings"),
        ("buildings = 5", "buildings = 5\nstoreys = 1", "plan.toml: zoning: load.storeys"),
        (
            "households = 1\nbuildings = 5\nfloor_area_m2 = 0.01",
            "households = 0\nbuildings = 0\nfloor_area_m2 = 0",
            "plan.toml: zoning: load.households",
        ),
    ],
)
def test_a_wrong_field_is_named(good: str, bad: str, where: str) -> None:
    assert good in DOCUMENT
    with pytest.raises(InvalidInput) as refused:
        read_profile("plan", DOCUMENT.replace(good, bad))
    assert refused.value.where == where
    assert refused.value.mend("zh")


def test_loads_are_the_weighted_sum_in_whole_units() -> None:
    load = read_profile("plan", DOCUMENT).zoning.load
    households, floor_area_m2 = np.array([10, 0, 3]), np.array([1234.0, np.nan, 60.0])

    # 10 + 5 + 12.34, 0 + 5 with the area unknown, 3 + 5 + 0.6
    assert load.loads(households, floor_area_m2).tolist() == [27, 5, 9]
    assert load.loads(households, floor_area_m2).dtype == np.int64
    assert load.loads(np.array([1]), np.array([1e300]))[0] > 10**9  # more than any limit, and no overflow


def test_a_metre_counts_once_a_building_or_once_a_household() -> None:
    households = np.array([10, 0, 3])

    assert read_profile("plan", DOCUMENT).zoning.weights(households).tolist() == [10, 1, 3]
    assert load_profile("county_2024").zoning.weights(households).tolist() == [1, 1, 1]


def test_the_shipped_profile_counts_households_alone_and_says_that_it_is_a_default() -> None:
    zoning = load_profile("county_2024").zoning

    assert zoning.load.loads(np.array([7, 0]), np.array([9e4, np.nan])).tolist() == [7, 0]
    assert (zoning.zones, zoning.is_default) == ("middle", True)


def test_a_document_that_is_not_toml_is_refused() -> None:
    with pytest.raises(InvalidInput, match="not a TOML document"):
        read_profile("plan", "version = ")


def test_an_unknown_profile_is_answered_with_the_known_ones() -> None:
    with pytest.raises(NotFound, match="county_2024"):
        load_profile("county_1999")


def test_every_measure_a_profile_may_name_is_registered() -> None:
    assert set(load.MEASURES) == set(coverage.MEASURES)
