"""Scores, due days and proposals, by the scenarios' numbers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.errors import InvalidInput
from geo_service.planning.policy import load_profile
from geo_service.planning.policy.conduct import Rhythm
from geo_service.planning.policy.part import Fact
from geo_service.planning.policy.rhythms import due_days, is_late
from geo_service.planning.policy.sanctions import possible
from geo_service.planning.policy.scoring import score

COUNTY = load_profile("county_2024").scoring
FIVE = ("hygiene", "order", "green", "shared_parts", "parking")
EVERYTHING = {"has_green": True}


def marks(*values: str) -> dict[str, Decimal]:
    return {key: Decimal(value) for key, value in zip(FIVE, values, strict=False) if value}


@pytest.mark.parametrize(
    ("given_marks", "shown", "passes"),
    [
        (marks("85", "85", "85", "85", "85"), "85", True),
        (marks("84.5", "84.5", "84.5", "84.5", "84.5"), "84.5", False),
        (marks("100", "100", "60", "65", "100"), "85", True),
        # 84.998: printed as 84.99, never as 85
        (marks("85", "85", "85", "85", "84.99"), "84.99", False),
        (marks("0", "0", "0", "0", "0"), "0", False),
    ],
)
def test_85_passes_and_84_and_a_half_does_not(
    given_marks: dict[str, Decimal], shown: str, passes: bool
) -> None:
    assert COUNTY is not None
    found = score(COUNTY, given_marks, EVERYTHING)

    assert (found.shown, found.passes, found.left_out) == (Decimal(shown), passes, ())


def test_what_does_not_apply_leaves_the_score_to_the_others() -> None:
    """A courtyard without green space: (80 + 90 + 88 + 86) / 4 = 86; in full, (344 + 100) / 5 = 88.8."""
    assert COUNTY is not None
    nothing = {"has_green": False}
    found = score(COUNTY, marks("80", "90", "", "88", "86"), nothing)

    assert (found.total, found.passes, found.left_out) == (86, True, ("green",))
    in_full = COUNTY.model_copy(update={"not_applicable": "full_marks"})
    assert score(in_full, marks("80", "90", "", "88", "86"), nothing).total == Decimal("88.8")


def test_bicycles_are_parked_where_there_is_no_place_for_cars() -> None:
    """The sheds and the fire lanes of 附件1 5 are scored there all the same."""
    assert COUNTY is not None
    with pytest.raises(InvalidInput, match="parking"):
        score(COUNTY, marks("85", "85", "85", "85"), {"has_parking": False})


def test_the_pass_mark_may_be_asked_of_each_indicator() -> None:
    """Scenario: 100, 100, 60, 65 and 100 are 85 in all, and two of them are below it."""
    assert COUNTY is not None
    each = COUNTY.model_copy(update={"judged_on": "each_indicator"})
    sheet = marks("100", "100", "60", "65", "100")

    assert score(COUNTY, sheet, EVERYTHING).passes
    assert not score(each, sheet, EVERYTHING).passes
    assert score(each, marks("85", "99", "85", "85", "85"), EVERYTHING).passes
    # what does not apply is not held against it
    assert score(each, marks("85", "99", "", "85", "85"), {"has_green": False}).passes


@pytest.mark.parametrize(
    ("given_marks", "key"),
    [
        (marks("85", "85", "85", "85"), "evaluation.mark_missing"),
        ({**marks("85", "85", "85", "85", "85"), "music": Decimal(1)}, "evaluation.unknown_indicator"),
        (marks("85", "85", "85", "85", "100.1"), "evaluation.mark_outside"),
        (marks("85", "85", "85", "85", "-1"), "evaluation.mark_outside"),
        (marks("85", "85", "85", "85", "NaN"), "evaluation.mark_outside"),
        (marks("85", "85", "85", "85", "Infinity"), "evaluation.mark_outside"),
    ],
)
def test_a_sheet_with_a_hole_or_a_wrong_mark_is_refused(given_marks: dict[str, Decimal], key: str) -> None:
    assert COUNTY is not None
    with pytest.raises(InvalidInput) as refused:
        score(COUNTY, given_marks, EVERYTHING)
    assert refused.value.key == key
    assert refused.value.what("zh")


given_mark = st.decimals(0, 100, places=2)


@given(st.tuples(*[given_mark] * 5), st.booleans())
def test_a_score_lies_between_its_marks(values: tuple[Decimal, ...], green: bool) -> None:
    assert COUNTY is not None
    sheet = dict(zip(FIVE, values, strict=True))
    found = score(COUNTY, sheet, {"has_green": green})
    counted = [mark for key, mark in sheet.items() if key not in found.left_out]

    assert min(counted) <= found.total <= max(counted)
    assert found.passes == (found.total >= 85)


def rhythm(profile: str, key: str) -> Rhythm:
    return next(each for each in load_profile(profile).conduct.rhythms if each.key == key)


def test_the_joint_meeting_is_on_wednesdays_from_the_day_of_issue() -> None:
    """Scenario D-B: 24 June 2020, the issue date, was a Wednesday."""
    days = due_days(rhythm("luolong_2020", "joint_meeting"), date(2020, 6, 1), date(2020, 7, 10))

    assert days == [date(2020, 6, 24), date(2020, 7, 1), date(2020, 7, 8)]


def test_the_report_is_due_on_the_26th_though_it_is_a_sunday() -> None:
    """Scenario D-C: 26 November 2017; five units report by then, the sixth on Monday."""
    days = due_days(rhythm("zhoucun_2017", "report"), date(2017, 10, 1), date(2017, 12, 31))

    assert days == [date(2017, 11, 26), date(2017, 12, 26)]
    assert days[0].isoweekday() == 7
    assert not is_late(days[0], date(2017, 11, 26), date(2017, 12, 1))
    assert is_late(days[0], date(2017, 11, 27), date(2017, 12, 1))
    assert is_late(days[0], None, date(2017, 11, 27))
    assert not is_late(days[0], None, date(2017, 11, 26))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"every": "month"}, ["2024-01-31", "2024-02-29"]),
        ({"every": "month", "day_of_month": 30}, ["2024-01-30", "2024-02-29"]),
        ({"every": "half_year"}, ["2024-06-30", "2024-12-31"]),
        ({"every": "year"}, ["2024-12-31"]),
        ({"every": "week"}, ["2024-01-07", "2024-01-14"]),
        ({"every": "day", "begins": date(2024, 1, 9)}, ["2024-01-09", "2024-01-10"]),
        ({"every": "month", "begins": date(2024, 4, 1), "ends": date(2024, 4, 30)}, ["2024-04-30"]),
        ({"every": "month", "begins": date(2024, 4, 1), "ends": date(2024, 4, 29)}, []),
        ({}, []),  # as needed: never due
    ],
)
def test_rhythms_of_other_lengths(fields: dict[str, object], expected: list[str]) -> None:
    one = Rhythm.model_validate(
        {"key": "r", "title_zh": "例会", "title_en": "Meeting", "section": "1", "kind": "meeting", **fields}
    )
    days = due_days(one, date(2024, 1, 1), date(2024, 12, 31))

    assert [day.isoformat() for day in days[:2]] == expected
    assert due_days(one, date(2024, 3, 2), date(2024, 3, 1)) == []


@pytest.mark.parametrize(
    ("facts", "keys"),
    [
        ({"is_civilized_unit": True}, ["yellow_card", "award_withheld", "title_withdrawn"]),
        ({"is_civilized_unit": False}, ["opinion"]),
        ({}, ["yellow_card", "award_withheld", "title_withdrawn", "opinion"]),
    ],
)
def test_who_misses_a_milestone_gets_what_the_plan_provides(facts: dict[Fact, bool], keys: list[str]) -> None:
    """Scenario D-B: a civilized unit a yellow card first, any other an opinion to the government."""
    conduct = load_profile("luolong_2020").conduct

    found = possible(conduct, "milestone_missed", "subdistrict", facts)
    assert [sanction.key for sanction in found] == keys
    assert possible(conduct, "milestone_missed", "community", facts) == []
    assert possible(conduct, "report_late", "subdistrict", facts) == []


def test_a_compounds_plan_that_fails_falls_back_to_basic_management() -> None:
    """Scenario D-C."""
    zhoucun = load_profile("zhoucun_2017")
    for occasion in ("plan_failed", "consent_failed"):  # 因各种原因: for whatever reason
        (fallback,) = possible(zhoucun.conduct, occasion, "subdistrict", {})
        assert fallback.key == "fallback"
    assert [rule.form for rule in zhoucun.management.forms if rule.is_fallback] == ["basic"]
