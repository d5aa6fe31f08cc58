"""What drawing a plan, appointing its chiefs and publishing it come to."""

from __future__ import annotations

from pydantic import Field

from geo_service.api.answers.answer import Answer, Day, Sentence
from geo_service.api.answers.areas import Outcome
from geo_service.api.answers.plans import PlanSummary


class Finding(Sentence):
    """Something found while drawing, in words."""

    key: str
    where: str


class NearestOption(Answer):
    """Limits near those asked for that can be kept."""

    limits: str
    zones: int


class Refusal(Answer):
    """Why a community has no zones, and what would help."""

    area_code: str
    name: str
    reason_zh: str
    reason_en: str
    proven: bool = Field(description="Whether there are none, or none were found")
    nearest: list[NearestOption]
    remedies: list[Finding]


class Plan(PlanSummary):
    """A plan with the outcome of each of its communities."""

    outcomes: list[Outcome]


class ZonedCommunity(Answer):
    """One zoned community in figures, and how good they are in words."""

    community_code: str
    name: str
    zones: int
    households: int
    buildings: int
    distance_m: float | None
    patrol_m: float | None
    imbalance: float | None
    border_pairs: int | None
    objective_m: float | None
    lower_bound_m: float | None
    unassigned: int | None
    gap_percent: float | None = Field(description="How far above the best possible at most")
    gap_zh: str
    gap_en: str
    changed_buildings: int | None = Field(description="Null where no earlier plan was continued")


class SavedZone(Answer):
    """A zone as it was stored."""

    id: int
    code: str
    name: str
    community_code: str
    households: int
    buildings: int
    load: int
    distance_m: float
    patrol_m: float | None
    compactness: float
    locked: bool


class Change(Answer):
    """A building that is in another zone than in the plan that was continued."""

    building_code: str
    from_zone: str
    to_zone: str


class DrawnPlan(Answer):
    """What was drawn, and what could not be."""

    plan_id: int
    parent_id: int | None
    name: str
    area_code: str
    limits: str = Field(description="Load a zone, LO-HI")
    seed: int
    communities: list[ZonedCommunity]
    zones: list[SavedZone]
    infeasible: list[Refusal]
    findings: list[Finding]
    changes: list[Change]


class Appointment(Answer):
    """Who serves a zone."""

    id: int
    zone_id: int
    zone_code: str
    person_code: str
    person_name: str
    walk_distance_m: float = Field(description="From the person's home to the zone's centre")


class WithoutChief(Answer):
    """A zone that nobody could be found for, and why."""

    zone_code: str
    reason_zh: str
    reason_en: str


class Appointments(Answer):
    """Who serves which zone, and which zones nobody could be found for."""

    plan_id: int
    revision: int
    posts: list[Appointment]
    without_chief: list[WithoutChief]
    total_walk_distance_m: float


class PublishedCommunity(Answer):
    """One community of a publication, and the plan whose time there it ends."""

    code: str
    name: str
    zones: int
    households: int
    replaced_plan_id: int | None
    without_chief: list[str]


class Published(Answer):
    """Which communities a plan holds in from a date on."""

    plan_id: int
    name: str
    revision: int
    first_day: Day = Field(alias="from")
    communities: list[PublishedCommunity]


class VisitedBuilding(Answer):
    """A building of a zone's walk."""

    code: str
    name: str | None
    address: str | None
    households: int
    visit_order: int | None = Field(description="From 1; null where the plan was drawn without walks")


class ZoneReasons(Answer):
    """Why a zone is as it is; its buildings in walking order."""

    code: str
    name: str
    community_code: str
    households: int
    buildings: int
    load: int | None
    distance_m: float | None
    patrol_m: float | None
    compactness: float | None
    locked: bool
    centre_building: str | None
    limits: str | None = Field(description="Load a zone, LO-HI")
    explanation: list[Finding]
    walk: list[VisitedBuilding] | None
