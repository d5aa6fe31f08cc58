"""Per-compound plans, and lapses of management."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from geo_service.api.answers.answer import Answer, Clause, Day, Moment, Titled

UnitKind = Literal["compound", "building"]
CompoundPlanState = Literal["drafted", "consulted", "carried_out", "failed"]


class Managed(Answer):
    """How a unit is managed on a day."""

    form: str
    step: str
    is_gov_fallback: bool


class CompoundPlan(Answer):
    """A unit's own plan, and how the unit is managed; null where it is not."""

    kind: UnitKind
    unit: str
    name: str | None
    community: str
    form: str
    measures: str
    state: CompoundPlanState
    entered_on: Day = Field(description="The day it came to its state")
    reason: str | None
    consent_round: int | None
    agreed: bool | None
    profile: str
    version: int
    managed: Managed | None
    by: str
    at: Moment


class CompoundPlans(Answer):
    """Every present plan of an area."""

    area: str
    area_name: str
    on: Day
    states: dict[CompoundPlanState, int] = Field(description="How many plans are in each state")
    plans: list[CompoundPlan]


class Fallback(Answer):
    """The form that the government plan has follow a failed plan."""

    form: str
    step: str
    first_day: Day = Field(alias="from")
    is_gov_fallback: bool
    clause: Clause


class ProposedSanction(Titled):
    """What may be proposed, for a person to decide."""

    where: dict[str, bool]
    against: Literal["subdistrict", "community", "responsible_unit", "department"]
    clause: Clause


class FailedPlan(CompoundPlan):
    """A plan that failed, and what follows."""

    fallback: Fallback | None
    proposals: list[ProposedSanction]


class ResumedPlan(CompoundPlan):
    """A plan whose outcome was taken back."""

    withdrawn: CompoundPlanState


class LapseRecord(Answer):
    """The first day without management, and why."""

    id: int
    unit: str
    community: str
    lapsed_on: Day
    reason: str
    form: str
    step_before: str


class ListedLapse(LapseRecord):
    """The same with when it ended, and who recorded it."""

    kind: UnitKind
    name: str | None
    managed_again_on: Day | None
    by: str
    at: Moment


class Lapses(Answer):
    """Every lapse of an area up to a day."""

    area: str
    area_name: str
    on: Day
    by_month: dict[str, int]
    lapsed_now: int
    lapses: list[ListedLapse]


class WithdrawnLapse(Answer):
    """A lapse that never was."""

    unit: str
    community: str
    lapsed_on: Day
    withdrawn: bool
