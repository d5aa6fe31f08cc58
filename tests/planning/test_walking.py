"""Walks drawn by hand, and what must hold of distances over any lanes and walls."""

from dataclasses import replace
from math import sqrt
from random import Random

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from geo_service.planning.model import LoadRange, ZoningArea
from geo_service.planning.walking import walking_distances
from geo_service.planning.zoning import draw_community_zones
from geo_service.planning.zoning.community.brief import Brief
from tests.drawn_area import CODE, area_of, square

Place = tuple[float, float]


def line(*places: Place) -> shapely.LineString:
    return shapely.LineString(places)


def area(
    homes: list[Place],
    lanes: list[shapely.Geometry],
    *,
    barriers: list[shapely.Geometry] | None = None,
    crossings: list[shapely.Geometry] | None = None,
) -> ZoningArea:
    """Buildings 4 m wide around ``homes``."""
    footprints = [square(east, north, 4) for east, north in homes]
    outline = shapely.box(-2_000, -2_000, 2_000, 2_000)
    drawn = area_of(outline, footprints, [10] * len(homes), barriers=barriers, crossings=crossings)
    return replace(drawn, walkways=np.array([*lanes, None], dtype=object)[:-1])


# Two lanes along a river, 100 m long, and a bridge between their eastern ends:
#
#     A ..... C ...         30     A (0, 30)   C (60, 30)
#     --------------+       20     lane
#     ~~~~~~~~~~~~~~|~~     10
#     ~~~~~~~~~~~~~~|~~    -10
#     --------------+      -20     lane
#     B                    -30     B (0, -30)
A, B, C = (0.0, 30.0), (0.0, -30.0), (60.0, 30.0)
LANES = [line((0, 20), (100, 20)), line((0, -20), (100, -20))]
RIVER = shapely.box(-500, -10, 500, 10)
BRIDGE = line((100, 20), (100, -20))


def test_over_the_one_bridge() -> None:
    walk = walking_distances(area([A, B, C], LANES, barriers=[RIVER], crossings=[BRIDGE]))
    assert walk.findings == ()
    assert walk.distances_m is not None
    assert walk.distances_m.dtype == np.float32
    # A to B: 10 to the lane, 100 along it, 40 over the bridge, 100 back, 10 to the door; C is 60 on the way
    expected = [[0, 260, 80], [260, 0, 200], [80, 200, 0]]
    np.testing.assert_allclose(walk.distances_m, expected, atol=0.01)


@pytest.mark.parametrize(
    "bridge",
    [
        line((100, 12), (100, -12)),  # ends 8 m short of both lanes
        line((100, 10), (100, -10)),  # ends on the river's very edges
        line((100, 25), (100, -25)),  # ends beyond both lanes
        shapely.MultiLineString([[(100, 20), (100, 0)], [(100, 0), (100, -20)]]),
    ],
)
def test_a_bridge_drawn_carelessly_still_joins_the_lanes(bridge: shapely.Geometry) -> None:
    walk = walking_distances(area([A, B], LANES, barriers=[RIVER], crossings=[bridge]))
    assert walk.findings == ()
    assert walk.distances_m is not None
    np.testing.assert_allclose(walk.distances_m[0, 1], 260, atol=0.01)


@pytest.mark.parametrize("lanes", [LANES, [*LANES, line((50, 20), (50, -20))]])
def test_without_a_bridge_the_far_bank_is_found_unreachable(lanes: list[shapely.Geometry]) -> None:
    # a lane drawn across the river is no bridge: the river cuts it
    walk = walking_distances(area([A, B, C], lanes, barriers=[RIVER]))
    assert [(each.key, each.where, each.values) for each in walk.findings] == [
        ("walking.unreachable", CODE, {"buildings": 1, "building": f"{CODE}-B0002"})
    ]
    assert walk.distances_m is not None
    # A and B are 60 m apart, counted ten times
    np.testing.assert_allclose(walk.distances_m[0, 1], 600, rtol=1e-6)
    np.testing.assert_allclose(walk.distances_m[0, 2], 80, atol=0.01)


def test_a_level_crossing_leads_through_a_railway() -> None:
    railway = line((-500, 0), (500, 0))
    open_lane = line((50, 40), (50, -40))
    homes = [(40.0, 30.0), (40.0, -30.0)]
    crossing = line((50, 15), (50, -15))
    shut = walking_distances(area(homes, [open_lane], barriers=[railway]))
    through = walking_distances(area(homes, [open_lane], barriers=[railway], crossings=[crossing]))
    assert [each.key for each in shut.findings] == ["walking.unreachable"]
    assert through.findings == ()
    assert through.distances_m is not None
    np.testing.assert_allclose(through.distances_m[0, 1], 10 + 60 + 10, atol=0.01)


def test_no_access_leads_through_a_wall() -> None:
    # the lane 5 m to the north lies behind a wall; the one 20 m to the south does not
    lanes = [line((0, 5), (100, 5)), line((0, -20), (100, -20))]
    wall = line((-50, 2.5), (150, 2.5))
    walk = walking_distances(area([(10, 0), (90, 0)], lanes, barriers=[wall]))
    assert walk.distances_m is not None
    # round by the southern lane were 20 + 80 + 20 = 120; over open ground it is 80 times the root of 2
    np.testing.assert_allclose(walk.distances_m[0, 1], 80 * sqrt(2), rtol=1e-6)
    between = line((50, -10), (50, 2.5))  # now a second wall bars the open ground
    walk = walking_distances(area([(10, 0), (90, 0)], lanes, barriers=[wall, between]))
    assert walk.distances_m is not None
    np.testing.assert_allclose(walk.distances_m[0, 1], 120, rtol=1e-6)
    assert walk.findings == ()


def test_open_ground_is_walked_where_no_walkway_is_near() -> None:
    walk = walking_distances(area([(0, 0), (300, 0), (340, 30)], [line((-50, 5), (50, 5))]))
    assert [(each.key, each.values["buildings"]) for each in walk.findings] == [
        ("walking.no_walkway_near", 2)
    ]
    assert walk.distances_m is not None
    np.testing.assert_allclose(walk.distances_m[1, 2], 50 * sqrt(2), rtol=1e-6)
    np.testing.assert_allclose(walk.distances_m[0, 1], 300 * sqrt(2), rtol=1e-6)


def test_a_lane_round_one_corner_is_never_beaten_by_open_ground() -> None:
    walk = walking_distances(area([(0, 0), (40, 40)], [line((0, 0), (40, 0), (40, 40))]))
    assert walk.distances_m is not None
    np.testing.assert_allclose(walk.distances_m[0, 1], 80, rtol=1e-6)


def test_a_closed_lane_is_walked_the_shorter_way_round() -> None:
    ring = shapely.LinearRing([(0, 0), (100, 0), (100, 100), (0, 100)])
    pond = shapely.box(10, 10, 90, 90)
    walk = walking_distances(area([(0, 80), (80, 0), (100, 90)], [ring], barriers=[pond]))
    assert walk.distances_m is not None
    expected = [[0, 160, 130], [160, 0, 110], [130, 110, 0]]
    np.testing.assert_allclose(walk.distances_m, expected, atol=0.01)


def test_without_walkways_straight_lines_are_meant() -> None:
    assert walking_distances(area([A, B], [], barriers=[RIVER], crossings=[BRIDGE])).distances_m is None


def test_so_many_buildings_that_the_matrix_would_not_fit() -> None:
    walk = walking_distances(area([A, B, C], LANES), most_buildings=2)
    assert walk.distances_m is None
    assert [(each.key, each.values) for each in walk.findings] == [
        ("walking.too_many", {"buildings": 3, "most": 2})
    ]


@pytest.mark.parametrize(
    "homes",
    [
        [],
        [A],
        [A, A],
        [A, A, A, B, B],
        [(0.0, 0.0), (10.0, 0.0), (20.0, 0.0), (40.0, 0.0)],  # in a row
    ],
)
def test_few_equal_or_aligned_buildings(homes: list[Place]) -> None:
    walk = walking_distances(area(homes, [line((0, -5), (100, -5))])).distances_m
    if len(homes) < 2:
        assert walk is None
    else:
        assert walk is not None
        assert (np.diag(walk) == 0).all()
        assert ((walk == 0) == (cdist(homes, homes) == 0)).all()


@pytest.mark.parametrize(
    "lane",
    [
        shapely.LineString(),
        shapely.Point(0, 0),
        shapely.MultiLineString([[(0, 0), (1, 1)], [(5, 5), (6, 6)]]),
        line((0, 0), (0, 0)),
        line((0, 0), (50, 50), (50, 0), (0, 50)),  # crosses itself
        line((-100, 0), (100, 0)),  # under the river from end to end
    ],
)
def test_odd_walkways_do_no_harm(lane: shapely.Geometry) -> None:
    walk = walking_distances(area([A, B, C], [lane], barriers=[RIVER], crossings=[BRIDGE])).distances_m
    assert walk is not None
    assert np.isfinite(walk).all()


def test_barriers_that_are_no_valid_polygons_are_taken_as_meant() -> None:
    bow_tie = shapely.Polygon([(-50, -10), (150, 10), (150, -10), (-50, 10)])
    walk = walking_distances(area([A, B], LANES, barriers=[bow_tie], crossings=[BRIDGE])).distances_m
    assert walk is not None
    assert np.isfinite(walk).all()


spots = st.tuples(st.integers(-150, 150), st.integers(-150, 150))
lines = st.lists(st.lists(spots, min_size=2, max_size=4, unique=True).map(lambda at: line(*at)), max_size=5)


@settings(max_examples=120, deadline=None)
@given(st.lists(spots, min_size=2, max_size=9), lines, lines, lines)
def test_distances_are_a_metric_above_straight_lines(
    homes: list[Place],
    lanes: list[shapely.Geometry],
    walls: list[shapely.Geometry],
    crossings: list[shapely.Geometry],
) -> None:
    given_area = area(homes, [line((-150, 0), (150, 0)), *lanes], barriers=walls, crossings=crossings)
    walk = walking_distances(given_area).distances_m
    assert walk is not None
    assert np.isfinite(walk).all()
    assert (walk == walk.T).all()
    assert (np.diag(walk) == 0).all()
    assert (walk >= cdist(homes, homes).astype(np.float32)).all()
    through = (walk[:, :, None] + walk[None, :, :]).min(axis=1)
    assert (walk <= through + 0.01).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(spots, min_size=2, max_size=9), lines, lines, st.randoms())
def test_relabelling_changes_nothing(
    homes: list[Place], lanes: list[shapely.Geometry], walls: list[shapely.Geometry], random: Random
) -> None:
    lanes = [line((-150, 0), (150, 0)), *lanes]
    order = list(range(len(homes)))
    random.shuffle(order)
    one = walking_distances(area(homes, lanes, barriers=walls)).distances_m
    other = walking_distances(area([homes[place] for place in order], lanes, barriers=walls)).distances_m
    assert one is not None
    assert other is not None
    np.testing.assert_allclose(one[np.ix_(order, order)], other, atol=0.001)


def test_zones_are_drawn_and_walked_along_the_walkways() -> None:
    # A, B and C make one zone: C is its medoid, 80 m from A and 200 m from B; the round is A B C: 540 m
    drawn = area([A, B, C], LANES, barriers=[RIVER], crossings=[BRIDGE])
    answer = draw_community_zones(drawn, LoadRange(30, 30), brief=Brief(walked=True))
    [zone] = answer.zones
    assert zone.members[0] == zone.medoid == 2
    np.testing.assert_allclose([zone.distance_m, zone.patrol_m], [80 + 200, 260 + 200 + 80], atol=0.1)


def test_what_no_one_reaches_on_foot_is_told_with_the_zones() -> None:
    far = area([A, (60.0, 34.0), (500.0, 30.0)], LANES)
    answer = draw_community_zones(far, LoadRange(10, 30))
    assert "walking.no_walkway_near" in {finding.key for finding in answer.findings}
