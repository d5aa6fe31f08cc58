"""Coverage: a registry of measures, and the arithmetic from counts of states to rates and milestones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from geo_service import messages
from geo_service.planning.policy import Milestone, Profile, Target
from geo_service.planning.policy.answers import UNKNOWN, Answers, both
from geo_service.planning.policy.targets import Base, Counted
from geo_service.planning.states import States, Tally

Amount = int | Decimal


@dataclass(frozen=True)
class Measure:
    """One way to count coverage; its sentences are in the message catalogues.

    Parameters
    ----------
    key : str
    version : int
        Grows whenever a rule changes, so that figures of different rules are never compared unawares.
    unit : str
        What is counted, in English.
    counts : str
        What must be true of a unit for it to be in the numerator.
    amount : str
        What of a unit is summed, as a ``Tally`` has it.
    base : str, optional
        What the denominator is taken from; the profile's own base by default.
    """

    key: str
    version: int
    unit: str
    counts: Counted = "covered"
    amount: str = "units"
    base: Base | None = None

    def describe(self, profile: Profile) -> dict[str, Any]:
        """Titles and rules in every language, as JSON."""
        base = self.base or profile.coverage.base

        def said(part: str, language: str) -> str:
            step = messages.text(f"coverage.step.{profile.coverage.covered_from}", language)
            of = messages.text(f"coverage.base.{base}", language)
            return messages.text(f"coverage.{self.key}.{part}", language, step=step, base=of)

        languages = messages.LANGUAGES
        return {
            "key": self.key,
            "version": self.version,
            "unit": self.unit,
            "base": base,
            "baseline_date": profile.baseline_on.isoformat() if profile.baseline_on else None,
            **{f"title_{language}": said("title", language) for language in languages},
            "numerator_rule": {language: said("numerator", language) for language in languages},
            "denominator_rule": {language: said("denominator", language) for language in languages},
        }

    def figures(self, tally: Tally, profile: Profile) -> list[Figure]:
        """Exact figures of every part on the only day of a tally."""
        inside = tally.states.in_base(self.base or profile.coverage.base)
        counted = tally.states.counted(self.counts, profile)
        return [figure for [figure] in _figures(tally, self.amount, inside, counted)]


MEASURES: Mapping[str, Measure] = {
    measure.key: measure
    for measure in (
        Measure("units", 2, "management unit"),
        Measure("buildings", 2, "building", amount="buildings"),
        Measure("households", 2, "household", amount="households"),
        Measure("floor_area_m2", 2, "square metre", amount="floor_area_m2"),
        Measure("land_area_m2", 1, "square metre", amount="land_area_m2"),
        Measure("units_all", 1, "management unit", base="all"),
        Measure("units_once", 1, "management unit", counts="once_covered"),
        Measure("professional", 1, "management unit", counts="professional"),
        Measure("owners_committee", 1, "management unit", counts="owners_committee"),
        Measure("upgraded", 1, "management unit", counts="upgraded"),
        Measure("red_heart_demo", 1, "management unit", counts="red_heart_demo"),
        Measure("compliant", 1, "management unit", counts="compliant"),
        Measure("lapsed", 1, "management unit", counts="lapsed", base="all"),
    )
}


def measure_of(target: Target) -> Measure:
    """The measure whose rules a target counts by, of the target's own base."""
    named = {measure.counts: measure for measure in MEASURES.values() if measure.counts != "covered"}
    measure = MEASURES[target.measure] if target.counts == "covered" else named[target.counts]
    return replace(measure, amount=target.measure, base=target.base)


def target_figures(target: Target, tally: Tally, profile: Profile) -> list[list[Figure]]:
    """What a target counts, of every part on every day: ``[part][day]``."""
    inside, counted = _asked(target, tally.states, profile)
    return _figures(tally, target.measure, inside, counted)


def judge(target: Target, tally: Tally, profile: Profile, on: date) -> Judgement | None:
    """The latest milestone of a target due by ``on``, held against an area's counts of that day alone."""
    milestone = target.milestone_on(on)
    if milestone is None:
        return None
    inside, counted = _asked(target, tally.states, profile)
    [[figure]] = _figures(tally, target.measure, inside, counted)
    [[unknown]] = tally.sums("units", (inside == UNKNOWN) | ((inside == 1) & (counted == UNKNOWN))).tolist()
    named = target.measure if target.counts == "covered" else target.counts
    return Judgement(milestone, named, figure, profile.title_zh, unknown)


def target_states(
    target: Target, states: States, profile: Profile
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which states a target counts, and which of them and others it is taken of."""
    inside, counted = _asked(target, states, profile)
    return (inside == 1) & (counted == 1), inside == 1


def _asked(target: Target, states: States, profile: Profile) -> tuple[Answers, Answers]:
    """Of every state, whether the target is about it, and whether it counts."""
    inside = both(states.in_base(target.base), states.holds(target.where))
    return inside, states.counted(target.counts, profile)


def _figures(tally: Tally, amount: str, inside: Answers, counted: Answers) -> list[list[Figure]]:
    """Figures of every part on every day; square metres are summed in hundredths, so that sums are exact."""
    base = inside == 1

    def exact(sums: list[int]) -> list[Amount]:
        return [Decimal(number) / 100 for number in sums] if amount.endswith("_m2") else [*sums]

    of_parts = zip(
        tally.sums(amount, base & (counted == 1)).tolist(), tally.sums(amount, base).tolist(), strict=True
    )
    return [list(map(Figure, exact(covered), exact(whole))) for covered, whole in of_parts]


class Figure(NamedTuple):
    """An exact count of what is covered, out of an exact count of what should be."""

    numerator: Amount
    denominator: Amount

    @property
    def rate(self) -> float | None:
        """Unrounded; None where there is nothing to cover."""
        return float(self.numerator / self.denominator) if self.denominator else None

    def as_json(self) -> dict[str, Any]:
        """Counts stay whole numbers, floor area becomes a float."""
        return {
            "numerator": plain(self.numerator),
            "denominator": plain(self.denominator),
            "rate": self.rate,
        }


def plain(amount: Amount) -> int | float:
    """An amount as JSON has it: counts stay whole, floor area becomes a float."""
    return float(amount) if isinstance(amount, Decimal) else amount


Figures = dict[str, Figure]
"""A figure by key of its measure."""


@dataclass(frozen=True)
class Judgement:
    """A milestone held against the counts of a day.

    ``met`` is None where there is nothing to cover; ``plan`` is the title of the plan that asks for it, and
    ``unknown`` the units of which its question has no answer yet.
    """

    milestone: Milestone
    measure: str
    figure: Figure
    plan: str
    unknown: int = 0

    @property
    def required(self) -> int:
        """The count that would meet it."""
        return self.milestone.required(int(self.figure.denominator))

    @property
    def met(self) -> bool | None:
        """Judged on exact counts: 183 of 229 is printed as 80 % and misses 80 %."""
        if not self.figure.denominator:
            return None
        return self.milestone.reached(self.figure.numerator, self.figure.denominator)

    def as_json(self) -> dict[str, Any]:
        """The judgement with the counts it rests on."""
        return {
            **milestone_json(self.milestone, self.plan),
            "measure": self.measure,
            "required": self.required,
            "numerator": plain(self.figure.numerator),
            "denominator": plain(self.figure.denominator),
            "met": self.met,
            "unknown": self.unknown,
        }


def milestone_json(milestone: Milestone, plan: str) -> dict[str, Any]:
    """A milestone with the clause of the plan it comes from."""
    return {
        "date": milestone.date.isoformat(),
        "threshold": milestone.threshold,
        "count": milestone.count,
        "is_default": milestone.is_default,
        "clause": {"plan": plan, "section": milestone.section},
    }
