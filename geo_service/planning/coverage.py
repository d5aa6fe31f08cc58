"""Coverage: a registry of measures, and the arithmetic from community counts to rates and milestones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from geo_service import messages
from geo_service.planning.policy import Milestone, Profile, Target
from geo_service.planning.policy.answers import UNKNOWN, both
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
        chosen = tally.states.in_base(self.base or profile.coverage.base) == 1
        counted = tally.states.counted(self.counts, profile) == 1
        return _figures_of_day(tally, self.amount, chosen & counted, chosen, 0)


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
    counted, chosen = target_states(target, tally.states, profile)
    days = [_figures_of_day(tally, target.measure, counted, chosen, day) for day in range(tally.days)]
    return [list(of_part) for of_part in zip(*days, strict=True)]


def target_states(
    target: Target, states: States, profile: Profile
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which states a target counts, and which of them and others it is taken of."""
    chosen = both(states.in_base(target.base), states.holds(target.where)) == 1
    return chosen & (states.counted(target.counts, profile) == 1), chosen


def unknown_units(target: Target, tally: Tally, profile: Profile) -> list[int]:
    """Units of the whole area, on every day, of which a target's question has no answer yet."""
    states = tally.states
    inside = both(states.in_base(target.base), states.holds(target.where))
    counted = states.counted(target.counts, profile)
    open_ = (inside == UNKNOWN) | ((inside == 1) & (counted == UNKNOWN))
    return [int(count) for count in tally.sums("units", open_).sum(axis=0)]


def _figures_of_day(
    tally: Tally, amount: str, counted: npt.NDArray[np.bool_], base: npt.NDArray[np.bool_], day: int
) -> list[Figure]:
    """Figures of every part; square metres are summed in hundredths, so that sums are exact."""
    numerators = tally.sums(amount, counted)[:, day].tolist()
    denominators = tally.sums(amount, base)[:, day].tolist()
    if amount.endswith("_m2"):
        numerators, denominators = ([Decimal(n) / 100 for n in each] for each in (numerators, denominators))
    return list(map(Figure, numerators, denominators))


class Figure(NamedTuple):
    """An exact count of what is covered, out of an exact count of what should be."""

    numerator: Amount
    denominator: Amount

    def __add__(self, other: Figure) -> Figure:  # type: ignore[override]
        return Figure(self.numerator + other.numerator, self.denominator + other.denominator)

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


def total(parts: Iterable[Figures], measures: Iterable[str]) -> Figures:
    """Sum of the figures of several communities; numerators and denominators, never rates."""
    sums = {measure: Figure(0, 0) for measure in measures}
    for part in parts:
        sums = {measure: figure + part[measure] for measure, figure in sums.items()}
    return sums


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
