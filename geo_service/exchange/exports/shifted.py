"""Coordinates shifted to GCJ-02 for consumer maps, and the marks by which a file says so.

GCJ-02 has no EPSG code. A file that bore the code of CGCS2000 or WGS 84 would lie some hundred metres off
without a word, so it bears a CRS of its own, whose name says what it is and by which an import knows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from geo_service.exchange.coordinates import to_gcj02

GCJ02_MARK = (
    "坐标为 GCJ-02（火星坐标），仅供互联网地图使用，不是 CGCS2000 或 WGS 84。"
    "Coordinates are GCJ-02, shifted for consumer maps; they are neither CGCS2000 nor WGS 84."
)


def shifted(geometries: pa.Array) -> pa.Array:
    """WKB of longitudes and latitudes to the same in GCJ-02; null stays null."""
    shapes = shapely.transform(shapely.from_wkb(geometries.to_numpy(zero_copy_only=False)), to_gcj02)
    return pa.array(shapely.to_wkb(shapes), pa.binary())


def shifted_points(rows: Sequence[Sequence[Any]], longitude_at: int) -> list[list[Any]]:
    """Rows whose longitude, and the latitude after it, are moved to GCJ-02."""
    moved = [list(row) for row in rows]
    placed = [row for row in moved if row[longitude_at] is not None]
    if placed:
        points = (
            to_gcj02(np.array([row[longitude_at : longitude_at + 2] for row in placed])).round(7).tolist()
        )
        for row, point in zip(placed, points, strict=True):
            row[longitude_at : longitude_at + 2] = point
    return moved
