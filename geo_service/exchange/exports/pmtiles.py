"""PMTiles 3: vector tiles of many addresses in one file, for maps without a server."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import write

_E7 = 10_000_000

Tile = tuple[int, int, int, bytes]


def write_pmtiles(
    path: Path,
    zooms: Iterable[list[Tile]],
    *,
    bounds: tuple[float, float, float, float],
    centre_zoom: int,
    metadata: Mapping[str, Any],
) -> int:
    """Write tiles of (zoom, column, row, bytes), compressed, in the order in which they are read best.

    Parameters
    ----------
    zooms : iterable of list of tuple
        The tiles of one zoom after the other, rising.
    bounds : tuple of float
        West, south, east and north in degrees.

    Returns
    -------
    int
        Number of tiles.
    """
    west, south, east, north = (round(side * _E7) for side in bounds)
    count = 0
    with write(str(path)) as archive:
        for tiles in zooms:
            addressed = sorted((zxy_to_tileid(zoom, x, y), content) for zoom, x, y, content in tiles)
            for address, content in addressed:
                archive.write_tile(address, gzip.compress(content, mtime=0))
            count += len(addressed)
        header = {
            "tile_type": TileType.MVT,
            "tile_compression": Compression.GZIP,
            "min_lon_e7": west,
            "min_lat_e7": south,
            "max_lon_e7": east,
            "max_lat_e7": north,
            "center_lon_e7": (west + east) // 2,
            "center_lat_e7": (south + north) // 2,
            "center_zoom": centre_zoom,
        }
        archive.finalize(header, dict(metadata))
    return count
