"""From marks to a score: indicators weighed, what does not apply left out, and the pass mark held exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from geo_service.errors import InvalidInput
from geo_service.planning.policy.conduct import Scoring
from geo_service.planning.policy.part import Fact


@dataclass(frozen=True)
class Score:
    """The outcome of one evaluation.

    Parameters
    ----------
    total : Fraction
        Out of the full mark, unrounded.
    passes : bool
        At least the pass mark: 85 passes, 84.5 does not. Where the profile says so, each indicator has to
        reach it.
    left_out : tuple of str
        Indicators that do not apply to the unit.
    """

    total: Fraction
    passes: bool
    left_out: tuple[str, ...]

    @property
    def shown(self) -> Decimal:
        """The total to two decimals, rounded down: nothing below the pass mark is printed as reaching it."""
        return Decimal(int(self.total * 100)) / 100


def score(scoring: Scoring, marks: Mapping[str, Decimal], facts: Mapping[Fact, bool]) -> Score:
    """Score a unit.

    Parameters
    ----------
    scoring : Scoring
    marks : mapping
        What each indicator was given, out of the full mark, by its key.
    facts : mapping
        What is known of the unit; an indicator that asks for something else does not apply.

    Raises
    ------
    InvalidInput
        When an indicator that applies has no mark, one has a mark outside 0 to the full mark, one is unknown,
        or none applies.
    """
    known = {indicator.key for indicator in scoring.indicators}
    for key, mark in marks.items():
        if key not in known:
            raise InvalidInput("evaluation.unknown_indicator", where=key, known=", ".join(sorted(known)))
        if not mark.is_finite() or not 0 <= mark <= scoring.full_mark:
            raise InvalidInput("evaluation.mark_outside", where=key, given=str(mark), most=scoring.full_mark)
    weighed = Fraction(0)
    weights = Fraction(0)
    counted = []
    left_out = []
    for indicator in scoring.indicators:
        weight = Fraction(indicator.weight)
        if any(facts.get(fact) is (not wanted) for fact, wanted in indicator.where.items()):
            left_out.append(indicator.key)
            if scoring.not_applicable == "full_marks":
                weighed += weight * scoring.full_mark
                weights += weight
            continue
        if indicator.key not in marks:
            raise InvalidInput("evaluation.mark_missing", where=indicator.key)
        counted.append(Fraction(marks[indicator.key]))
        weighed += weight * counted[-1]
        weights += weight
    if not weights:
        raise InvalidInput("evaluation.nothing_applies")
    total = weighed / weights
    judged = total if scoring.judged_on == "total" else min(counted, default=total)
    return Score(total, judged >= scoring.pass_mark, tuple(left_out))
