"""What the API answers of what others have done to a plan."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class ToldEdit(BaseModel):
    """One row of a plan's history, in words."""

    number: int
    revision: int
    actor: str
    role: str
    at: str
    kind: str
    community_code: str | None
    community_name: str | None
    zones: list[str]
    buildings: int
    of_number: int | None
    is_taken_back: bool
    message_zh: str
    message_en: str


class HeldBuildings(BaseModel):
    """All buildings of a zone."""

    zone: str
    buildings: list[str]


class PlanChanges(BaseModel):
    """The zones that were touched after a revision, as they are now."""

    plan_id: int
    revision: int
    edits: list[ToldEdit] = Field(description="Newest first")
    touched: list[str] = Field(description="Codes of zones; what they held then, is in them no longer")
    zones: list[dict[str, Any]] = Field(description="Those that are left, as on the board")
    deleted: list[str]
    moves: list[HeldBuildings]
    plan: dict[str, Any] = Field(description="Figures, as on the board")
    undo: int | None
    redo: int | None
