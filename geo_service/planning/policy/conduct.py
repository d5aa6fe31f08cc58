"""How the work is run: phases, duties, rhythms, consent, scoring, service, sanctions and parties."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from geo_service.planning.policy.part import (
    Conditions,
    Level,
    Named,
    Part,
    Percent,
    Rule,
    fault,
    require_distinct,
)

Period = Literal["day", "week", "month", "half_year", "year"]


def require_order(begins: date | None, ends: date | None) -> None:
    """Refuse an end before its beginning."""
    if begins is not None and ends is not None and begins > ends:
        raise fault("dates_backwards", at=("ends",), earlier=str(begins), later=str(ends))


class Phase(Named, Rule):
    """A stretch of days, both ends included, in which something is to be done."""

    begins: date | None = None
    ends: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        require_order(self.begins, self.ends)
        return self


class Duty(Named, Rule):
    """Something that every unit of a level has to have done by a day."""

    level: Level
    due: date | None = None
    """None where the plan sets no day."""


class Rhythm(Named, Rule):
    """Something that comes back, every week or every month, or whenever it is needed."""

    kind: Literal["meeting", "report", "ranking", "bulletin", "inspection", "assessment", "dispatch"]
    every: Period | None = None
    """None where the plan asks for it "regularly" or "irregularly": shown, and never due."""
    weekday: Annotated[int, Field(ge=1, le=7)] | None = None
    """1 is Monday."""
    day_of_month: Annotated[int, Field(ge=1, le=31)] | None = None
    """By the end of that day; of the last day of a shorter month."""
    begins: date | None = None
    ends: date | None = None
    """The last day on which it may fall due."""
    level: Level = "subdistrict"

    @model_validator(mode="after")
    def _days_fit(self) -> Self:
        require_order(self.begins, self.ends)
        if (self.weekday is not None and self.every != "week") or (
            self.day_of_month is not None and self.every != "month"
        ):
            raise fault("day_does_not_fit", given=self.every or "—")
        return self


Amount = float | Decimal


class ConsentRule(Rule):
    """Who must agree to a compound's plan before it is carried out."""

    who: Literal["owners", "residents"]
    tally: Literal["heads", "area", "both"]
    """What decides; both tallies are always kept."""
    percent: Percent
    inclusive: bool
    """Whether just so many are enough: 90 of 180 pass 50 % where they are."""

    def passes(self, *, heads: tuple[int, int], area: tuple[Amount, Amount]) -> bool:
        """Whether a round passes.

        Parameters
        ----------
        heads : tuple of int
            Owners or residents who agree, and all of them.
        area : tuple of float or Decimal
            Floor area (m2) of those who agree, and of all.
        """
        by_heads, by_area = self._passes(*heads), self._passes(*area)
        return {"heads": by_heads, "area": by_area, "both": by_heads and by_area}[self.tally]

    def _passes(self, agree: Amount, everybody: Amount) -> bool:
        if everybody <= 0:
            return False
        wanted = everybody * self.percent
        return agree * 100 >= wanted if self.inclusive else agree * 100 > wanted


class Indicator(Named, Rule):
    """A group of service items with its weight in the score."""

    weight: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)] = 1.0
    where: Conditions
    """Not applicable where this is not so: no green space, no upkeep of it."""


class EvaluationRound(Named, Rule):
    """A day by whose end every unit has been scored."""

    due: date
    is_final: bool = False


class Scoring(Rule):
    """How a unit is scored, and from what score it is compliant."""

    full_mark: Annotated[int, Field(ge=1)] = 100
    pass_mark: Annotated[int, Field(ge=0)]
    """Inclusive."""
    judged_on: Literal["total", "each_indicator"] = "total"
    """What has to reach the pass mark."""
    weights_are_default: bool = False
    not_applicable: Literal["renormalise", "full_marks"] = "renormalise"
    """An indicator that does not apply leaves the sum to the others, or counts in full."""
    indicators: Annotated[tuple[Indicator, ...], Field(min_length=1, strict=False)]
    rounds: Annotated[tuple[EvaluationRound, ...], Field(strict=False)] = ()
    evaluated: Annotated[
        tuple[Literal["responsible_unit", "subdistrict", "community"], ...], Field(strict=False)
    ]
    """Whose work it is that is scored."""

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        require_distinct(self.indicators, "indicators")
        require_distinct(self.rounds, "rounds")
        if self.pass_mark > self.full_mark:
            raise fault("range_reversed", at=("pass_mark",), lo=self.pass_mark, hi=self.full_mark)
        latest = max((each.due for each in self.rounds if not each.is_final), default=None)
        for place, each in enumerate(self.rounds):
            if each.is_final and latest is not None and each.due < latest:
                at = ("rounds", place, "due")
                raise fault("final_round_first", at=at, given=str(each.due), latest=str(latest))
        return self


class ServiceItem(Named, Rule):
    """One thing to be done in every unit, and how often."""

    indicator: str
    times: Annotated[int, Field(ge=1)] | None = None
    """At least so often in each ``every``; None where the plan asks for it without a number."""
    every: Period | None = None
    where: Conditions

    @model_validator(mode="after")
    def _whole_frequency(self) -> Self:
        if (self.times is None) != (self.every is None):
            raise fault("half_a_frequency")
        return self


class Sanction(Named, Rule):
    """What may be proposed, for a person to decide, when a unit fails; the mildest first."""

    on: Literal["milestone_missed", "report_late", "passive_work", "consent_failed", "plan_failed"]
    """``plan_failed``: a compound's plan cannot be carried out, for whatever reason."""
    where: Conditions
    against: Literal["subdistrict", "community", "responsible_unit", "department"]


class Party(Named, Rule):
    """A body with a role in the programme."""

    role: Literal[
        "lead", "housing", "assessor", "responsible", "community", "supervision", "operator", "support"
    ]


class Checkpoint(Named, Rule):
    """A point of a check-list without a score."""


class Conduct(Part):
    """How the work is run; every list may be empty."""

    phases: Annotated[tuple[Phase, ...], Field(strict=False)] = ()
    duties: Annotated[tuple[Duty, ...], Field(strict=False)] = ()
    rhythms: Annotated[tuple[Rhythm, ...], Field(strict=False)] = ()
    sanctions: Annotated[tuple[Sanction, ...], Field(strict=False)] = ()
    parties: Annotated[tuple[Party, ...], Field(strict=False)] = ()
    service: Annotated[tuple[ServiceItem, ...], Field(strict=False)] = ()
    checklist: Annotated[tuple[Checkpoint, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        for field in type(self).model_fields:
            require_distinct(getattr(self, field), field)
        return self
