"""What the API answers of what others have done to a plan."""

from __future__ import annotations

from pydantic import Field

from geo_service.api.answers.answer import Answer
from geo_service.api.answers.boards import BoardZone, PlanFigures, Redo, Undo
from geo_service.api.answers.plan_history import PastEdit


class HeldBuildings(Answer):
    """All buildings of a zone."""

    zone: str
    buildings: list[str]


class PlanChanges(Answer):
    """The zones that were touched after a revision, as they are now."""

    plan_id: int
    revision: int
    edits: list[PastEdit] = Field(description="Newest first")
    touched: list[str] = Field(description="Codes of zones; what they held then, is in them no longer")
    zones: list[BoardZone] = Field(description="Those that are left")
    deleted: list[str]
    moves: list[HeldBuildings]
    plan: PlanFigures
    undo: Undo
    redo: Redo
