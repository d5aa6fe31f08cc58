"""Tiles from memory: whatever changes them is seen by the next request, and nobody gets another's."""

from __future__ import annotations

from datetime import date

import jwt
import mapbox_vector_tile
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from geo_service.access import Role
from geo_service.settings import Settings
from tests.api.conftest import ClientFor, Seeded
from tests.world import COUNTY, EAST, SOUTH, TOWN, WEST

ON = "on=2024-06-30"


def tile_of(engine: Engine, community: str, layer: str, zoom: int = 16) -> str:
    """Path of the tile in which a community's middle lies."""
    with engine.connect() as connection:
        x, y = connection.execute(
            text(
                "SELECT floor((ST_X(c) / 40075016.68557849 + 0.5) * 2 ^ :z)::int,"
                " floor((0.5 - ST_Y(c) / 40075016.68557849) * 2 ^ :z)::int"
                " FROM (SELECT ST_PointOnSurface(geom_3857) AS c FROM area WHERE code = :code) a"
            ),
            {"z": zoom, "code": community},
        ).one()
    return f"/collections/{layer}/tiles/WebMercatorQuad/{zoom}/{y}/{x}?{ON}"


def features(client: TestClient, path: str) -> dict[str, dict[str, object]]:
    """Properties of a tile's features by code; the client takes what is compressed apart by itself."""
    answer = client.get(path)
    assert answer.status_code in (200, 204), answer.text
    if answer.status_code == 204:
        return {}
    [layer] = mapbox_vector_tile.decode(answer.content).values()
    return {each["properties"]["code"]: each["properties"] for each in layer["features"]}


def write(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))


BUILDING = f"{EAST}-B0001"
EDITS = {
    "a building's households": (
        "standalone_buildings",
        f"UPDATE building SET household_count = 77 WHERE code = '{BUILDING}'",
        lambda found: found[BUILDING]["households"] == 77,
    ),
    "a building that moves away": (
        "standalone_buildings",
        f"UPDATE building SET geom = ST_Translate(geom, 1, 0) WHERE code = '{BUILDING}'",
        lambda found: BUILDING not in found,
    ),
    "service that begins": (
        "standalone_buildings",
        "INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid) VALUES"
        f" ('building', '{BUILDING}', '{EAST}', 'professional', 'accepted', '[2024-05-01,)')",
        lambda found: found[BUILDING]["status"] == "accepted",
    ),
    "an area's name": (
        "communities",
        f"UPDATE area SET name = '新名' WHERE code = '{EAST}'",
        lambda found: found[EAST]["name"] == "新名",
    ),
    "a chief's name": (
        "zones",
        f"UPDATE person SET name = '新人' WHERE code = '{EAST}-P01'",
        lambda found: found[f"{EAST}001"]["chief"] == "新人",
    ),
    "a post that ends": (
        "zones",
        f"UPDATE post SET valid = '[2024-06-01,2024-06-02)' WHERE community_code = '{EAST}'",
        lambda found: "chief" not in found[f"{EAST}001"],
    ),
    "a plan that ends": (
        "zones",
        "UPDATE plan_publication SET effective = '[2024-06-01,2024-06-02)'",
        lambda found: found == {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", EDITS)
@pytest.mark.parametrize("area", ["", f"&area={EAST}", f"&area={COUNTY}"])
def test_an_edit_is_in_the_next_tile(fresh: Seeded, client_for: ClientFor, what: str, area: str) -> None:
    layer, statement, is_seen = EDITS[what]
    client = client_for(fresh.engine)
    path = tile_of(fresh.engine, EAST, layer) + area
    before = [client.get(path) for _ in range(3)]
    assert len({(answer.content, answer.headers["etag"]) for answer in before}) == 1
    assert not is_seen(features(client, path))

    write(fresh.engine, statement)

    assert is_seen(features(client, path))
    known = {"If-None-Match": before[0].headers["etag"]}
    assert client.get(path, headers=known).status_code in (200, 204)


def test_a_profile_that_counts_otherwise_is_in_the_next_tile(fresh: Seeded, client_for: ClientFor) -> None:
    write(
        fresh.engine,
        "INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid) VALUES"
        f" ('building', '{BUILDING}', '{EAST}', 'professional', 'planned', '[2024-05-01,)')",
    )
    client = client_for(fresh.engine)
    path = tile_of(fresh.engine, EAST, "standalone_buildings")
    first = client.get(path).headers["etag"]
    write(fresh.engine, "UPDATE deployment SET profile_key = 'zhoucun_2017'")
    assert client.get(path).headers["etag"] != first


def test_what_the_client_has_is_not_sent_again(fresh: Seeded, client_for: ClientFor) -> None:
    client = client_for(fresh.engine)
    path = tile_of(fresh.engine, EAST, "standalone_buildings")
    tag = client.get(path).headers["etag"]
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        for _ in range(2):
            answer = client.get(path, headers={"If-None-Match": known})
            assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_compressed_or_not_it_is_the_same_tile(fresh: Seeded, client_for: ClientFor) -> None:
    client = client_for(fresh.engine)
    path = tile_of(fresh.engine, EAST, "standalone_buildings")
    answers = {}
    for _ in range(2):
        for encoding in ("gzip", "identity", "gzip;q=0"):
            answers[encoding] = client.get(path, headers={"Accept-Encoding": encoding})
    assert answers["gzip"].headers["content-encoding"] == "gzip"
    for plain in (answers["identity"], answers["gzip;q=0"]):
        assert "content-encoding" not in plain.headers
        assert answers["gzip"].content == plain.content
        assert answers["gzip"].headers["etag"] == plain.headers["etag"]


def test_an_empty_tile_stays_empty_until_something_is_there(fresh: Seeded, client_for: ClientFor) -> None:
    client = client_for(fresh.engine)
    path = f"/collections/barriers/tiles/WebMercatorQuad/16/1/1?{ON}"
    for _ in range(2):
        answer = client.get(path)
        assert (answer.status_code, answer.content) == (204, b"")
    assert client.get(path, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_each_date_area_and_layer_has_tags_of_its_own(fresh: Seeded, client_for: ClientFor) -> None:
    client = client_for(fresh.engine)
    path = tile_of(fresh.engine, EAST, "standalone_buildings")
    asked = [
        path,
        path.replace("06-30", "06-29"),
        f"{path}&area={TOWN}",
        f"{path}&area={EAST}",
        path.replace("standalone_buildings", "zones"),
    ]
    assert len({client.get(each).headers["etag"] for each in asked}) == len(asked)


def test_two_towns_never_share_a_tile(fresh: Seeded, client_for: ClientFor) -> None:
    """One application for all: what is kept for one must not be sent to another."""
    app_client = client_for(fresh.engine, Role.PLANNER, TOWN)
    other = client_for(fresh.engine, Role.PLANNER, "990102000000")
    other = TestClient(app_client.app, base_url="http://127.0.0.1", headers=other.headers)
    path = tile_of(fresh.engine, EAST, "standalone_buildings", 14)  # one tile that holds both towns
    both = client_for(fresh.engine)
    assert {code[:12] for code in features(both, path)} == {WEST, EAST, SOUTH}
    for _ in range(2):
        tag = app_client.get(path).headers["etag"]
        assert {code[:12] for code in features(app_client, path)} == {WEST, EAST}
        assert {code[:12] for code in features(other, path)} == {SOUTH}
        assert other.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_a_token_that_has_expired_gets_nothing_from_memory(
    fresh: Seeded, client_for: ClientFor, settings: Settings
) -> None:
    client = client_for(fresh.engine, Role.PLANNER, TOWN)
    path = tile_of(fresh.engine, EAST, "standalone_buildings")
    assert client.get(path).status_code == client.get(path).status_code == 200
    token = client.headers["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, settings.secret, algorithms=["HS256"])
    late = jwt.encode({**claims, "exp": claims["iat"] - 1}, settings.secret, algorithm="HS256")
    assert client.get(path, headers={"Authorization": f"Bearer {late}"}).status_code == 401


def test_the_day_turns(fresh: Seeded, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a date a tile shows today, and tomorrow it shows tomorrow."""
    client = client_for(fresh.engine)
    path = tile_of(fresh.engine, EAST, "zones").replace(f"?{ON}", "")
    seen = []
    for day in (date(2024, 5, 31), date(2024, 6, 1)):
        monkeypatch.setattr("geo_service.api.deps.today", lambda day=day: day)
        monkeypatch.setattr("geo_service.api.remembering.today", lambda day=day: day)
        seen.append(len(features(client, path)))
    assert seen == [0, 3]
