"""The states of a compound's plan, the fallback of a profile, and consent on exact numbers."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest

from geo_service.planning.governance import PlanState
from geo_service.planning.policy import load_profile, shipped_profiles
from geo_service.planning.policy.sanctions import possible

ZHOUCUN = load_profile("zhoucun_2017")


def test_a_plan_goes_one_way_and_may_be_drafted_anew() -> None:
    follows = {
        (one.value, other.value) for one, other in product(PlanState, PlanState) if one.may_become(other)
    }

    assert follows == {
        *((state.value, "drafted") for state in PlanState),
        ("drafted", "consulted"),
        ("drafted", "failed"),
        ("consulted", "carried_out"),
        ("consulted", "failed"),
    }


def test_one_plan_alone_names_a_fallback() -> None:
    found = {key: load_profile(key).management.fallback for key in shipped_profiles()}

    assert {key for key, rule in found.items() if rule} == {"zhoucun_2017"}
    assert found["zhoucun_2017"].form == "basic"


def test_what_follows_failed_consent_is_asked_of_whomever_it_is_against() -> None:
    found = possible(ZHOUCUN.conduct, "consent_failed", None, {})

    assert [(each.key, each.against, each.section) for each in found] == [
        ("fallback", "subdistrict", "三、（二）2")
    ]
    assert possible(ZHOUCUN.conduct, "consent_failed", "community", {}) == []


@pytest.mark.parametrize(
    ("agree", "inclusive", "passes"),
    [("0.3", True, True), ("0.3", False, False), ("0.29", True, False), ("0.31", False, True)],
)
def test_square_metres_are_judged_exactly(agree: str, inclusive: bool, passes: bool) -> None:
    """0.3 of 0.6 m2 is just half, and passes where the rule is inclusive only."""
    rule = ZHOUCUN.consent.model_copy(update={"tally": "area", "inclusive": inclusive})

    assert rule.passes(heads=(0, 1), area=(Decimal(agree), Decimal("0.6"))) is passes
