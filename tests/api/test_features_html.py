"""Resources as pages, which of both a client gets, HEAD, and what is claimed to conform."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from geo_service import messages
from geo_service.access import Role
from geo_service.api.conformance import DEPARTURES
from geo_service.api.html import prefers_page
from tests.api.conftest import ClientFor, Seeded, assert_problem
from tests.world import SECOND_TOWN, TOWN, WEST

ON = "2024-06-30"
ITEMS = "/collections/standalone_buildings/items"
PAGES = [
    "/?f=html",
    "/conformance",
    "/collections",
    f"/collections?area={TOWN}",
    "/collections/standalone_buildings",
    "/collections/standalone_buildings/queryables",
    f"{ITEMS}?on={ON}&limit=4",
    f"{ITEMS}/{WEST}-B0001?on={ON}",
    f"/collections/coverage_by_community/items?on={ON}",
]
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
def client(seeded: Seeded, client_for: ClientFor) -> Iterator[TestClient]:
    with client_for(seeded.engine) as client:
        yield client


class Read(HTMLParser):
    """Links, visible words, and whatever the content security policy would refuse."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: dict[str, str] = {}
        self.cells: list[str] = []
        self.refused: list[str] = []
        self.headings: list[str] = []
        self._inside: list[str] = []
        self._address = ""
        self.feed(page)
        self.words = " ".join(self.cells)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag in ("script", "style", "iframe") or any(
            name.startswith("on") or name == "style" for name in given
        ):
            self.refused.append(tag)
        if tag not in ("meta", "link"):
            self._inside.append(tag)
        if tag == "a":
            self._address = given["href"] or ""

    def handle_endtag(self, tag: str) -> None:
        assert self._inside.pop() == tag

    def handle_data(self, data: str) -> None:
        words = data.strip()
        if not words:
            return
        self.cells.append(words)
        if "h1" in self._inside:
            self.headings.append(words)
        if "a" in self._inside:
            self.links[words] = self._address


def page(client: TestClient, address: str, language: str = "zh") -> Read:
    answer = client.get(address, headers={**BROWSER, "Accept-Language": language})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return Read(answer.text)


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_obeys_the_policy_and_leads_on(client: TestClient, address: str, language: str) -> None:
    read = page(client, address, language)

    assert read.refused == []
    assert len(read.headings) == 1
    for target in read.links.values():
        local = urlsplit(target)
        if "/api/export" in target or local.path == "/":
            continue
        answer = client.get(f"{local.path}?{local.query}")
        assert answer.status_code == 200, (target, answer.text)


def test_a_browser_gets_pages_and_a_program_json(client: TestClient) -> None:
    for address in PAGES[1:]:
        assert client.get(address, headers=BROWSER).headers["content-type"].startswith("text/html")
        assert "json" in client.get(address).headers["content-type"]
        assert (
            "json" in client.get(address, headers={"Accept": "application/geo+json"}).headers["content-type"]
        )
        joint = "&" if "?" in address else "?"
        assert "json" in client.get(f"{address}{joint}f=json", headers=BROWSER).headers["content-type"]
        assert client.get(f"{address}{joint}f=html").headers["content-type"].startswith("text/html")
        vary = {name.strip() for name in client.get(address).headers["vary"].split(",")}
        assert {"Authorization", "Accept", "Accept-Language"} <= vary


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", False),
        ("*/*", False),
        ("text/html", True),
        (BROWSER["Accept"], True),
        ("application/json", False),
        ("application/geo+json, text/html;q=0.5", False),
        ("text/html;q=0.9, application/json;q=0.5", True),
        ("text/html;q=x", False),
        ("text/html;level=1", True),
    ],
)
def test_the_form_follows_the_accept_header(accept: str, expected: bool) -> None:
    assert prefers_page(accept) is expected


def test_the_root_stays_the_map_for_a_browser(client: TestClient) -> None:
    answer = client.get("/", headers=BROWSER)
    assert "OGC" not in answer.text
    landing = client.get("/", headers={"Accept": "application/json"}).json()
    assert {link["rel"] for link in landing["links"]} == {
        "self", "alternate", "conformance", "data", "service-desc",
    }  # fmt: skip
    for link in landing["links"]:
        assert client.get(link["href"]).status_code == 200
    assert client.get("/", params={"f": "json"}, headers=BROWSER).json() == landing
    assert_problem(client.get("/", params={"f": "xml"}), 400, "features.format_unknown")


def test_items_are_a_table_in_words(client: TestClient) -> None:
    read = page(client, f"{ITEMS}?on={ON}&limit=4")

    assert {"编码", "进展", "已进驻", "流动物业", "是", "建筑面积 (m²)"} <= set(read.cells)
    assert "in_service" not in read.cells
    assert "本页 4 条，共 10 条" in read.words
    assert "上一页" not in read.links
    second = page(client, read.links["下一页"])
    assert second.cells.count(f"{WEST}-B0001") == 0
    assert {"上一页", "第一页", "下一页"} <= set(second.links)
    english = page(client, f"{ITEMS}?on={ON}&limit=4", "en")
    assert {"Code", "Status", "In service", "Roving service", "yes"} <= set(english.cells)
    assert "Next page" in english.links


def test_a_rate_is_a_percentage(client: TestClient) -> None:
    """East: two of three units are served: its three buildings by a zone, its compound by nobody."""
    read = page(client, f"/collections/coverage_by_community/items?on={ON}&area={TOWN}")
    assert {"100.0", "75.0"} <= set(read.cells)


def test_a_language_chosen_stays_chosen(client: TestClient) -> None:
    read = page(client, f"{ITEMS}?on={ON}&limit=4&lang=en")
    assert "Next page" in page(client, read.links["Next page"]).links
    assert read.links["中文"].endswith("lang=zh")
    assert "单栋楼院" in page(client, read.links["中文"]).headings


def test_whatever_the_data_say_is_text(fresh: Seeded, client_for: ClientFor) -> None:
    evil = "<script>alert(1)</script>\"'&"
    with fresh.engine.begin() as connection:
        connection.execute(
            text("UPDATE building SET name = :name WHERE code = :code"),
            {"name": evil, "code": f"{WEST}-B0001"},
        )
        connection.execute(
            text("UPDATE area SET name = :name WHERE code = :code"), {"name": evil, "code": TOWN}
        )
    with client_for(fresh.engine) as client:
        for address in (ITEMS, f"{ITEMS}/{WEST}-B0001", "/collections"):
            read = page(client, address)
            assert read.refused == []
            assert evil in read.words
        assert page(client, f"{ITEMS}?filter=name%20%3D%20'%3Cscript%3E'").refused == []


def test_the_catalogue_offers_every_layer_of_every_subdistrict(client: TestClient) -> None:
    answer = client.get("/collections", params={"f": "html"})
    for town in (TOWN, SECOND_TOWN):
        for layer in client.get("/collections").json()["collections"]:
            for address in (
                f"/collections/{layer['id']}/items?area={town}&amp;f=html",
                f"/collections/{layer['id']}/items?area={town}&amp;f=json",
                f"/api/export?area={town}&amp;layers={layer['id']}&amp;format=gpkg",
            ):
                assert address in answer.text, address
            tiles = f"/collections/{layer['id']}/tiles/WebMercatorQuad?area={town}"
            assert (tiles in answer.text) == (layer["id"] != "no_location"), tiles
    listed = client.get("/collections").json()["areas"]
    assert {entry["code"] for entry in listed} >= {TOWN, SECOND_TOWN}


def test_an_empty_deployment_says_what_to_do_first(engine: Engine, client_for: ClientFor) -> None:
    with client_for(engine) as client:
        assert "geo-service import areas" in page(client, "/collections").words
        assert "There is no data yet." in page(client, "/collections", "en").words
        assert client.get("/collections").json()["areas"] == []
        assert client.get(ITEMS).json()["numberMatched"] == 0
        assert "没有符合条件的要素。" in page(client, ITEMS).words


def test_a_viewer_is_offered_what_a_viewer_reads(seeded: Seeded, client_for: ClientFor) -> None:
    with client_for(seeded.engine, Role.VIEWER, TOWN) as viewer:
        assert "流动物业片区" not in page(viewer, "/collections").links
        assert viewer.get("/collections/zones", headers=BROWSER).status_code == 403


def test_the_style_is_a_file_of_ours(client: TestClient) -> None:
    answer = client.get("/pages.css")
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert 'href="http://127.0.0.1/pages.css"' in client.get("/conformance?f=html").text


@pytest.mark.parametrize("address", [*PAGES, "/pages.css", "/api/openapi.json", "/api/me", "/dashboard"])
def test_head_answers_wherever_get_does(client: TestClient, address: str) -> None:
    plain = {"Accept-Encoding": "identity"}  # compressed, another second is another length
    whole, head = client.get(address, headers=plain), client.head(address, headers=plain)
    assert head.status_code == whole.status_code
    assert head.content == b""
    for name in ("content-type", "cache-control", "vary", "content-length"):
        assert head.headers.get(name) == whole.headers.get(name)


def test_head_is_refused_where_get_is(client: TestClient) -> None:
    assert client.head("/collections/nowhere").status_code == 404
    assert client.head("/api/imports").status_code == client.get("/api/imports").status_code


_FILTERS = "tests.api.test_features_filters"
_PAGES = "tests.api.test_features_pages"
_CRS = "tests.api.test_features_crs"
_HTML = "tests.api.test_features_html"
_COLLECTIONS = "tests.api.test_collections"
# A test of each class that the server claims.
SHOWN_BY = {
    "ogcapi-common-1/1.0/conf/core": (_HTML, "test_the_root_stays_the_map_for_a_browser"),
    "ogcapi-common-1/1.0/conf/landing-page": (_HTML, "test_the_root_stays_the_map_for_a_browser"),
    "ogcapi-common-1/1.0/conf/json": (_HTML, "test_a_browser_gets_pages_and_a_program_json"),
    "ogcapi-common-1/1.0/conf/html": (_HTML, "test_every_page_obeys_the_policy_and_leads_on"),
    "ogcapi-common-2/1.0/conf/collections": (_PAGES, "test_collections_describe_their_extent"),
    "ogcapi-features-1/1.0/conf/core": (_PAGES, "test_pages_are_walked_there_and_back"),
    "ogcapi-features-1/1.0/conf/geojson": (_PAGES, "test_one_feature_is_the_one_of_the_page"),
    "ogcapi-features-1/1.0/conf/html": (_HTML, "test_items_are_a_table_in_words"),
    "ogcapi-features-2/1.0/conf/crs": (_CRS, "test_geographic_systems_differ_in_the_order_of_axes"),
    "ogcapi-features-3/1.0/conf/queryables": (
        _FILTERS,
        "test_queryables_are_a_schema_that_the_features_meet",
    ),
    "ogcapi-features-3/1.0/conf/queryables-query-parameters": (_PAGES, "test_every_queryable_is_a_parameter"),
    "ogcapi-features-3/1.0/conf/filter": (_FILTERS, "test_a_filter_that_is_none_is_refused_in_words"),
    "ogcapi-features-3/1.0/conf/features-filter": (
        _FILTERS,
        "test_every_layer_takes_a_filter_on_every_field",
    ),
    "cql2/1.0/conf/cql2-text": (_FILTERS, "test_filters_choose_what_plain_python_chooses"),
    "cql2/1.0/conf/cql2-json": (_FILTERS, "test_filters_choose_what_plain_python_chooses"),
    "cql2/1.0/conf/basic-cql2": (_FILTERS, "test_comparisons_choose_by_households"),
    "cql2/1.0/conf/advanced-comparison-operators": (_FILTERS, "test_texts_and_missing_values"),
    "cql2/1.0/conf/case-insensitive-comparison": (_FILTERS, "test_texts_and_missing_values"),
    "cql2/1.0/conf/basic-spatial-functions": (_FILTERS, "test_spatial_functions_over_every_geometry"),
    "cql2/1.0/conf/basic-spatial-functions-plus": (_FILTERS, "test_spatial_functions_over_every_geometry"),
    "cql2/1.0/conf/spatial-functions": (_FILTERS, "test_spatial_functions_over_a_box"),
    "cql2/1.0/conf/property-property": (_FILTERS, "test_comparisons_choose_by_households"),
    "ogcapi-tiles-1/1.0/conf/core": (_COLLECTIONS, "test_a_tile_is_decoded_to_the_buildings_in_it"),
    "ogcapi-tiles-1/1.0/conf/tileset": (_COLLECTIONS, "test_a_tileset_says_how_its_tiles_are_asked_for"),
    "ogcapi-tiles-1/1.0/conf/tilesets-list": (
        _COLLECTIONS,
        "test_a_tileset_says_how_its_tiles_are_asked_for",
    ),
    "ogcapi-tiles-1/1.0/conf/geodata-tilesets": (
        _COLLECTIONS,
        "test_a_tileset_says_how_its_tiles_are_asked_for",
    ),
    "ogcapi-tiles-1/1.0/conf/mvt": (_COLLECTIONS, "test_a_tile_is_decoded_to_the_buildings_in_it"),
}


def test_every_class_claimed_is_shown_by_a_test(client: TestClient) -> None:
    document = client.get("/conformance").json()
    claimed = [name.removeprefix("http://www.opengis.net/spec/") for name in document["conformsTo"]]

    assert sorted(claimed) == sorted(SHOWN_BY)
    for module, name in SHOWN_BY.values():
        assert callable(getattr(importlib.import_module(module), name))


def test_departures_are_admitted(client: TestClient) -> None:
    for language in ("zh", "en"):
        listed = client.get("/conformance", params={"lang": language}).json()["departures"]
        assert listed == [messages.text(f"features.departure.{name}", language) for name in DEPARTURES]
        read = page(client, f"/conformance?lang={language}")
        assert set(listed) <= set(read.cells)


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
@pytest.mark.parametrize(
    "path",
    ["/collections", "/collections/standalone_buildings/items", "/map/style.json", "/api/openapi.json"],
)
def test_what_an_answer_varies_by_is_named_once(client: TestClient, path: str, encoding: str) -> None:
    for asked in ("application/json", "text/html"):
        answer = client.get(path, headers={"Accept": asked, "Accept-Encoding": encoding})
        assert answer.headers.get("content-encoding", "identity") == encoding
        varies = [name.strip().lower() for name in answer.headers["vary"].split(",")]
        assert "accept-encoding" in varies
        assert len(varies) == len(set(varies))
