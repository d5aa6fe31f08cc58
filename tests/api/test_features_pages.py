"""Pages of features, single features, and the parameters both take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from geo_service.api import feature_pages
from tests.api.conftest import GRIDS, ClientFor, Seeded, assert_problem
from tests.world import EAST, SECOND_TOWN, SOUTH, TOWN, WEST, build_world

ON = "2024-06-30"
ITEMS = "/collections/standalone_buildings/items"
CODES = [f"{c}-B{n:04d}" for c, count in ((WEST, 4), (EAST, 3), (SOUTH, 3)) for n in range(1, count + 1)]


@pytest.fixture
def client(seeded: Seeded, client_for: ClientFor) -> Iterator[TestClient]:
    with client_for(seeded.engine) as client:
        yield client


def get(client: TestClient, address: str, **parameters: object) -> dict:
    answer = client.get(address, params=parameters or None)
    assert answer.status_code == 200, answer.text
    return answer.json()


def codes(page: dict) -> list[str]:
    return [feature["id"] for feature in page["features"]]


def link(page: dict, relation: str) -> str | None:
    """Address on this server of a page's only link of a kind."""
    found = [entry["href"] for entry in page["links"] if entry["rel"] == relation]
    assert len(found) <= 1
    return "{0.path}?{0.query}".format(urlsplit(found[0])) if found else None


def follow(client: TestClient, page: dict, relation: str) -> dict:
    address = link(page, relation)
    assert address is not None
    return get(client, address)


def test_pages_are_walked_there_and_back(client: TestClient) -> None:
    first = get(client, ITEMS, limit=4, on=ON)
    second = follow(client, first, "next")
    third = follow(client, second, "next")

    assert [codes(page) for page in (first, second, third)] == [CODES[:4], CODES[4:8], CODES[8:]]
    assert link(first, "prev") is None
    assert link(third, "next") is None
    back = follow(client, third, "prev")
    assert codes(back) == CODES[4:8]
    assert codes(follow(client, back, "prev")) == CODES[:4]
    assert link(follow(client, back, "prev"), "prev") is None
    assert codes(follow(client, back, "next")) == CODES[8:]
    assert codes(follow(client, third, "first")) == CODES[:4]


def test_links_keep_what_was_asked(client: TestClient) -> None:
    page = get(client, ITEMS, limit=2, on=ON, area=TOWN, filter="households > 10", status="in_service")

    following = follow(client, page, "next")
    # Town: households 10-40 west, 30, 20, 10 east; those above 10, by code.
    expected = [f"{WEST}-B{n:04d}" for n in (2, 3, 4)] + [f"{EAST}-B{n:04d}" for n in (1, 2)]
    assert codes(page) + codes(following) == expected[:4]
    assert codes(follow(client, following, "next")) == expected[4:]


def test_pages_survive_edits_between_them(engine: Engine, client_for: ClientFor) -> None:
    """Neither a row gone nor a row come makes the reader lose or repeat another one."""
    build_world(engine, GRIDS)
    with client_for(engine) as client:
        first = get(client, ITEMS, limit=4)
        with engine.begin() as connection:
            connection.execute(
                text("DELETE FROM building WHERE code IN (:a, :b)"), {"a": CODES[3], "b": CODES[0]}
            )
            connection.execute(
                text(
                    "INSERT INTO building (code, community_code, geom)"
                    " SELECT community_code || '-B0001a', community_code, geom FROM building WHERE code = :b"
                ),
                {"b": CODES[1]},
            )
        second = follow(client, first, "next")
        assert codes(second) == CODES[4:8]
        assert codes(follow(client, second, "prev")) == [f"{WEST}-B0001a", CODES[1], CODES[2]]


def test_the_number_matched_is_that_of_all_pages(client: TestClient) -> None:
    first = get(client, ITEMS, limit=4, on=ON)
    last = follow(client, follow(client, first, "next"), "next")

    assert [(page["numberMatched"], page["numberReturned"]) for page in (first, last)] == [(10, 4), (10, 2)]
    assert get(client, ITEMS, limit=2, on=ON, filter="households = 50")["numberMatched"] == 3
    assert get(client, ITEMS, on=ON)["numberMatched"] == 10
    empty = get(client, ITEMS, on=ON, after="zzz")
    assert (empty["numberMatched"], empty["numberReturned"], empty["features"]) == (10, 0, [])


def test_an_edit_changes_the_number_at_once(fresh: Seeded, client_for: ClientFor) -> None:
    with client_for(fresh.engine) as client:
        assert get(client, ITEMS, limit=1)["numberMatched"] == 10
        with fresh.engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO building (code, community_code, geom)"
                    " SELECT code || 'a', community_code, geom FROM building WHERE code = :code"
                ),
                {"code": CODES[0]},
            )
        assert get(client, ITEMS, limit=1)["numberMatched"] == 11


def test_above_its_bound_the_number_is_left_out_unless_asked_for(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feature_pages, "COUNTED_AT_MOST", 9)

    assert "numberMatched" not in get(client, ITEMS, limit=4, on=ON)
    assert get(client, ITEMS, limit=4, on=ON, area=TOWN)["numberMatched"] == 7
    assert get(client, ITEMS, limit=4, on=ON, count="exact")["numberMatched"] == 10
    assert "numberMatched" not in get(client, ITEMS, limit=4, on=ON, count="none")


def test_a_page_says_when_it_was_made(client: TestClient) -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", get(client, ITEMS)["timeStamp"])


def test_one_feature_is_the_one_of_the_page(client: TestClient) -> None:
    page = get(client, ITEMS, on=ON)
    answer = client.get(f"{ITEMS}/{CODES[5]}", params={"on": ON})

    feature = answer.json()
    links = {entry["rel"]: entry["href"] for entry in feature.pop("links")}
    assert feature == page["features"][5]
    assert answer.headers["content-type"] == "application/geo+json"
    assert set(links) == {"self", "alternate", "collection"}
    assert client.get(links["self"]).json()["id"] == CODES[5]


def test_one_feature_is_of_the_day_asked_for(client: TestClient) -> None:
    before = client.get(f"{ITEMS}/{CODES[0]}", params={"on": "2024-05-31"}).json()
    after = client.get(f"{ITEMS}/{CODES[0]}", params={"datetime": "2024-06-30"}).json()

    assert (before["properties"]["status"], after["properties"]["status"]) == ("uncovered", "in_service")


def test_a_key_with_a_slash_is_found(fresh: Seeded, client_for: ClientFor) -> None:
    with fresh.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO building (code, community_code, geom)"
                " SELECT '3/5 号?', community_code, geom FROM building WHERE code = :code"
            ),
            {"code": CODES[0]},
        )
    with client_for(fresh.engine) as client:
        feature = get(client, f"{ITEMS}/{quote('3/5 号?', safe='')}")
        own = next(entry["href"] for entry in feature["links"] if entry["rel"] == "self")
        assert feature["id"] == get(client, own)["id"] == "3/5 号?"


@pytest.mark.parametrize("key", ["nowhere", f"{WEST}-B9999", "' OR true --", "x" * 200])
def test_a_feature_there_is_not_is_missed_in_words(client: TestClient, key: str) -> None:
    assert_problem(client.get(f"{ITEMS}/{quote(key)}"), 404, "features.no_such_feature")


@pytest.mark.parametrize(
    ("parameters", "key"),
    [
        ({"colour": "red"}, "features.parameter_unknown"),
        ({"LIMIT": "3"}, "features.parameter_unknown"),
        ({"limit": "1000000"}, "layers.limit_outside"),
        ({"limit": "0"}, "layers.limit_outside"),
        ({"limit": "-1"}, "layers.limit_outside"),
        ({"count": "all"}, "features.count_unknown"),
        ({"after": "a", "before": "b"}, "features.two_directions"),
        ({"f": "xml"}, "features.format_unknown"),
        ({"lang": "fr"}, "features.format_unknown"),
        ({"datetime": "2024-01-01/2024-06-30"}, "features.interval"),
        ({"datetime": "../2024-06-30"}, "features.interval"),
        ({"datetime": "yesterday"}, "command.bad_moment"),
        ({"datetime": "0001-01-01T00:00:00+14:00"}, "command.bad_moment"),
        ({"datetime": "2024-01-01", "on": "2024-06-30"}, "features.two_days"),
        ({"households": "many"}, "filter.bad_value"),
        ({"households": "1e999"}, "filter.malformed"),
        ({"covered": "yes"}, "filter.bad_value"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(client: TestClient, parameters: dict, key: str) -> None:
    assert_problem(client.get(ITEMS, params=parameters), 400, key)


@pytest.mark.parametrize(
    "path",
    [
        "/conformance",
        "/collections",
        "/collections/zones",
        "/collections/zones/queryables",
        f"/collections/zones/items/{WEST}001",
    ],
)
def test_an_unknown_parameter_is_refused_everywhere(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 200
    assert_problem(client.get(path, params={"filterr": "x"}), 400, "features.parameter_unknown")


def test_a_moment_counts_by_the_calendar_of_the_county(client: TestClient) -> None:
    """The plan is published from 1 June on; 18:00 of 31 May in Greenwich is 1 June in Beijing."""
    served = get(client, ITEMS, datetime="2024-05-31T18:00:00Z", status="in_service")
    earlier = get(client, ITEMS, datetime="2024-05-31T15:00:00Z", status="in_service")

    assert (served["numberMatched"], earlier["numberMatched"]) == (10, 0)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"households": "50"}, CODES[7:]),
        ({"households": "30.0"}, [CODES[2], CODES[4]]),
        ({"code": CODES[1]}, [CODES[1]]),
        ({"code": CODES[1], "households": "10"}, []),
        ({"covered": "true"}, CODES),
        ({"covered": "false"}, []),
        ({"community_code": SOUTH, "name": f"building {CODES[9]}"}, [CODES[9]]),
    ],
)
def test_every_queryable_is_a_parameter(client: TestClient, parameters: dict, expected: list[str]) -> None:
    assert codes(get(client, ITEMS, on=ON, **parameters)) == expected


def test_a_date_is_a_parameter(client: TestClient) -> None:
    zones = "/collections/zones/items"
    assert get(client, zones, on=ON, effective_from="2024-06-01")["numberMatched"] == 3
    assert get(client, zones, on=ON, effective_from="2024-06-02")["numberMatched"] == 0
    assert_problem(client.get(zones, params={"effective_from": "June"}), 400, "filter.bad_date")


def test_collections_describe_their_extent(client: TestClient) -> None:
    """The world's communities stand between 500,000 m and 500,200 m east in the zone of 111 E."""
    entry = get(client, "/collections/standalone_buildings")
    west, south, east, north = entry["extent"]["spatial"]["bbox"][0]

    assert west == pytest.approx(111, abs=1e-6)
    assert east == pytest.approx(111.00217, abs=1e-4)
    assert 34 < south < north < 35
    assert entry["extent"]["temporal"]["interval"][0][1] is None
    assert "temporal" not in get(client, "/collections/barriers")["extent"]
    smaller = get(client, "/collections/standalone_buildings", area=SECOND_TOWN)["extent"]
    assert smaller["spatial"]["bbox"][0][0] > west


def test_links_of_an_area_stay_in_it(client: TestClient) -> None:
    entry = next(
        entry
        for entry in get(client, "/collections", area=SECOND_TOWN)["collections"]
        if entry["id"] == "standalone_buildings"
    )
    items = next(
        each["href"]
        for each in entry["links"]
        if (each["rel"], each["type"]) == ("items", "application/geo+json")
    )
    assert codes(get(client, items, on=ON) if "?" not in items else get(client, items)) == CODES[7:]
    downloads = [each for each in entry["links"] if each["rel"] == "enclosure"]
    assert {each["title"] for each in downloads} >= {"gpkg", "shp", "geojson", "xlsx"}
    (package,) = [each for each in downloads if each["title"] == "gpkg"]
    assert client.get(package["href"]).content.startswith(b"SQLite format 3")
    assert_problem(client.get("/collections", params={"area": "nowhere"}), 404, "area.unknown")
