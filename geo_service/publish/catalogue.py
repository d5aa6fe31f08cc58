"""The catalogue of layers: what there is, what every field means, how it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from geo_service.publish.model import POLICY_PARAMETERS, Field, Layer, LayerSet
from geo_service.publish.style import legend

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
WEB_MERCATOR_QUAD = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"


def catalogue(layers: LayerSet) -> list[dict[str, Any]]:
    """Every layer in draw order, for the map page and for GIS staff."""
    return [_entry(layer) for layer in layers]


def _entry(layer: Layer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "title": layer.title.as_json(),
        "description": layer.description.as_json(),
        "geometry": layer.geometry,
        "minzoom": layer.minzoom,
        "maxzoom": layer.maxzoom,
        "parameters": [name for name in layer.parameters if name not in POLICY_PARAMETERS],
        "label_field": layer.label_field,
        "label_of": layer.label_of,
        "fields": [_field(field) for field in layer.fields],
        "legend": legend(layer),
    }


def _field(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "title": field.title.as_json(),
        "unit": field.unit,
        "type": field.type,
        "is_rate": field.ratio is not None,
        "values": {code: words.as_json() for code, words in field.values.items()},
    }


def collection(layer: Layer, *, base_url: str, language: str) -> dict[str, Any]:
    """The OGC API description of a layer as a collection."""
    here = f"{base_url}/collections/{layer.name}"
    return {
        "id": layer.name,
        "title": layer.title.in_language(language),
        "description": layer.description.in_language(language),
        "itemType": "feature",
        "crs": [CRS84],
        "storageCrs": "http://www.opengis.net/def/crs/EPSG/0/4490",
        "links": [
            {"rel": "self", "type": "application/json", "href": here},
            {"rel": "items", "type": "application/geo+json", "href": f"{here}/items"},
            {
                "rel": "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector",
                "type": "application/json",
                "href": f"{here}/tiles",
            },
        ],
    }


def tile_json(layer: Layer, *, tiles: str, language: str) -> dict[str, Any]:
    """TileJSON 3.0 of a layer.

    Parameters
    ----------
    tiles : str
        Full address of a tile with ``{z}``, ``{y}`` and ``{x}`` to fill in.
    """
    return {
        "tilejson": "3.0.0",
        "name": layer.title.in_language(language),
        "description": layer.description.in_language(language),
        "tiles": [tiles],
        "minzoom": layer.minzoom,
        "maxzoom": layer.maxzoom,
        "vector_layers": [
            {
                "id": layer.name,
                "minzoom": layer.minzoom,
                "maxzoom": layer.maxzoom,
                "fields": {field.name: field.title.in_language(language) for field in layer.tile_fields},
            }
        ],
    }


_KINDS_IN_TILES = {"integer": "Number", "number": "Number", "boolean": "Boolean"}


def offline_metadata(
    layers: Sequence[Layer], *, name: str, on: date, last_zoom: int, mark: str, language: str
) -> dict[str, Any]:
    """What an archive of vector tiles says of itself: its layers and fields as TileJSON has them, and words.

    Parameters
    ----------
    mark : str
        The map review number, or the mark of a map that has none.
    """
    return {
        "name": name,
        "description": "、".join(layer.title.in_language(language) for layer in layers),
        "type": "overlay",
        "attribution": mark,
        "date": on.isoformat(),
        "vector_layers": [
            {
                "id": layer.name,
                "minzoom": layer.minzoom,
                "maxzoom": last_zoom,
                "description": layer.title.in_language(language),
                "fields": {
                    field.name: _KINDS_IN_TILES.get(field.type, "String") for field in layer.tile_fields
                },
                "title": layer.title.as_json(),
                "field_titles": {field.name: field.title.as_json() for field in layer.tile_fields},
            }
            for layer in layers
        ],
    }
