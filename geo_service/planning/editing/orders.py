"""What a planner may order done to the zones of one community, as it is said over HTTP and kept on record."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

LONGEST_CODE = 64
MOST_BUILDINGS = 100_000
MOST_ZONES = 1_000
MOST_VERTICES = 100_000
MOST_PARTS = 100

_PRINTABLE = r"^[^\x00-\x1f]*$"
Code = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_CODE, pattern=_PRINTABLE)]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_PRINTABLE)
]
BuildingCodes = Annotated[list[Code], Field(min_length=1, max_length=MOST_BUILDINGS)]
ZoneCodes = Annotated[list[Code], Field(min_length=1, max_length=MOST_ZONES)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False, strict=True)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False, strict=True)]
Position = tuple[Longitude, Latitude]
Ring = Annotated[list[Position], Field(min_length=3, max_length=MOST_VERTICES)]
Rings = Annotated[list[Ring], Field(min_length=1, max_length=1_000)]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Polygon(_Said):
    """GeoJSON, in EPSG:4490."""

    type: Literal["Polygon"]
    coordinates: Rings


class MultiPolygon(_Said):
    """GeoJSON, in EPSG:4490."""

    type: Literal["MultiPolygon"]
    coordinates: Annotated[list[Rings], Field(min_length=1, max_length=1_000)]


class LineString(_Said):
    """GeoJSON, in EPSG:4490."""

    type: Literal["LineString"]
    coordinates: Annotated[list[Position], Field(min_length=2, max_length=MOST_VERTICES)]


Outline = Annotated[Polygon | MultiPolygon, Field(discriminator="type")]


class Assign(_Said):
    """Buildings come into a zone, or into none: clicked, lassoed or brushed."""

    kind: Literal["assign"]
    zone: Code | None = Field(description="null takes the buildings out of their zones")
    buildings: BuildingCodes


class AssignWithin(_Said):
    """The buildings of the zone's community whose representative point lies in an outline come into it."""

    kind: Literal["assign_within"]
    zone: Code
    outline: Outline
    reshape: bool = Field(default=False, description="Buildings of the zone outside the outline leave it")


class NewZone(_Said):
    """A zone of its own for some buildings of one community."""

    kind: Literal["new_zone"]
    buildings: BuildingCodes
    name: Name | None = None


class NewZoneWithin(_Said):
    """A zone of its own for a community's buildings whose representative point lies in an outline."""

    kind: Literal["new_zone_within"]
    community: Code
    outline: Outline
    name: Name | None = None


class Merge(_Said):
    """Several zones become one, which keeps the code and name of ``into``, or else of the first."""

    kind: Literal["merge"]
    zones: Annotated[list[Code], Field(min_length=2, max_length=MOST_ZONES)]
    into: Code | None = None


class SplitByLine(_Said):
    """A zone is parted along a line, which goes on straight at its ends; the heavier side keeps the code."""

    kind: Literal["split_by_line"]
    zone: Code
    line: LineString


class Split(_Said):
    """The solver parts a zone into connected zones of about the same load."""

    kind: Literal["split"]
    zone: Code
    parts: Annotated[int, Field(ge=2, le=MOST_PARTS, strict=True)]
    seed: Annotated[int, Field(ge=0, lt=2**31, strict=True)] = 1


class Rename(_Said):
    """A zone gets another name."""

    kind: Literal["rename"]
    zone: Code
    name: Name


class Lock(_Said):
    """Zones are locked: until they are unlocked, no building joins or leaves them."""

    kind: Literal["lock"]
    zones: ZoneCodes


class Unlock(_Said):
    """Zones are unlocked."""

    kind: Literal["unlock"]
    zones: ZoneCodes


class Delete(_Said):
    """A zone is deleted; its buildings are in no zone."""

    kind: Literal["delete"]
    zone: Code


EditOrder = Annotated[
    Assign
    | AssignWithin
    | NewZone
    | NewZoneWithin
    | Merge
    | SplitByLine
    | Split
    | Rename
    | Lock
    | Unlock
    | Delete,
    Field(discriminator="kind"),
]
_READER: TypeAdapter[EditOrder] = TypeAdapter(EditOrder)


def read_order(document: object) -> EditOrder:
    """The order a JSON document says.

    Raises
    ------
    pydantic.ValidationError
        When it says none.
    """
    return _READER.validate_python(document)


def as_said(order: EditOrder) -> dict[str, Any]:
    """The order as JSON."""
    return order.model_dump(mode="json")


def zones_named(order: EditOrder) -> list[str]:
    """Codes of the zones an order names."""
    match order:
        case Merge():
            return [*order.zones, *([] if order.into is None else [order.into])]
        case Lock() | Unlock():
            return list(order.zones)
        case NewZone() | NewZoneWithin():
            return []
        case _:
            return [] if order.zone is None else [order.zone]


def buildings_named(order: EditOrder) -> list[str]:
    """Codes of the buildings an order names."""
    return list(order.buildings) if isinstance(order, Assign | NewZone) else []
