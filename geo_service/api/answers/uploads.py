"""A file uploaded once: what it seems to hold, where its places lie, how far its import is."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from geo_service.api.answers.answer import Answer
from geo_service.api.answers.geojson import DrawnArea, DrawnPolygon
from geo_service.api.answers.imports import Datum, ImportReport, Kind
from geo_service.api.answers.problems import Problem


class KeptFile(Answer):
    """An upload, to be named by its id."""

    id: str
    file: str
    bytes: int


class ColumnSeen(Answer):
    """A column, with its first few different values."""

    name: str
    samples: list[str]


class FieldSeen(Answer):
    """A field of a kind of file, and the column it seems to stand in."""

    name: str
    title_zh: str
    title_en: str
    required: bool
    column: str | None


class KindSeen(Answer):
    """A kind the file may be; ``fits`` when its shapes and words are such as the kind has."""

    name: Kind
    fits: bool
    lacking: list[str]
    fields: list[FieldSeen]


class FileSeen(Answer):
    """What an upload seems to hold; the likeliest kind comes first."""

    id: str
    file: str
    bytes: int
    layers: list[str]
    rows: int
    columns: list[ColumnSeen]
    kinds: list[KindSeen]
    crs: str | None
    datum: Datum | None
    has_places: bool


class Placement(Answer):
    """The sample as one datum places it: longitude and latitude; ``shift_m`` from unshifted, the median."""

    datum: Datum
    points: list[tuple[float, float]]
    inside: int
    shift_m: float


class CommunityProperties(Answer):
    """Which community an outline is of."""

    code: str


class CommunityFeature(Answer):
    """A community as a GeoJSON Feature."""

    type: Literal["Feature"]
    properties: CommunityProperties
    geometry: Annotated[DrawnPolygon | DrawnArea, Field(discriminator="type")]


class Communities(Answer):
    """Communities as a GeoJSON FeatureCollection."""

    type: Literal["FeatureCollection"]
    features: list[CommunityFeature]


class PlacesSeen(Answer):
    """Where the places of an upload would come to lie, and the communities there; all in EPSG:4326."""

    crs: str
    crs_assumed: bool
    rows: int
    sampled: int
    placements: list[Placement]
    suggested: Datum
    communities: Communities


class ImportState(Answer):
    """How far an import is; with its ``report`` when done, with its ``problem`` when failed."""

    state: Literal["none", "running", "done", "failed"]
    kind: Kind | None
    dry_run: bool | None
    stage: str | None
    done: int | None
    total: int | None
    report: ImportReport | None
    problem: Problem | None
