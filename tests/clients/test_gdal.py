"""GDAL's drivers on our service, the one Debian ships and the one in pyogrio's wheel, against the tables."""

from __future__ import annotations

import math
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import geopandas
import pyogrio
import pytest
import shapely
from sqlalchemy import Engine

from geo_service import tokens
from geo_service.access import Actor, Role
from tests.clients.conftest import ON, SECRET, Ask, environment, missing
from tests.serving import serving_apart
from tests.world import SECOND_TOWN, SOUTH, TOWN, WEST

# As the grids of the world are drawn: 23 digits, a compound of four cells and one of one, three rivers.
DRAWN = {
    "subdistricts": (2, "MultiPolygon"),
    "communities": (3, "MultiPolygon"),
    "community_labels": (3, "Point"),
    "coverage_by_community": (3, "MultiPolygon"),
    "zones": (3, "MultiPolygon"),
    "zone_labels": (3, "Point"),
    "compounds": (2, "MultiPolygon"),
    "compound_buildings": (5, "MultiPolygon"),
    "standalone_buildings": (23, "MultiPolygon"),
    "barriers": (3, "LineString"),
    "walkways": (1, "MultiLineString"),
}
BUILDINGS = """SELECT code, name, household_count, ST_AsBinary(geom), ST_AsBinary(ST_Transform(geom, 3857))
               FROM building WHERE compound_code IS NULL"""
DEGREES_OF_A_MM = 1e-8
MVT_UNIT_M = 2 * 20037508.342789244 / 2**14 / 4096

Read = Callable[..., geopandas.GeoDataFrame]


def read_by_wheel(source: str, layer: str, **options: str) -> geopandas.GeoDataFrame:
    """With the GDAL that pyogrio brings."""
    return pyogrio.read_dataframe(source, layer=layer, **options)


@pytest.fixture(params=["pyogrio's wheel", "Debian's gdal-bin"])
def read(request: pytest.FixtureRequest, tmp_path: Path) -> Read:
    """Reads one layer of a source with one of the two."""
    if request.param == "pyogrio's wheel":
        return read_by_wheel
    program = shutil.which("ogr2ogr")
    if program is None:
        missing("no ogr2ogr is installed (apt-get install gdal-bin)")

    def read_by_debian(source: str, layer: str, **options: str) -> geopandas.GeoDataFrame:
        copy = tmp_path / "copy.gpkg"
        copy.unlink(missing_ok=True)
        given = [part for name, value in options.items() for part in ("-oo", f"{name}={value}")]
        done = subprocess.run(
            [program, "-f", "GPKG", str(copy), *given, source, layer], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        assert "ERROR" not in done.stderr
        return pyogrio.read_dataframe(copy, layer=layer)

    return read_by_debian


def assert_same_shape(found: shapely.Geometry, expected_wkb: bytes, tolerance: float) -> None:
    """Equal whatever ring or corner comes first."""
    expected = shapely.from_wkb(bytes(expected_wkb))
    pair = [shapely.normalize(shapely.MultiPolygon(shapely.get_parts(g).tolist())) for g in (found, expected)]
    assert shapely.equals_exact(*pair, tolerance), f"{found} is not {expected}"


def test_every_collection_opens(read: Read, server: str) -> None:
    listed = {name for name, _ in pyogrio.list_layers(f"OAPIF:{server}/")}

    assert set(DRAWN) <= listed
    for name in sorted(listed):
        rows = read(f"OAPIF:{server}/", name)
        if name in DRAWN:
            assert (len(rows), set(rows.geom_type)) == (DRAWN[name][0], {DRAWN[name][1]}), name


@pytest.mark.parametrize("page_size", ["7", "1000"])
def test_features_are_the_rows_of_the_table(read: Read, server: str, ask: Ask, page_size: str) -> None:
    """Names, numbers and longitude first, with pages turned and without."""
    rows = read(f"OAPIF:{server}/", "standalone_buildings", PAGE_SIZE=page_size).set_index("code")
    expected = {code: row for code, *row in ask(BUILDINGS)}

    assert set(rows.index) == set(expected)
    for code, (name, households, wkb, _) in expected.items():
        assert (rows.loc[code, "name"], rows.loc[code, "households"]) == (name, households)
        assert_same_shape(rows.loc[code, "geometry"], wkb, DEGREES_OF_A_MM)


def test_a_bounding_box_is_asked_of_the_server(server: str, ask: Ask) -> None:
    (box,) = ask("SELECT ST_XMin(g), ST_YMin(g), ST_XMax(g), ST_YMax(g) FROM (SELECT geom g FROM area"
                 " WHERE code = :code) a", code=SOUTH)  # fmt: skip
    rows = pyogrio.read_dataframe(f"OAPIF:{server}/", layer="standalone_buildings", bbox=box)

    assert set(rows["code"]) == {f"{SOUTH}-B{number:04d}" for number in (1, 2, 3)}


def test_a_token_confines_what_is_read(world: Engine, tmp_path: Path) -> None:
    token = tokens.issue(Actor("测绘", Role.GIS, SECOND_TOWN), 1, SECRET)
    with serving_apart(world, **environment(tmp_path), GEO_SERVICE_REQUIRE_TOKEN="true") as address:
        with pytest.raises(pyogrio.errors.DataSourceError):
            pyogrio.list_layers(f"OAPIF:{address}/collections")
        pyogrio.set_gdal_config_options({"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": token})
        try:
            rows = pyogrio.read_dataframe(f"OAPIF:{address}/", layer="zones")
        finally:
            pyogrio.set_gdal_config_options({"GDAL_HTTP_AUTH": None, "GDAL_HTTP_BEARER": None})

    assert list(rows["code"]) == [f"{SOUTH}001"]


def tile_over(longitude: float, latitude: float, z: int) -> tuple[int, int]:
    """Column and row of the WebMercatorQuad tile over a place."""
    row = (1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2
    return int((longitude + 180) / 360 * 2**z), int(row * 2**z)


@pytest.mark.parametrize(("layer", "z"), [("standalone_buildings", 14), ("standalone_buildings", 13)])
def test_a_tile_is_the_table_in_web_mercator(
    read: Read, server: str, ask: Ask, tmp_path: Path, layer: str, z: int
) -> None:
    """Scaled at zoom 14, clipped at 13: each corner within one unit of the tile."""
    expected = {code: row for code, *row in ask(BUILDINGS + " AND community_code = :code", code=WEST)}
    ((longitude, latitude),) = ask(
        "SELECT ST_X(ST_Centroid(geom)), ST_Y(ST_Centroid(geom)) FROM area WHERE code = :code", code=WEST
    )
    x, y = tile_over(longitude, latitude, z)
    tile = tmp_path / "tile.mvt"
    with urlopen(
        f"{server}/collections/{layer}/tiles/WebMercatorQuad/{z}/{y}/{x}?on={ON}&area={WEST}"
    ) as answer:
        tile.write_bytes(answer.read())
    rows = read(f"MVT:{tile}", layer, X=str(x), Y=str(y), Z=str(z), CLIP="NO").set_index("code")

    assert set(rows.index) == set(expected)
    for code, (name, households, _, wkb) in expected.items():
        assert (rows.loc[code, "name"], rows.loc[code, "households"]) == (name, households)
        assert_same_shape(rows.loc[code, "geometry"], wkb, MVT_UNIT_M * 2 ** (14 - z))


def test_an_export_is_the_table(read: Read, server: str, ask: Ask, tmp_path: Path) -> None:
    package = tmp_path / "town.gpkg"
    layers = "standalone_buildings,zones,barriers"
    with urlopen(f"{server}/api/export?area={TOWN}&layers={layers}&format=gpkg&on={ON}") as answer:
        package.write_bytes(answer.read())
    rows = read(str(package), "standalone_buildings").set_index("code")
    expected = {
        code: row for code, *row in ask(BUILDINGS + " AND community_code LIKE :codes", codes=f"{TOWN[:6]}%")
    }

    assert rows.crs.to_epsg() == 4490
    assert set(rows.index) == set(expected)
    for code, (name, households, wkb, _) in expected.items():
        assert (rows.loc[code, "name"], rows.loc[code, "households"]) == (name, households)
        assert_same_shape(rows.loc[code, "geometry"], wkb, DEGREES_OF_A_MM)
