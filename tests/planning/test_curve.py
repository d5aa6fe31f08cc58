from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.planning.coverage import Figure
from geo_service.planning.curve import Curve, Flag, days_to_count, follow, ranks
from geo_service.planning.policy import load_profile

COUNTY = load_profile("county_2024").target
MONTH_ENDS = [
    date(2024, month, day)
    for month, day in zip(range(3, 13), (31, 30, 31, 30, 31, 31, 30, 31, 30, 31), strict=True)
]
COVERED = [0, 22, 47, 71, 98, 127, 155, 183, 206, 229]
"""Scenario D-A: month-end counts of 229 units."""


def county(on: date) -> Curve:
    known = dict(zip(MONTH_ENDS, COVERED, strict=True))
    return follow(COUNTY, {day: Figure(known.get(day, 0), 229) for day in days_to_count(COUNTY, on)}, on)


@pytest.mark.parametrize(
    ("on", "flag", "met", "gap"),
    [
        # 24 in June: at that pace 71 + 98 by the end of October, and 184 are asked for
        (date(2024, 6, 30), Flag.AMBER, [True, None, None], 184 - 71),
        (date(2024, 9, 30), Flag.AMBER, [True, None, None], 184 - 155),
        # missed by one compound, and so it stays in November, though the rate prints as 80 %
        (date(2024, 10, 31), Flag.RED, [True, False, None], 229 - 183),
        (date(2024, 11, 30), Flag.GREEN, [True, False, None], 229 - 206),
        (date(2024, 12, 31), Flag.GREEN, [True, False, True], None),
    ],
)
def test_the_county_of_229_units(on: date, flag: Flag, met: list[bool | None], gap: int | None) -> None:
    curve = county(on)

    assert [step.met for step in curve.steps] == met
    assert [step.required for step in curve.steps] == [69, 184, 229]
    assert (curve.flag, curve.gap) == (flag, gap)


def test_the_forecast_goes_on_at_the_pace_since_the_latest_milestone() -> None:
    """On 30 September it foresees what happened: one compound too few."""
    curve = county(date(2024, 9, 30))

    # 71 on 30 June, 155 on 30 September: 84 in 92 days; 31 more days make 155 + 28.3
    assert curve.pace_since == date(2024, 6, 30)
    assert curve.expected == 183


def test_a_pace_that_misses_the_next_milestone_is_amber() -> None:
    on = date(2024, 9, 30)
    slow = {day: Figure(70 if day >= date(2024, 6, 30) else 0, 229) for day in days_to_count(COUNTY, on)}

    assert follow(COUNTY, slow, on).flag is Flag.AMBER


def test_nothing_to_cover_has_no_flag() -> None:
    on = date(2024, 9, 30)
    curve = follow(COUNTY, dict.fromkeys(days_to_count(COUNTY, on), Figure(0, 0)), on)

    assert curve.flag is Flag.NONE
    assert [step.met for step in curve.steps] == [None] * 3
    assert curve.as_json()["rate"] is None


def test_before_the_first_point_there_is_no_pace() -> None:
    on = date(2023, 1, 1)

    assert days_to_count(COUNTY, on) == [on]
    curve = follow(COUNTY, {on: Figure(0, 229)}, on)
    assert (curve.pace, curve.expected, curve.flag) == (None, None, Flag.GREEN)


def test_years_later_a_curve_still_has_its_milestones_and_no_end_of_points() -> None:
    days = days_to_count(COUNTY, date(2094, 1, 1))

    assert len(days) <= 36 + 3 + 1
    assert all(milestone.date in days for milestone in COUNTY.milestones)


def test_communities_of_june_rank_1_4_2_3_5() -> None:
    """Scenario D-A: 20/61, 16/52, 15/47, 12/38 and 8/31."""
    june = [Figure(20, 61), Figure(16, 52), Figure(15, 47), Figure(12, 38), Figure(8, 31)]

    assert ranks(june) == [1, 4, 2, 3, 5]


def test_equal_rates_share_a_place_and_nothing_to_cover_has_none() -> None:
    assert ranks([Figure(1, 3), Figure(2, 6), Figure(0, 0), Figure(1, 4)]) == [1, 1, None, 3]
    assert ranks([]) == []


figures = st.integers(1, 500).flatmap(
    lambda base: st.integers(0, base).map(lambda covered: Figure(covered, base))
)


@given(st.lists(figures, max_size=8))
def test_a_better_rate_never_ranks_behind(areas: list[Figure]) -> None:
    places = ranks(areas)
    for one, first in zip(areas, places, strict=True):
        for other, second in zip(areas, places, strict=True):
            assert first is not None
            assert second is not None
            ahead = one.numerator * other.denominator - other.numerator * one.denominator
            assert (ahead > 0) == (first < second)


@given(st.integers(0, 400), figures)
def test_a_forecast_is_never_above_the_base_nor_below_nothing(days: int, last: Figure) -> None:
    on = date(2024, 4, 1) + timedelta(days=days)
    counted = dict.fromkeys(days_to_count(COUNTY, on), Figure(0, last.denominator))
    curve = follow(COUNTY, {**counted, on: last}, on)

    if curve.expected is not None:
        assert 0 <= curve.expected <= last.denominator
        assert curve.expected >= last.numerator
