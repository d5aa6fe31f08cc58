"""Coordinates in every CRS, in the axis order of its authority, and boxes in them."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pyproj
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from geo_service.errors import InvalidInput
from geo_service.publish.crs import CRS84, WGS84, metric, read_bounding_box
from tests.api.conftest import ClientFor, Seeded, assert_problem
from tests.world import EAST, WEST

ON = "2024-06-30"
ITEMS = "/collections/standalone_buildings/items"
FIRST = f"{WEST}-B0001"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
OGC_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
# The drawing puts the first building between these, in metres of EPSG:4546.
EASTINGS, NORTHINGS = (500_004, 500_016), (3_799_984, 3_799_996)


@pytest.fixture
def client(seeded: Seeded, client_for: ClientFor) -> Iterator[TestClient]:
    with client_for(seeded.engine) as client:
        yield client


def corners(answer) -> set[tuple[float, float]]:
    assert answer.status_code == 200, answer.text
    ring = answer.json()["geometry"]["coordinates"][0][0]
    return {(round(a, 3), round(b, 3)) for a, b in ring}


def first(client: TestClient, crs: str | None) -> dict:
    return client.get(f"{ITEMS}/{FIRST}", params={"crs": crs} if crs else {})


def ids(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json()["features"]]


def test_the_zone_of_the_deployment_gives_northing_before_easting(client: TestClient) -> None:
    answer = first(client, f"{EPSG}4546")

    assert corners(answer) == {(n, e) for n in NORTHINGS for e in EASTINGS}
    assert answer.headers["content-crs"] == f"<{EPSG}4546>"


def test_geographic_systems_differ_in_the_order_of_axes(client: TestClient) -> None:
    longitude, latitude = pyproj.Transformer.from_crs(4546, 4490, always_xy=True).transform(
        500_004, 3_799_984
    )
    for crs, expected in (
        (None, (longitude, latitude)),
        (OGC_CRS84, (longitude, latitude)),
        (f"{EPSG}4490", (latitude, longitude)),
        (f"{EPSG}4326", (latitude, longitude)),
    ):
        answer = first(client, crs)
        south_west = min(answer.json()["geometry"]["coordinates"][0][0])
        assert south_west == pytest.approx(expected, abs=1e-8)
        assert answer.headers["content-crs"] == f"<{crs or OGC_CRS84}>"


def test_web_mercator_gives_metres_east_before_north(client: TestClient) -> None:
    longitude, latitude = pyproj.Transformer.from_crs(4546, 4490, always_xy=True).transform(
        500_004, 3_799_984
    )
    answer = first(client, f"{EPSG}3857")

    expected_x = 6378137 * math.radians(longitude)
    expected_y = 6378137 * math.asinh(math.tan(math.radians(latitude)))
    assert min(answer.json()["geometry"]["coordinates"][0][0]) == pytest.approx(
        (expected_x, expected_y), abs=0.002
    )


def test_pages_are_given_in_the_crs_too(client: TestClient) -> None:
    answer = client.get(ITEMS, params={"crs": f"{EPSG}4546", "limit": 1})

    ring = answer.json()["features"][0]["geometry"]["coordinates"][0][0]
    assert {(round(a, 3), round(b, 3)) for a, b in ring} == {(n, e) for n in NORTHINGS for e in EASTINGS}
    assert answer.headers["content-crs"] == f"<{EPSG}4546>"


def test_a_geometry_that_is_missing_stays_so_in_every_crs(fresh: Seeded, client_for: ClientFor) -> None:
    with fresh.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO compound (code, community_code, name) VALUES ('C-x', :community, '无位置')"),
            {"community": EAST},
        )
    with client_for(fresh.engine) as client:
        for crs in (OGC_CRS84, f"{EPSG}4546"):
            assert (
                client.get("/collections/compounds/items/C-x", params={"crs": crs}).json()["geometry"] is None
            )


def test_collections_list_what_is_offered(client: TestClient) -> None:
    offered = {OGC_CRS84, *(f"{EPSG}{code}" for code in (4490, 4326, 3857, 4546))}
    document = client.get("/collections").json()

    assert set(document["crs"]) == offered
    for entry in document["collections"]:
        assert set(entry["crs"]) == offered
        assert entry["storageCrs"] == f"{EPSG}4490"
        assert entry["storageCrs"] in entry["crs"]


def test_a_deployment_without_areas_offers_what_is_everywhere(engine: Engine, client_for: ClientFor) -> None:
    with client_for(engine) as client:
        offered = client.get("/collections").json()["crs"]
        assert offered == [OGC_CRS84, *(f"{EPSG}{code}" for code in (4490, 4326, 3857))]
        assert_problem(client.get(ITEMS, params={"crs": f"{EPSG}4546"}), 400, "features.crs_unknown")


@pytest.mark.parametrize("parameter", ["crs", "bbox-crs", "filter-crs"])
@pytest.mark.parametrize("crs", [f"{EPSG}4547", "EPSG:4490", "mars", "", f"{EPSG}4490 "])
def test_an_unknown_crs_is_refused_in_words(client: TestClient, parameter: str, crs: str) -> None:
    query = {"bbox": "111,34,112,35", "filter": "households > 0", parameter: crs}
    problem = assert_problem(client.get(ITEMS, params=query), 400, "features.crs_unknown")
    assert f"{EPSG}4546" in problem["mend"]


@pytest.mark.parametrize(
    ("crs", "box"),
    [
        (f"{EPSG}4546", "3799985,500005,3799990,500010"),
        (f"{EPSG}4546", "3799985,500005,0,3799990,500010,99"),
    ],
)
def test_a_box_in_metres_takes_the_building_in_it(client: TestClient, crs: str, box: str) -> None:
    assert ids(client.get(ITEMS, params={"bbox": box, "bbox-crs": crs})) == [FIRST]


def test_the_same_box_in_every_crs(client: TestClient) -> None:
    """A box around the first two buildings and not the third, whose cell begins 40 m east."""
    to_degrees = pyproj.Transformer.from_crs(4546, 4490, always_xy=True)
    west, south = to_degrees.transform(500_001, 3_799_981)
    east, north = to_degrees.transform(500_039, 3_799_999)
    to_mercator = pyproj.Transformer.from_crs(4490, 3857, always_xy=True)
    boxes = {
        OGC_CRS84: (west, south, east, north),
        f"{EPSG}4490": (south, west, north, east),
        f"{EPSG}4326": (south, west, north, east),
        f"{EPSG}3857": (*to_mercator.transform(west, south), *to_mercator.transform(east, north)),
        f"{EPSG}4546": (3_799_981, 500_001, 3_799_999, 500_039),
    }
    for crs, box in boxes.items():
        query = {"bbox": ",".join(map(repr, box)), "bbox-crs": crs}
        assert ids(client.get(ITEMS, params=query)) == [FIRST, f"{WEST}-B0002"], crs


def test_a_box_takes_what_it_touches_and_not_what_is_near(client: TestClient) -> None:
    """Between the first building, up to 500,016, and the second, from 500,024 on, there is nothing."""
    for box, expected in (
        ("3799984,500017,3799996,500023", []),
        ("3799984,500016,3799996,500023", [FIRST]),
        ("3799990,500010,3799990,500010", [FIRST]),
    ):
        assert ids(client.get(ITEMS, params={"bbox": box, "bbox-crs": f"{EPSG}4546"})) == expected


def test_a_box_across_the_antimeridian_is_two(client: TestClient) -> None:
    assert [area.bounds for area in read_bounding_box("170,-20,-170,20")] == [
        (170, -20, 180, 20),
        (-180, -20, -170, 20),
    ]
    assert [area.bounds for area in read_bounding_box("-20,170,20,-170", WGS84)] == [
        (170, -20, 180, 20),
        (-180, -20, -170, 20),
    ]
    assert ids(client.get(ITEMS, params={"bbox": "170,-20,-170,20"})) == []
    # From 100 E eastward round the globe to 100 W: the county lies in it.
    assert len(ids(client.get(ITEMS, params={"bbox": "100,30,-100,40"}))) == 10
    # From 112 E eastward to 110 E: everything but where the county lies.
    assert ids(client.get(ITEMS, params={"bbox": "112,30,110,40"})) == []


@pytest.mark.parametrize(
    ("box", "system"),
    [
        ("1,2,3", CRS84),
        ("nan,2,3,4", CRS84),
        ("1,2,3,inf", CRS84),
        ("1,2,3,4,5", CRS84),
        ("", CRS84),
        ("1;2;3;4", CRS84),
        ("0,4,1,3", CRS84),
        ("0,0,181,1", CRS84),
        ("0,0,1,91", CRS84),
        ("100,0,101,1", WGS84),
        ("3800000,500000,3700000,500100", metric(4546)),
        ("3800000,500100,3800100,500000", metric(4546)),
        ("1e300,1e300,2e300,2e300", metric(4546)),
    ],
)
def test_a_box_that_is_none_is_refused(box: str, system) -> None:
    with pytest.raises(InvalidInput):
        read_bounding_box(box, system)


def test_the_poles_and_the_whole_world_are_boxes(client: TestClient) -> None:
    assert len(ids(client.get(ITEMS, params={"bbox": "-180,-90,180,90"}))) == 10
    assert ids(client.get(ITEMS, params={"bbox": "-180,89,180,90"})) == []


@pytest.mark.parametrize(
    ("srid", "north_first"),
    # GB/T 24356 zones by number and by meridian; EPSG gives all of them X north, Y east.
    [(4513, True), (4546, True), (4526, True), (3857, False), (32649, False)],
)
def test_the_order_of_axes_is_that_of_the_authority(srid: int, north_first: bool) -> None:
    assert metric(srid).north_first is north_first


def test_a_filter_reads_its_own_crs(client: TestClient) -> None:
    polygon = "POLYGON((3799983 500003, 3799983 500017, 3799997 500017, 3799997 500003, 3799983 500003))"
    query = {"filter": f"S_WITHIN(geom, {polygon})", "filter-crs": f"{EPSG}4546"}
    assert ids(client.get(ITEMS, params=query)) == [FIRST]
    query = {
        "filter": "S_INTERSECTS(geom, BBOX(3799985, 500005, 3799990, 500030))",
        "filter-crs": f"{EPSG}4546",
    }
    assert ids(client.get(ITEMS, params=query)) == [FIRST, f"{WEST}-B0002"]
