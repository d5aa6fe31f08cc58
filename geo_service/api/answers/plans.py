"""Plans as lists and heads of pages show them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from geo_service.api.answers.answer import Answer, Day, Moment

PlanState = Literal["draft", "review", "published", "superseded"]


class HeldFrom(Answer):
    """From and until when a plan holds in a community; null where no end is fixed."""

    community_code: str
    first_day: Day = Field(alias="from")
    last_day: Day | None = Field(alias="to")


class PlanSummary(Answer):
    """A plan: its state and size, how far from the best possible; null where nothing was measured."""

    id: int
    name: str
    area_code: str
    state: PlanState
    revision: int
    parent_id: int | None = Field(description="The plan it continues or is a copy of")
    created_by: str
    created_at: Moment
    limits: str | None = Field(description="Load a zone, LO-HI")
    seed: int | None
    zones: int
    households: int
    buildings: int
    without_chief: int = Field(description="Zones that nobody serves")
    distance_m: float | None
    patrol_m: float | None
    objective_m: float | None
    lower_bound_m: float | None
    gap_percent: float | None
    infeasible: list[dict[str, Any]] = Field(description="Communities that have no zones, with the reason")
    findings: list[dict[str, Any]] = Field(description="What was found while drawing, in words")
    publications: list[HeldFrom]


class BegunPlan(Answer):
    """A draft without zones."""

    plan_id: int
    name: str
    area_code: str
    state: Literal["draft"]
    revision: int
    limits: str = Field(description="Load a zone, LO-HI")
    on: Day = Field(description="The day whose arrangements decide which buildings need a zone")
