"""Coverage of an area on a day."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from geo_service.api.answers.answer import Answer, Citation, Clause, Day, Moment, Titled
from geo_service.api.answers.figures import Figure, JudgedMilestone, Measure, Milestone, Target

By = Literal["community", "subdistrict", "type", "class", "form", "responsible_unit"]


class CoverageRow(Answer):
    """The figures of one part, by key of their measure."""

    code: str
    name: str
    figures: dict[str, Figure]


class PlanInForce(Answer):
    """A plan whose zones hold on the day."""

    id: int
    revision: int
    communities: int


class TargetOnDay(Target):
    """A target, and its latest milestone by the day; null before the first."""

    milestone: JudgedMilestone | None


class UnknownForm(Answer):
    """Units in service in a form that the profile does not name: they are not covered."""

    form: str
    name: str
    units: int


class NewlyLapsed(Answer):
    """A unit that lost its management in the month of the day."""

    kind: Literal["compound", "building"]
    code: str
    name: str | None
    community: str
    on: Day


class Coverage(Answer):
    """Numerator and denominator beside every rate, and the milestone that holds on the day."""

    area: str
    area_name: str
    by: By
    on: Day
    known: Moment | None
    profile: Citation
    plans: list[PlanInForce]
    measures: list[Measure]
    rows: list[CoverageRow]
    total: dict[str, Figure]
    milestone: JudgedMilestone | None
    milestones: list[Milestone]
    targets: list[TargetOnDay]
    unknown_forms: list[UnknownForm]
    newly_lapsed: list[NewlyLapsed] | None = Field(description="Null for whoever reads counts alone")


class TickedOption(Titled):
    """What is ticked in a column."""

    units: int


class TickedGroup(Titled):
    """What is ticked under one header: several marks of a unit are one unit."""

    marks: int
    units: int
    options: list[TickedOption]


class AlsoCounted(Answer):
    """Units that count under a form, too, by the profile."""

    form: str
    where: dict[str, bool]
    clause: Clause


class Types(Answer):
    """The units of an area on a day, and what is ticked of them."""

    area: str
    area_name: str
    on: Day
    known: Moment | None
    units: int
    groups: list[TickedGroup]
    profile: Citation
    also_counted: list[AlsoCounted]
