"""OWSLib's client of OGC API - Features walks the service from its landing page."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from owslib.ogcapi.features import Features

from tests.clients.conftest import ON, Ask
from tests.world import EAST, SECOND_TOWN, SOUTH, TOWN


@pytest.fixture
def client(server: str) -> Features:
    return Features(f"{server}/")


def document_of(client: Features) -> dict[str, Any]:
    """The OpenAPI document behind the landing page's link; OWSLib itself follows it only to a 3.0 one."""
    (address,) = {link["href"] for link in client.links if link["rel"] == "service-desc"}
    with urlopen(address) as answer:
        return json.load(answer)


def test_the_landing_page_leads_to_everything(client: Features, server: str) -> None:
    relations = {link["rel"] for link in client.links}

    assert {"self", "conformance", "data", "service-desc"} <= relations
    assert document_of(client)["openapi"].startswith("3.")
    classes = client.conformance()["conformsTo"]
    for part in ("core", "geojson"):
        assert f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{part}" in classes


def test_collections_have_chinese_titles(client: Features) -> None:
    names = client.feature_collections()

    assert {"zones", "compounds", "standalone_buildings"} <= set(names)
    for name in names:
        described = client.collection(name)
        assert described["id"] == name
        assert any("\u4e00" <= sign <= "\u9fff" for sign in described["title"])


@pytest.mark.parametrize("limit", [1, 7, 23, 100])
def test_the_pages_together_are_all_rows(client: Features, ask: Ask, server: str, limit: int) -> None:
    """Followed by their next links, each once, no page longer than asked for."""
    page = client.collection_items("standalone_buildings", limit=limit, on=ON)
    found = []
    while True:
        assert page["numberReturned"] == len(page["features"]) <= limit
        assert page.get("numberMatched", 23) == 23
        found += [(feature["id"], feature["properties"]["name"]) for feature in page["features"]]
        following = [link["href"] for link in page["links"] if link["rel"] == "next"]
        if not following:
            break
        query = dict(part.split("=", 1) for part in urlsplit(following[0]).query.split("&"))
        assert query["on"] == ON
        page = client.collection_items("standalone_buildings", **query)
    expected = ask("SELECT code, name FROM building WHERE compound_code IS NULL ORDER BY code")
    assert sorted(found) == expected


def test_a_box_and_an_area_choose(client: Features, ask: Ask) -> None:
    (box,) = ask("SELECT ST_XMin(g), ST_YMin(g), ST_XMax(g), ST_YMax(g) FROM (SELECT geom g FROM area"
                 " WHERE code = :code) a", code=SOUTH)  # fmt: skip
    inside = client.collection_items("standalone_buildings", bbox=list(box), on=ON)
    assert {feature["id"] for feature in inside["features"]} == {f"{SOUTH}-B{n:04d}" for n in (1, 2, 3)}

    zones = client.collection_items("zones", area=SECOND_TOWN, on=ON)
    assert [feature["id"] for feature in zones["features"]] == [f"{SOUTH}001"]
    compounds = client.collection_items("compounds", area=TOWN, on=ON)
    assert [feature["id"] for feature in compounds["features"]] == [f"{EAST}-C001", f"{EAST}-C002"]


def test_one_item_and_the_queryables_where_they_are_offered(client: Features) -> None:
    """The document says whether they are; what it offers must work."""
    paths = document_of(client)["paths"]
    if any(path.startswith("/collections/{") and path.endswith("/queryables") for path in paths):
        queryables = client.collection_queryables("standalone_buildings")
        assert {"code", "households"} <= set(queryables["properties"])
    if any(path.startswith("/collections/{") and "/items/{" in path for path in paths):
        item = client.collection_item("standalone_buildings", f"{SOUTH}-B0001")
        assert item["id"] == f"{SOUTH}-B0001"


def test_a_refusal_reaches_the_client_in_words(client: Features) -> None:
    with pytest.raises(RuntimeError, match=r"没有|nowhere"):
        client.collection_items("nowhere")
    with pytest.raises(RuntimeError, match=r"10,?000|limit"):
        client.collection_items("zones", limit=1_000_000)
