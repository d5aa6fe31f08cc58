"""Buildings on a parcel: parallel slabs facing south, now and then with a wing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo_service.demo.board import bearing, bend
from geo_service.demo.parcels import Parcel

YARD_MARGIN_M = 6.5
SLAB_GAP_M = 8.0
STAIRWELL_LENGTH_M = 14.0
WING_WIDTH_M = 9.0


@dataclass(frozen=True)
class Building:
    """One building of a town, in metres.

    ``flats_per_landing`` may be a fraction: shops on the ground floor, flats joined or parted.
    """

    footprint: shapely.Polygon
    storeys: int
    unit_count: int
    flats_per_landing: float

    @property
    def floor_area_m2(self) -> float:
        """Footprint times storeys."""
        return round(self.footprint.area * self.storeys, 1)

    @property
    def natural_households(self) -> float:
        """Flats the stairwells give onto."""
        return self.unit_count * self.storeys * self.flats_per_landing


def compound_buildings(parcel: Parcel, rng: np.random.Generator) -> list[Building]:
    """Two to nine slabs in rows around a yard, all about as high as their neighbours."""
    columns = max(1, round((parcel.width_m - YARD_MARGIN_M) / 48))
    rows = 2 if parcel.depth_m < 90 else 3
    slots = [(column, row) for row in range(rows) for column in range(columns)]
    if len(slots) > 2 and rng.random() < 0.35:
        slots.pop(int(rng.integers(len(slots))))
    winged = int(rng.integers(len(slots))) if rng.random() < 0.5 else None
    height, flats = int(rng.integers(4, 7)), float(rng.choice([2, 2, 2, 3]))
    depth_m = rng.uniform(10.5, 12.5)
    slot_m = (parcel.width_m - 2 * YARD_MARGIN_M - SLAB_GAP_M * (columns - 1)) / columns
    spacing_m = (parcel.depth_m - 2 * YARD_MARGIN_M - depth_m) / (rows - 1)
    buildings = []
    for place, (column, row) in enumerate(slots):
        length_m = slot_m * rng.uniform(0.86, 1.0)
        u = parcel.west + YARD_MARGIN_M + column * (slot_m + SLAB_GAP_M) + slot_m / 2
        v = parcel.south + YARD_MARGIN_M + depth_m / 2 + row * spacing_m
        inward = 1 if row < rows - 1 else -1
        wing_m = inward * rng.uniform(7, 10) if place == winged else 0.0
        storeys = height + int(rng.choice([0, 0, 0, -1, 1]))
        buildings.append(_building(u, v, length_m, depth_m, wing_m, storeys, flats, rng))
    return buildings


def standalone_building(parcel: Parcel, rng: np.random.Generator) -> Building:
    """A single building near its street, with a small yard behind."""
    length_m = min(parcel.width_m - 2 * YARD_MARGIN_M, rng.uniform(28, 44))
    depth_m = rng.uniform(11, 13)
    setback_m = YARD_MARGIN_M + depth_m / 2
    v = parcel.north - setback_m if parcel.faces_north else parcel.south + setback_m
    wing_m = (-1 if parcel.faces_north else 1) * rng.uniform(9, 14) if rng.random() < 0.35 else 0.0
    storeys, flats = _small_house(_stairwells(length_m, wing_m), rng)
    return _building(parcel.middle[0], v, length_m, depth_m, wing_m, storeys, flats, rng)


def _small_house(units: int, rng: np.random.Generator) -> tuple[int, float]:
    """Storeys and flats a landing that give about 32 households, as the scenario's averages ask."""
    heights, flats = {1: ([6, 7], 4), 2: ([5, 5, 6], 3), 3: ([5, 5, 6, 6, 7], 2)}.get(units, ([4, 4, 5], 2))
    return int(rng.choice(heights)), flats * rng.uniform(0.95, 1.05)


def _stairwells(length_m: float, wing_m: float) -> int:
    return max(1, round((length_m + abs(wing_m)) / STAIRWELL_LENGTH_M))


def _building(
    u: float, v: float, length_m: float, depth_m: float, wing_m: float, storeys: int, flats: float,
    rng: np.random.Generator,
) -> Building:  # fmt: skip
    ring = _slab(length_m, depth_m, wing_m, wing_at_east=bool(rng.random() < 0.5))
    middle = np.array([[u, v]])
    angle = bearing(middle)[0]
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    footprint = shapely.Polygon(ring @ turn + bend(middle))
    return Building(footprint, storeys, _stairwells(length_m, wing_m), flats)


def _slab(length_m: float, depth_m: float, wing_m: float, *, wing_at_east: bool) -> npt.NDArray[np.float64]:
    """Ring of a slab around the origin, with a wing to the north (positive) or south of one end."""
    x, y = length_m / 2, depth_m / 2
    if not wing_m:
        return np.array([(-x, -y), (x, -y), (x, y), (-x, y)])
    inner, tip = x - WING_WIDTH_M, y + abs(wing_m)
    ring = np.array([(-x, -y), (x, -y), (x, tip), (inner, tip), (inner, y), (-x, y)])
    if not wing_at_east:
        ring[:, 0] *= -1
    if wing_m < 0:
        ring[:, 1] *= -1
    return ring
