"""Barriers and walkways belong to the smallest area that holds them whole."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

Geometries = npt.NDArray[np.object_]
Codes = npt.NDArray[np.object_]


def smallest_areas(geometry: Geometries, codes: Codes, outlines: Geometries, otherwise: str) -> Codes:
    """The code of the smallest area covering each geometry; ``otherwise`` where none does."""
    owners = np.full(len(geometry), otherwise, dtype=object)
    by_size = np.argsort(shapely.area(outlines), kind="stable")[::-1]
    outer, inner = shapely.STRtree(geometry).query(outlines[by_size], predicate="covers")
    # Largest first, so that the smallest is written last.
    order = np.argsort(outer, kind="stable")
    owners[inner[order]] = codes[by_size][outer[order]]
    return owners
