"""A plan on the table, and what an edit of it changes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from geo_service.api.answers.answer import Answer, Day, Moment
from geo_service.api.answers.geojson import DrawnArea
from geo_service.api.answers.plans import HeldFrom, PlanState

Undo = Annotated[int | None, Field(description="Number of the edit that undo takes back; null for none")]
Redo = Annotated[int | None, Field(description="Number of the edit that redo does again; null for none")]
Pair = Annotated[list[str], Field(min_length=2, max_length=2, description="Codes of two buildings")]


class BoardChief(Answer):
    """Who serves a zone."""

    code: str
    name: str
    work_phone: str | None


class BoardZone(Answer):
    """A zone with its judgement; null where nothing is known."""

    code: str
    name: str
    community_code: str
    locked: bool
    households: int
    buildings: int
    load: int = Field(description="In the units of the limits")
    deviation_percent: float = Field(description="Of the load from the middle of the limits")
    fit: Literal["under", "within", "over"]
    distance_m: float | None = Field(description="Summed walks of the households to the zone's centre")
    patrol_m: float | None = Field(description="Length of the walk past every building and back")
    span_m: float | None
    compactness: float | None = Field(description="1 for a circle, less for anything else")
    connected: bool | None
    stranded: list[str] = Field(description="Buildings apart from the rest of the zone")
    crosses_barrier: bool | None
    barriers: list[str] = Field(description="Names of the barriers it lies across")
    centre_building: str | None
    chief: BoardChief | None
    geometry: DrawnArea


class Histogram(Answer):
    """How many zones have which load: bin ``i`` is from ``edges[i]`` to below ``edges[i + 1]``."""

    edges: list[int]
    counts: list[int]


class PlanFigures(Answer):
    """A plan's zones together; null where nothing is known."""

    zones: int
    households: int
    buildings: int
    unassigned: int = Field(description="Buildings that wait for a zone")
    distance_m: float | None
    patrol_m: float | None
    under: list[str] = Field(description="Zones below the limits")
    over: list[str] = Field(description="Zones above the limits")
    in_pieces: list[str] = Field(description="Zones that are not connected")
    crossing: list[str] = Field(description="Zones across a barrier")
    histogram: Histogram


class EditedFigures(PlanFigures):
    """The same, beside what the distance was before the edit."""

    distance_before_m: float


class Limits(Answer):
    """The least and the most load a zone may have."""

    lo: int
    hi: int


class BoardCommunity(Answer):
    """A community of the plan's area."""

    code: str
    name: str
    unassigned: int = Field(description="Buildings that wait for a zone")


class BoardBuildings(Answer):
    """The buildings, one list a column, all in one order."""

    code: list[str]
    community: list[int] = Field(description="Places in the board's communities; -1 for none of them")
    zone: list[int] = Field(description="Places in the board's zones; -1 for none")
    households: list[int]
    lon: list[float] = Field(description="Degrees (EPSG:4490) of a point inside")
    lat: list[float]


class Board(Answer):
    """All that is needed to work on a plan."""

    plan_id: int
    revision: int
    name: str
    area_code: str
    state: PlanState
    parent_id: int | None
    created_by: str
    created_at: Moment
    publications: list[HeldFrom]
    limits: Limits
    on: Day = Field(description="The day whose buildings are to be zoned")
    undo: Undo
    redo: Redo
    plan: PlanFigures
    communities: list[BoardCommunity]
    zones: list[BoardZone]
    buildings: BoardBuildings


class WorkedCommunity(Answer):
    """A community under work."""

    code: str
    zones: int
    unassigned: list[str] = Field(description="Buildings that wait for a zone")
    parted: list[Pair] = Field(description="That must share a zone and do not")
    not_apart: list[Pair] = Field(description="That must not share a zone and do")


class OpenedCommunity(WorkedCommunity):
    """A community of a plan, opened to work on it."""

    plan_id: int
    revision: int
    names: dict[str, str] = Field(description="Names, or else addresses, of its buildings by code")


class Move(Answer):
    """Buildings that are in another zone than before; null for none."""

    zone: str | None
    buildings: list[str]


class EditReport(Answer):
    """What an edit, an undo or a redo changed; where nothing changed, ``number`` and ``kind`` are null."""

    plan_id: int
    number: int | None
    revision: int
    kind: str | None
    of_number: int | None = Field(description="The edit that was taken back or done again")
    zones: list[BoardZone]
    deleted: list[str]
    moves: list[Move]
    community: WorkedCommunity | None = Field(description="The only one it changed; null where several")
    communities: list[WorkedCommunity]
    plan: EditedFigures
    undo: Undo
    redo: Redo


class PlanCopy(Answer):
    """A new draft that is a copy of a plan."""

    plan_id: int
    parent_id: int
    name: str
    area_code: str
    state: PlanState
    revision: int
    copied_revision: int = Field(description="Of the plan that was copied")
    zones: int
    buildings: int
