from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.planning.policy import load_profile
from geo_service.planning.policy.classify import NO_RULE, UnitFacts, Verdict, classify, facts_missing
from geo_service.planning.policy.management import Management, ManagementRule
from geo_service.planning.policy.part import Fact


def units(households: list[int], types: list[str] | None = None, **answers: list[int]) -> UnitFacts:
    return UnitFacts(
        np.array(households, dtype=np.int64),
        np.array(types if types is not None else [""] * len(households)),
        {fact: np.array(values, dtype=np.int8) for fact, values in answers.items()},  # type: ignore[misc]
    )


def outcome(key: str, facts: UnitFacts) -> list[tuple[str, str | None]]:
    """Verdict and deciding rule of each unit."""
    management = load_profile(key).management
    found = classify(management, facts)
    return [
        (Verdict(verdict).name, management.rules[rule].key if rule != NO_RULE else None)
        for verdict, rule in zip(found.verdicts.tolist(), found.rules.tolist(), strict=True)
    ]


def test_the_bands_of_2020_at_their_edges() -> None:
    """Scenario D-B: both ends belong to a band, and what lies between the bands is undefined by policy."""
    households = [99, 100, 101, 150, 199, 200, 300, 301, 350, 399, 400, 401]
    found = outcome("luolong_2020", units(households, employer_managed=[0] * 12))

    undefined = ("UNDEFINED", None)
    assert found == [
        *[("RECOMMENDED", "small")] * 2,
        *[undefined] * 3,
        *[("RECOMMENDED", "medium")] * 2,
        *[undefined] * 3,
        *[("RECOMMENDED", "large")] * 2,
    ]


def test_ownership_goes_before_size_and_both_are_told() -> None:
    management = load_profile("luolong_2020").management
    found = classify(management, units([450, 150, 450], employer_managed=[1, 1, 0]))

    assert [management.rules[rule].key for rule in found.rules] == ["employer", "employer", "large"]
    assert management.rules[found.also[0]].key == "large"
    assert found.also[1:].tolist() == [NO_RULE, NO_RULE]


def test_the_precedence_is_a_parameter() -> None:
    management = load_profile("luolong_2020").management
    by_size = management.model_copy(update={"precedence": ("size", "ownership")})
    facts = units([450, 150], employer_managed=[1, 1])

    assert [by_size.rules[rule].key for rule in classify(by_size, facts).rules] == ["large", "employer"]


def test_a_fact_that_could_take_a_form_back_is_asked_for_first() -> None:
    management = load_profile("luolong_2020").management
    facts = units([450])
    found = classify(management, facts)

    assert found.verdicts[0] == Verdict.NEEDS_FACTS
    assert facts_missing(management.rules[found.rules[0]], facts, 0) == ["employer_managed"]


@pytest.mark.parametrize(
    ("type_", "market_ready", "expected"),
    [
        ("commodity", -1, ("RECOMMENDED", "commodity")),
        ("old", 1, ("RECOMMENDED", "old_market_ready")),
        ("old", 0, ("RECOMMENDED", "old_not_market_ready")),
        ("old", -1, ("NEEDS_FACTS", "old_market_ready")),
        ("rural", 1, ("OPEN", "rural")),
        ("government", -1, ("RECOMMENDED", "government")),
        ("enterprise", -1, ("RECOMMENDED", "enterprise")),
        ("standalone", -1, ("RECOMMENDED", "standalone")),
    ],
)
def test_the_six_types_of_2017(type_: str, market_ready: int, expected: tuple[str, str]) -> None:
    assert outcome("zhoucun_2017", units([60], [type_], market_ready=[market_ready])) == [expected]


def test_the_three_classes_of_the_county_plan() -> None:
    facts = units([60] * 5, ["a", "b", "b", "c", ""], has_responsible_unit=[0, 1, 0, 0, 0])

    assert outcome("county_2024", facts) == [
        ("RECOMMENDED", "good_courtyard"),
        ("RECOMMENDED", "average_with_unit"),
        ("RECOMMENDED", "average"),
        ("RECOMMENDED", "single_building"),
        ("NEEDS_FACTS", "good_courtyard"),
    ]


def test_the_city_of_2021_recommends_by_condition() -> None:
    """Other compounds without management have a rule, too; of managed ones the plan says nothing."""
    facts = units(
        [60] * 5,
        renovated=[1, 1, 0, 0, 0],
        acceptance_passed=[1, 1, 0, 0, 0],
        mass_base_good=[1, 0, 0, 0, 0],
        market_ready=[1, 1, 0, 1, 1],
        baseline_unmanaged=[1, 1, 1, 1, 0],
    )

    assert outcome("meihekou_2021", facts) == [
        ("RECOMMENDED", "ready"),
        ("RECOMMENDED", "other_unmanaged"),
        ("RECOMMENDED", "not_market_ready"),
        ("RECOMMENDED", "other_unmanaged"),
        ("UNDEFINED", None),
    ]


def test_no_units_are_no_trouble() -> None:
    assert outcome("county_2024", units([], [])) == []


FACTS: tuple[Fact, ...] = ("renovated", "market_ready", "employer_managed")
conditions = st.dictionaries(st.sampled_from(FACTS), st.booleans(), min_size=1, max_size=3)


@given(st.lists(conditions, min_size=1, max_size=4), st.tuples(*[st.sampled_from([-1, 0, 1])] * 3))
def test_a_recommendation_holds_whatever_the_unknown_facts_turn_out_to_be(
    wheres: list[dict[Fact, bool]], known: tuple[int, int, int]
) -> None:
    rules = tuple(
        ManagementRule(key=f"r{place}", basis="condition", where=where, forms=("basic",), section="1")
        for place, where in enumerate(wheres)
    )
    management = Management.model_validate(
        {
            "precedence": ("condition",),
            "is_default": False,
            "forms": [{"form": "basic", "section": "1"}],
            "rules": rules,
        }
    )

    def decide(answers: tuple[int, ...]) -> tuple[int, int]:
        facts = units([1], None, **{fact: [answer] for fact, answer in zip(FACTS, answers, strict=True)})
        found = classify(management, facts)
        return int(found.verdicts[0]), int(found.rules[0])

    verdict, rule = decide(known)
    choices = [(0, 1) if answer == -1 else (answer,) for answer in known]
    completions = {decide((a, b, c)) for a in choices[0] for b in choices[1] for c in choices[2]}
    if verdict in (Verdict.RECOMMENDED, Verdict.UNDEFINED):
        assert completions == {(verdict, rule)}
    else:
        # by hand: the first rule in order that some completion makes true
        possible = [
            place
            for place, where in enumerate(wheres)
            if all(known[FACTS.index(fact)] in (-1, int(wanted)) for fact, wanted in where.items())
        ]
        assert rule == possible[0]
