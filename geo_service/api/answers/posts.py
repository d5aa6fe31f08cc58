"""A chief's post: the zone, its buildings, whom to call."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from geo_service.api.answers.answer import Answer, Box, Day
from geo_service.api.answers.geojson import DrawnArea


class Post(Answer):
    """A person's service of a zone; null where no day is fixed."""

    id: int
    rank: Literal["primary", "deputy"]
    valid_from: Day | None
    valid_to: Day | None


class PostChief(Answer):
    """Who serves, with the public work phone."""

    name: str | None
    work_phone: str | None
    chief_role: Literal["grid_chief", "courtyard_chief"] | None


class PostZone(Answer):
    """The zone of a post."""

    id: int
    code: str
    name: str
    households: int
    buildings: int
    patrol_m: float | None
    bbox: Box
    geometry: DrawnArea


class PostBuilding(Answer):
    """A building of the zone."""

    code: str
    visit_order: int | None = Field(description="Place in the walk, from 1; null without one")
    name: str | None
    address: str | None
    households: int
    storeys: int | None
    unit_count: int | None
    geometry: DrawnArea


class PostSheet(Answer):
    """What a chief needs to see."""

    post: Post
    chief: PostChief
    zone: PostZone
    buildings: list[PostBuilding]
