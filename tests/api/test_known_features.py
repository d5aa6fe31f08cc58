"""Features that a client has already are not sent again; an edit is, and nobody is spared another's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from geo_service.access import Role
from tests.api.conftest import ClientFor, Seeded, assert_problem
from tests.world import EAST, SECOND_TOWN, SOUTH, TOWN, WEST

ON = "on=2024-06-30"
ITEMS = f"/collections/standalone_buildings/items?{ON}"
BUILDING = f"{EAST}-B0001"
ITEM = f"/collections/standalone_buildings/items/{BUILDING}?{ON}"
UTM = "http://www.opengis.net/def/crs/EPSG/0/3857"


def write(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))


def households(client: TestClient, path: str) -> dict[str, int]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    features = answer.json().get("features", [answer.json()])
    return {each["id"]: each["properties"]["households"] for each in features}


@pytest.mark.parametrize("path", [ITEMS, f"{ITEMS}&f=html", ITEM, f"{ITEM}&f=html", "/map/style.json"])
def test_what_the_client_has_is_not_sent_again(seeded: Seeded, client_for: ClientFor, path: str) -> None:
    client = client_for(seeded.engine)
    first = client.get(path)
    tag = first.headers["etag"]
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        answer = client.get(path, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
        assert set(answer.headers["vary"].split(", ")) == set(first.headers["vary"].split(", "))
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    assert first.headers["cache-control"] == "private, no-cache"


def test_answers_that_differ_have_tags_that_differ(seeded: Seeded, client_for: ClientFor) -> None:
    client = client_for(seeded.engine)
    asked = [
        ITEMS,
        f"{ITEMS}&limit=2",
        f"{ITEMS}&limit=2&after={BUILDING}",
        f"{ITEMS}&households=30",
        f"{ITEMS}&bbox=0,0,1,1",
        f"{ITEMS}&crs={UTM}",
        f"{ITEMS}&area={TOWN}",
        f"{ITEMS}&area={EAST}",
        ITEMS.replace("06-30", "06-29"),
        ITEMS.replace("standalone_buildings", "zones"),
        f"{ITEMS}&f=html",
        f"{ITEMS}&f=html&lang=en",
        ITEM,
        f"{ITEM}&crs={UTM}",
        ITEM.replace("B0001", "B0002"),
    ]
    assert len({client.get(each).headers["etag"] for each in asked}) == len(asked)
    assert client.get(ITEMS).headers["etag"] == client.get(ITEMS).headers["etag"]


def test_one_address_in_two_looks_has_two_tags(seeded: Seeded, client_for: ClientFor) -> None:
    client = client_for(seeded.engine)
    looks = [
        {"Accept": "application/json"},
        {"Accept": "text/html", "Accept-Language": "zh"},
        {"Accept": "text/html", "Accept-Language": "en"},
    ]
    tags = [client.get(ITEMS, headers=look).headers["etag"] for look in looks]
    assert len(set(tags)) == len(looks)
    for look in looks[1:]:
        assert client.get(ITEMS, headers={**look, "If-None-Match": tags[0]}).status_code == 200


@pytest.mark.parametrize("path", [ITEMS, f"{ITEMS}&area={EAST}", f"{ITEMS}&households=30", ITEM])
def test_an_edit_is_in_the_next_answer(fresh: Seeded, client_for: ClientFor, path: str) -> None:
    client = client_for(fresh.engine)
    known = {"If-None-Match": client.get(path).headers["etag"]}
    assert client.get(path, headers=known).status_code == 304
    assert households(client, path)[BUILDING] == 30

    write(fresh.engine, f"UPDATE building SET name = '新名' WHERE code = '{BUILDING}'")

    edited = client.get(path, headers=known)
    assert edited.status_code == 200
    assert "新名" in edited.text
    assert edited.headers["etag"] != known["If-None-Match"]


def _chief_renamed(engine: Engine) -> None:
    write(engine, f"UPDATE person SET name = '新人' WHERE code = '{EAST}-P01'")


def _profile_changed(engine: Engine) -> None:
    write(engine, "UPDATE deployment SET profile_key = 'zhoucun_2017'")


@pytest.mark.parametrize("edit", [_chief_renamed, _profile_changed])
def test_what_lies_behind_a_feature_counts_too(
    fresh: Seeded, client_for: ClientFor, edit: Callable[[Engine], None]
) -> None:
    client = client_for(fresh.engine)
    path = f"/collections/zones/items?{ON}"
    known = {"If-None-Match": client.get(path).headers["etag"]}

    edit(fresh.engine)

    assert client.get(path, headers=known).status_code == 200


def test_two_towns_never_share_features(seeded: Seeded, client_for: ClientFor) -> None:
    """One application for both, one address, and each with the tag of the other."""
    north = client_for(seeded.engine, Role.PLANNER, TOWN)
    south = client_for(seeded.engine, Role.PLANNER, SECOND_TOWN)
    south = TestClient(north.app, base_url="http://127.0.0.1", headers=south.headers)
    tags = [each.get(ITEMS).headers["etag"] for each in (north, south)]
    assert tags[0] != tags[1]
    for client, other, theirs in ((north, tags[1], {WEST, EAST}), (south, tags[0], {SOUTH})):
        answer = client.get(ITEMS, headers={"If-None-Match": other})
        assert answer.status_code == 200
        assert {each["properties"]["community_code"] for each in answer.json()["features"]} == theirs


def test_what_a_role_may_not_read_no_tag_opens(seeded: Seeded, client_for: ClientFor) -> None:
    tag = client_for(seeded.engine).get(ITEMS).headers["etag"]
    viewer = client_for(seeded.engine, Role.VIEWER, TOWN)
    assert_problem(viewer.get(ITEMS, headers={"If-None-Match": tag}), 403, "layers.not_for_role")
    south = client_for(seeded.engine, Role.PLANNER, SECOND_TOWN)
    tag = client_for(seeded.engine).get(ITEM).headers["etag"]
    refused = south.get(ITEM, headers={"If-None-Match": tag})
    assert_problem(refused, 404, "features.no_such_feature")


@pytest.mark.parametrize(
    ("path", "status", "key"),
    [
        (f"{ITEMS}&crs=nowhere", 400, "features.crs_unknown"),
        (f"{ITEMS}&bbox=1,2", 400, "layers.bbox_unreadable"),
        (f"{ITEMS}&filter=nothing%20%3D%201", 400, "filter.unknown_field"),
        (f"{ITEMS}&area=nowhere", 404, "area.unknown"),
        (ITEM.replace(BUILDING, "nobody"), 404, "features.no_such_feature"),
    ],
)
def test_what_is_wrong_is_said_whatever_the_client_has(
    seeded: Seeded, client_for: ClientFor, path: str, status: int, key: str
) -> None:
    answer = client_for(seeded.engine).get(path, headers={"If-None-Match": "*"})
    assert_problem(answer, status, key)
    assert "etag" not in answer.headers


def test_a_style_is_named_by_what_it_says(seeded: Seeded, client_for: ClientFor) -> None:
    client = client_for(seeded.engine)
    asked = ["", "lang=en", "measure=households", f"area={TOWN}", "on=2024-06-29", "plan=1"]
    tags = [client.get(f"/map/style.json?{each}").headers["etag"] for each in asked]
    viewer = client_for(seeded.engine, Role.VIEWER).get("/map/style.json").headers["etag"]
    assert len({*tags, viewer}) == len(asked) + 1
