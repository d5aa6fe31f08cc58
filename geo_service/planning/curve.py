"""The milestone curve: what a plan asks for by when, what was reached, and what the present pace leads to."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Any

from geo_service.planning.coverage import Amount, Figure, plain
from geo_service.planning.policy import Milestone, Target

MOST_MONTHS = 36
MONTHS_BEFORE = 3
# A pace over fewer days than these says little of the weeks to come.
LEAST_DAYS_OF_PACE = 14


class Flag(StrEnum):
    """How an area stands."""

    RED = "red"
    """Below the latest milestone that was due."""
    AMBER = "amber"
    """The present pace misses the next one."""
    GREEN = "green"
    NONE = "none"
    """There is nothing to cover."""


@dataclass(frozen=True)
class Step:
    """One milestone of an area.

    Parameters
    ----------
    required : int
        The count that reaches it, of the base of its own day, or of today's where it lies ahead.
    figure : Figure, optional
        Counts at the end of its day; None where it lies ahead.
    """

    milestone: Milestone
    required: int
    figure: Figure | None

    @property
    def met(self) -> bool | None:
        """Judged on exact counts; None where it lies ahead or there is nothing to cover."""
        if self.figure is None or not self.figure.denominator:
            return None
        return self.milestone.reached(self.figure.numerator, self.figure.denominator)


@dataclass(frozen=True)
class Curve:
    """Plan and actual of one area.

    Parameters
    ----------
    points : tuple of (date, Figure)
        What was reached, in order of time; the last is the day asked about.
    steps : tuple of Step
    pace : Fraction, optional
        Units covered a day since ``pace_since``; None while there is too little to go by.
    expected : int, optional
        What that pace leads to by the next milestone, at most the base.
    """

    points: tuple[tuple[date, Figure], ...]
    steps: tuple[Step, ...]
    pace: Fraction | None
    pace_since: date | None
    expected: int | None

    @property
    def now(self) -> Figure:
        """Counts of the day asked about."""
        return self.points[-1][1]

    @property
    def next_step(self) -> Step | None:
        """The first milestone ahead."""
        return next((step for step in self.steps if step.figure is None), None)

    @property
    def gap(self) -> Amount | None:
        """Units still missing to the next milestone; None after the last."""
        step = self.next_step
        return None if step is None else max(0, step.required - self.now.numerator)

    @property
    def flag(self) -> Flag:
        """Red, amber or green."""
        if not self.now.denominator:
            return Flag.NONE
        due = [step for step in self.steps if step.figure is not None]
        if due and not due[-1].milestone.reached(self.now.numerator, self.now.denominator):
            return Flag.RED
        if self.expected is not None and self.next_step and self.expected < self.next_step.required:
            return Flag.AMBER
        return Flag.GREEN

    def as_json(self) -> dict[str, Any]:
        """The curve as the command line and the API print it."""
        following = self.next_step
        return {
            **self.now.as_json(),
            "flag": self.flag.value,
            "points": [{"date": day.isoformat(), **figure.as_json()} for day, figure in self.points],
            "steps": [
                {
                    "date": step.milestone.date.isoformat(),
                    "threshold": step.milestone.threshold,
                    "required": step.required,
                    "met": step.met,
                    **({} if step.figure is None else step.figure.as_json()),
                }
                for step in self.steps
            ],
            "next": following
            and {
                "date": following.milestone.date.isoformat(),
                "required": following.required,
                "gap": None if self.gap is None else plain(self.gap),
                "expected": self.expected,
            },
            "pace_per_day": None if self.pace is None else float(self.pace),
            "pace_since": self.pace_since and self.pace_since.isoformat(),
        }


def days_to_count(target: Target, on: date) -> list[date]:
    """The days a curve needs: ends of months, milestones that are due, and the day itself.

    From some months before the first milestone to ``on``; where that is very long, its last months.
    """
    first = _months_before(target.cumulative[0].date, MONTHS_BEFORE)
    months: list[date] = []
    day = _month_end(first)
    while day < on:
        months.append(day)
        day = _month_end(day + timedelta(days=1))
    due = [milestone.date for milestone in target.cumulative if milestone.date <= on]
    return sorted({*months[-MOST_MONTHS:], *due, on})


def follow(target: Target, counted: Mapping[date, Figure], on: date) -> Curve:
    """Hold what was counted against a target.

    Parameters
    ----------
    target : Target
    counted : mapping of date to Figure
        Of every day of ``days_to_count``.
    on : date
        The last day that is known.
    """
    points = tuple(sorted(counted.items()))
    now = counted[on]
    steps = tuple(
        Step(
            milestone,
            milestone.required(int((counted[milestone.date] if milestone.date <= on else now).denominator)),
            counted[milestone.date] if milestone.date <= on else None,
        )
        for milestone in target.cumulative
    )
    pace, since = _pace(points, target, on)
    ahead = next((step for step in steps if step.figure is None), None)
    expected = None
    if pace is not None and ahead is not None:
        reached = Fraction(now.numerator) + pace * (ahead.milestone.date - on).days
        expected = int(min(Fraction(now.denominator), max(reached, Fraction(0))))
    return Curve(points, steps, pace, since, expected)


def ranks(figures: Sequence[Figure]) -> list[int | None]:
    """Place of each by its exact rate, the best 1; equal rates share a place, and the next is left out.

    None where there is nothing to cover.
    """
    rates = [
        Fraction(figure.numerator) / Fraction(figure.denominator) if figure.denominator else None
        for figure in figures
    ]
    places: dict[Fraction, int] = {}
    for place, rate in enumerate(sorted((rate for rate in rates if rate is not None), reverse=True), start=1):
        places.setdefault(rate, place)
    return [None if rate is None else places[rate] for rate in rates]


def pace_since(target: Target, days: Sequence[date], on: date) -> date | None:
    """The day since when a pace is taken: the latest milestone's, or the latest earlier one long enough ago.

    Parameters
    ----------
    days : sequence of date
        What ``days_to_count`` gives, in order of time.
    """
    latest = target.milestone_on(on)
    longest = latest.date if latest is not None else days[0]
    far_enough = [day for day in days if (on - day).days >= LEAST_DAYS_OF_PACE]
    since = [day for day in far_enough if day >= longest] or far_enough[-1:]
    return since[0] if since else None


def _pace(
    points: tuple[tuple[date, Figure], ...], target: Target, on: date
) -> tuple[Fraction | None, date | None]:
    """Units a day, and since when."""
    counted = dict(points)
    since = pace_since(target, list(counted), on)
    if since is None:
        return None, None
    gained = Fraction(counted[on].numerator) - Fraction(counted[since].numerator)
    return gained / (on - since).days, since


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _months_before(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)
