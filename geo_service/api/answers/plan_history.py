"""What was done to a plan, and what of it breaks the rules."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from geo_service.api.answers.answer import Answer, Moment, Sentence
from geo_service.api.answers.boards import Redo, Undo
from geo_service.api.answers.plans import PlanState


class PastEdit(Sentence):
    """One row of a plan's history, in words."""

    number: int
    revision: int
    actor: str
    role: str
    at: Moment
    kind: str
    community_code: str | None
    community_name: str | None
    zones: list[str]
    buildings: int = Field(description="How many changed their zone")
    of_number: int | None = Field(description="The edit that was taken back or done again")
    is_taken_back: bool


class History(Answer):
    """Rows of a plan's history, newest first."""

    plan_id: int
    revision: int
    edits: list[PastEdit]
    next: int | None = Field(description="``before`` of the next page; null on the last")
    undo: Undo
    redo: Redo


class Remark(Sentence):
    """One thing to know about a plan; ``zone_code`` is null where it is about the community."""

    rule: str
    community_code: str
    zone_code: str | None


class CheckList(Answer):
    """What publishing a plan is refused for, and what is good to know."""

    plan_id: int
    revision: int
    state: PlanState
    breaches: list[Remark]
    notes: list[Remark] = Field(description="Refuse nothing: zones without a chief, communities left out")


class HandedIn(Answer):
    """A plan in review."""

    plan_id: int
    state: Literal["review"]
    revision: int
    breaches: list[Remark]


class Renamed(Answer):
    """A plan with another name."""

    plan_id: int
    name: str
    revision: int


class Reopened(Answer):
    """A plan that is a draft again."""

    plan_id: int
    state: Literal["draft"]
    revision: int
