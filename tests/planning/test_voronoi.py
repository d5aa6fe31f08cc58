"""Borders midway between groups of points."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import KDTree

from geo_service.planning.voronoi import borders_between


def borders(
    points: list[tuple[float, float]], owners: list[int]
) -> list[tuple[set[int], shapely.LineString]]:
    lines, parted = borders_between(np.array(points, dtype=float), np.array(owners), 100.0)
    return [(set(pair), line) for pair, line in zip(parted.tolist(), lines, strict=True)]


def test_two_points_are_parted_by_the_line_midway() -> None:
    ((pair, line),) = borders([(0, 0), (10, 0)], [0, 1])
    assert pair == {0, 1}
    assert max(line.bounds[1], -line.bounds[3]) < -100
    assert line.intersection(shapely.box(-10, -10, 20, 10)).equals(shapely.LineString([(5, -10), (5, 10)]))


def test_points_of_one_group_have_no_border() -> None:
    # 0 0 | 1
    ((_, line),) = borders([(0, 0), (10, 0), (20, 0)], [0, 0, 1])
    assert shapely.get_coordinates(line)[:, 0] == pytest.approx(15)


def test_three_groups_meet_in_a_junction() -> None:
    #  2
    # 0 1   the circle through (0, 0), (6, 0) and (3, 9) has its centre at (3, 4): 3, 4, 5 and 9 - 4 = 5
    found = borders([(0, 0), (6, 0), (3, 9)], [0, 1, 2])
    assert sorted(map(sorted, (pair for pair, _ in found))) == [[0, 1], [0, 2], [1, 2]]
    for _, line in found:
        ends = shapely.get_coordinates(line)[[0, -1]]
        assert np.hypot(*(ends - (3, 4)).T).min() == pytest.approx(0, abs=1e-9)


def test_a_group_around_another_has_a_ring_for_a_border() -> None:
    around = [(0, 0), (5, 0), (10, 0), (10, 5), (10, 10), (5, 10), (0, 10), (0, 5)]
    two_courtyards = [*around, (5, 5), *((east + 100, north) for east, north in around), (105, 5)]
    found = borders(two_courtyards, [0] * 8 + [1] + [2] * 8 + [3])
    rings = [(pair, shapely.Polygon(line)) for pair, line in found if line.is_closed]
    assert [pair for pair, _ in rings] == [{0, 1}, {2, 3}]
    # half way to the middles of the sides and to the corners: a square from 2.5 to 7.5
    assert [ring.area for _, ring in rings] == pytest.approx([25, 25])


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 60), st.integers(2, 8), st.booleans())
def test_every_border_is_equally_near_to_both_and_nearest_to_them(
    seed: int, count: int, groups: int, on_a_grid: bool
) -> None:
    rng = np.random.default_rng(seed)
    points = rng.uniform(0, 100, (count, 2)) + np.array([500_000, 3_800_000])
    points = np.unique(np.round(points, -1 if on_a_grid else 3), axis=0)
    owners = rng.integers(0, groups, len(points))
    if len(np.unique(owners)) < 2:
        return
    lines, parted = borders_between(points, owners, 100.0)
    window = shapely.box(*points.min(axis=0) - 100, *points.max(axis=0) + 100)
    for line, pair in zip(shapely.intersection(lines, window), parted, strict=True):
        spots = shapely.get_coordinates(shapely.segmentize(line, 1.0))
        if not len(spots):
            continue
        near = [KDTree(points[owners == owner]).query(spots)[0] for owner in pair]
        nearest = KDTree(points).query(spots)[0]
        assert near[0] == pytest.approx(near[1], abs=1e-5)
        assert near[0] == pytest.approx(nearest, abs=1e-5)
