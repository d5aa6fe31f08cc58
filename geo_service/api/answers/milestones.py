"""Plan and actual: what a target asks for by when, what was reached, what the pace leads to."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from geo_service.api.answers.answer import Amount, Answer, Citation, Day, Moment, Titled
from geo_service.api.answers.figures import Figure, Measure, Target

Flag = Literal["red", "amber", "green", "none"]


class CurvePoint(Figure):
    """What was counted at the end of a day."""

    date: Day


class CurveStep(Answer):
    """A milestone; counts are missing while it lies ahead."""

    date: Day
    threshold: float | None = Field(description="A share of 1")
    required: int
    met: bool | None = Field(description="Null while it lies ahead, or where there is nothing to cover")
    numerator: Amount = 0
    denominator: Amount = 0
    rate: float | None = None


class NextStep(Answer):
    """The first milestone ahead."""

    date: Day
    required: int
    gap: Amount = Field(description="Still missing to it")
    expected: int | None = Field(description="What the present pace leads to; null with too little to go by")


class Curve(Figure):
    """Plan and actual; the counts are those of the day asked about."""

    flag: Flag
    points: list[CurvePoint]
    steps: list[CurveStep]
    next: NextStep | None
    pace_per_day: float | None
    pace_since: Day | None


class RankedCurve(Curve):
    """The curve of a community or sub-district, and its place among them."""

    code: str
    name: str
    rank: int | None = Field(description="Null where there is nothing to cover")


class Due(Titled):
    """Something that the plan asks for soon."""

    date: Day
    what: str
    section: str
    level: str | None


class Milestones(Answer):
    """Plan and actual of an area, as a whole and by its parts."""

    area: str
    area_name: str
    by: Literal["community", "subdistrict"]
    on: Day
    known: Moment | None
    profile: Citation
    target: Target
    targets: list[Target]
    measure: Measure
    total: Curve
    rows: list[RankedCurve]
    coming: list[Due]
