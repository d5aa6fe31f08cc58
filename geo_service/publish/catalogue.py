"""The catalogue of layers: what there is, what every field means, how it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from geo_service.errors import NotFound
from geo_service.publish.crs import CGCS2000, CRS84, EVERYWHERE, ReferenceSystem
from geo_service.publish.model import ASKED_PARAMETERS, Field, Layer, LayerSet
from geo_service.publish.style import legend

QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
VECTOR_TILE = "application/vnd.mapbox-vector-tile"
WEB_MERCATOR_QUAD = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"


def catalogue(layers: LayerSet) -> list[dict[str, Any]]:
    """Every layer in draw order, for the map page and for GIS staff."""
    return [_entry(layer, layers) for layer in layers]


def _entry(layer: Layer, layers: LayerSet) -> dict[str, Any]:
    return {
        "name": layer.name,
        "title": layer.title.as_json(),
        "description": layer.description.as_json(),
        "geometry": layer.geometry,
        "minzoom": layer.minzoom,
        "maxzoom": layer.maxzoom,
        "parameters": [name for name in layer.parameters if name in ASKED_PARAMETERS],
        "group": _group(layers, layer.group),
        "on_by_default": layer.on_by_default,
        "covers": layer.covers,
        "label_field": layer.label_field,
        "label_of": layer.label_of,
        "fields": [_field(field) for field in layer.fields],
        "legend": legend(layer),
        "measure": layer.measure,
        "measures": [
            {"key": key, "title": title.as_json(), "legend": legend(layer.by_measure(key))}
            for key, title in layer.measures.items()
        ],
        "targets": [{"key": key, "title": title.as_json()} for key, title in layer.targets.items()],
    }


def _group(layers: LayerSet, key: str | None) -> dict[str, Any] | None:
    if key is None:
        return None
    return {"key": key, "title": layers.groups[key].as_json(), "place": list(layers.groups).index(key)}


def _field(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "title": field.title.as_json(),
        "unit": field.unit,
        "type": field.type,
        "is_rate": field.ratio is not None,
        "values": {code: words.as_json() for code, words in field.values.items()},
    }


@dataclass(frozen=True)
class Extent:
    """Where and since when a deployment has data; None where it has none."""

    box: tuple[float, float, float, float] | None = None
    since: date | None = None


def collection(
    layer: Layer,
    *,
    base_url: str,
    language: str,
    extent: Extent = Extent(),
    systems: Sequence[ReferenceSystem] = EVERYWHERE,
    area: str | None = None,
) -> dict[str, Any]:
    """The OGC API description of a layer as a collection.

    Parameters
    ----------
    area : str, optional
        The area that the links are for; None for everything in the caller's scope.
    """
    here = f"{base_url}/collections/{layer.name}"
    query = f"area={quote(area, safe='')}" if area else ""
    links = [
        ("self", "application/json", "", "f=json"),
        ("alternate", "text/html", "", "f=html"),
        ("items", "application/geo+json", "/items", "f=json"),
        ("items", "text/html", "/items", "f=html"),
        (QUERYABLES, "application/schema+json", "/queryables", "f=json"),
        (QUERYABLES, "text/html", "/queryables", "f=html"),
    ]
    if layer.has_tiles:
        links += [
            ("http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", "application/json", "/tiles", ""),
            ("tilejson", "application/json", "/tiles/WebMercatorQuad", ""),
        ]
    title = layer.title.in_language(language)
    return {
        "id": layer.name,
        "title": title,
        "description": layer.description.in_language(language),
        "itemType": "feature",
        "crs": [system.uri for system in systems],
        "storageCrs": CGCS2000.uri,
        "extent": _extent(extent, dated="on" in layer.parameters),
        "links": [
            {"rel": relation, "type": kind, "title": title, "href": _address(here + path, form, query)}
            for relation, kind, path, form in links
        ],
    }


def require_tiles(layer: Layer) -> None:
    """Refuse a layer that is a table.

    Raises
    ------
    NotFound
    """
    if not layer.has_tiles:
        raise NotFound("layers.no_tiles", where=layer.name, layer=layer.name)


def _address(path: str, *parts: str) -> str:
    query = "&".join(part for part in parts if part)
    return f"{path}?{query}" if query else path


def _extent(extent: Extent, *, dated: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if extent.box is not None:
        shown["spatial"] = {"bbox": [list(extent.box)], "crs": CRS84.uri}
    if dated:
        since = f"{extent.since.isoformat()}T00:00:00+08:00" if extent.since else None
        shown["temporal"] = {
            "interval": [[since, None]],
            "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian",
        }
    return shown


def tileset(layer: Layer, *, address: str, tiles: str, language: str) -> dict[str, Any]:
    """The description of a layer's tiles (OGC API - Tiles, "tileset").

    Parameters
    ----------
    address : str
        Of the description itself.
    tiles : str
        Full address of a tile with ``{z}``, ``{y}`` and ``{x}`` to fill in.

    Raises
    ------
    NotFound
        When the layer is a table.
    """
    require_tiles(layer)
    title = layer.title.in_language(language)
    template = tiles.replace("{z}", "{tileMatrix}").replace("{y}", "{tileRow}").replace("{x}", "{tileCol}")
    return {
        "title": title,
        "description": layer.description.in_language(language),
        "dataType": "vector",
        "crs": "http://www.opengis.net/def/crs/EPSG/0/3857",
        "tileMatrixSetURI": WEB_MERCATOR_QUAD,
        "layers": [
            {
                "id": layer.name,
                "title": title,
                "dataType": "vector",
                "minTileMatrix": str(layer.minzoom),
                "maxTileMatrix": str(layer.maxzoom),
            }
        ],
        "links": [
            {"rel": "self", "type": "application/json", "href": address},
            {"rel": "item", "type": VECTOR_TILE, "templated": True, "href": template},
            {
                "rel": "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme",
                "type": "application/json",
                "href": WEB_MERCATOR_QUAD,
            },
        ],
    }


def tile_json(layer: Layer, *, tiles: str, language: str) -> dict[str, Any]:
    """TileJSON 3.0 of a layer.

    Parameters
    ----------
    tiles : str
        Full address of a tile with ``{z}``, ``{y}`` and ``{x}`` to fill in.

    Raises
    ------
    NotFound
        When the layer is a table.
    """
    require_tiles(layer)
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
