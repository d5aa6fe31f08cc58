"""Which bulletins a plan provides for, what each period of them is, and when a report is late."""

from __future__ import annotations

from datetime import date

import pytest

from geo_service.errors import InvalidInput
from geo_service.planning.bulletins.frozen import differences
from geo_service.planning.bulletins.kinds import occasion_of, possible_kinds
from geo_service.planning.policy import load_profile
from geo_service.planning.policy.conduct import Rhythm
from geo_service.planning.policy.reports import ReportState, find_report_rhythm
from geo_service.planning.policy.rhythms import period_on, read_period

LUOLONG, ZHOUCUN, COUNTY = map(load_profile, ("luolong_2020", "zhoucun_2017", "county_2024"))


def test_what_is_possible_follows_from_rhythms_and_rounds() -> None:
    """Only the first has a weekly rhythm, the second a monthly report, the third rounds of evaluation."""
    assert possible_kinds(LUOLONG) == ("monthly_ranking", "weekly_sheet")
    assert possible_kinds(ZHOUCUN) == ("monthly_ranking", "monthly_report")
    assert possible_kinds(COUNTY) == ("monthly_ranking", "evaluation_list", "public_notice")
    bare = LUOLONG.model_copy(update={"conduct": COUNTY.conduct})
    assert possible_kinds(bare) == ("monthly_ranking",)


@pytest.mark.parametrize("kind", ["monthly_report", "evaluation_list", "public_notice"])
def test_a_kind_the_plan_does_not_provide_for_is_refused_with_those_it_does(kind: str) -> None:
    with pytest.raises(InvalidInput, match="possible are: monthly_ranking, weekly_sheet") as refused:
        occasion_of(kind, LUOLONG, "2020-07")
    assert refused.value.key == "bulletin.kind_not_in_plan"


def test_the_weekly_sheet_is_of_a_wednesday_and_tells_change_since_the_one_before() -> None:
    occasion = occasion_of("weekly_sheet", LUOLONG, "2020-07-01")
    assert (occasion.period, occasion.cut_off, occasion.before) == (
        date(2020, 7, 1), date(2020, 7, 1), date(2020, 6, 24),
    )  # fmt: skip
    # the day of issue was a Wednesday: the first sheet
    assert occasion_of("weekly_sheet", LUOLONG, "2020-06-24").cut_off == date(2020, 6, 24)


@pytest.mark.parametrize(
    ("given", "nearest"),
    [
        ("2020-06-25", "2020-06-24, 2020-07-01"),  # a Thursday
        ("2020-06-30", "2020-06-24, 2020-07-01"),  # a Tuesday
        ("2020-06-17", "2020-06-24"),  # a Wednesday before the plan: no earlier one
        ("1999-01-01", "2020-06-24"),
        ("9998-12-31", "9998-12-30, 9999-01-06"),  # a Thursday; a year later there is no calendar any more
    ],
)
def test_another_day_is_refused_with_the_nearest_ones(given: str, nearest: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        occasion_of("weekly_sheet", LUOLONG, given)
    assert refused.value.key == "report.not_a_due_day"
    assert refused.value.values == {"given": given, "nearest": nearest}
    assert nearest in refused.value.what("zh")


@pytest.mark.parametrize("given", ["", "2020-06", "2020-06-31", "24.6.2020", "9999-12-31", "0001-01-03"])
def test_what_is_no_day_is_refused_in_words(given: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        occasion_of("weekly_sheet", LUOLONG, given)
    assert refused.value.key == "command.bad_date"


def test_the_report_of_november_is_cut_off_on_a_sunday() -> None:
    """26 November 2017 is a Sunday and is kept to the letter; change is told since 26 October."""
    occasion = occasion_of("monthly_report", ZHOUCUN, "2017-11")
    assert (occasion.cut_off, occasion.cut_off.isoweekday()) == (date(2017, 11, 26), 7)
    assert (occasion.period, occasion.before) == (date(2017, 11, 1), date(2017, 10, 26))
    with pytest.raises(InvalidInput) as refused:
        occasion_of("monthly_report", ZHOUCUN, "2017-10")
    assert refused.value.key == "report.before_rhythm"


def test_a_public_notice_is_of_a_final_round_alone() -> None:
    assert occasion_of("evaluation_list", COUNTY, "first").cut_off == date(2024, 7, 31)
    assert occasion_of("public_notice", COUNTY, "final").cut_off == date(2024, 12, 31)
    with pytest.raises(InvalidInput, match="there are: final"):
        occasion_of("public_notice", COUNTY, "first")


@pytest.mark.parametrize(
    ("received", "as_of", "state", "days"),
    [
        (date(2017, 11, 26), date(2017, 12, 1), "on_time", 0),
        (date(2017, 11, 27), date(2017, 12, 1), "late", 1),
        (date(2017, 11, 28), date(2017, 12, 1), "late", 2),
        (None, date(2017, 11, 26), "pending", 0),
        (None, date(2017, 11, 27), "missing", 1),
    ],
)
def test_a_report_is_in_time_until_the_end_of_its_day(
    received: date | None, as_of: date, state: str, days: int
) -> None:
    november = read_period(find_report_rhythm(ZHOUCUN, None), "2017-11")
    report = ReportState(november, received, as_of)
    assert (report.punctuality.value, report.days_late) == (state, days)


def rhythm(every: str, **fields: object) -> Rhythm:
    named = {"key": "r", "title_zh": "报送", "title_en": "report", "section": "一", "kind": "report"}
    return Rhythm.model_validate({**named, "every": every, **fields})


@pytest.mark.parametrize(
    ("every", "written", "first", "before"),
    [
        ("day", "2024-03-01", date(2024, 3, 1), date(2024, 2, 29)),
        ("week", "2024-03-03", date(2024, 2, 26), date(2024, 2, 25)),  # a Sunday: the week from Monday
        ("month", "2024-02", date(2024, 2, 1), date(2024, 1, 31)),
        ("half_year", "2024-12-31", date(2024, 7, 1), date(2024, 6, 30)),
        ("year", "2024-12-31", date(2024, 1, 1), date(2023, 12, 31)),
    ],
)
def test_every_rhythm_has_its_periods(every: str, written: str, first: date, before: date) -> None:
    turn = read_period(rhythm(every), written)
    assert (turn.first, turn.due_before, turn.named) == (first, before, written)
    assert period_on(rhythm(every), turn.first) == period_on(rhythm(every), turn.due) == turn


def test_after_its_last_day_a_rhythm_has_no_more_turns() -> None:
    """A stage from 1 April to 31 October: its seventh and last month is October."""
    monthly = rhythm("month", begins=date(2024, 4, 1), ends=date(2024, 10, 31))
    assert read_period(monthly, "2024-10").due == date(2024, 10, 31)
    with pytest.raises(InvalidInput) as refused:
        read_period(monthly, "2024-11")
    assert refused.value.what("zh") == "方案的这一项到 2024-10-31 为止"
    weekly = rhythm("week", weekday=3, begins=date(2020, 6, 24), ends=date(2020, 9, 30))
    with pytest.raises(InvalidInput) as refused:
        read_period(weekly, "2021-01-06")
    assert refused.value.values["nearest"] == "2020-09-30"


def test_a_report_as_needed_is_none_that_could_be_late() -> None:
    """The plan of 2020 has progress reported "regularly": there is no day to hold it against."""
    assert any(each.kind == "report" for each in LUOLONG.conduct.rhythms)
    with pytest.raises(InvalidInput) as refused:
        find_report_rhythm(LUOLONG, None)
    assert refused.value.key == "report.none_in_plan"


def test_a_rhythm_of_the_31st_falls_on_the_last_of_a_shorter_month() -> None:
    turn = read_period(rhythm("month", day_of_month=31), "2023-03")
    assert (turn.due, turn.due_before) == (date(2023, 3, 31), date(2023, 2, 28))


def test_differences_say_what_was_told_and_what_is_known() -> None:
    row = {"code": "1", "name": "甲", "numerator": 1, "denominator": 2, "reports": [], "proposals": []}
    told = {"rows": [row], "total": {"numerator": 1, "denominator": 2}}
    late = {**row, "reports": [{"state": "late"}]}
    [found] = differences(told, {**told, "rows": [late]})
    assert found["told"] == {"numerator": 1, "denominator": 2, "reports": []}
    assert found["known"] == {"numerator": 1, "denominator": 2, "reports": [{"state": "late"}]}
    # a bulletin of a time before reports were told is not corrected for that
    bare = {key: row[key] for key in ("code", "name", "numerator", "denominator")}
    assert differences({**told, "rows": [bare]}, {**told, "rows": [late]}) == []
    gone = differences(told, {**told, "rows": []})
    assert (gone[0]["told"], gone[0]["known"]) == ({"numerator": 1, "denominator": 2}, None)
