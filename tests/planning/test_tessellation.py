import numpy as np
import pytest
import shapely

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
