"""The standalone buildings can be zoned as the scenario says: every split looked at, without the engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
import shapely
from scipy.spatial import Voronoi

from geo_service.demo.story import COMMUNITIES, DEFAULT_SEED
from geo_service.demo.town import make_town


@dataclass(frozen=True)
class Neighbourhood:
    """Standalone buildings of a community: households, and neighbours as bit masks."""

    households: np.ndarray
    neighbours: list[int]

    def joined(self, members: int) -> bool:
        """Whether the members hang together."""
        reached = frontier = members & -members
        while frontier:
            near = 0
            for i in range(len(self.neighbours)):
                if frontier >> i & 1:
                    near |= self.neighbours[i]
            frontier = near & members & ~reached
            reached |= frontier
        return reached == members

    def splits(self, lo: int, hi: int) -> Iterator[tuple[int, int]]:
        """Every split in two joined zones, each within the limits."""
        sums = np.zeros(1, dtype=np.int64)
        for count in self.households[1:]:
            sums = np.concatenate([sums, sums + count])
        whole = int(self.households.sum())
        fitting = np.flatnonzero((sums >= lo) & (sums <= hi) & (whole - sums >= lo) & (whole - sums <= hi))
        everybody = (1 << len(self.households)) - 1
        for members in fitting:
            one = int(members) << 1
            if self.joined(one) and self.joined(everybody & ~one):
                yield one, everybody & ~one


def neighbourhood(number: int, seed: int, *, across: bool = False) -> Neighbourhood:
    """Neighbours share more than 4 m of Voronoi border on one side of every barrier.

    ``across`` also joins the two sides of a bridge.
    """
    town = make_town(seed)
    barriers = shapely.union_all(shapely.buffer(town.barriers.geometry, 0.5))
    sides = shapely.get_parts(town.communities.geometry[number - 1].difference(barriers))
    standalone = [u for u in town.units if u.community.number == number and not u.is_compound]
    footprints = np.array([unit.buildings[0].footprint for unit in standalone])
    neighbours = [0] * len(footprints)

    def join(i: int, j: int) -> None:
        neighbours[i] |= 1 << j
        neighbours[j] |= 1 << i

    for side in sides:
        for i, j in touching(np.flatnonzero(shapely.contains(side, footprints)), footprints, side):
            join(i, j)

    def nearest(end: shapely.Point) -> int:
        side = sides[shapely.distance(sides, end).argmin()]
        here = np.flatnonzero(shapely.contains(side, footprints))
        return int(here[shapely.distance(footprints[here], end).argmin()])

    ways = town.walkways.geometry[town.walkways.columns["名称"] == "柳汀桥"] if across else []
    for way in ways:
        join(*map(nearest, shapely.boundary(way).geoms))
    return Neighbourhood(np.array([unit.household_count for unit in standalone]), neighbours)


def touching(members: np.ndarray, footprints: np.ndarray, side: shapely.Polygon) -> list[tuple[int, int]]:
    """Pairs of members whose Voronoi cells share more than 4 m of border within one side."""
    if len(members) < 2:
        return []
    dots = [shapely.get_coordinates(shapely.segmentize(footprints[i].exterior, 3))[:-1] for i in members]
    owner = np.append(np.repeat(members, [len(each) for each in dots]), [-1] * 4)
    far = np.array([(-1e4, -1e4), (-1e4, 1e4), (1e4, -1e4), (1e4, 1e4)])
    cells = Voronoi(np.vstack([*dots, far]))
    shared: Counter[tuple[int, int]] = Counter()
    for (one, other), ridge in zip(owner[cells.ridge_points], cells.ridge_vertices, strict=True):
        if one != other and min(one, other) >= 0 and min(ridge) >= 0:
            border = shapely.LineString(cells.vertices[ridge]).intersection(side)
            shared[min(one, other), max(one, other)] += border.length
    return [(int(i), int(j)) for (i, j), length_m in shared.items() if length_m > 4]


@pytest.mark.parametrize("seed", [DEFAULT_SEED, 1, 2])
@pytest.mark.parametrize(("number", "lo", "hi"), [(2, 300, 500), (3, 300, 500), (4, 250, 500)])
def test_these_split_in_two_without_any_bridge(number: int, lo: int, hi: int, seed: int) -> None:
    ways = neighbourhood(number, seed).splits(lo, hi)
    several = [split for split, _ in zip(ways, range(5), strict=False)]
    assert len(several) == 5


@pytest.mark.parametrize("seed", [DEFAULT_SEED, 1, 2])
def test_the_fifth_is_one_joined_zone(seed: int) -> None:
    community = neighbourhood(5, seed)
    assert community.joined((1 << 13) - 1)
    assert 300 <= community.households.sum() <= 500


@pytest.mark.parametrize("seed", [DEFAULT_SEED, 1, 2])
def test_the_first_is_zoned_on_each_side_of_its_river_and_joined_by_its_bridge(seed: int) -> None:
    community = neighbourhood(1, seed)
    everybody = (1 << 25) - 1
    assert not community.joined(everybody)
    south = next(m for m in _sides(community) if m & 1)
    households = sum(int(h) for i, h in enumerate(community.households) if south >> i & 1)
    assert community.joined(south)
    assert community.joined(everybody & ~south)
    assert 300 <= households <= 500
    assert 300 <= 800 - households <= 500
    assert neighbourhood(1, seed, across=True).joined(everybody)


def _sides(community: Neighbourhood) -> Iterator[int]:
    reached = 1
    while True:
        grown = reached
        for i in range(len(community.neighbours)):
            if reached >> i & 1:
                grown |= community.neighbours[i]
        if grown == reached:
            yield reached
            return
        reached = grown


def test_no_split_of_the_fourth_reaches_300_twice() -> None:
    fourth = COMMUNITIES[3]
    assert fourth.households > 500
    assert fourth.households < 2 * 300
