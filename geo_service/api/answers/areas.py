"""Areas of a scope, and the zones drawn in them."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from geo_service.api.answers.answer import Answer, Box
from geo_service.api.answers.plans import PlanState


class Area(Answer):
    """A county, sub-district or community."""

    code: str
    kind: Literal["county", "subdistrict", "community"]
    subdistrict_kind: Literal["street", "town", "functional_zone"] | None
    name: str
    name_en: str | None
    parent_code: str | None
    bbox: Box


class ZoneChief(Answer):
    """Who serves a zone, with the public work phone."""

    post_id: int
    name: str
    work_phone: str | None


class Zone(Answer):
    """A zone of a plan; lengths in metres, null where the plan was drawn before they were kept."""

    id: int
    code: str
    name: str | None
    plan_id: int
    plan_state: PlanState
    community_code: str
    households: int
    buildings: int
    load: int | None = Field(description="In the units of the plan's limits")
    distance_m: float | None
    patrol_m: float | None
    compactness: float | None
    locked: bool
    chief: ZoneChief | None
    bbox: Box
    effective_from: date | None


class Outcome(Answer):
    """One zoned community of a plan in figures; null where nothing was measured or proven."""

    plan_id: int
    community_code: str
    zones: int
    distance_m: float | None
    patrol_m: float | None
    imbalance: float | None
    border_pairs: int | None
    objective_m: float | None
    lower_bound_m: float | None
    gap_percent: float | None


class Zones(Answer):
    """Zones by code, and what their communities amount to."""

    zones: list[Zone]
    outcomes: list[Outcome]
