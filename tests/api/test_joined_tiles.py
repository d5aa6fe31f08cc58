"""Several layers in one tile: what each alone would show, no more, and as fresh."""

from __future__ import annotations

from typing import Any

import mapbox_vector_tile
import pytest
from fastapi.testclient import TestClient

from geo_service.access import Role
from tests.api.conftest import ClientFor, Seeded
from tests.api.test_editions import EDITS, ON, tile_of, write
from tests.world import EAST, SOUTH, TOWN, WEST

LAYERS = ("communities", "standalone_buildings", "zones")


def joined(single: str, *layers: str) -> str:
    """The path of several layers' tile where the path of one layer's tile leads."""
    address, query = single.split("?")
    place = address.split("/WebMercatorQuad/")[1]
    return f"/map/tiles/{place}?layers={','.join(layers)}&{query}"


def decoded(client: TestClient, path: str) -> dict[str, Any]:
    answer = client.get(path)
    assert answer.status_code in (200, 204), answer.text
    return mapbox_vector_tile.decode(answer.content) if answer.content else {}


def codes(client: TestClient, path: str, layer: str) -> set[str]:
    return {each["properties"]["code"][:12] for each in decoded(client, path)[layer]["features"]}


def test_it_holds_what_the_tiles_of_its_layers_hold(fresh: Seeded, client_for: ClientFor) -> None:
    client = client_for(fresh.engine)
    alone = {}
    for layer in LAYERS:
        alone |= decoded(client, tile_of(fresh.engine, EAST, layer))
    assert alone.keys() == set(LAYERS)
    together = joined(tile_of(fresh.engine, EAST, "zones"), *LAYERS)
    assert decoded(client, together) == alone
    # A layer named twice is drawn once.
    assert decoded(client, together.replace("layers=", "layers=zones,")) == alone


def test_layers_that_begin_deeper_are_left_out(fresh: Seeded, client_for: ClientFor) -> None:
    client = client_for(fresh.engine)
    found = decoded(client, joined(tile_of(fresh.engine, EAST, "zones", 12), *LAYERS))
    assert found.keys() == {"communities", "zones"}
    assert client.get(f"/map/tiles/3/0/0?layers={','.join(LAYERS)}").status_code == 400


@pytest.mark.parametrize("what", EDITS)
def test_an_edit_of_any_layer_is_in_the_next_tile(fresh: Seeded, client_for: ClientFor, what: str) -> None:
    layer, statement, is_seen = EDITS[what]
    client = client_for(fresh.engine)
    path = joined(tile_of(fresh.engine, EAST, layer), *LAYERS)

    def shown() -> dict[str, Any]:
        features = decoded(client, path).get(layer, {"features": []})["features"]
        return {each["properties"]["code"]: each["properties"] for each in features}

    tags = {client.get(path).headers["etag"] for _ in range(3)}
    assert len(tags) == 1
    known = {"If-None-Match": tags.pop()}
    assert client.get(path, headers=known).status_code == 304
    assert not is_seen(shown())

    write(fresh.engine, statement)

    assert is_seen(shown())
    assert client.get(path, headers=known).status_code == 200


def test_two_towns_never_share_one(fresh: Seeded, client_for: ClientFor) -> None:
    mine = client_for(fresh.engine, Role.PLANNER, TOWN)
    other = client_for(fresh.engine, Role.PLANNER, "990102000000")
    other = TestClient(mine.app, base_url="http://127.0.0.1", headers=other.headers)
    path = joined(tile_of(fresh.engine, EAST, "zones", 14), "communities", "standalone_buildings")
    for _ in range(2):
        tag = mine.get(path).headers["etag"]
        assert codes(mine, path, "standalone_buildings") == codes(mine, path, "communities") == {WEST, EAST}
        assert codes(other, path, "standalone_buildings") == codes(other, path, "communities") == {SOUTH}
        assert other.get(path, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/map/tiles/16/1/1?layers=barriers,walkways", 204),
        ("/map/tiles/16/1/1?layers=barriers,nowhere", 404),
        ("/map/tiles/16/1/1?layers=", 404),
        ("/map/tiles/16/1/1", 400),
        ("/map/tiles/16/1/1?layers=barriers,no_location", 404),
        ("/map/tiles/18/1/1?layers=barriers,compound_buildings", 400),
        ("/map/tiles/12/1/1?layers=barriers&aera=130602", 400),
        ("/map/tiles/12/4096/1?layers=barriers,walkways", 400),
        ("/map/tiles/12/-1/1?layers=barriers,walkways", 400),
        (f"/map/tiles/12/1/1?layers={'x' * 1025}", 400),
    ],
)
def test_what_it_cannot_be_is_said(fresh: Seeded, client_for: ClientFor, path: str, status: int) -> None:
    assert client_for(fresh.engine).get(path).status_code == status


def test_a_layer_that_is_not_for_a_role_is_refused(fresh: Seeded, client_for: ClientFor) -> None:
    viewer = client_for(fresh.engine, Role.VIEWER)
    assert viewer.get("/map/tiles/16/1/1?layers=communities").status_code == 204
    assert viewer.get("/map/tiles/16/1/1?layers=communities,zones").status_code == 403


def test_a_style_of_some_layers_has_a_source_for_each_depth(fresh: Seeded, client_for: ClientFor) -> None:
    client = client_for(fresh.engine)
    names = ["walkways", "communities", "compound_buildings"]
    style = client.get(f"/map/style.json?{ON}&area={TOWN}&joined={','.join(names)}").json()
    whole = client.get(f"/map/style.json?{ON}&area={TOWN}").json()

    assert {source["maxzoom"] for source in style["sources"].values()} == {17, 18}
    assert len(style["sources"]) == 2
    plain = [layer for layer in whole["layers"][1:] if layer["metadata"]["layer"] in names]
    assert plain
    # The same layers in the same order; only their sources are others.
    assert [{**layer, "source": ""} for layer in style["layers"][1:]] == [
        {**layer, "source": ""} for layer in plain
    ]
    for layer in style["layers"][1:]:
        (address,) = style["sources"][layer["source"]]["tiles"]
        assert layer["source-layer"] in address
        assert client.get(address.format(z=14, y=1, x=1)).status_code == 204
    assert client.get("/map/style.json?joined=nowhere").status_code == 404
    viewer = client_for(fresh.engine, Role.VIEWER).get("/map/style.json?joined=communities,zones").json()
    assert {layer["source-layer"] for layer in viewer["layers"][1:]} == {"communities"}
