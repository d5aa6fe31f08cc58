"""What a layer may be filtered by, as a JSON Schema (2020-12)."""

from __future__ import annotations

from typing import Any

from geo_service import messages
from geo_service.publish.filters import GEOMETRY
from geo_service.publish.model import Field, Layer

_FORMATS = {"point": "point", "line": "multilinestring", "polygon": "multipolygon", "any": "any"}
_TYPES = {"text": "string", "integer": "integer", "number": "number", "boolean": "boolean", "date": "string"}


def queryables(layer: Layer, *, base_url: str, language: str) -> dict[str, Any]:
    """Every field of the layer and its geometry, with titles in one language."""
    properties = {field.name: _property(layer, field, language) for field in layer.fields}
    if layer.geometry != "none":
        properties[GEOMETRY] = {
            "title": messages.text("features.geometry", language),
            "format": f"geometry-{_FORMATS[layer.geometry]}",
            "x-ogc-role": "primary-geometry",
        }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{base_url}/collections/{layer.name}/queryables",
        "type": "object",
        "title": layer.title.in_language(language),
        "description": layer.description.in_language(language),
        "properties": properties,
        "additionalProperties": False,
    }


def example_filter(layer: Layer) -> str:
    """A filter in CQL2 text that this layer takes."""
    coded = next((field for field in layer.fields if field.values), None)
    if coded is not None:
        return f"{coded.name} = '{next(iter(coded.values))}'"
    return f"{layer.key} IS NOT NULL"


def _property(layer: Layer, field: Field, language: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"title": field.title.in_language(language), "type": _TYPES[field.type]}
    if field.type == "date":
        entry["format"] = "date"
    if field.unit:
        entry["x-ogc-unit"] = field.unit
    if field.values:
        entry["enum"] = list(field.values)
        entry["oneOf"] = [
            {"const": code, "title": words.in_language(language)} for code, words in field.values.items()
        ]
    if field.name == layer.key:
        entry["x-ogc-role"] = "id"
    return entry
