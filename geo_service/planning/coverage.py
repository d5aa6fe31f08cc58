"""Coverage: a registry of measures, and the arithmetic from community counts to rates and milestones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from geo_service import messages
from geo_service.planning.policy import Milestone, Profile

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
    """

    key: str
    version: int
    unit: str

    def describe(self, profile: Profile) -> dict[str, Any]:
        """Titles and rules in every language, as JSON."""

        def said(part: str, language: str) -> str:
            step = messages.text(f"coverage.step.{profile.coverage.covered_from}", language)
            return messages.text(f"coverage.{self.key}.{part}", language, step=step)

        languages = messages.LANGUAGES
        return {
            "key": self.key,
            "version": self.version,
            "unit": self.unit,
            **{f"title_{language}": said("title", language) for language in languages},
            "numerator_rule": {language: said("numerator", language) for language in languages},
            "denominator_rule": {language: said("denominator", language) for language in languages},
        }


MEASURES: Mapping[str, Measure] = {
    measure.key: measure
    for measure in (
        Measure("units", 1, "management unit"),
        Measure("buildings", 1, "building"),
        Measure("households", 1, "household"),
        Measure("floor_area_m2", 1, "square metre"),
    )
}


@dataclass(frozen=True)
class Figure:
    """An exact count of what is covered, out of an exact count of what should be."""

    numerator: Amount
    denominator: Amount

    def __add__(self, other: Figure) -> Figure:
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

    ``met`` is None where there is nothing to cover; ``plan`` is the title of the plan that asks for it.
    """

    milestone: Milestone
    measure: str
    figure: Figure
    plan: str

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
