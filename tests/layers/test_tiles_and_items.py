"""Tiles and items of a drawn world hold what the drawing says."""

from __future__ import annotations

import itertools
import json
from datetime import date

import mapbox_vector_tile
import pytest
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.errors import Forbidden, InvalidInput, NotFound
from geo_service.pipeline.policies import by_policy
from geo_service.publish.crs import read_bounding_box
from geo_service.publish.features import items_statement, touching
from geo_service.publish.load import load_layers
from geo_service.publish.model import LayerSet
from geo_service.publish.statements import LayerRequest
from geo_service.publish.tiles import tile_statement
from geo_service.resources import layers_dir
from geo_service.store.layers import read_page, read_tile
from geo_service.store.session import transaction
from tests.layers.asking import tile_at
from tests.world import EAST, SECOND_TOWN, SOUTH, TOWN, WEST, build_world, save_plan

JUNE = date(2024, 6, 30)
EAST_ZONE = EAST + "001"
# Two standalone buildings and a compound of two buildings east, one standalone building and a bridge west.
DRAWING = {TOWN: {WEST: "1H.\n.|P", EAST: "23aa\n...P"}, SECOND_TOWN: {SOUTH: "4"}}


@pytest.fixture(scope="module")
def world(module_engine: Engine) -> Engine:
    build_world(module_engine, DRAWING)
    save_plan(
        module_engine,
        EAST,
        {EAST_ZONE: [f"{EAST}-B0001", f"{EAST}-B0002"]},
        effective_from=date(2024, 6, 1),
        chiefs={EAST_ZONE: f"{EAST}-P01"},
    )
    with module_engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid)"
                " VALUES ('compound', :code, :community, 'professional', 'in_service', '[2024-05-01,)')"
            ),
            {"code": f"{EAST}-C001", "community": EAST},
        )
        connection.execute(
            text(
                "INSERT INTO compound (code, community_code, name, household_count)"
                " VALUES (:code, :community, '没有位置', 7)"
            ),
            {"code": f"{EAST}-C900", "community": EAST},
        )
    return module_engine


@pytest.fixture(scope="module")
def layers() -> LayerSet:
    return load_layers(layers_dir())


def _features(
    engine: Engine,
    layers: LayerSet,
    name: str,
    actor: Actor = LOCAL_ADMIN,
    on: date = JUNE,
    z: int = 14,
    **request,
) -> list[dict]:
    x, y = tile_at(engine, z, f"{EAST}-B0001")
    with transaction(engine, actor, read_only=True) as connection:
        asked = by_policy(connection, LayerRequest(on, **request))
        tile = read_tile(connection, tile_statement(layers.get(name), asked, z, x, y))
    return mapbox_vector_tile.decode(tile)[name]["features"] if tile else []


def _items(
    engine: Engine, layers: LayerSet, name: str, actor: Actor = LOCAL_ADMIN, on: date = JUNE, **options
):
    request = LayerRequest(on, **{key: options.pop(key) for key in ("area", "plan") if key in options})
    with transaction(engine, actor, read_only=True) as connection:
        asked = by_policy(connection, request)
        rows = read_page(connection, items_statement(layers.get(name), asked, **{"limit": 100, **options}))
    return [json.loads(feature) for _, feature in rows]


def test_a_tile_holds_the_standalone_buildings_with_their_status(world: Engine, layers: LayerSet) -> None:
    found = {
        feature["properties"]["code"]: feature["properties"]["status"]
        for feature in _features(world, layers, "standalone_buildings", area=TOWN)
    }

    assert found == {
        f"{WEST}-B0001": "uncovered",
        f"{EAST}-B0001": "in_service",
        f"{EAST}-B0002": "in_service",
    }


def test_before_the_plan_is_published_nothing_is_served(world: Engine, layers: LayerSet) -> None:
    features = _features(world, layers, "standalone_buildings", on=date(2024, 5, 31), area=EAST)

    assert {feature["properties"]["status"] for feature in features} == {"uncovered"}
    assert _features(world, layers, "zones", on=date(2024, 5, 31)) == []


@pytest.mark.parametrize("z", [13, 16, 18])
def test_both_shapes_of_tile_put_a_building_in_the_same_place(
    world: Engine, layers: LayerSet, z: int
) -> None:
    """Clipped below zoom 14, only scaled from there on: within one unit of the building's true place."""
    code = f"{EAST}-B0001"
    feature = next(
        feature
        for feature in _features(world, layers, "standalone_buildings", z=z)
        if feature["properties"]["code"] == code
    )
    drawn = feature["geometry"]["coordinates"][0]
    x, y = tile_at(world, z, code)
    width = 2 * 20037508.342789244 / 2**z
    with world.begin() as connection:
        west, south, east, north = connection.execute(
            text("SELECT ST_XMin(g), ST_YMin(g), ST_XMax(g), ST_YMax(g)"
                 " FROM (SELECT geom_3857 g FROM building WHERE code = :c) b"),
            {"c": code},
        ).one()  # fmt: skip
    unit = width / 4096
    origin_x, origin_y = -20037508.342789244 + x * width, 20037508.342789244 - (y + 1) * width
    assert min(p[0] for p in drawn) == pytest.approx((west - origin_x) / unit, abs=1)
    assert max(p[0] for p in drawn) == pytest.approx((east - origin_x) / unit, abs=1)
    # The decoder counts y upwards.
    assert min(p[1] for p in drawn) == pytest.approx((south - origin_y) / unit, abs=1)
    assert max(p[1] for p in drawn) == pytest.approx((north - origin_y) / unit, abs=1)


def test_a_zone_carries_its_chief_but_no_phone_in_tiles(world: Engine, layers: LayerSet) -> None:
    (zone,) = _features(world, layers, "zones")

    assert zone["properties"]["code"] == EAST_ZONE
    assert zone["properties"]["chief"] == f"person {EAST}-P01"
    assert zone["properties"]["households"] == 50
    assert "work_phone" not in zone["properties"]


def test_a_draft_is_shown_by_its_number_only(world: Engine, layers: LayerSet) -> None:
    draft = save_plan(world, WEST, {WEST + "001": [f"{WEST}-B0001"]})

    assert {f["properties"]["code"] for f in _items(world, layers, "zones")} == {EAST_ZONE}
    assert {f["properties"]["code"] for f in _items(world, layers, "zones", plan=draft)} == {WEST + "001"}
    (building,) = _items(world, layers, "standalone_buildings", area=WEST, plan=draft)
    assert building["properties"]["zone_code"] == WEST + "001"


def test_the_area_cuts_a_layer_to_its_subtree(world: Engine, layers: LayerSet) -> None:
    codes = {f["id"] for f in _items(world, layers, "communities", area=TOWN)}

    assert codes == {WEST, EAST}


def test_barriers_of_an_area_are_those_that_touch_it(world: Engine, layers: LayerSet) -> None:
    assert [f["id"] for f in _items(world, layers, "barriers", area=WEST)] == [f"{WEST}-R01"]
    assert _items(world, layers, "barriers", area=SOUTH) == []


def test_coverage_counts_units_exactly(world: Engine, layers: LayerSet) -> None:
    """East: two served standalone buildings and one of two compounds in service; west: nothing."""
    figures = {f["id"]: f["properties"] for f in _items(world, layers, "coverage_by_community", area=TOWN)}

    assert (figures[EAST]["units_covered"], figures[EAST]["units"]) == (3, 4)
    assert (figures[EAST]["households_covered"], figures[EAST]["households"]) == (110, 117)
    assert (figures[WEST]["units_covered"], figures[WEST]["units"]) == (0, 1)
    assert figures[EAST]["units_rate"] == 0.75


def test_a_compound_without_location_is_listed_with_null_geometry(world: Engine, layers: LayerSet) -> None:
    found = {f["id"]: f for f in _items(world, layers, "compounds")}

    assert found[f"{EAST}-C900"]["geometry"] is None
    assert found[f"{EAST}-C001"]["properties"]["status"] == "in_service"
    assert _features(world, layers, "compounds")[0]["properties"]["code"] == f"{EAST}-C001"


def test_exterior_rings_run_counterclockwise(world: Engine, layers: LayerSet) -> None:
    """RFC 7946, section 3.1.6."""
    for feature in _items(world, layers, "standalone_buildings"):
        ring = feature["geometry"]["coordinates"][0][0]
        doubled_area = sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(ring))
        assert doubled_area > 0


def test_pages_follow_the_key_and_lose_nothing(world: Engine, layers: LayerSet) -> None:
    everything = [f["id"] for f in _items(world, layers, "standalone_buildings")]
    paged, after = [], None
    while True:
        page = [f["id"] for f in _items(world, layers, "standalone_buildings", limit=1, after=after)]
        paged += page[:1]
        if len(page) < 2:
            break
        after = page[0]

    assert paged == everything == sorted(everything)
    assert len(everything) == 4


def test_a_bounding_box_takes_what_it_touches(world: Engine, layers: LayerSet) -> None:
    (target,) = [f for f in _items(world, layers, "standalone_buildings") if f["id"] == f"{EAST}-B0002"]
    corner = target["geometry"]["coordinates"][0][0][0]
    sides = (corner[0] - 1e-5, corner[1] - 1e-5, corner[0] + 1e-5, corner[1] + 1e-5)
    box = touching(read_bounding_box(",".join(map(str, sides))))

    assert [f["id"] for f in _items(world, layers, "standalone_buildings", conditions=[box])] == [
        target["id"]
    ]


def test_heights_in_a_bounding_box_are_left_out() -> None:
    (box,) = read_bounding_box("1,2,-5,3,4,99")
    assert box.bounds == (1.0, 2.0, 3.0, 4.0)


@pytest.mark.parametrize(
    "text_", ["", "1,2,3", "1,2,3,x", "1,2,nan,4", "1,2,inf,4", "1,2,3,4,5", "0,9,1,2", "0,0,1,91"]
)
def test_a_bad_bounding_box_is_refused(text_: str) -> None:
    with pytest.raises(InvalidInput):
        read_bounding_box(text_)


@pytest.mark.parametrize(
    ("z", "x", "y"), [(-1, 0, 0), (23, 0, 0), (14, 2**14, 0), (14, 0, -1), (5, 0, 0), (19, 0, 0)]
)
def test_a_tile_outside_the_matrix_or_the_zooms_is_refused(layers: LayerSet, z: int, x: int, y: int) -> None:
    with pytest.raises(InvalidInput):
        tile_statement(layers.get("zones"), LayerRequest(JUNE), z, x, y)


def test_an_empty_place_gives_an_empty_tile(world: Engine, layers: LayerSet) -> None:
    with transaction(world, LOCAL_ADMIN, read_only=True) as connection:
        assert read_tile(connection, tile_statement(layers.get("zones"), LayerRequest(JUNE), 14, 0, 0)) == b""


def test_a_planner_sees_the_planners_own_town_only(world: Engine, layers: LayerSet) -> None:
    planner = Actor("planner", Role.PLANNER, SECOND_TOWN)

    assert [f["id"] for f in _items(world, layers, "standalone_buildings", actor=planner)] == [
        f"{SOUTH}-B0001"
    ]
    assert _features(world, layers, "standalone_buildings", actor=planner, area=TOWN) == []


def test_a_viewer_reads_coverage_and_nothing_of_buildings(world: Engine, layers: LayerSet) -> None:
    viewer = Actor("viewer", Role.VIEWER, TOWN)

    assert {f["id"] for f in _items(world, layers, "coverage_by_community", actor=viewer)} == {WEST, EAST}
    with pytest.raises(Forbidden):
        layers.get("zones", Role.VIEWER)
    assert _items(world, layers, "zones", actor=viewer) == []


def test_an_unknown_layer_names_those_there_are(layers: LayerSet) -> None:
    with pytest.raises(NotFound, match="standalone_buildings"):
        layers.get("nowhere")


def test_what_has_lapsed_is_shown_as_lapsed(engine: Engine, layers: LayerSet) -> None:
    build_world(engine, {TOWN: {WEST: "aa"}})
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid)"
                f" VALUES ('compound', '{WEST}-C001', '{WEST}', 'basic', 'lapsed', '[2024-05-01,)')"
            )
        )
    (compound,) = _items(engine, layers, "compounds", area=TOWN)
    assert (compound["properties"]["status"], compound["properties"]["covered"]) == ("lapsed", False)
