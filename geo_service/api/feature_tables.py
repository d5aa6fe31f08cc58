"""Features as people read them: the words of coded values, percentages, units in the headings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from shapely.geometry import shape

from geo_service import messages
from geo_service.publish.model import Field, Layer


@dataclass(frozen=True)
class FeatureTable:
    """Headings, and rows of (key, cells)."""

    headings: list[str]
    numeric: list[bool]
    rows: list[tuple[str, list[str]]]


def feature_table(layer: Layer, features: list[str], language: str) -> FeatureTable:
    """GeoJSON features as a table of the layer's fields."""
    rows = []
    for text in features:
        feature = json.loads(text)
        properties = feature["properties"]
        rows.append(
            (str(feature["id"]), [cell(field, properties[field.name], language) for field in layer.fields])
        )
    return FeatureTable(
        [heading(field, language) for field in layer.fields],
        [field.type in ("integer", "number") for field in layer.fields],
        rows,
    )


def feature_fields(layer: Layer, text: str, language: str) -> list[tuple[str, str]]:
    """One GeoJSON feature as pairs of heading and value."""
    properties = json.loads(text)["properties"]
    return [
        (heading(field, language), cell(field, properties[field.name], language)) for field in layer.fields
    ]


def geometry_in_words(text: str) -> str | None:
    """Kind and bounds of a GeoJSON feature's geometry; None where it has none."""
    geometry = json.loads(text)["geometry"]
    if geometry is None:
        return None
    bounds = ", ".join(f"{side:.6f}" for side in shape(geometry).bounds)
    return f"{geometry['type']} ({bounds})"


def heading(field: Field, language: str) -> str:
    """A field's title with its unit."""
    title = field.title.in_language(language)
    unit = "%" if field.ratio else field.unit
    return f"{title} ({unit})" if unit and unit not in title else title


def cell(field: Field, value: Any, language: str) -> str:
    """A value in words."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return messages.text("webpage.yes" if value else "webpage.no", language)
    if field.ratio:
        return f"{value * 100:.1f}"
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return str(field.shown(value, language))
