from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.planning.coverage import MEASURES, Figure, Judgement, target_figures
from geo_service.planning.policy import Milestone, load_profile
from geo_service.planning.states import State, States, Tally

COUNTY = load_profile("county_2024")
COVERED = ("covered", "once_covered", "professional")


def milestone(percent: int) -> Milestone:
    return Milestone(date=date(2024, 10, 31), percent=percent, section="2")


def judge(numerator: int, denominator: int, percent: int) -> Judgement:
    return Judgement(milestone(percent), "units", Figure(numerator, denominator), "plan")


@pytest.mark.parametrize(
    ("covered", "percent", "required", "met"),
    [
        (71, 30, 69, True),  # 229 * 30 % = 68.7
        (69, 30, 69, True),
        (68, 30, 69, False),
        (183, 80, 184, False),  # 183/229 = 79.91 %, printed as 80 %
        (184, 80, 184, True),  # 229 * 80 % = 183.2
        (228, 100, 229, False),
        (229, 100, 229, True),
    ],
)
def test_the_county_of_229_units(covered: int, percent: int, required: int, met: bool) -> None:
    judgement = judge(covered, 229, percent)

    assert judgement.required == required
    assert judgement.met is met


def test_reaching_the_threshold_exactly_is_enough() -> None:
    assert judge(8, 10, 80).met
    assert judge(8, 10, 80).required == 8


def test_nothing_to_cover_is_neither_met_nor_missed() -> None:
    assert judge(0, 0, 80).met is None
    assert Figure(0, 0).rate is None


@given(st.integers(1, 10**9), st.integers(0, 10**9), st.integers(1, 100))
def test_the_required_count_is_the_least_that_meets(denominator: int, covered: int, percent: int) -> None:
    judgement = judge(covered, denominator, percent)

    assert Fraction(judgement.required, denominator) >= Fraction(percent, 100)
    assert Fraction(judgement.required - 1, denominator) < Fraction(percent, 100)
    assert judgement.met == (covered >= judgement.required)


def tally(covered: list[int], uncovered: list[int], amount: str = "units", days: int = 1) -> Tally:
    """One part, one community after the other, the k-th of each counting from day k where there are more."""
    states = States(
        tuple(
            State(number, False, None, True, None, "professional" if step else None, step, {})
            for number, step in enumerate(("in_service", None))
        )
    )
    counts = np.array([*covered, *uncovered], dtype=np.int64)
    state = np.repeat(np.arange(2), (len(covered), len(uncovered)))
    since = np.concatenate([np.arange(len(covered)), np.arange(len(uncovered))]) % days
    return Tally((("1", "甲"),), states, np.zeros_like(counts), state, since, {amount: counts}, days)


def test_a_total_sums_counts_and_never_rates() -> None:
    # June of the demo county: 20/61 + 16/52 + 15/47 + 12/38 + 8/31 = 71/229.
    june = tally([20, 16, 15, 12, 8], [41, 36, 32, 26, 23])

    assert MEASURES["units"].figures(june, COUNTY) == [Figure(71, 229)]


def test_an_area_without_communities_has_a_total_of_nothing() -> None:
    assert MEASURES["households"].figures(tally([], [], "households"), COUNTY) == [Figure(0, 0)]


def test_floor_area_is_summed_without_rounding() -> None:
    # Three tenths are not the float 0.30000000000000004.
    [figure] = MEASURES["floor_area_m2"].figures(tally([10] * 3, [], "floor_area_m2"), COUNTY)

    assert figure == Figure(Decimal("0.3"), Decimal("0.3"))
    assert figure.as_json()["numerator"] == 0.3


def test_each_day_counts_what_has_come_by_then() -> None:
    # 2 of 5 on the first day, 3 more covered on the second, 4 more to cover on the third.
    [days] = target_figures(COUNTY.target, tally([2, 3, 0], [3, 0, 4], days=3), COUNTY)

    assert days == [Figure(2, 5), Figure(5, 8), Figure(5, 12)]


def test_every_measure_says_its_rules_in_both_languages() -> None:
    for measure in MEASURES.values():
        said = measure.describe(COUNTY)
        assert said["title_zh"] != said["title_en"]
        assert said["numerator_rule"]["zh"]
        assert said["denominator_rule"]["en"]
        assert ("已进驻" in said["numerator_rule"]["zh"]) == (measure.counts in COVERED)
        assert said["denominator_rule"]["zh"] != said["denominator_rule"]["en"]
