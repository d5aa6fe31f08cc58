"""MapLibre style and legend of the map, put together from every layer's ``style.json``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import urlencode

from geo_service.publish.expressions import evaluate
from geo_service.publish.model import Layer, LayerSet
from geo_service.publish.statements import LayerRequest

BACKGROUND = "#f2f0eb"
_SHAPES = {"fill": "fill", "line": "line", "circle": "circle"}


def tile_path(layer: Layer, request: LayerRequest) -> str:
    """Path of a layer's tiles from the server's root, with ``{z}``, ``{y}`` and ``{x}`` to fill in."""
    query = urlencode(_asked(request, layer.parameters))
    return f"/collections/{layer.name}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}?{query}"


def joined_tile_path(layers: Sequence[Layer], request: LayerRequest) -> str:
    """Path of the tiles of several layers in one, as ``tile_path``."""
    parameters = {name for layer in layers for name in layer.parameters}
    query = {"layers": ",".join(layer.name for layer in layers)} | _asked(request, parameters)
    return f"/map/tiles/{{z}}/{{y}}/{{x}}?{urlencode(query, safe=',')}"


def _asked(request: LayerRequest, parameters: Collection[str]) -> dict[str, str]:
    query = {"on": request.on.isoformat()}
    if request.area is not None and "area" in parameters:
        query["area"] = request.area
    if request.plan is not None and "plan" in parameters:
        query["plan"] = str(request.plan)
    if request.target is not None and "target" in parameters:
        query["target"] = request.target
    return query


def map_style(
    layers: LayerSet, request: LayerRequest, *, language: str, joined: bool = False
) -> dict[str, Any]:
    """A MapLibre style (version 8) that needs nothing from another host: no glyphs, no sprites.

    Texts are not part of it: label layers are drawn by the page from their items. What a map does not show
    before anybody has chosen is there, and not visible.

    Parameters
    ----------
    layers : LayerSet
    request : LayerRequest
    language : str
        Of the layers' titles.
    joined : bool
        Layers that end at the same zoom share a source: a map asks for each source, and masks it, in every
        frame.
    """
    drawn = [layer for layer in layers if layer.style]
    source_of = {layer.name: f"joined-{layer.maxzoom}" if joined else layer.name for layer in drawn}
    return {
        "version": 8,
        "name": "geo-service",
        "sources": {
            name: _source([layer for layer in drawn if source_of[layer.name] == name], request, joined)
            for name in dict.fromkeys(source_of.values())
        },
        "layers": [
            {"id": "background", "type": "background", "paint": {"background-color": BACKGROUND}},
            *(
                _style_layer(layer, fragment, source_of[layer.name], language)
                for layer in drawn
                for fragment in layer.style
            ),
        ],
    }


def _source(layers: Sequence[Layer], request: LayerRequest, joined: bool) -> dict[str, Any]:
    return {
        "type": "vector",
        "tiles": [joined_tile_path(layers, request) if joined else tile_path(layers[0], request)],
        "minzoom": min(layer.minzoom for layer in layers),
        "maxzoom": layers[0].maxzoom,
        "promoteId": {layer.name: layer.key for layer in layers} if joined else layers[0].key,
    }


def _style_layer(layer: Layer, fragment: dict[str, Any], source: str, language: str) -> dict[str, Any]:
    return {
        **fragment,
        "id": f"{layer.name}-{fragment['id']}",
        "source": source,
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
