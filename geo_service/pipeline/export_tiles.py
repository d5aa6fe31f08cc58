"""Vector tiles of an area in one archive, for maps in the field."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import shapely

from geo_service.exchange.exports.pmtiles import Tile, write_pmtiles
from geo_service.pipeline.export_reading import Export, Written
from geo_service.publish.catalogue import offline_metadata
from geo_service.publish.map_mark import mark
from geo_service.publish.model import Layer
from geo_service.publish.tile_pyramid import TileCells, cells_by_zoom, pyramid_statement
from geo_service.store.layers import read_area_shape, read_extent, stream_tiles

_WEB_MERCATOR_SRID, _STORAGE_SRID = 3857, 4490
# From here on a sub-district fills a screen.
_CENTRE_ZOOM = 13


def write_tile_archive(export: Export, scratch: Path, name: str) -> Written:
    """All tiles of the chosen layers and their labels that touch the area.

    Every layer goes on to the archive's last zoom: what ended before would vanish where a map enlarges.
    """
    layers = [layer for layer in export.in_draw_order() if layer.geometry != "none"]
    counts = export.count([(layer, None) for layer in layers])
    area_code = export.request.area or ""
    shape = shapely.from_wkb(read_area_shape(export.connection, area_code, _WEB_MERCATOR_SRID))
    first, last = min(layer.minzoom for layer in layers), max(layer.maxzoom for layer in layers)
    pyramid = list(cells_by_zoom(shape, first, last))
    last = pyramid[-1].zoom
    write_pmtiles(
        scratch / name,
        _tiles(export, layers, pyramid),
        bounds=read_extent(export.connection, area_code, _STORAGE_SRID),
        centre_zoom=min(max(_CENTRE_ZOOM, first), last),
        metadata=offline_metadata(
            layers,
            name=export.area_name,
            on=export.request.on,
            last_zoom=last,
            mark=mark(export.language, export.map_review_no),
            language=export.language,
        ),
    )
    return [(scratch / name, layer.name, count) for layer, count in zip(layers, counts, strict=True)]


def _tiles(export: Export, layers: list[Layer], pyramid: list[TileCells]) -> Iterator[list[Tile]]:
    steps = [(cells, layer) for cells in pyramid for layer in layers if cells.zoom >= layer.minzoom]
    done = 0
    for cells in pyramid:
        found: dict[tuple[int, int], Any] = {}
        for layer in layers:
            if cells.zoom < layer.minzoom:
                continue
            export.progress("tile_archive.making", done, len(steps))
            statement = pyramid_statement(layer, export.request, cells)
            for x, y, content in stream_tiles(export.connection, statement):
                # Tiles of one layer each, one after the other, are a tile of all of them.
                found.setdefault((x, y), bytearray()).extend(content)
            done += 1
        yield [(cells.zoom, x, y, bytes(content)) for (x, y), content in found.items()]
    export.progress("tile_archive.making", done, len(steps))
