"""Every part of the five shipped profiles against the plan's own text, written down by hand."""

from __future__ import annotations

import pytest

from geo_service.planning.policy import load_profile, shipped_profiles
from tests.planning.policy import county, luolong, meihekou, zhengzhou, zhoucun
from tests.planning.policy.told import PARTS

PLANS = {
    "county_2024": county.PLAN,
    "luolong_2020": luolong.PLAN,
    "meihekou_2021": meihekou.PLAN,
    "zhengzhou_etdz_2018": zhengzhou.PLAN,
    "zhoucun_2017": zhoucun.PLAN,
}


def test_every_profile_is_written_down_whole() -> None:
    assert tuple(PLANS) == shipped_profiles()
    assert all(plan.keys() == PARTS.keys() for plan in PLANS.values())


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("key", PLANS)
def test_a_profile_says_what_its_plan_says(key: str, part: str) -> None:
    assert PARTS[part](load_profile(key)) == PLANS[key][part]
