"""What the API answers of proposals."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field


class ProposedZone(BaseModel):
    """A zone as it would be, judged as an edit's zones are."""

    code: str
    name: str
    community_code: str
    locked: bool
    households: int
    buildings: int
    load: int
    deviation_percent: float
    fit: Literal["under", "within", "over"]
    distance_m: float | None
    patrol_m: float | None
    patrol_is_quick: bool
    span_m: float | None
    compactness: float | None
    connected: bool | None
    stranded: list[str]
    crosses_barrier: bool | None
    barriers: list[str]
    centre_building: str
    chief: dict[str, Any] | None
    geometry: dict[str, Any] = Field(description="GeoJSON MultiPolygon in EPSG:4490")


class ProposedMove(BaseModel):
    """A building that would be in another zone; null for none."""

    building: str
    name: str
    from_zone: str | None = Field(alias="from")
    to_zone: str | None = Field(alias="to")


class ProposedCommunity(BaseModel):
    """One of the communities asked about."""

    code: str
    name: str
    zones_before: int
    zones_after: int
    moved: int
    joined: int


class ProposalFigures(BaseModel):
    """The communities asked about in figures; null where a part is not known."""

    zones: int
    under: int
    over: int
    imbalance: float = Field(description="Summed difference of the zones' loads from their community's mean")
    distance_m: float | None
    patrol_m: float | None
    unassigned: int


class ProposalReport(BaseModel):
    """What is proposed: zones that would change or come, zones that would end, buildings that would move."""

    communities: list[ProposedCommunity]
    zones: list[ProposedZone]
    deleted: list[str]
    moves: list[ProposedMove]
    before: ProposalFigures
    after: ProposalFigures
    moved_buildings: int = Field(description="That had a zone before")
    joined_buildings: int = Field(description="That had none")
    refused: list[dict[str, Any]] = Field(description="Communities that stay as they are, with the reason")


class Proposal(BaseModel):
    """What the solver was asked about a draft, how far it is, and what it answers."""

    number: int
    plan_id: int
    revision: int = Field(description="Of the plan, that the proposal is based on")
    actor: str
    is_mine: bool
    asked: dict[str, Any]
    state: Literal["running", "done", "failed", "cancelled", "accepted", "dropped"]
    stage_zh: str
    stage_en: str
    done: int
    total: int | None
    created_at: str
    changed_at: str
    problem: dict[str, Any] | None = Field(description="A problem document, once it has failed")
    report: ProposalReport | None = Field(description="Once it is done")


class OpenProposal(BaseModel):
    """The caller's own proposal that is not settled yet."""

    number: int | None
