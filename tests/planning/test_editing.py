"""Orders over drawn communities: what they make of a division, what they refuse, and the way back."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from geo_service.errors import Conflict, GeoServiceError, InvalidInput, NotFound
from geo_service.planning.editing import (
    Division,
    EditGround,
    carry_out,
    difference,
    judge,
    patched,
    read_order,
)
from geo_service.planning.editing.division import fresh_codes
from geo_service.planning.editing.figures import border_pairs, load_histogram
from geo_service.planning.editing.judgement import deviation_percent
from geo_service.planning.model import LoadRange
from geo_service.planning.zoning.community.brief import Brief
from tests.drawn_area import CODE
from tests.planning.editing_ground import CELL, building, division, ground_of, seen, zone

ROW = ground_of("oooooo")
HALVES = division(ROW, "aaabbb")
# Two banks and one bridge, at the north.
BANKS = ground_of("oo=oo\noo~oo\noo~oo")


def ordered(ground: EditGround, before: Division, **order: Any) -> Division:
    """The division after an order, named as over HTTP."""
    codes = fresh_codes(CODE, before.codes)
    return carry_out(read_order(order), before, ground, codes, lambda code: f"new {code[-3:]}")


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """A box in cells east and south of a picture's corner, as GeoJSON."""
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return {"type": "Polygon", "coordinates": [[(111 + CELL * x, 34 - CELL * y) for x, y in corners]]}


def line(*points: tuple[float, float]) -> dict[str, Any]:
    """A line of cells east and south of a picture's corner, as GeoJSON."""
    return {"type": "LineString", "coordinates": [(111 + CELL * x, 34 - CELL * y) for x, y in points]}


def test_a_click_moves_one_building():
    after = ordered(ROW, HALVES, kind="assign", zone=zone(1), buildings=[building(4)])
    assert seen(after) == "111122"
    assert after.zones == HALVES.zones


def test_a_building_named_twice_moves_once():
    after = ordered(ROW, HALVES, kind="assign", zone=zone(1), buildings=[building(4), building(4)])
    assert seen(after) == "111122"


def test_what_is_there_already_changes_nothing():
    after = ordered(ROW, HALVES, kind="assign", zone=zone(1), buildings=[building(1), building(3)])
    assert difference(HALVES, after) == {}


def test_buildings_are_taken_out_of_all_zones():
    after = ordered(ROW, HALVES, kind="assign", zone=None, buildings=[building(3), building(4)])
    assert seen(after) == "11..22"
    assert after.unassigned.tolist() == [2, 3]


def test_a_zone_without_buildings_is_gone():
    after = ordered(ROW, HALVES, kind="assign", zone=zone(2), buildings=[building(n) for n in (1, 2, 3)])
    assert seen(after) == "222222"
    assert after.codes == (zone(2),)
    patch = difference(HALVES, after)
    assert patch[zone(1)] is None


def test_an_outline_takes_in_whose_points_it_covers():
    after = ordered(ROW, HALVES, kind="assign_within", zone=zone(1), outline=box(2, 1, 5, 0))
    assert seen(after) == "111112"


def test_a_reshaped_zone_loses_what_is_outside():
    after = ordered(ROW, HALVES, kind="assign_within", zone=zone(1), outline=box(2, 1, 5, 0), reshape=True)
    assert seen(after) == "..1112"


def test_a_hole_is_outside():
    outline = box(0, 1, 6, 0)
    outline["coordinates"].append(box(1, 0.9, 2, 0.1)["coordinates"][0])
    after = ordered(ROW, division(ROW, "......"), kind="new_zone_within", community=CODE, outline=outline)
    assert seen(after) == "1.1111"


def test_several_polygons_are_one_outline():
    parts = [box(0, 1, 1, 0)["coordinates"], box(5, 1, 6, 0)["coordinates"]]
    outline = {"type": "MultiPolygon", "coordinates": parts}
    after = ordered(ROW, HALVES, kind="new_zone_within", community=CODE, outline=outline, name="ends")
    assert seen(after) == "311223"
    assert after.zones[2].name == "ends"


def test_a_new_zone_gets_a_number_that_no_other_has():
    after = ordered(ROW, HALVES, kind="new_zone", buildings=[building(3), building(4)])
    assert seen(after) == "113322"
    assert after.zones[2].name == "new 003"


def test_merged_zones_keep_the_first_code_or_the_one_named():
    thirds = division(ROW, "aabbcc")
    assert seen(ordered(ROW, thirds, kind="merge", zones=[zone(2), zone(1)])) == "2222" + "33"
    assert seen(ordered(ROW, thirds, kind="merge", zones=[zone(1), zone(2)], into=zone(3))) == "333333"


def test_a_line_parts_a_zone_and_the_heavier_side_keeps_the_code():
    whole = division(ROW, "aaaaaa")
    assert (
        seen(ordered(ROW, whole, kind="split_by_line", zone=zone(1), line=line((2, -1), (2, 2)))) == "221111"
    )
    assert (
        seen(ordered(ROW, whole, kind="split_by_line", zone=zone(1), line=line((4, 2), (4, -1)))) == "111122"
    )


def test_a_line_goes_on_at_its_ends():
    whole = division(ROW, "aaaaaa")
    short = line((2, 0.4), (2, 0.5))
    assert seen(ordered(ROW, whole, kind="split_by_line", zone=zone(1), line=short)) == "221111"


def test_a_line_leaves_other_zones_alone():
    after = ordered(ROW, HALVES, kind="split_by_line", zone=zone(1), line=line((1, -1), (1, 2)))
    assert seen(after) == "311222"


@pytest.mark.parametrize("parts", [2, 3])
def test_the_solver_parts_a_zone_into_connected_zones_of_one_size(parts: int):
    whole = division(BANKS, "a" * 12)
    after = ordered(BANKS, whole, kind="split", zone=zone(1), parts=parts)
    sizes = [len(after.members(code)) for code in after.codes]
    assert sizes == [12 // parts] * parts
    assert all(not len(judge(BANKS, after.members(code)).stranded) for code in after.codes)


def test_names_and_locks_change_heads_alone():
    renamed = ordered(ROW, HALVES, kind="rename", zone=zone(2), name="  河东 ")
    assert [head.name for head in renamed.zones] == ["zone 1", "河东"]
    locked = ordered(ROW, renamed, kind="lock", zones=[zone(1), zone(2)])
    assert [head.locked for head in locked.zones] == [True, True]
    assert difference(renamed, ordered(ROW, locked, kind="unlock", zones=[zone(1), zone(2)])) == {}


def test_a_deleted_zone_leaves_its_buildings_waiting():
    after = ordered(ROW, HALVES, kind="delete", zone=zone(1))
    assert (seen(after), after.codes) == ("...222", (zone(2),))


LOCKED = ordered(ROW, HALVES, kind="lock", zones=[zone(1)])


@pytest.mark.parametrize(
    "order",
    [
        {"kind": "assign", "zone": zone(1), "buildings": [building(4)]},
        {"kind": "assign", "zone": zone(2), "buildings": [building(3), building(4)]},
        {"kind": "assign", "zone": None, "buildings": [building(1)]},
        {"kind": "assign_within", "zone": zone(2), "outline": box(0, 1, 5, 0)},
        {"kind": "assign_within", "zone": zone(1), "outline": box(0, 1, 1, 0), "reshape": True},
        {"kind": "new_zone", "buildings": [building(1), building(6)]},
        {"kind": "merge", "zones": [zone(2), zone(1)]},
        {"kind": "split_by_line", "zone": zone(1), "line": line((1, -1), (1, 2))},
        {"kind": "split", "zone": zone(1), "parts": 2},
        {"kind": "delete", "zone": zone(1)},
    ],
)
def test_locked_zones_neither_get_nor_lose_buildings(order: dict[str, Any]):
    with pytest.raises(Conflict) as refused:
        ordered(ROW, LOCKED, **order)
    assert refused.value.key == "edits.locked"
    assert refused.value.details == [{"zone_code": zone(1), "zone_name": "zone 1"}]


def test_a_locked_zone_is_renamed_all_the_same_and_its_own_buildings_are_no_change():
    assert ordered(ROW, LOCKED, kind="rename", zone=zone(1), name="x").zones[0].locked
    same = ordered(ROW, LOCKED, kind="assign", zone=zone(1), buildings=[building(1)])
    assert difference(LOCKED, same) == {}


BOW_TIE = {"type": "Polygon", "coordinates": [[(111, 34), (111.004, 33.999), (111.004, 34), (111, 33.999)]]}
FLAT = {"type": "Polygon", "coordinates": [[(111, 34), (111.001, 34), (111.002, 34), (111, 34)]]}


@pytest.mark.parametrize(
    ("key", "order"),
    [
        ("edits.outline_crosses_itself", {"kind": "assign_within", "zone": zone(1), "outline": BOW_TIE}),
        ("edits.outline_encloses_nothing", {"kind": "assign_within", "zone": zone(1), "outline": FLAT}),
        (
            "edits.nothing_within",
            {"kind": "new_zone_within", "community": CODE, "outline": box(20, 21, 21, 20)},
        ),
        (
            "edits.nothing_within",
            {"kind": "assign_within", "zone": zone(1), "outline": box(20, 21, 21, 20), "reshape": True},
        ),
        (
            "edits.split_leaves_empty",
            {"kind": "split_by_line", "zone": zone(1), "line": line((5, 0), (5, 1))},
        ),
        (
            "edits.line_crosses_itself",
            {"kind": "split_by_line", "zone": zone(1), "line": line((0, 0), (2, 1), (2, 0), (0, 1))},
        ),
        (
            "edits.line_crosses_itself",
            {"kind": "split_by_line", "zone": zone(1), "line": line((0, 0), (0, 0))},
        ),
        (
            "edits.line_crosses_itself",
            {"kind": "split_by_line", "zone": zone(1), "line": line((0, 0), (2, 1), (2, 0), (0, 0))},
        ),
        # its prolonged ends cross: a spiral has no two sides
        (
            "edits.line_crosses_itself",
            {"kind": "split_by_line", "zone": zone(1), "line": line((1, 0.5), (2, 1), (3, 0), (1.5, -0.2))},
        ),
        ("edits.split_too_many", {"kind": "split", "zone": zone(1), "parts": 4}),
        ("edits.building_not_here", {"kind": "assign", "zone": zone(1), "buildings": [building(4), "x"]}),
        ("edits.merge_of_one", {"kind": "merge", "zones": [zone(1), zone(1)]}),
    ],
)
def test_what_cannot_be_meant_is_refused(key: str, order: dict[str, Any]):
    with pytest.raises(InvalidInput) as refused:
        ordered(ROW, HALVES, **order)
    assert refused.value.key == key


def test_a_zone_in_pieces_is_not_for_the_solver():
    with pytest.raises(InvalidInput) as refused:
        ordered(ROW, division(ROW, "abbaaa"), kind="split", zone=zone(1), parts=2)
    assert refused.value.key == "edits.split_in_pieces"


def test_a_zone_that_is_not_there_is_not_found():
    for order in ({"kind": "delete", "zone": "x"}, {"kind": "merge", "zones": [zone(1), "x"]}):
        with pytest.raises(NotFound):
            ordered(ROW, HALVES, **order)


@pytest.mark.parametrize(
    "order",
    [
        {"kind": "assign", "zone": zone(1), "buildings": []},
        {"kind": "assign", "zone": zone(1)},
        {"kind": "assign", "buildings": [building(1)]},
        {"kind": "assign", "zone": zone(1), "buildings": ["a\0b"]},
        {"kind": "assign", "zone": zone(1), "buildings": ["x"] * 100_001},
        {"kind": "split", "zone": zone(1), "parts": 1},
        {"kind": "split", "zone": zone(1), "parts": 2.5},
        {"kind": "rename", "zone": zone(1), "name": "   "},
        {"kind": "merge", "zones": [zone(1)]},
        {"kind": "conquer", "zone": zone(1)},
        {"kind": "assign_within", "zone": zone(1), "outline": {"type": "Point", "coordinates": [111, 34]}},
        {"kind": "assign_within", "zone": zone(1), "outline": {"type": "Polygon", "coordinates": []}},
        {"kind": "split_by_line", "zone": zone(1), "line": line((0, float("nan")), (1, 1))},
        {"kind": "split_by_line", "zone": zone(1), "line": line((0, float("inf")), (1, 1))},
        {"kind": "split_by_line", "zone": zone(1), "line": line((0, 0))},
        {"kind": "delete", "zone": zone(1), "really": True},
    ],
)
def test_what_is_no_order_is_not_read(order: dict[str, Any]):
    with pytest.raises(ValidationError):
        read_order(order)


def test_an_outline_of_many_vertices_is_taken_and_one_of_more_is_not():
    turn = np.linspace(0, 2 * np.pi, 50_000)
    ring = np.column_stack(
        [111 + 2.5 * CELL + 2.2 * CELL * np.cos(turn), 34 - 0.5 * CELL + 2.2 * CELL * np.sin(turn)]
    )
    outline = {"type": "Polygon", "coordinates": [ring.tolist()]}
    after = ordered(ROW, HALVES, kind="assign_within", zone=zone(2), outline=outline)
    assert seen(after) == "222222"  # the first five are at most two cells off, the sixth is there already
    rings = [[ring.tolist()], [(ring + 1).tolist()], [(ring + 2).tolist()]]
    with pytest.raises(InvalidInput) as refused:
        ordered(
            ROW,
            HALVES,
            kind="assign_within",
            zone=zone(2),
            outline={"type": "MultiPolygon", "coordinates": rings},
        )
    assert refused.value.key == "edits.too_many_vertices"


def test_a_zone_across_the_river_is_in_pieces_and_says_which_barrier():
    # the two buildings of the last row: the bridge is at the first
    found = judge(BANKS, np.array([8, 9, 10, 11]))
    assert found.stranded.tolist() == [10, 11]
    assert found.barriers == ("#1",)
    over_the_bridge = judge(BANKS, np.array([0, 1, 2, 3]))
    assert (over_the_bridge.stranded.tolist(), over_the_bridge.barriers) == ([], ())


def test_a_zone_in_pieces_on_one_bank_crosses_nothing():
    found = judge(ROW, np.array([0, 1, 5]))
    assert (found.stranded.tolist(), found.barriers) == ([5], ())


def test_a_zone_is_measured_in_metres_and_households():
    # three in a row, 30 m apart, of 32 households each
    found = judge(ROW, np.array([2, 0, 1]))
    assert (found.households, found.load, found.medoid) == (96, 96, 1)
    assert found.distance_m == pytest.approx(60)
    assert found.span_m == pytest.approx(60)
    assert found.patrol_m == pytest.approx(120)
    # 90 m by 30 m
    assert found.compactness == pytest.approx(4 * np.pi * 2700 / 240**2)
    assert found.outline.area == pytest.approx(2700)
    assert found.walk[0] == 1
    assert deviation_percent(96, LoadRange(100, 220)) == pytest.approx(-40)


def test_loads_and_weights_are_those_of_the_profile():
    brief = Brief(loads=np.array([5, 6, 7]), weights=np.array([1.0, 1.0, 10.0]))
    ground = ground_of("ooo", brief=brief)
    found = judge(ground, np.arange(3))
    assert (found.households, found.load, found.medoid) == (96, 18, 2)
    assert found.distance_m == pytest.approx(60 + 30)


def test_a_fixed_centre_is_where_distances_are_measured_to():
    centre = ROW.ground.positions_m[[0]]
    ground = ROW.under(
        together=HALVES.zone_of[:0].reshape(0, 2), apart=HALVES.zone_of[:0].reshape(0, 2), centres_m=centre
    )
    assert judge(ground, np.arange(3)).distance_m == pytest.approx(30 + 60)
    assert judge(ground, np.arange(3, 6)).distance_m == pytest.approx(30 + 30)


def test_pairs_that_are_broken_are_named():
    pairs = np.array([[0, 1], [2, 3]])
    ground = ROW.under(together=pairs, apart=pairs, centres_m=np.empty((0, 2)))
    parted, shared = ground.broken_pairs(HALVES.zone_of)
    assert (parted.tolist(), shared.tolist()) == ([[2, 3]], [[0, 1]])
    nobody = division(ROW, "......").zone_of
    assert [len(each) for each in ground.broken_pairs(nobody)] == [0, 0]


def test_border_pairs_count_neighbours_apart():
    assert border_pairs(ROW.ground, HALVES) == 1
    assert border_pairs(ROW.ground, division(ROW, "abab..")) == 4


def test_new_codes_go_on_from_the_highest_number():
    codes = fresh_codes("99", ["99007", "99002", "elsewhere", "99x", "99²"])
    assert [next(codes), next(codes)] == ["99008", "99009"]
    assert next(fresh_codes("99", ["99999"])) == "991000"


@given(st.lists(st.integers(0, 2_000), max_size=30), st.integers(0, 500), st.integers(0, 500))
def test_a_histogram_counts_every_zone_once(loads: list[int], lo: int, width: int):
    limits = LoadRange(lo, max(lo + width, 1))
    found = load_histogram(loads, limits)
    assert sum(found.counts) == len(loads)
    assert len(found.edges) == len(found.counts) + 1
    assert all(one < other for one, other in pairwise(found.edges))
    assert {limits.lo, limits.hi + 1} <= set(found.edges)
    for place, count in enumerate(found.counts[1:-1], start=1):
        assert count == sum(found.edges[place] <= load < found.edges[place + 1] for load in loads)


CODES = st.sampled_from([zone(number) for number in range(1, 6)])
BUILDINGS = st.lists(st.integers(1, 12).map(building), min_size=1, max_size=6)
ORDERS = st.one_of(
    st.fixed_dictionaries({"kind": st.just("assign"), "zone": st.none() | CODES, "buildings": BUILDINGS}),
    st.fixed_dictionaries({"kind": st.just("new_zone"), "buildings": BUILDINGS}),
    st.fixed_dictionaries({"kind": st.just("merge"), "zones": st.lists(CODES, min_size=2, max_size=3)}),
    st.fixed_dictionaries(
        {
            "kind": st.just("split_by_line"),
            "zone": CODES,
            "line": st.tuples(st.floats(0, 5), st.floats(0, 3), st.floats(0, 5), st.floats(0, 3)).map(
                lambda ends: line(ends[:2], ends[2:])
            ),
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("assign_within"),
            "zone": CODES,
            "reshape": st.booleans(),
            "outline": st.tuples(st.integers(0, 4), st.integers(0, 2)).map(
                lambda corner: box(corner[0], corner[1] + 2, corner[0] + 2, corner[1])
            ),
        }
    ),
    st.fixed_dictionaries({"kind": st.just("rename"), "zone": CODES, "name": st.sampled_from("xyz")}),
    st.fixed_dictionaries(
        {"kind": st.sampled_from(["lock", "unlock"]), "zones": st.lists(CODES, min_size=1, max_size=2)}
    ),
    st.fixed_dictionaries({"kind": st.just("delete"), "zone": CODES}),
)  # fmt: skip


def same(one: Division, other: Division) -> bool:
    return one.zones == other.zones and one.zone_of.tolist() == other.zone_of.tolist()


@settings(max_examples=150, deadline=None)
@given(st.lists(ORDERS, max_size=12))
def test_undoing_all_gives_the_first_division_and_redoing_all_the_last(orders: list[dict[str, Any]]):
    first = now = division(BANKS, "aabbaabbcccc")
    back, forth = [], []
    for order in orders:
        try:
            after = ordered(BANKS, now, **order)
        except GeoServiceError:
            continue
        back.append(difference(after, now))
        forth.append(difference(now, after))
        assert same(patched(now, forth[-1]), after)
        now = after
        # a building is in at most one zone by the form of a division; no zone is empty, nor named twice
        assert np.unique(now.zone_of[now.zone_of >= 0]).tolist() == list(range(len(now.zones)))
        assert list(now.codes) == sorted(set(now.codes))
    last = now
    for inverse in reversed(back):
        now = patched(now, inverse)
    assert same(now, first)
    for again in forth:
        now = patched(now, again)
    assert same(now, last)


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(12)), st.integers(1, 12))
def test_a_judgement_hangs_on_the_members_alone(order: list[int], size: int):
    members = np.array(order[:size])
    one, other = judge(BANKS, members), judge(BANKS, np.sort(members))
    assert one.walk.tolist() == other.walk.tolist()
    assert (one.load, one.distance_m, one.patrol_m, one.span_m, one.compactness) == (
        other.load, other.distance_m, other.patrol_m, other.span_m, other.compactness,
    )  # fmt: skip
    assert sorted(one.walk.tolist()) == sorted(members.tolist())
    again = judge(BANKS, np.roll(one.walk, 3), walked=True)
    assert (again.walk.tolist(), again.patrol_m) == (one.walk.tolist(), one.patrol_m)
