"""What changes hands when a plan begins, and who served one unit."""

from __future__ import annotations

from pydantic import Field

from geo_service.api.answers.answer import Answer, Day


class ServingZone(Answer):
    """A zone and its primary chief; null where it has none."""

    zone_code: str
    zone_name: str
    chief_code: str | None
    chief_name: str | None


class HandedBuilding(Answer):
    """A building whose primary chief becomes another; a side is null where no zone has it."""

    code: str
    name: str | None = Field(description="Its name, or else its address")
    households: int
    community_code: str
    community_name: str
    before: ServingZone | None
    after: ServingZone | None


class HandoverTotals(Answer):
    """All buildings that change hands, whatever page was asked for."""

    buildings: int
    households: int
    gain: int = Field(description="Served by nobody before")
    lose: int = Field(description="Served by nobody after")
    change: int = Field(description="Served before and after, by different people")


class ChiefHandover(Answer):
    """How many buildings a chief gives away, and takes."""

    chief_code: str
    chief_name: str | None
    gives: int
    takes: int


class Handover(Answer):
    """Who hands what to whom; ``next`` is ``after`` of the next page, null on the last."""

    plan_id: int
    first_day: Day = Field(alias="from")
    buildings: list[HandedBuilding]
    next: str | None
    totals: HandoverTotals
    by_chief: list[ChiefHandover]


class PastService(Answer):
    """A time in a zone of a published plan under one chief, or without; ``to`` is its last day."""

    plan_id: int
    plan_name: str
    zone_code: str
    zone_name: str
    chief_name: str | None
    chief_role: str | None
    first_day: Day = Field(alias="from")
    last_day: Day | None = Field(alias="to")
