"""Layers over HTTP: collections, items, tiles, catalogue, style and files."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Iterator
from urllib.parse import urlsplit

import mapbox_vector_tile
import pytest
from fastapi.testclient import TestClient

from geo_service.access import Role
from tests.api.conftest import ClientFor, Seeded
from tests.world import EAST, SECOND_TOWN, SOUTH, TOWN, WEST

ON = "2024-06-30"


@pytest.fixture
def client(seeded: Seeded, client_for: ClientFor) -> Iterator[TestClient]:
    with client_for(seeded.engine) as client:
        yield client


def _codes(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json()["features"]]


def _tile_of(client: TestClient, code: str, z: int) -> str:
    """Row and column of the WebMercatorQuad tile over a building, from its longitude and latitude."""
    features = client.get("/collections/standalone_buildings/items", params={"on": ON}).json()["features"]
    longitude, latitude = next(f for f in features if f["id"] == code)["geometry"]["coordinates"][0][0][0]
    x = int((longitude + 180) / 360 * 2**z)
    y = int((1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2 * 2**z)
    return f"{z}/{y}/{x}"


def test_items_are_paged_by_their_next_link(client: TestClient) -> None:
    address = f"/collections/standalone_buildings/items?limit=4&on={ON}"
    pages = []
    while address:
        answer = client.get(address)
        assert answer.headers["content-type"].startswith("application/geo+json")
        pages.append(_codes(answer))
        assert answer.json()["numberReturned"] == len(pages[-1])
        following = [link["href"] for link in answer.json()["links"] if link["rel"] == "next"]
        address = "{0.path}?{0.query}".format(urlsplit(following[0])) if following else ""

    assert [len(page) for page in pages] == [4, 4, 2]
    expected = {
        f"{c}-B{n:04d}" for c, count in ((WEST, 4), (EAST, 3), (SOUTH, 3)) for n in range(1, count + 1)
    }
    assert {code for page in pages for code in page} == expected


def test_items_of_an_area(client: TestClient) -> None:
    answer = client.get("/collections/zones/items", params={"area": TOWN, "on": ON})

    assert _codes(answer) == [f"{WEST}001", f"{EAST}001"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/collections/nowhere/items", 404),
        ("/collections/nowhere", 404),
        ("/collections/zones/items?area=nowhere", 404),
        ("/collections/zones/items?bbox=1,2,3", 400),
        ("/collections/zones/items?bbox=1,4,3,2", 400),
        ("/collections/zones/items?bbox=", 400),
        ("/collections/zones/items?limit=0", 400),
        ("/collections/zones/items?limit=10001", 400),
        ("/collections/zones/items?limit=many", 400),
        ("/collections/zones/items?on=yesterday", 400),
        ("/collections/zones/items?plan=-1", 400),
        ("/collections/zones/tiles/WebMercatorQuad/14/0/16384", 400),
        ("/collections/zones/tiles/WebMercatorQuad/99/0/0", 400),
        ("/collections/zones/tiles/WebMercatorQuad/5/0/0", 400),
        ("/collections/zones/tiles/WebMercatorQuad/14/-1/0", 400),
        ("/collections/zones/tiles/WebMercatorQuad/14/a/0", 400),
        ("/collections/nowhere/tiles/WebMercatorQuad/14/0/0", 404),
        (f"/api/export?area={TOWN}&layers=zones&format=dwg", 400),
        (f"/api/export?area={TOWN}&layers=zones&format=gpkg&crs=mars", 400),
        (f"/api/export?area={TOWN}&layers=&format=gpkg", 400),
        (f"/api/export?area={TOWN}&layers=nowhere&format=gpkg", 404),
        ("/api/export?area=nowhere&layers=zones&format=gpkg", 404),
        (f"/api/export?area={TOWN}&layers=zones&format=gpkg&on=2001-01-01", 400),
    ],
)
def test_what_cannot_be_answered_is_a_problem_document(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_a_tile_is_decoded_to_the_buildings_in_it(client: TestClient) -> None:
    tile = _tile_of(client, f"{WEST}-B0001", 14)
    answer = client.get(
        f"/collections/standalone_buildings/tiles/WebMercatorQuad/{tile}", params={"on": ON, "area": WEST}
    )

    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    features = mapbox_vector_tile.decode(answer.content)["standalone_buildings"]["features"]
    assert {f["properties"]["code"] for f in features} == {f"{WEST}-B{n:04d}" for n in range(1, 5)}


def test_an_empty_tile_has_no_content(client: TestClient) -> None:
    assert client.get("/collections/zones/tiles/WebMercatorQuad/14/0/0").status_code == 204


def test_every_collection_and_its_tilejson_answer(client: TestClient) -> None:
    collections = client.get("/collections").json()["collections"]
    for entry in collections:
        for link in entry["links"]:
            assert client.get("{0.path}?{0.query}".format(urlsplit(link["href"]))).status_code == 200
        if not any(link["rel"].endswith("/tilesets-vector") for link in entry["links"]):
            continue
        tiles = client.get(f"/collections/{entry['id']}/tiles/WebMercatorQuad").json()
        assert tiles["tilejson"] == "3.0.0"
        assert tiles["minzoom"] <= tiles["maxzoom"]

    assert "zones" in [entry["id"] for entry in collections]


def test_titles_follow_the_language(client: TestClient) -> None:
    assert client.get("/collections/zones").json()["title"] == "流动物业片区"
    english = client.get("/collections/zones", headers={"Accept-Language": "en"})
    assert english.json()["title"] == "Roving-service zones"


def test_the_style_addresses_its_own_server_only(client: TestClient) -> None:
    style = client.get("/map/style.json", params={"on": ON, "area": TOWN}).json()

    assert style["version"] == 8
    assert "glyphs" not in style
    assert "sprite" not in style
    for source in style["sources"].values():
        (address,) = source["tiles"]
        assert address.startswith("/collections/")
        assert f"area={TOWN}" in address
    assert {layer.get("source") for layer in style["layers"][1:]} <= set(style["sources"])
    assert all(layer["type"] != "symbol" for layer in style["layers"])


def test_the_catalogue_explains_every_field_in_both_languages(client: TestClient) -> None:
    catalogue = client.get("/api/layers").json()

    for layer in catalogue:
        for field in layer["fields"]:
            assert field["title"]["zh"]
            assert field["title"]["en"]
        for entry in layer["legend"]:
            assert entry["colour"].startswith("#")
    names = [layer["name"] for layer in catalogue]
    assert names.index("subdistricts") < names.index("zones") < names.index("standalone_buildings")


def test_a_viewer_gets_coverage_and_is_refused_the_rest(seeded: Seeded, client_for: ClientFor) -> None:
    with client_for(seeded.engine, Role.VIEWER, TOWN) as viewer:
        assert _codes(viewer.get("/collections/coverage_by_community/items", params={"on": ON})) == [
            WEST,
            EAST,
        ]
        assert viewer.get("/collections/zones/items").status_code == 403
        assert viewer.get("/collections/zones/tiles/WebMercatorQuad/14/0/0").status_code == 403
        assert viewer.get(f"/api/export?area={TOWN}&layers=zones&format=gpkg").status_code == 403
        assert "zones" not in [layer["name"] for layer in viewer.get("/api/layers").json()]


def test_a_planner_sees_one_town_whatever_is_asked(seeded: Seeded, client_for: ClientFor) -> None:
    with client_for(seeded.engine, Role.PLANNER, SECOND_TOWN) as planner:
        assert _codes(planner.get("/collections/zones/items", params={"on": ON})) == [f"{SOUTH}001"]
        assert planner.get("/collections/zones/items", params={"area": TOWN}).status_code == 404


def test_a_single_file_comes_as_it_is_and_several_as_a_zip(client: TestClient) -> None:
    package = client.get("/api/export", params={"area": TOWN, "layers": "zones", "format": "gpkg", "on": ON})
    assert package.status_code == 200
    assert package.content.startswith(b"SQLite format 3")
    assert f'filename="{TOWN}.gpkg"' in package.headers["content-disposition"]

    shapes = client.get("/api/export", params={"area": TOWN, "layers": "zones", "format": "shp", "on": ON})
    with zipfile.ZipFile(io.BytesIO(shapes.content)) as bundle:
        assert {name.rpartition(".")[2] for name in bundle.namelist()} == {
            "shp",
            "shx",
            "dbf",
            "prj",
            "cpg",
            "csv",
        }


def test_nothing_stays_in_the_work_folder(client: TestClient, settings) -> None:
    client.get("/api/export", params={"area": TOWN, "layers": "zones", "format": "gpkg", "on": ON})
    client.get("/api/export", params={"area": TOWN, "layers": "zones", "format": "gpkg", "on": "2001-01-01"})

    assert list(settings.work_dir.glob("geo-service-attachment-*")) == []
