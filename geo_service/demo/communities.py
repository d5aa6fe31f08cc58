"""Thousands of communities of standalone buildings side by side, one at a time, to zone at any scale.

Streets bend, rivers and railways cut, bridges join, as in the county's towns; only here every building is to
be zoned. A few communities admit no zones: a tower above the limits, a bank too small and without a bridge.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, isqrt

import numpy as np
import numpy.typing as npt
import shapely

from geo_service.demo.board import LANE_WIDTH_M, RIVER_HALF_WIDTH_M, Points, bearing, bend
from geo_service.demo.county import ORIGIN_EAST_M, ORIGIN_NORTH_M
from geo_service.demo.footprints import STAIRWELL_LENGTH_M, WING_WIDTH_M
from geo_service.demo.layer import objects
from geo_service.demo.story import community_code
from geo_service.planning.model import ZoningArea

LOT_WIDTH_M, LOT_DEPTH_M = 48.0, 60.0
BLOCK_DEPTH_M = 2 * LOT_DEPTH_M + LANE_WIDTH_M
GREEN_BELT_M = 60.0
STEP_M = 20.0
SPARE_LOTS = 1.05
SETBACK_M = 13.0
HOUSEHOLDS_PER_STAIRWELL = 13
TOWER_HOUSEHOLDS = 612
HOUSEHOLDS_LEFT = 150
COMMUNITIES_PER_TOWN = 999

# What runs through a community's green belt, and how often.
KINDS = ("park", "railway", "bridged river", "river", "emptied bank", "tower")
SHARES = (0.40, 0.25, 0.25, 0.08, 0.01, 0.01)


@dataclass(frozen=True)
class _Board:
    """A community's lots: blocks of two rows back to back, with a green belt between two blocks."""

    columns: int
    blocks: int

    @classmethod
    def for_buildings(cls, buildings: int) -> _Board:
        lots = ceil(SPARE_LOTS * buildings)
        columns = max(1, round((lots * LOT_DEPTH_M / LOT_WIDTH_M) ** 0.5))
        return cls(columns, max(2, ceil(lots / columns / 2)))

    @property
    def lots(self) -> int:
        return 2 * self.columns * self.blocks

    @property
    def width_m(self) -> float:
        return self.columns * LOT_WIDTH_M

    @property
    def height_m(self) -> float:
        return self.blocks * BLOCK_DEPTH_M + GREEN_BELT_M

    @property
    def belt_v(self) -> float:
        """The belt's middle: south of it lie the blocks of the southern half."""
        return self.blocks // 2 * BLOCK_DEPTH_M + GREEN_BELT_M / 2


def make_communities(count: int, *, buildings: int = 200, seed: int) -> Iterator[ZoningArea]:
    """``count`` communities of ``buildings`` buildings each, in metres of the county's CRS.

    A community depends on its number and the seed, not on ``count``.
    """
    board = _Board.for_buildings(buildings)
    for number in range(count):
        yield _community(number, board, buildings, np.random.default_rng((seed, number)))


def _community(number: int, board: _Board, buildings: int, rng: np.random.Generator) -> ZoningArea:
    corner = np.array(_place(number)) * (board.width_m, board.height_m)
    kind = rng.choice(KINDS, p=SHARES)
    lots = np.sort(rng.permutation(board.lots)[:buildings])
    row, column = np.divmod(lots, board.columns)
    middle_u = (column + 0.5) * LOT_WIDTH_M
    south_v = row * LOT_DEPTH_M + row // 2 * LANE_WIDTH_M + (row // 2 >= board.blocks // 2) * GREEN_BELT_M
    fronts_north = row % 2 == 1
    middle_v = south_v + LANE_WIDTH_M / 2 + np.where(fronts_north, LOT_DEPTH_M - SETBACK_M, SETBACK_M)
    footprints, stairwells = _slabs(corner + np.column_stack([middle_u, middle_v]), fronts_north, rng)
    households = stairwells * HOUSEHOLDS_PER_STAIRWELL + rng.integers(-6, 7, buildings)
    if kind == "tower":
        households[rng.integers(buildings)] = TOWER_HOUSEHOLDS
    south_bank = south_v < board.belt_v
    if kind == "emptied bank":
        left = rng.integers(south_bank.sum(), size=HOUSEHOLDS_LEFT)
        households[south_bank] = np.bincount(left, minlength=south_bank.sum())
    barriers, crossings = _belt(kind, corner, board)
    code = community_code(number % COMMUNITIES_PER_TOWN + 1, number // COMMUNITIES_PER_TOWN)
    return ZoningArea(
        code=code,
        outline=shapely.Polygon(_laid(corner + _rim(board))),
        building_codes=objects([f"{code}-B{serial:04d}" for serial in range(1, buildings + 1)]),
        footprints=footprints,
        households=households.astype(np.int64),
        barriers=barriers,
        crossings=crossings,
    )


def _place(number: int) -> tuple[int, int]:
    """Column and row of a community: square after square to the north-east, whatever their number."""
    ring = isqrt(number)
    along = number - ring * ring
    return (ring, along) if along <= ring else (2 * ring - along, ring)


def _laid(points: Points) -> Points:
    """Points of the board in metres of the county's CRS."""
    origin = np.array([ORIGIN_EAST_M, ORIGIN_NORTH_M])
    return np.round(bend(points) + origin, 3)


def _slabs(
    middles: Points, fronts_north: npt.NDArray[np.bool_], rng: np.random.Generator
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.int64]]:
    """Slabs facing their streets, a third of them with a wing into the yard, and their stairwells."""
    count = len(middles)
    x, y = rng.uniform(14, 20, count), rng.uniform(5.5, 6.5, count)
    wing_m = np.where(rng.random(count) < 0.35, rng.uniform(9, 14, count), 0.0)
    inner, tip = x - WING_WIDTH_M, y + wing_m
    ring = np.stack([-x, -y, x, -y, x, tip, inner, tip, inner, y, -x, y], axis=1).reshape(count, 6, 2)
    ring[:, :, 0] *= rng.choice([-1, 1], count)[:, None]
    ring[:, :, 1] *= np.where(fronts_north, -1, 1)[:, None]
    angle = bearing(middles)
    turned = np.stack(
        [
            ring[:, :, 0] * np.cos(angle)[:, None] - ring[:, :, 1] * np.sin(angle)[:, None],
            ring[:, :, 0] * np.sin(angle)[:, None] + ring[:, :, 1] * np.cos(angle)[:, None],
        ],
        axis=2,
    )
    corners = np.round(turned + _laid(middles)[:, None], 3)
    # without a wing, the three corners at its foot lie on one line
    kept = np.ones((count, 6), dtype=np.bool_)
    kept[wing_m == 0, 3:5] = False
    rings = shapely.linearrings(corners[kept], indices=np.nonzero(kept)[0])
    stairwells = np.maximum(1, np.rint((2 * x + wing_m) / STAIRWELL_LENGTH_M)).astype(np.int64)
    return shapely.polygons(rings), stairwells


def _rim(board: _Board) -> Points:
    """The community's edge, in steps short enough to bend."""
    corners = [(0.0, 0.0), (board.width_m, 0.0), (board.width_m, board.height_m), (0.0, board.height_m)]
    return shapely.get_coordinates(shapely.segmentize(shapely.Polygon(corners), STEP_M))[:-1]


def _belt(
    kind: str, corner: Points, board: _Board
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    """Barriers and crossings of the green belt."""
    if kind in ("park", "tower"):
        return objects([]), objects([])
    u = np.arange(-STEP_M, board.width_m + 2 * STEP_M, STEP_M)
    middle = np.column_stack([u, np.full_like(u, board.belt_v)])
    across = (0.0, RIVER_HALF_WIDTH_M + 8)
    thirds = [(share * board.width_m, board.belt_v) for share in (1 / 3, 2 / 3)]
    ways = [np.array([np.subtract(place, across), np.add(place, across)]) for place in thirds]
    if kind == "railway":
        barrier = shapely.LineString(_laid(corner + middle))
    else:
        half_width = (0.0, RIVER_HALF_WIDTH_M)
        banks = np.vstack([middle - half_width, (middle + half_width)[::-1]])
        barrier = shapely.Polygon(_laid(corner + banks))
    used = {"railway": ways[:1], "bridged river": ways}.get(kind, [])
    return objects([barrier]), objects([shapely.LineString(_laid(corner + way)) for way in used])
