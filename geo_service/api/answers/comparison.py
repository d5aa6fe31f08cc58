"""What two plans held against each other look like."""

from __future__ import annotations

from geo_service.api.answers.answer import Answer, Moment
from geo_service.api.answers.boards import Limits
from geo_service.api.answers.plans import PlanState


class ComparedFigures(Answer):
    """Zones of one plan together; null where nothing is known."""

    zones: int
    households: int
    buildings: int
    unassigned: int
    under: int
    over: int
    largest_deviation_percent: float | None
    mean_deviation_percent: float | None
    distance_m: float | None
    patrol_m: float | None
    mean_compactness: float | None
    in_pieces: int
    crossing_barriers: int


class ComparedPlan(Answer):
    """One of the two plans; its figures are of what is compared alone."""

    plan_id: int
    name: str
    area_code: str
    state: PlanState
    revision: int
    parent_id: int | None
    created_by: str
    created_at: Moment
    limits: Limits
    figures: ComparedFigures


class ComparedCommunity(Answer):
    """A community in both plans; ``differing`` counts buildings."""

    code: str
    name: str
    differing: int
    a: ComparedFigures
    b: ComparedFigures


class ZoneName(Answer):
    """A zone of one of the plans, and the name of its chief."""

    code: str
    name: str
    chief: str | None


class ComparedZone(ZoneName):
    """The same with its size."""

    households: int
    buildings: int
    load: int


class ZonePair(Answer):
    """Zones that share most people; one of them null where a zone has no match."""

    community_code: str
    a: ComparedZone | None
    b: ComparedZone | None
    shared_households: int
    shared_buildings: int


class DifferingCount(Answer):
    """How much differs in all, whatever page was asked for."""

    buildings: int
    households: int


class DifferingBuilding(Answer):
    """A building that is elsewhere in plan B, with its zone in either plan; null for none."""

    code: str
    name: str | None
    address: str | None
    households: int
    community_code: str
    lon: float | None
    lat: float | None
    a: ZoneName | None
    b: ZoneName | None


class PlanComparison(Answer):
    """Two plans side by side; ``next`` is ``after`` of the next page of buildings, null on the last."""

    area_code: str
    a: ComparedPlan
    b: ComparedPlan
    communities: list[ComparedCommunity]
    zones: list[ZonePair]
    differing: DifferingCount
    buildings: list[DifferingBuilding]
    next: str | None
