"""Figures of coverage: exact counts, the measures and targets they go by, milestones."""

from __future__ import annotations

from pydantic import Field

from geo_service.api.answers.answer import Amount, Answer, Bilingual, Clause, Day, Titled


class Figure(Answer):
    """What is covered out of what should be."""

    numerator: Amount
    denominator: Amount
    rate: float | None = Field(description="A share of 1, unrounded; null where there is nothing to cover")


class Measure(Titled):
    """How a measure counts, in words."""

    version: int
    unit: str
    base: str
    baseline_date: Day | None = Field(description="The day whose survey fixed the base")
    numerator_rule: Bilingual
    denominator_rule: Bilingual


class Target(Titled):
    """What a target of the policy profile is about."""

    counts: str
    base: str
    where: dict[str, bool] = Field(description="What has to be true, or false, of a unit")
    kind: str
    level: str


class Milestone(Answer):
    """What must be reached by the end of a day."""

    date: Day
    threshold: float | None = Field(description="A share of 1")
    count: int | None
    is_default: bool
    clause: Clause


class JudgedMilestone(Milestone):
    """A milestone held against the counts of a day."""

    measure: str
    required: int = Field(description="The least whole count that meets it")
    numerator: Amount
    denominator: Amount
    met: bool | None = Field(description="Null where there is nothing to cover")
    unknown: int = Field(description="Units of which its question has no answer yet")
