import json
import tomllib
from datetime import date, timedelta
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from geo_service.errors import InvalidInput, NotFound
from geo_service.planning import coverage
from geo_service.planning.policy import load_profile, profile_schema, read_profile, shipped_profiles
from geo_service.planning.policy.check import warnings_of
from geo_service.planning.policy.targets import Measure, Milestone, Target

PROFILES = files("geo_service.planning.policy") / "profiles"
DOCUMENT = """\
version = 1
title_zh = "方案"
title_en = "Plan"
issued = 2024-01-05
reporting_level = "community"
[coverage]
measure = "units"
base = "unmanaged_baseline"
covered_from = "in_service"
is_default = true
section = "1"
[[targets]]
key = "coverage"
title_zh = "覆盖率"
title_en = "Coverage"
[[targets.milestones]]
date = 2024-06-30
percent = 30
section = "2"
[[targets.milestones]]
date = 2024-10-31
percent = 80
section = "2"
[management]
precedence = ["size"]
is_default = true
[[management.bands]]
key = "small"
at_most = 100
section = "3"
[[management.bands]]
key = "large"
at_least = 101
section = "3"
[[management.forms]]
form = "basic"
section = "3"
[[management.rules]]
key = "small"
basis = "size"
band = "small"
forms = ["basic"]
section = "3"
[[management.rules]]
key = "large"
basis = "size"
band = "large"
forms = ["basic"]
section = "3"
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


def line_with(text: str, document: str = DOCUMENT) -> int:
    return next(number for number, line in enumerate(document.splitlines(), 1) if text in line)


def refused(document: str) -> list[dict[str, object]]:
    with pytest.raises(InvalidInput) as error:
        read_profile("plan", document)
    assert error.value.mend("zh")
    assert error.value.where == f"plan.toml:{error.value.details[0]['row']}"
    return error.value.details


def test_the_county_plan_of_2024() -> None:
    profile = load_profile("county_2024")

    assert [(milestone.date, milestone.percent) for milestone in profile.milestones] == [
        (date(2024, 6, 30), 30),
        (date(2024, 10, 31), 80),
        (date(2024, 12, 31), 100),
    ]
    assert {step for form, step in profile.covered_pairs if form == "roving"} == {
        "in_service",
        "accepted",
        "compliant",
    }
    assert str(profile.zone_size.households) == "300-500"
    assert profile.zone_size.is_default
    assert profile.scoring is not None
    assert (profile.scoring.pass_mark, len(profile.scoring.indicators)) == (85, 5)


@pytest.mark.parametrize(
    ("key", "counts"),
    [
        ("county_2024", True),  # 流动物业 is its own word
        ("luolong_2020", True),  # 四、（三）: a list that ends in 等
        ("meihekou_2021", True),  # 二: 通过专业化服务、业主自管和社区代管等方式
        ("zhoucun_2017", False),
        ("zhengzhou_etdz_2018", False),
    ],
)
def test_a_form_counts_where_the_plan_names_it_or_leaves_its_list_open(key: str, counts: bool) -> None:
    profile = load_profile(key)
    assert (("roving", "accepted") in profile.covered_pairs) is counts
    assert (("roving", "accepted") in profile.unknown_pairs) is not counts


def test_five_plans_ship_and_are_good() -> None:
    assert shipped_profiles() == (
        "county_2024",
        "luolong_2020",
        "meihekou_2021",
        "zhengzhou_etdz_2018",
        "zhoucun_2017",
    )
    for key in shipped_profiles():
        profile = load_profile(key)
        assert profile.key == key
        assert all(milestone.section for target in profile.targets for milestone in target.milestones)


def test_the_district_of_187_compounds_needs_38_94_150_187() -> None:
    """Scenario D-B: 20, 50, 80 and 100 per cent, cumulative."""
    milestones = load_profile("luolong_2020").milestones

    assert [(str(each.date)[5:], each.required(187)) for each in milestones] == [
        ("06-30", 38), ("07-31", 94), ("08-31", 150), ("09-30", 187),
    ]  # fmt: skip


def test_yearly_shares_of_240_tasks_add_up_to_72_168_240() -> None:
    """Scenario D-D: 30, 40 and 30 per cent are 30, 70 and 100 in all; 70 in the first year miss."""
    upgrade, committees = load_profile("zhengzhou_etdz_2018").targets

    assert [each.required(240) for each in upgrade.cumulative] == [72, 168, 240]
    assert not upgrade.cumulative[0].reached(70, 240)
    assert (upgrade.counts, committees.counts) == ("upgraded", "owners_committee")


def test_the_city_needs_42_of_60_and_not_of_140() -> None:
    """Scenario D-E: 70 per cent of what is renovated, accepted and has a good mass base."""
    _, professional, red_heart = load_profile("meihekou_2021").targets
    milestone = professional.cumulative[0]

    assert professional.where == {"renovated": True, "acceptance_passed": True, "mass_base_good": True}
    assert (milestone.reached(41, 60), milestone.reached(42, 60)) == (False, True)
    assert red_heart.cumulative[0].required(140) == 1


def test_half_of_the_owners_pass_where_half_is_enough() -> None:
    """Scenario D-C: 90 of 180 heads; the other tally does not decide."""
    consent = load_profile("zhoucun_2017").consent
    assert consent is not None
    strict = consent.model_copy(update={"inclusive": False})
    both = consent.model_copy(update={"tally": "both"})

    assert consent.passes(heads=(90, 180), area=(1.0, 9000.0))
    assert not strict.passes(heads=(90, 180), area=(1.0, 9000.0))
    assert strict.passes(heads=(91, 180), area=(1.0, 9000.0))
    assert not both.passes(heads=(180, 180), area=(4499.0, 9000.0))
    assert not consent.passes(heads=(0, 0), area=(0.0, 0.0))


def test_the_plan_of_2020_leaves_two_holes_between_its_bands() -> None:
    said = [warning.said("en") for warning in warnings_of(load_profile("luolong_2020"))]

    assert said == [
        "101 to 199 households are in no band: undefined by policy",
        "301 to 399 households are in no band: undefined by policy",
    ]


@pytest.mark.parametrize(
    ("bands", "warnings"),
    [
        ([(0, 100), (101, None)], []),
        ([(0, 100), (100, None)], [("bands_overlap", 100, 100)]),
        ([(0, None), (50, 60)], [("bands_overlap", 50, 60)]),
        ([(0, 100), (20, 40), (90, None)], [("bands_overlap", 20, 40), ("bands_overlap", 90, 100)]),
        ([(10, None)], [("bands_hole", 0, 9)]),
        ([(300, None), (0, 100)], [("bands_hole", 101, 299)]),
    ],
)
def test_holes_and_overlaps_of_bands(
    bands: list[tuple[int, int | None]], warnings: list[tuple[str, int, int]]
) -> None:
    written = "".join(
        f'[[management.bands]]\nkey = "b{place}"\nat_least = {low}\nsection = "3"\n'
        + (f"at_most = {high}\n" if high is not None else "")
        for place, (low, high) in enumerate(bands)
    )
    rules = "".join(
        f'[[management.rules]]\nkey = "r{place}"\nbasis = "size"\nband = "b{place}"\n'
        'forms = ["basic"]\nsection = "3"\n'
        for place in range(len(bands))
    )
    begin, end = DOCUMENT.index("[[management.bands]]"), DOCUMENT.index("[zone_size]")
    form = '[[management.forms]]\nform = "basic"\nsection = "3"\n'
    profile = read_profile("plan", DOCUMENT[:begin] + written + form + rules + DOCUMENT[end:])

    found = [
        (warning.key, warning.values["first"], warning.values["last"])
        for warning in warnings_of(profile)
        if warning.key.startswith("bands")
    ]
    assert found == warnings


def test_a_milestone_is_due_on_its_own_day_and_not_the_day_before() -> None:
    target = load_profile("county_2024").target
    june, october, _ = target.milestones

    assert target.milestone_on(june.date) == june
    assert target.milestone_on(june.date - timedelta(days=1)) is None
    assert target.milestone_on(date(2030, 1, 1)) == target.milestones[-1]
    assert target.next_after(june.date) == october
    assert target.next_after(date(2030, 1, 1)) is None


@given(st.lists(st.integers(1, 30), min_size=1, max_size=6), st.integers(1, 10**6))
def test_an_incremental_list_equals_its_cumulative_form(shares: list[int], base: int) -> None:
    shares = shares[: max(1, next((n for n in range(len(shares), 0, -1) if sum(shares[:n]) <= 100), 1))]
    days = [date(2024, 1, 31) + timedelta(days=30 * place) for place in range(len(shares))]
    sums = np.cumsum(shares).tolist()

    def target(kind: str, percents: list[int]) -> Target:
        steps = [
            Milestone(date=day, percent=percent, section="1")
            for day, percent in zip(days, percents, strict=True)
        ]
        return Target.model_validate(
            {"key": "t", "title_zh": "目标", "title_en": "Target", "kind": kind, "milestones": tuple(steps)}
        )

    incremental, cumulative = target("incremental", shares), target("cumulative", sums)
    assert incremental.cumulative == cumulative.cumulative
    assert [each.required(base) for each in incremental.cumulative] == [
        each.required(base) for each in cumulative.milestones
    ]


def test_the_document_of_the_tests_is_good() -> None:
    profile = read_profile("plan", DOCUMENT)

    assert profile.milestones[1].percent == 80
    assert warnings_of(profile)[0].key == "target_ends_below"


@pytest.mark.parametrize(
    ("good", "bad", "field"),
    [
        ("percent = 30", "percent = 0", "targets[0].milestones[0].percent"),
        ("percent = 80", "percent = 105", "targets[0].milestones[1].percent"),
        ("percent = 30", "percent = true", "targets[0].milestones[0].percent"),
        ("percent = 30", "percent = 29.5", "targets[0].milestones[0].percent"),
        ("percent = 80", "percent = 29", "targets[0].milestones[1].percent"),
        ("2024-10-31", "2024-06-30", "targets[0].milestones[1].date"),
        ("percent = 80", "count = 80", "targets[0].milestones[1].count"),
        ("percent = 80", "percent = 80\ncount = 3", "targets[0].milestones[1]"),
        ("2024-06-30", '"2024-06-30"', "targets[0].milestones[0].date"),
        ("2024-06-30", "2024-06-30T00:00:00", "targets[0].milestones[0].date"),
        ('"in_service"', '"served"', "coverage.covered_from"),
        ('measure = "units"', 'measure = "people"', "coverage.measure"),
        ('base = "unmanaged_baseline"\n', "", "coverage.base"),
        ("version = 1", 'version = "1"', "version"),
        ("version = 1", "version = 1\nvresion = 2", "vresion"),
        ('key = "coverage"', 'key = "Coverage!"', "targets[0].key"),
        ("max_households = 500", "max_households = 299", "zone_size"),
        ("min_households = 300", "min_households = -1", "zone_size.min_households"),
        ('"least"', '"fewest"', "zoning.zones"),
        ("balance_m = 1", "balance_m = -1", "zoning.balance_m"),
        ("balance_m = 1", "balance_m = nan", "zoning.balance_m"),
        ("balance_m = 1", "balance_m = inf", "zoning.balance_m"),
        ("balance_m = 1", 'balance_m = "1"', "zoning.balance_m"),
        ("balance_m = 1", "balance_m = true", "zoning.balance_m"),
        ("compactness_m = 2.5", "compactness_m = 1e300", "zoning.compactness_m"),
        ("patrol_weight = 0\n", "", "zoning.patrol_weight"),
        ("change_cost_m = 100", "change_cost_m = []", "zoning.change_cost_m"),
        ("buildings = 5", "buildings = -0.1", "zoning.load.buildings"),
        ("buildings = 5", "buildings = 5\nstoreys = 1", "zoning.load.storeys"),
        ("households = 1\nbuildings = 5\nfloor_area_m2 = 0.01",
         "households = 0\nbuildings = 0\nfloor_area_m2 = 0", "zoning.load"),
        ('band = "large"', 'band = "huge"', "management.rules[1].band"),
        ('basis = "size"\nband = "small"', 'basis = "type"\nband = "small"', "management.rules[0].basis"),
        ('band = "small"\nforms', "forms", "management.rules[0]"),
        ('key = "large"\nat_least = 101', 'key = "small"\nat_least = 101', "management.bands[1].key"),
        ("at_most = 100", "at_least = 200\nat_most = 100", "management.bands[0].at_most"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_with_its_line(good: str, bad: str, field: str) -> None:
    assert good in DOCUMENT
    faults = refused(DOCUMENT.replace(good, bad, 1))

    assert [fault["field"] for fault in faults] == [field]
    for language in ("zh", "en"):
        assert faults[0][f"reason_{language}"]


@pytest.mark.parametrize(
    ("good", "bad", "at"),
    [
        ("percent = 80", "percent = 105", "percent = 105"),
        ('"in_service"', '"served"', "covered_from"),
        ("buildings = 5", "buildings = -5", "buildings = -5"),
        ("at_least = 101", "at_least = -1", "at_least = -1"),
        # a missing field is named by its table
        ('base = "unmanaged_baseline"\n', "", "[coverage]"),
        ("patrol_weight = 0\n", "", "[zoning]"),
    ],
)
def test_the_line_named_is_the_line_of_the_fault(good: str, bad: str, at: str) -> None:
    document = DOCUMENT.replace(good, bad, 1)

    assert [fault["row"] for fault in refused(document)] == [line_with(at, document)]


def test_a_document_that_gives_itself_another_key_is_refused() -> None:
    assert read_profile("plan", 'key = "plan"\n' + DOCUMENT).key == "plan"
    (fault,) = refused('key = "other"\n' + DOCUMENT)
    assert (fault["row"], fault["field"], fault["key"]) == (1, "key", "policy.fault.not_allowed")


def by_the_schema(document: str) -> list[list[str | int]]:
    """Where a document breaks the JSON Schema, in which days are strings."""
    table = json.loads(json.dumps(tomllib.loads(document), default=str))
    validator = Draft202012Validator(profile_schema(), format_checker=FormatChecker())
    return [list(error.absolute_path) for error in validator.iter_errors(table)]


@pytest.mark.parametrize("key", shipped_profiles())
def test_the_schema_is_that_of_the_files(key: str) -> None:
    Draft202012Validator.check_schema(profile_schema())
    assert by_the_schema((PROFILES / f"{key}.toml").read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("good", "bad", "at"),
    [
        ('percent = 30\nsection = "2"', "percent = 30", ["targets", 0, "milestones", 0]),
        ("percent = 80", "percent = 105", ["targets", 0, "milestones", 1, "percent"]),
        ("2024-06-30", '"June"', ["targets", 0, "milestones", 0, "date"]),
        ('forms = ["basic"]', 'forms = ["magic"]', ["management", "rules", 0, "forms", 0]),
        ("buildings = 5", "buildings = 5\nstoreys = 1", ["zoning", "load"]),
        ("version = 1\n", "", []),
    ],
)
def test_the_schema_refuses_what_the_code_refuses(good: str, bad: str, at: list[str | int]) -> None:
    wrong = DOCUMENT.replace(good, bad, 1)

    assert (by_the_schema(DOCUMENT), by_the_schema(wrong)) == ([], [at])
    assert refused(wrong)


def test_a_milestone_before_the_plan_was_issued_is_refused() -> None:
    faults = refused(DOCUMENT.replace("issued = 2024-01-05", "issued = 2024-07-01"))

    assert faults[0]["key"] == "policy.fault.before_issue"


def test_every_fault_is_named_at_once() -> None:
    document = DOCUMENT.replace("percent = 30", "percent = 0").replace('"least"', '"fewest"')

    assert [fault["field"] for fault in refused(document)] == [
        "targets[0].milestones[0].percent",
        "zoning.zones",
    ]


WRONG = ("1", "1.5", "true", '"x"', "[]", "{}", "2024-01-01", "12:00:00", "nan", '""', f'"{"x" * 999}"')


@pytest.mark.parametrize("value", WRONG)
def test_a_value_of_any_kind_anywhere_ends_in_words_or_is_good(value: str) -> None:
    refusals: list[dict[str, object]] = []
    for line in DOCUMENT.splitlines():
        name, equals, _ = line.partition(" = ")
        if equals:
            try:
                read_profile("plan", DOCUMENT.replace(line, f"{name} = {value}", 1))
            except InvalidInput as error:
                refusals += error.details
    assert len(refusals) > 10
    assert all(each["reason_zh"] and each["reason_en"] for each in refusals)


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
    assert set(Measure.__args__) <= set(coverage.MEASURES)
