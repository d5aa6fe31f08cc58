"""MapLibre style and legend of the map, put together from every layer's ``style.json``."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from geo_service.publish.expressions import evaluate
from geo_service.publish.model import Layer, LayerSet
from geo_service.publish.statements import LayerRequest

BACKGROUND = "#f2f0eb"
_SHAPES = {"fill": "fill", "line": "line", "circle": "circle"}


def tile_path(layer: Layer, request: LayerRequest) -> str:
    """Path of a layer's tiles from the server's root, with ``{z}``, ``{y}`` and ``{x}`` to fill in."""
    query = {"on": request.on.isoformat()}
    if request.area is not None and "area" in layer.parameters:
        query["area"] = request.area
    if request.plan is not None and "plan" in layer.parameters:
        query["plan"] = str(request.plan)
    if request.target is not None and "target" in layer.parameters:
        query["target"] = request.target
    return f"/collections/{layer.name}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}?{urlencode(query)}"


def map_style(layers: LayerSet, request: LayerRequest, *, language: str) -> dict[str, Any]:
    """A MapLibre style (version 8) that needs nothing from another host: no glyphs, no sprites.

    Texts are not part of it: label layers are drawn by the page from their items. What a map does not show
    before anybody has chosen is there, and not visible.
    """
    drawn = [layer for layer in layers if layer.style]
    return {
        "version": 8,
        "name": "geo-service",
        "sources": {layer.name: _source(layer, request) for layer in drawn},
        "layers": [
            {"id": "background", "type": "background", "paint": {"background-color": BACKGROUND}},
            *(_style_layer(layer, fragment, language) for layer in drawn for fragment in layer.style),
        ],
    }


def _source(layer: Layer, request: LayerRequest) -> dict[str, Any]:
    return {
        "type": "vector",
        "tiles": [tile_path(layer, request)],
        "minzoom": layer.minzoom,
        "maxzoom": layer.maxzoom,
        "promoteId": layer.key,
    }


def _style_layer(layer: Layer, fragment: dict[str, Any], language: str) -> dict[str, Any]:
    return {
        **fragment,
        "id": f"{layer.name}-{fragment['id']}",
        "source": layer.name,
        "source-layer": layer.name,
        "minzoom": fragment.get("minzoom", layer.minzoom),
        "layout": {
            **fragment.get("layout", {}),
            "visibility": "visible" if layer.on_by_default else "none",
        },
        "metadata": {"layer": layer.name, "title": layer.title.in_language(language)},
    }


def legend(layer: Layer) -> list[dict[str, Any]]:
    """One entry a class: both labels, and the colour, opacity and shape the style itself gives it."""
    entries = []
    for entry in layer.legend:
        fragment = _fragment_for(layer, entry.properties)
        kind = fragment["type"]
        paint = fragment.get("paint", {})
        entries.append(
            {
                "label": entry.label.as_json(),
                "colour": evaluate(paint.get(f"{kind}-color", "#000000"), entry.properties),
                "opacity": evaluate(paint.get(f"{kind}-opacity", 1), entry.properties),
                "shape": _SHAPES[kind],
            }
        )
    return entries


def _fragment_for(layer: Layer, properties: Any) -> dict[str, Any]:
    """The fragment a class is recognised by: a border's line where the legend says nothing of properties."""
    shown = [part for part in layer.style if "filter" not in part or evaluate(part["filter"], properties)]
    if layer.geometry in ("line", "any") or (not properties and len(shown) > 1):
        lines = [part for part in shown if part["type"] == "line"]
        return (lines or shown)[0]
    return shown[0]
