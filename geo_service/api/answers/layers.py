"""The catalogue of layers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from geo_service.api.answers.answer import Answer, Bilingual


class LayerField(Answer):
    """A field of a layer; a rate is a share of 1, shown as a percentage."""

    name: str
    title: Bilingual
    unit: str
    type: Literal["text", "integer", "number", "boolean", "date"]
    is_rate: bool
    values: dict[str, Bilingual] = Field(description="Names of coded values")


class LegendEntry(Answer):
    """A class of a layer as its style draws it."""

    label: Bilingual
    colour: str
    opacity: float
    shape: Literal["fill", "line", "circle"]


class LayerGroup(Answer):
    """The heading a layer stands under; groups come in the order of their places."""

    key: str
    title: Bilingual
    place: int


class LayerMeasure(Answer):
    """What a layer can be coloured by."""

    key: str
    title: Bilingual
    legend: list[LegendEntry]


class LayerTarget(Answer):
    """What milestones a layer can be asked for."""

    key: str
    title: Bilingual


class CatalogueLayer(Answer):
    """A published layer: its fields, its legend, what it can be asked for."""

    name: str
    title: Bilingual
    description: Bilingual
    geometry: Literal["point", "line", "polygon", "any", "none"]
    minzoom: int
    maxzoom: int
    parameters: list[str]
    group: LayerGroup | None
    on_by_default: bool
    covers: str = Field(description="Layers that colour the same ground say the same here")
    label_field: str | None = Field(description="The field that a layer of labels writes on the map")
    label_of: str | None
    fields: list[LayerField]
    legend: list[LegendEntry]
    measure: str = Field(description="What the usual style colours by; empty where there is no choice")
    measures: list[LayerMeasure]
    targets: list[LayerTarget] = Field(description="The usual one first")
