"""What the API answers of proposals."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from geo_service.api.answers.answer import Answer, Moment
from geo_service.api.answers.boards import BoardZone
from geo_service.api.answers.drawing import Refusal
from geo_service.api.answers.problems import Problem
from geo_service.planning.proposing.asks import Ask


class ProposedMove(Answer):
    """A building that would be in another zone; null for none."""

    building: str
    name: str
    from_zone: str | None = Field(alias="from")
    to_zone: str | None = Field(alias="to")


class ProposedCommunity(Answer):
    """One of the communities asked about."""

    code: str
    name: str
    zones_before: int
    zones_after: int
    moved: int
    joined: int


class ProposalFigures(Answer):
    """The communities asked about in figures; null where a part is not known."""

    zones: int
    under: int
    over: int
    imbalance: float = Field(description="Summed difference of the zones' loads from their community's mean")
    distance_m: float | None
    patrol_m: float | None
    unassigned: int


class ProposalReport(Answer):
    """What is proposed: zones that would change or come, zones that would end, buildings that would move."""

    communities: list[ProposedCommunity]
    zones: list[BoardZone]
    deleted: list[str]
    moves: list[ProposedMove]
    before: ProposalFigures
    after: ProposalFigures
    moved_buildings: int = Field(description="That had a zone before")
    joined_buildings: int = Field(description="That had none")
    refused: list[Refusal] = Field(description="Communities that stay as they are, with the reason")


class Proposal(Answer):
    """What the solver was asked about a draft, how far it is, and what it answers."""

    number: int
    plan_id: int
    revision: int = Field(description="Of the plan, that the proposal is based on")
    actor: str
    is_mine: bool
    asked: Ask
    state: Literal["running", "done", "failed", "cancelled", "accepted", "dropped"]
    stage_zh: str
    stage_en: str
    done: int
    total: int | None
    created_at: Moment
    changed_at: Moment
    problem: Problem | None = Field(description="Once it has failed")
    report: ProposalReport | None = Field(description="Once it is done")


class OpenProposal(Answer):
    """The caller's own proposal that is not settled yet."""

    number: int | None
