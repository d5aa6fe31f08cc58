"""What must be reached by when: targets with their milestones, as the plans write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from geo_service.planning.policy.part import (
    Conditions,
    Interpreted,
    Level,
    Named,
    Part,
    Percent,
    Section,
    Step,
    fault,
)

Measure = Literal["units", "buildings", "households", "floor_area_m2"]
Base = Literal["all", "unmanaged_baseline", "old_all", "task_list"]


Counted = Literal[
    "covered",
    "once_covered",
    "professional",
    "owners_committee",
    "upgraded",
    "red_heart_demo",
    "compliant",
    "lapsed",
]
"""What must be true of a unit for it to count."""


class CoverageRule(Part):
    """What is counted as covered."""

    measure: Measure
    """What a rate counts unless another measure is asked for."""
    base: Base
    """What the denominator is taken from."""
    baseline_on: date | None = None
    """The day whose survey fixed the baseline; the day of issue by default."""
    covered_from: Step
    """The lowest step of the ladder that counts as covered."""
    is_default: bool
    section: Section


class Milestone(Part):
    """What must be reached by the end of a day, in Asia/Shanghai; reaching it exactly is enough."""

    date: date
    percent: Percent | None = None
    """Share of the base; of an incremental target, the share of this period alone."""
    count: Annotated[int, Field(ge=1)] | None = None
    """A number of units instead of a share."""
    is_default: bool = False
    """The plan gives no number, and this is our reading."""
    section: Section

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.percent is None) == (self.count is None):
            raise fault("percent_or_count")
        return self

    def required(self, denominator: int) -> int:
        """The least whole count that reaches the milestone: 80 % of 229 are 183.2, so 184."""
        if self.percent is None:
            assert self.count is not None
            return self.count
        return -(-denominator * self.percent // 100)

    def reached(self, numerator: int | Decimal, denominator: int | Decimal) -> bool:
        """Judged on exact counts: 183 of 229 is printed as 80 % and misses 80 %."""
        if self.percent is None:
            assert self.count is not None
            return numerator >= self.count
        return numerator * 100 >= denominator * self.percent

    @property
    def threshold(self) -> float | None:
        """The share as a fraction; None where a number of units is asked for."""
        return None if self.percent is None else self.percent / 100


class Target(Named, Interpreted):
    """One rate, or one number, with the days by which it has to be reached.

    Cumulative milestones say what is reached in all; incremental ones what each period adds, so that 30, 40
    and 30 % are 30, 70 and 100 %.
    """

    counts: Counted = "covered"
    measure: Measure = "units"
    base: Base = "unmanaged_baseline"
    where: Conditions
    """The subset of the base that the target is about: what has to be true, or false, of a unit."""
    kind: Literal["cumulative", "incremental"] = "cumulative"
    level: Level = "subdistrict"
    """Which units each have to reach it."""
    milestones: Annotated[tuple[Milestone, ...], Field(min_length=1, strict=False)]

    @model_validator(mode="after")
    def _never_backwards(self) -> Self:
        for place, (earlier, later) in enumerate(pairwise(self.milestones), start=1):
            at = ("milestones", place)
            field = "count" if later.percent is None else "percent"
            if later.date <= earlier.date:
                dates = {"earlier": str(earlier.date), "later": str(later.date)}
                raise fault("dates_backwards", at=(*at, "date"), **dates)
            if (earlier.percent is None) != (later.percent is None):
                raise fault("percent_or_count", at=(*at, field))
            if self.kind == "cumulative" and _amount(later) < _amount(earlier):
                amounts = {"earlier": _amount(earlier), "later": _amount(later)}
                raise fault("milestones_backwards", at=(*at, field), **amounts)
        if self.kind == "incremental" and self.milestones[0].percent is not None:
            whole = sum(_amount(milestone) for milestone in self.milestones)
            if whole > 100:
                raise fault("more_than_everything", whole=whole)
        return self

    @cached_property
    def cumulative(self) -> tuple[Milestone, ...]:
        """The milestones as what must be reached in all."""
        if self.kind == "cumulative":
            return self.milestones
        summed: list[Milestone] = []
        for milestone in self.milestones:
            before = _amount(summed[-1]) if summed else 0
            field = "count" if milestone.percent is None else "percent"
            summed.append(milestone.model_copy(update={field: before + _amount(milestone)}))
        return tuple(summed)

    def milestone_on(self, day: date) -> Milestone | None:
        """The latest milestone, of what must be reached in all, that is due by the end of ``day``."""
        due = [milestone for milestone in self.cumulative if milestone.date <= day]
        return due[-1] if due else None

    def next_after(self, day: date) -> Milestone | None:
        """The first milestone due after ``day``."""
        return next((each for each in self.cumulative if each.date > day), None)


def _amount(milestone: Milestone) -> int:
    amount = milestone.count if milestone.percent is None else milestone.percent
    assert amount is not None
    return amount
