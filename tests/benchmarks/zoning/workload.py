"""A made-up quarter to be zoned: buildings along the streets of a grid of blocks, barriers, communities.

Every engine of the comparison gets the same arrays. The order of the draws is part of the workload: the same
number of buildings and the same seed give the same bits.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Metres = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

# Street to street.
BLOCK_M = np.array([110.0, 75.0])
BUILDINGS_PER_BLOCK = 13
RIVER_HALF_WIDTH_M = 14.0
# Blocks of villas, walk-ups, middle and high houses, and how common each is.
HOUSEHOLDS_OF_KIND = (8, 14, 24, 40)
SHARE_OF_KIND = (0.35, 0.35, 0.22, 0.08)
COMMUNITY_BLOCKS = (10, 14)


@dataclass(frozen=True)
class Workload:
    """What is to be zoned.

    Parameters
    ----------
    positions_m : Metres, shape (n, 2)
    households : Counts, shape (n,)
    side : Counts, shape (n,)
        Which of the areas between river, railway and trunk roads a building stands in.
    community : Counts, shape (n,)
    cell : Counts, shape (n,)
        Side and community together: zones that keep barriers and communities stay inside one cell.
    river_m, railway_m, trunk_road_m, other_trunk_road_m : Metres, shape (k, 2)
        The barriers as lines.
    extent_m : Metres, shape (2,)
    """

    positions_m: Metres
    households: Counts
    side: Counts
    community: Counts
    cell: Counts
    river_m: Metres
    railway_m: Metres
    trunk_road_m: Metres
    other_trunk_road_m: Metres
    extent_m: Metres

    @property
    def buildings(self) -> int:
        """Number of buildings."""
        return len(self.households)

    def save(self, path: Path) -> None:
        """Write the arrays for an engine in another process."""
        np.savez(path, **asdict(self))

    @classmethod
    def load(cls, path: Path) -> Workload:
        """Read what ``save`` wrote."""
        with np.load(path) as arrays:
            return cls(**{name: arrays[name] for name in arrays.files})


def make_workload(buildings: int, seed: int = 7) -> Workload:
    """Draw the quarter.

    Parameters
    ----------
    buildings : int
        So many at most: a few more are drawn, those in the river are dropped, and the rest is thinned.
    seed : int
    """
    random = np.random.default_rng(seed)
    blocks = _grid(buildings)
    extent_m = blocks * BLOCK_M
    positions, households = _draw_buildings(random, _crowding(random, blocks, buildings))
    barriers = _barriers(extent_m)
    dry = np.abs(positions[:, 1] - _river_north(barriers[0], positions)) > RIVER_HALF_WIDTH_M
    positions, households = positions[dry], households[dry]
    kept = np.sort(random.permutation(len(positions))[:buildings])
    positions, households = positions[kept], households[kept]
    sides = _sides(barriers, positions)
    columns, rows = (positions // (np.array(COMMUNITY_BLOCKS) * BLOCK_M)).astype(np.int64).T
    community = _renumbered(columns * 1000 + rows)
    return Workload(
        positions,
        households.astype(np.int64),
        _renumbered(sides),
        community,
        _renumbered(community * 16 + sides),
        *barriers,
        extent_m,
    )


def _grid(buildings: int) -> Counts:
    """Columns and rows of blocks of a roughly square quarter, with room for empty blocks."""
    blocks = int(np.ceil(buildings / BUILDINGS_PER_BLOCK * 1.35))
    columns = int(np.sqrt(blocks * BLOCK_M[1] / BLOCK_M[0])) + 1
    return np.array([columns, int(np.ceil(blocks / columns))])


def _crowding(random: np.random.Generator, blocks: Counts, buildings: int) -> Counts:
    """Buildings of each block: a smooth field with noise; every tenth block is a park or a factory."""
    column, row = np.meshgrid(*(np.arange(count) for count in blocks), indexing="ij")
    smooth = 1 + 0.6 * np.sin(column / 5.3 + 1) * np.cos(row / 6.1)
    density = np.clip(smooth + 0.35 * random.standard_normal(blocks), 0, None)
    density[random.random(blocks) < 0.10] = 0
    density /= density.sum()
    return random.multinomial(int(buildings * 1.06), density.ravel()).reshape(blocks)


def _draw_buildings(random: np.random.Generator, crowding: Counts) -> tuple[Metres, Metres]:
    """Positions along the rim of each block, and households: a block is of one kind."""
    positions, households = [], []
    for column, row in np.argwhere(crowding):
        count = int(crowding[column, row])
        rim_m = 2 * BLOCK_M.sum() - 40
        along_m = (np.arange(count) + random.random(count) * 0.5) * rim_m / count
        on_rim = _on_rim(along_m, column * BLOCK_M[0], row * BLOCK_M[1])
        positions.append(on_rim + random.normal(0, 1.5, (count, 2)))
        kind = random.choice(HOUSEHOLDS_OF_KIND, p=SHARE_OF_KIND)
        households.append(np.clip(np.round(kind * random.lognormal(0, 0.45, count)), 6, 120))
    return np.concatenate(positions), np.concatenate(households)


def _on_rim(along_m: Metres, west_m: float, south_m: float) -> Metres:
    """Points that far along a block's rim, from its south-west corner eastward, metres off the street."""
    width_m, depth_m = BLOCK_M
    corners_m = np.cumsum([width_m - 10, depth_m - 10, width_m - 10])
    street = np.searchsorted(corners_m, along_m, side="right")
    east = (
        west_m + 5 + along_m,
        np.full_like(along_m, west_m + width_m - 7),
        west_m + width_m - 5 - (along_m - width_m - depth_m + 20),
        np.full_like(along_m, west_m + 7),
    )
    north = (
        np.full_like(along_m, south_m + 7),
        south_m + 5 + (along_m - width_m + 10),
        np.full_like(along_m, south_m + depth_m - 7),
        south_m + depth_m - 5 - (along_m - 2 * width_m - depth_m + 30),
    )
    return np.stack([np.choose(street, east), np.choose(street, north)], axis=1)


def _barriers(extent_m: Metres) -> tuple[Metres, Metres, Metres, Metres]:
    """A winding river, a slanting railway, a trunk road northward and one eastward; all leave the quarter."""
    width_m, depth_m = extent_m
    east = np.linspace(-50, width_m + 50, 400)
    river = np.stack([east, depth_m * 0.38 + depth_m * 0.08 * np.sin(east / width_m * 7)], axis=1)
    railway = np.array([[width_m * 0.18, -50], [width_m * 0.42, depth_m + 50]])
    northward = np.array([[width_m * 0.70, -50], [width_m * 0.70, depth_m + 50]])
    eastward = np.array([[-50, depth_m * 0.72], [width_m + 50, depth_m * 0.72]])
    return river, railway, northward, eastward


def _river_north(river: Metres, positions: Metres) -> Metres:
    return np.interp(positions[:, 0], *river.T)


def _sides(barriers: tuple[Metres, Metres, Metres, Metres], positions: Metres) -> Counts:
    """One bit a barrier: beyond it or not."""
    river, railway, northward, eastward = barriers
    east, north = positions.T
    beyond = (
        north > _river_north(river, positions),
        east > np.interp(north, railway[:, 1], railway[:, 0]),
        east > northward[0, 0],
        north > eastward[0, 1],
    )
    return np.array([8, 4, 2, 1]) @ np.array(beyond, dtype=np.int64)


def _renumbered(labels: Counts) -> Counts:
    return np.unique(labels, return_inverse=True)[1]
