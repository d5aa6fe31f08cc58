from itertools import pairwise

import numpy as np
import pytest
import shapely
import shapely.affinity
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo_service.errors import InvalidInput
from geo_service.planning.adjacency import find_neighbours
from geo_service.planning.enclosures import Enclosures, cut_enclosures
from geo_service.planning.model import ZoningArea
from geo_service.planning.tessellation import Tessellation, tessellate
from tests.drawn_area import NORTH, WEST, area_of, draw, square


def divided(area: ZoningArea) -> tuple[Enclosures, Tessellation]:
    enclosures = cut_enclosures(area.outline, area.barriers, where=area.code)
    return enclosures, tessellate(area.footprints, enclosures)


def assert_cells_fill_their_enclosures(enclosures: Enclosures, tessellation: Tessellation) -> None:
    cells, enclosure_of = tessellation.cells, tessellation.enclosure_of
    assert set(shapely.get_type_id(cells)) <= {3, 6}
    assert shapely.is_valid(cells).all()
    for place in np.unique(enclosure_of):
        mine = cells[enclosure_of == place]
        whole = enclosures.polygons[place]
        assert (shapely.area(mine) > 0).all()
        # no gap, and with it no overlap: the areas add up to that of the union and of the enclosure
        assert shapely.union_all(mine).symmetric_difference(whole).area < 0.01
        assert shapely.area(mine).sum() == pytest.approx(whole.area, abs=0.01)


@pytest.mark.parametrize(
    ("picture", "enclosures"),
    [
        ("o", 1),
        ("oo", 1),
        ("oo.o\no..o", 1),
        ("oo~oo\noo~oo", 2),
        ("oo|oo\noo|oo", 2),
        ("ooo\no o\nooo", 1),
        ("o  o", 2),
    ],
)
def test_cells_fill_every_enclosure(picture: str, enclosures: int) -> None:
    cut, tessellation = divided(draw(picture))
    assert len(cut.polygons) == enclosures
    assert cut.findings == ()
    assert_cells_fill_their_enclosures(cut, tessellation)


def test_every_cell_holds_its_building() -> None:
    area = draw("oo.o\no.oo\n.ooo")
    _, tessellation = divided(area)
    assert shapely.covers(tessellation.cells, area.footprints).all()


def test_the_border_lies_midway() -> None:
    _, tessellation = divided(draw("oo"))
    west, _, east, _ = tessellation.cells[0].bounds
    assert west == WEST
    assert east == pytest.approx(WEST + 30, abs=0.5)


def test_a_railway_drawn_short_of_the_edge_is_extended_to_it() -> None:
    area = draw("...\no.o\no.o\n...")
    railway = shapely.LineString([(WEST + 45, NORTH - 20), (WEST + 45, NORTH - 100)])
    cut = cut_enclosures(area.outline, np.array([railway]), where=area.code)
    assert len(cut.polygons) == 2
    (finding,) = cut.findings
    # 20 m are missing in the north and 120 - 100 = 20 m in the south
    assert (finding.key, finding.where, finding.values["metres"]) == (
        "zoning.barrier_extended",
        area.code,
        40.0,
    )


def test_a_wall_that_separates_nothing_is_reported() -> None:
    area = draw("\n".join(["....."] * 5))
    wall = shapely.LineString([(WEST + 60, NORTH - 75), (WEST + 90, NORTH - 75)])
    cut = cut_enclosures(area.outline, np.array([wall]), names=np.array(["东墙"], dtype=object))
    assert len(cut.polygons) == 1
    assert [(finding.key, finding.values) for finding in cut.findings] == [
        ("zoning.barrier_cuts_nothing", {"barrier": "东墙"})
    ]


def test_a_straddling_building_belongs_to_its_larger_share_and_has_land_nowhere_else() -> None:
    drawn = draw("o.|.o\no.|.o")
    astride = shapely.box(WEST + 55, NORTH - 25, WEST + 79, NORTH - 5)  # 20 m west of the track, 4 m east
    area = area_of(drawn.outline, [*drawn.footprints, astride], [32] * 5, barriers=list(drawn.barriers))
    cut, tessellation = divided(area)
    assert tessellation.enclosure_of[4] == tessellation.enclosure_of[0] != tessellation.enclosure_of[1]
    assert tessellation.cells[4].bounds[2] == pytest.approx(WEST + 75)
    assert_cells_fill_their_enclosures(cut, tessellation)


def test_dirty_footprints_each_get_land() -> None:
    one = square(WEST + 20, NORTH - 20, 14)
    corners = ((50, 50), (70, 70), (70, 50), (50, 70))
    bow_tie = shapely.Polygon([(WEST + east, NORTH - south) for east, south in corners])
    footprints = [
        one,
        one,  # twice the same
        square(WEST + 28, NORTH - 24, 10),  # overlaps both
        square(WEST + 60, NORTH - 20, 14),
        square(WEST + 60, NORTH - 20, 4),  # inside another
        square(WEST + 20, NORTH - 60, 0.3),  # a kiosk
        square(WEST + 200, NORTH - 60, 14),  # outside the community
        square(WEST + 200, NORTH - 60, 14),  # and again
        bow_tie,
    ]
    area = area_of(shapely.box(WEST, NORTH - 90, WEST + 90, NORTH), footprints, [10] * len(footprints))
    cut, tessellation = divided(area)
    assert_cells_fill_their_enclosures(cut, tessellation)


def test_a_thousand_buildings_on_one_spot_each_get_land() -> None:
    one = square(WEST + 20, NORTH - 20, 14)
    area = area_of(shapely.box(WEST, NORTH - 90, WEST + 90, NORTH), [one] * 1000, [1] * 1000)
    cut, tessellation = divided(area)
    assert_cells_fill_their_enclosures(cut, tessellation)


def test_a_house_in_the_courtyard_of_another_has_land_inside_it() -> None:
    block = square(WEST + 45, NORTH - 45, 60).difference(square(WEST + 45, NORTH - 45, 40))
    house = square(WEST + 45, NORTH - 45, 10)
    area = area_of(shapely.box(WEST, NORTH - 90, WEST + 90, NORTH), [block, house], [32] * 2)
    cut, tessellation = divided(area)
    assert_cells_fill_their_enclosures(cut, tessellation)
    assert shapely.covers(tessellation.cells, area.footprints).all()
    # half way from the house's walls, 5 m from the middle, to the courtyard's, 20 m from it
    assert tessellation.cells[1].bounds == pytest.approx(
        (WEST + 32.5, NORTH - 57.5, WEST + 57.5, NORTH - 32.5), abs=0.6
    )
    assert tessellation.pairs.tolist() == [[0, 1]]


def test_land_that_a_building_cannot_reach_goes_to_a_neighbour() -> None:
    # a U, open to the north: the upper half of its bare east arm is nearest to the house in the west arm
    ground = shapely.box(WEST, NORTH - 200, WEST + 60, NORTH)
    ground = ground.difference(shapely.box(WEST + 20, NORTH - 180, WEST + 40, NORTH))
    houses = [square(WEST + 10, NORTH - 20, 10), square(WEST + 10, NORTH - 190, 10)]
    cut, tessellation = divided(area_of(ground, houses, [32] * 2))
    assert_cells_fill_their_enclosures(cut, tessellation)
    # half way between walls at 25 m and 185 m from the north
    assert tessellation.cells[0].bounds == pytest.approx((WEST, NORTH - 105, WEST + 20, NORTH), abs=0.5)
    assert tessellation.border_m == pytest.approx([20], abs=0.5)


def test_a_community_under_water_is_refused() -> None:
    drawn = draw("oo")
    with pytest.raises(InvalidInput) as refusal:
        cut_enclosures(drawn.outline, np.array([drawn.outline.buffer(1)]), where=drawn.code)
    assert (refusal.value.key, refusal.value.where) == ("zoning.no_land", drawn.code)


def test_progress_is_told_building_by_building() -> None:
    drawn = draw("oo~oo\noo~oo\noo~oo")
    told: list[tuple[str, int, int | None]] = []
    tessellate(
        drawn.footprints,
        cut_enclosures(drawn.outline, drawn.barriers),
        progress=lambda *each: told.append(each),
    )
    assert {stage for stage, *_ in told} == {"zoning.stage_tessellate"}
    done = [each[1] for each in told]
    assert (done[0], done[-1], {each[2] for each in told}) == (0, 12, {12})
    assert done == sorted(done)
    # both banks, and the steps within one
    assert 6 in done
    assert len(set(done)) > 3


@st.composite
def grounds(draw_from: st.DrawFn) -> tuple[shapely.Polygon, list[shapely.Polygon], list[shapely.LineString]]:
    """Rectangles turned together, touching and overlapping, on a star-shaped ground, with straight walls."""
    tenths = st.integers(0, 2000)
    angle = draw_from(st.sampled_from((0.0, 0.3)))

    def placed(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
        turn = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
        return (np.array(points) @ turn + (WEST, NORTH)).tolist()

    footprints = []
    for west, south, width, depth in draw_from(
        st.lists(st.tuples(tenths, tenths, st.integers(2, 400), st.integers(2, 400)), min_size=1, max_size=25)
    ):
        corners = shapely.get_coordinates(
            shapely.box(west / 10, south / 10, (west + width) / 10, (south + depth) / 10)
        )
        footprints.append(shapely.Polygon(placed(corners)))
    reaches = draw_from(st.lists(st.integers(30, 150), min_size=5, max_size=9))
    angles = np.linspace(0, 2 * np.pi, len(reaches), endpoint=False)
    rim = [
        (100 + reach * np.cos(each), 100 + reach * np.sin(each))
        for reach, each in zip(reaches, angles, strict=True)
    ]
    walls = [
        shapely.LineString(placed([(one / 10, -50), (other / 10, 250)]))
        for one, other in draw_from(st.lists(st.tuples(tenths, tenths), max_size=2))
    ]
    return shapely.Polygon(placed(rim)), footprints, walls


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(grounds())
def test_any_ground_is_divided_without_gap_or_overlap(
    given_ground: tuple[shapely.Polygon, list[shapely.Polygon], list[shapely.LineString]],
) -> None:
    outline, footprints, walls = given_ground
    area = area_of(outline, footprints, [1] * len(footprints), barriers=walls)
    cut, tessellation = divided(area)
    for place in np.unique(tessellation.enclosure_of):
        mine = tessellation.cells[tessellation.enclosure_of == place]
        assert shapely.is_valid(mine).all()
        assert (shapely.area(mine) > 0).all()
        assert shapely.coverage_is_valid(mine)
        # the edge moves by less than the noding grid
        slack = 0.001 * cut.polygons[place].length
        assert shapely.area(mine).sum() == pytest.approx(cut.polygons[place].area, abs=slack)
        assert shapely.union_all(mine).symmetric_difference(cut.polygons[place]).area < slack


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.lists(st.integers(4, 25), min_size=1, max_size=8), min_size=1, max_size=4),
    st.integers(0, 3),
    st.floats(0, 1),
)
def test_cells_hold_touching_houses_but_for_a_strip_beside_the_common_wall(
    rows: list[list[int]], lane: int, angle: float
) -> None:
    houses = []
    for row, widths in enumerate(rows):
        ends = np.cumsum([0, *widths])
        south = row * (12 + lane)
        houses += [shapely.box(west, south, east, south + 12) for west, east in pairwise(ends)]
    turned = [
        shapely.affinity.translate(
            shapely.affinity.rotate(house, angle, (0, 0), use_radians=True), WEST, NORTH
        )
        for house in houses
    ]
    area = area_of(shapely.union_all(turned).convex_hull.buffer(10), turned, [1] * len(turned))
    _, tessellation = divided(area)
    assert shapely.coverage_is_valid(tessellation.cells)
    assert shapely.covers(tessellation.cells, shapely.buffer(area.footprints, -0.55)).all()


def test_a_building_in_the_river_goes_to_the_nearer_bank() -> None:
    drawn = draw("o.~~.o")
    boat = square(WEST + 70, NORTH - 15, 4)
    area = area_of(drawn.outline, [*drawn.footprints, boat], [32] * 3, barriers=list(drawn.barriers))
    cut, tessellation = divided(area)
    assert tessellation.enclosure_of[2] == tessellation.enclosure_of[0]
    assert_cells_fill_their_enclosures(cut, tessellation)


def neighbours(area: ZoningArea) -> tuple[set[tuple[int, int]], int, tuple[str, ...]]:
    cut, tessellation = divided(area)
    adjacency = find_neighbours(area.footprints, tessellation, cut, area.crossings, where=area.code)
    pairs = {
        (building, int(neighbour))
        for building in range(len(area.footprints))
        for neighbour in adjacency.neighbours[adjacency.starts[building] : adjacency.starts[building + 1]]
    }
    assert {(other, one) for one, other in pairs} == pairs
    halves = {pair for pair in pairs if pair[0] < pair[1]}
    return halves, adjacency.component_of.max() + 1, tuple(finding.key for finding in adjacency.findings)


def test_cells_side_by_side_are_neighbours_and_corners_are_not() -> None:
    # 0 1
    # 2 3
    assert neighbours(draw("oo\noo")) == ({(0, 1), (0, 2), (1, 3), (2, 3)}, 1, ())


def test_a_river_parts_and_a_bridge_joins_the_nearest_buildings() -> None:
    # 0 ~ 1
    # 2 ~ 3
    assert neighbours(draw("o~o\no~o")) == ({(0, 2), (1, 3)}, 2, ())
    assert neighbours(draw("o~o\no=o")) == ({(0, 2), (1, 3), (2, 3)}, 1, ())
    assert neighbours(draw("o|o\no+o")) == ({(0, 2), (1, 3), (2, 3)}, 1, ())


def test_a_wall_ending_inside_is_walked_around() -> None:
    # 0 | 1   the wall stands between the upper two only
    # 2   3
    area = draw("o.o\no.o\n...\n...")
    wall = shapely.LineString([(WEST + 45, NORTH + 1), (WEST + 45, NORTH - 28)])
    walled = area_of(area.outline, list(area.footprints), [32] * 4, barriers=[wall])
    assert neighbours(walled)[:2] == ({(0, 2), (1, 3), (2, 3)}, 1)


def test_parts_of_a_dirty_outline_are_linked_unless_a_barrier_lies_between() -> None:
    area = draw("oo  oo")
    assert neighbours(area) == ({(0, 1), (1, 2), (2, 3)}, 1, ("zoning.outline_parts_linked",))
    river = shapely.LineString([(WEST + 90, NORTH + 10), (WEST + 90, NORTH - 100)])
    parted = area_of(area.outline, list(area.footprints), [32] * 4, barriers=[river])
    assert neighbours(parted) == ({(0, 1), (2, 3)}, 2, ())
