"""Communities drawn as ASCII pictures, one character a square of 30 m.

o     a building of 32 households, a square of 14 m in the middle
a-n   a building of the households given for that letter
.     empty ground; a space is outside the community
~     a river (a polygon)            =  the river, with a bridge running east
|     empty ground with a railway running south through its middle
+     the same, with a level crossing running east
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import shapely

from geo_service.planning.model import ZoningArea

CELL_M = 30.0
BUILDING_M = 14.0
WEST, NORTH = 500_000.0, 3_800_000.0
CODE = "990122100001"


def draw(picture: str, households: Mapping[str, int] | None = None) -> ZoningArea:
    """The community of a picture; buildings count in reading order."""
    counts = {"o": 32, **(households or {})}
    ground, water, tracks, crossings, footprints, living = [], [], [], [], [], []
    for row, line in enumerate(picture.strip("\n").splitlines()):
        for column, character in enumerate(line):
            if character == " ":
                continue
            east, north = WEST + (column + 0.5) * CELL_M, NORTH - (row + 0.5) * CELL_M
            ground.append(square(east, north, CELL_M))
            if character in "~=":
                water.append(square(east, north, CELL_M))
            elif character in "|+":
                half = CELL_M / 2
                tracks.append(shapely.LineString([(east, north - half), (east, north + half)]))
            elif character != ".":
                footprints.append(square(east, north, BUILDING_M))
                living.append(counts[character])
            if character in "=+":
                crossings.append(shapely.LineString([(east - CELL_M, north), (east + CELL_M, north)]))
    barriers = [shapely.union_all(water)] if water else []
    if tracks:
        barriers.append(shapely.line_merge(shapely.union_all(tracks)))
    return area_of(shapely.union_all(ground), footprints, living, barriers=barriers, crossings=crossings)


def area_of(
    outline: shapely.Geometry,
    footprints: list[shapely.Geometry],
    households: list[int],
    *,
    barriers: list[shapely.Geometry] | None = None,
    crossings: list[shapely.Geometry] | None = None,
) -> ZoningArea:
    """A community of plain lists."""
    return ZoningArea(
        code=CODE,
        outline=outline,
        building_codes=_objects([f"{CODE}-B{place:04d}" for place in range(1, len(footprints) + 1)]),
        footprints=_objects(footprints),
        households=np.array(households, dtype=np.int64),
        barriers=_objects(barriers or []),
        crossings=_objects(crossings or []),
    )


def square(east: float, north: float, side: float) -> shapely.Polygon:
    """A square around a point."""
    half = side / 2
    return shapely.box(east - half, north - half, east + half, north + half)


def _objects(items: list[object]) -> np.ndarray:
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array
