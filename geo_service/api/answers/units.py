"""A management unit on a day."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from geo_service.api.answers.answer import Answer, Citation, Day, Moment


class UnitChief(Answer):
    """The zone that held a standalone building, and the chief in post."""

    zone_code: str
    zone_name: str | None
    plan_id: int
    chief_name: str | None
    work_phone: str | None
    chief_role: str | None
    in_post_from: Day | None
    in_post_to: Day | None


class UnitService(Answer):
    """Who served a unit on a day; ``service`` is null where no zone held it."""

    on: Day
    known: Moment | None
    kind: Literal["compound", "building"]
    code: str
    name: str | None
    community: str
    households: int
    form: str | None
    step: str | None
    since: Day | None = Field(description="The first day of this state; null where it always was so")
    covered: bool
    service: UnitChief | None
    profile: Citation
