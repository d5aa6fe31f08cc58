"""Fill the frontages between streets with parcels: compounds, standalone buildings, parks and schools."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from geo_service.demo.board import DISTRICTS, LANE_WIDTH_M, District, side_streets

COMPOUND_WIDTH_M = (70.0, 132.0)
STANDALONE_WIDTH_M = (42.0, 56.0)
MAX_STRETCH = 1.3


@dataclass(frozen=True)
class Parcel:
    """A plot on the board, from its west and south to its east and north edge, in metres."""

    district: int
    community: int
    is_compound: bool
    west: float
    south: float
    east: float
    north: float
    street: str
    faces_north: bool

    @property
    def width_m(self) -> float:
        """Frontage."""
        return self.east - self.west

    @property
    def depth_m(self) -> float:
        """From front to back."""
        return self.north - self.south

    @property
    def middle(self) -> tuple[float, float]:
        """Centre on the board."""
        return (self.west + self.east) / 2, (self.south + self.north) / 2


@dataclass
class _Frontage:
    """A stretch of a row between two side streets, being filled."""

    west: float
    east: float
    row: int
    lots: list[tuple[float, bool]] = field(default_factory=list)

    @property
    def length_m(self) -> float:
        return self.east - self.west

    @property
    def fill(self) -> float:
        return sum(width for width, _ in self.lots) / self.length_m


def lay_out(rng: np.random.Generator) -> list[Parcel]:
    """All parcels of one town, row by row from the south-west of each district."""
    return [parcel for number, district in enumerate(DISTRICTS) for parcel in _parcels(number, district, rng)]


def _parcels(number: int, district: District, rng: np.random.Generator) -> list[Parcel]:
    compounds = rng.uniform(*COMPOUND_WIDTH_M, district.compounds)
    standalone = rng.uniform(*STANDALONE_WIDTH_M, district.standalone)
    lots = [(float(width), True) for width in np.sort(compounds)[::-1]]
    lots += [(float(width), False) for width in np.sort(standalone)[::-1]]
    frontages = _in_use(_frontages(district), sum(width for width, _ in lots), rng)
    for lot in lots:
        min(frontages, key=lambda frontage: frontage.fill).lots.append(lot)
    return [
        parcel
        for frontage in frontages
        if frontage.lots
        for parcel in _divide(number, district, frontage, rng)
    ]


def _frontages(district: District) -> list[_Frontage]:
    cuts = [district.west, *side_streets(district), district.east]
    half_lane = LANE_WIDTH_M / 2
    return [
        _Frontage(
            west + (half_lane if west > district.west else 0),
            east - (half_lane if east < district.east else 0),
            row,
        )
        for row in range(len(district.rows))
        for west, east in pairwise(cuts)
    ]


def _in_use(frontages: Sequence[_Frontage], needed_m: float, rng: np.random.Generator) -> list[_Frontage]:
    """Leave whole frontages to parks and schools where there is more room than the lots need."""
    kept = list(range(len(frontages)))
    for candidate in rng.permutation(len(frontages)):
        left_m = sum(frontages[i].length_m for i in kept if i != candidate)
        if left_m > 1.02 * needed_m:
            kept.remove(candidate)
    return [frontages[i] for i in kept]


def _divide(number: int, district: District, frontage: _Frontage, rng: np.random.Generator) -> list[Parcel]:
    lots = [frontage.lots[i] for i in rng.permutation(len(frontage.lots))]
    stretch = min(1 / frontage.fill, MAX_STRETCH)
    spare_m = frontage.length_m - stretch * frontage.fill * frontage.length_m
    park = int(rng.integers(len(lots) + 1))
    row = frontage.row
    south, north = district.rows[row]
    street, faces_north = district.streets[row], district.faces_north(row)
    parcels, west = [], frontage.west
    for place, (width_m, is_compound) in enumerate(lots):
        west += spare_m if place == park else 0.0
        east = west + stretch * width_m
        parcels.append(
            Parcel(number, district.community, is_compound, west, south, east, north, street, faces_north)
        )
        west = east
    return parcels
