"""Bunkyo ward's real buildings as communities to be zoned; chome stand for communities."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyogrio
import shapely
from pyproj import Transformer

from geo_service.planning.model import ZoningArea
from geo_service.planning.space import metric_srid_for


def chome(folder: Path) -> Iterator[ZoningArea]:
    """Every chome with its buildings, households as estimated; those of no chome join the nearest one.

    Coordinates are metres in the CRS of ``metric_srid_for``.
    """
    _, _, shapes, (codes,) = pyogrio.raw.read(
        folder / "tokyo_bunkyo_chome_derived.gpkg", layer="chome", columns=["chome_code"]
    )
    outlines = _metres(shapely.from_wkb(shapes))
    _, _, shapes, columns = pyogrio.raw.read(
        folder / "tokyo_bunkyo_buildings.fgb", columns=["bldg_id", "chome_code", "hh_est"]
    )
    footprints = _metres(shapely.from_wkb(shapes))
    names, inside, households = columns
    missing = np.flatnonzero([code is None or code != code for code in inside])
    nearest = shapely.STRtree(outlines).query_nearest(
        shapely.centroid(footprints[missing]), all_matches=False
    )[1]
    inside = inside.astype(object)
    inside[missing] = codes[nearest]
    for code, outline in zip(codes, outlines, strict=True):
        members = np.flatnonzero(inside == code)
        yield ZoningArea(
            code=str(code),
            outline=outline,
            building_codes=names[members],
            footprints=footprints[members],
            households=np.nan_to_num(households[members]).astype(np.int64),
        )


def _metres(geometries: np.ndarray) -> np.ndarray:
    west, south, east, north = shapely.total_bounds(geometries)
    srid = metric_srid_for((west + east) / 2, (south + north) / 2)
    to_metres = Transformer.from_crs(4326, srid, always_xy=True)
    return shapely.transform(geometries, to_metres.transform, interleaved=False)
