"""An archive of tiles, read back by other programs' readers, is what the server would have answered."""

from __future__ import annotations

import gzip
import math
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import geopandas
import mapbox_vector_tile
import pytest
import shapely
from fastapi.testclient import TestClient
from pmtiles.reader import MmapSource, Reader, all_tiles
from sqlalchemy import Engine

from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.api.app import create_app
from geo_service.errors import Cancelled, Forbidden, InvalidInput
from geo_service.pipeline.exporting import export_layers
from geo_service.publish import tile_pyramid
from geo_service.publish.tile_pyramid import cells_by_zoom
from geo_service.settings import Settings
from tests.world import EAST, METRIC_SRID, TOWN, WEST, build_world, save_plan

JUNE = date(2024, 6, 30)
ZONE = f"{EAST}001"
LAYERS = ("communities", "zones", "barriers", "walkways", "standalone_buildings", "compound_buildings")
WORLD_M = 40075016.68557849


@pytest.fixture(scope="module")
def world(module_engine: Engine) -> Engine:
    """A river and a bridge in the west; two zoned buildings and a compound in the east, 160 m in all."""
    build_world(module_engine, {TOWN: {WEST: "1H.\n.|P", EAST: "23aa\n...P"}})
    save_plan(
        module_engine,
        EAST,
        {ZONE: [f"{EAST}-B0001", f"{EAST}-B0002"]},
        effective_from=date(2024, 6, 1),
        chiefs={ZONE: f"{EAST}-P01"},
    )
    return module_engine


@pytest.fixture(scope="module")
def archive(world: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("archive") / "town.pmtiles"
    _export(world, out, *LAYERS)
    return out


@pytest.fixture
def client(world: Engine, tmp_path: Path) -> Iterator[TestClient]:
    application = create_app(Settings(home=tmp_path, work_dir=tmp_path), world)
    with TestClient(application, base_url="http://127.0.0.1") as client:
        yield client


def _export(engine: Engine, out: Path, *layers: str, **options: Any) -> None:
    given = {"actor": LOCAL_ADMIN, "area_code": TOWN, "on": JUNE, **options}
    export_layers(engine, given.pop("actor"), layers=layers, format="pmtiles", out=out, **given)


def _tiles(path: Path) -> dict[tuple[int, int, int], dict[str, Any]]:
    with path.open("rb") as file:
        return {
            address: mapbox_vector_tile.decode(gzip.decompress(content))
            for address, content in all_tiles(MmapSource(file))
        }


def _content(layer: dict[str, Any] | None) -> list[str]:
    """A layer's features in an order of their own: a tile has none."""
    return sorted(
        repr((one["geometry"], sorted(one["properties"].items())))
        for one in (layer or {}).get("features", [])
    )


def test_the_archive_says_what_it_holds(archive: Path) -> None:
    with archive.open("rb") as file:
        reader = Reader(MmapSource(file))
        header, metadata = reader.header(), reader.metadata()

    west, south = header["min_lon_e7"] / 1e7, header["min_lat_e7"] / 1e7
    east, north = header["max_lon_e7"] / 1e7, header["max_lat_e7"] / 1e7
    # the town is 7 cells of 20 m wide and 2 high, near 111 E and 34 N
    assert (east - west) * 111_320 * math.cos(math.radians(south)) == pytest.approx(140, rel=0.01)
    assert (north - south) * 110_900 == pytest.approx(40, rel=0.02)
    assert (header["min_zoom"], header["max_zoom"], header["clustered"]) == (9, 18, True)
    assert metadata["attribution"] == "内部资料"
    assert metadata["date"] == "2024-06-30"
    described = {layer["id"]: layer for layer in metadata["vector_layers"]}
    # the labels come with what they label
    assert set(described) == {*LAYERS, "community_labels", "zone_labels"}
    buildings = described["standalone_buildings"]
    assert (buildings["minzoom"], buildings["maxzoom"]) == (13, 18)
    assert buildings["fields"]["households"] == "Number"
    assert buildings["title"] == {"zh": "单栋楼院", "en": "Standalone buildings"}
    assert buildings["field_titles"]["households"]["zh"] == "户数"
    # what is not for tiles stays at home
    assert "work_phone" not in described["zones"]["fields"]


def test_every_tile_is_the_servers(archive: Path, client: TestClient) -> None:
    tiles = _tiles(archive)
    with archive.open("rb") as file:
        header = Reader(MmapSource(file)).header()
    compared = 0
    for z in range(9, 19):
        for x, y in _addresses(header, z):
            for layer in (*LAYERS, "zone_labels"):
                answer = client.get(
                    f"/collections/{layer}/tiles/WebMercatorQuad/{z}/{y}/{x}?on={JUNE}&area={TOWN}"
                )
                if answer.status_code == 400:
                    continue  # a zoom the layer has no tiles of its own for
                served = mapbox_vector_tile.decode(answer.content) if answer.content else {}
                kept = tiles.get((z, x, y), {}).get(layer)
                assert _content(kept) == _content(served.get(layer)), (layer, z, x, y)
                compared += bool(kept)
    assert compared > 60


def _addresses(header: dict[str, int], z: int) -> list[tuple[int, int]]:
    """Every tile of the box around the area."""

    def column(longitude: float) -> int:
        return int((longitude + 180) / 360 * 2**z)

    def row(latitude: float) -> int:
        return int((1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2 * 2**z)

    columns = range(column(header["min_lon_e7"] / 1e7), column(header["max_lon_e7"] / 1e7) + 1)
    rows = range(row(header["max_lat_e7"] / 1e7), row(header["min_lat_e7"] / 1e7) + 1)
    return [(x, y) for x in columns for y in rows]


def test_another_program_finds_the_buildings_in_their_size(archive: Path) -> None:
    """GDAL reads the archive; a building is a square of 12 m, and tiles that share it each have it whole."""
    found = geopandas.read_file(archive, layer="standalone_buildings")

    whole = found.dissolve("code").to_crs(METRIC_SRID)
    assert sorted(whole.index) == [f"{WEST}-B0001", f"{EAST}-B0001", f"{EAST}-B0002"]
    # a unit of a tile of zoom 18 is 3 cm
    assert whole.area.tolist() == pytest.approx([144] * 3, rel=0.03)
    assert dict(zip(found.code, found.households, strict=True))[f"{EAST}-B0002"] == 30


def test_a_layer_goes_on_to_the_last_zoom_of_all(archive: Path) -> None:
    """Buildings of compounds have tiles up to zoom 17, the others to 18: a map at 18 asks for 18 alone."""
    tiles = _tiles(archive)

    assert any("compound_buildings" in tile for (z, _, _), tile in tiles.items() if z == 18)
    assert not any("standalone_buildings" in tile for (z, _, _), tile in tiles.items() if z < 13)


def test_without_layers_it_holds_what_the_role_may_read(world: Engine, tmp_path: Path) -> None:
    _export(world, tmp_path / "all.pmtiles", actor=Actor("v", Role.VIEWER, TOWN))

    found = {layer for tile in _tiles(tmp_path / "all.pmtiles").values() for layer in tile}
    assert found == {
        *("subdistricts", "communities", "community_labels", "coverage_by_subdistrict"),
        *("coverage_by_community", "milestones_by_subdistrict", "milestones_by_community"),
    }
    with pytest.raises(Forbidden):
        _export(world, tmp_path / "zones.pmtiles", "zones", actor=Actor("v", Role.VIEWER, TOWN))


def test_a_cancelled_archive_leaves_the_earlier_one(world: Engine, tmp_path: Path) -> None:
    out = tmp_path / "town.pmtiles"
    out.write_bytes(b"before")
    seen: list[tuple[str, int, int | None]] = []

    def stop(stage: str, done: int, total: int | None = None) -> None:
        seen.append((stage, done, total))
        if stage == "tile_archive.making" and done == 3:
            raise Cancelled("command.cancelled")

    with pytest.raises(Cancelled):
        _export(world, out, "communities", "zones", progress=stop)

    assert out.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [out]
    # communities from 9, their labels and zones from 11, the labels of zones from 13; all to 18
    assert seen[-1] == ("tile_archive.making", 3, 10 + 8 + 8 + 6)


def test_coordinates_are_those_of_tiles(world: Engine, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        _export(world, tmp_path / "town.pmtiles", "zones", crs="EPSG:4490")

    assert refused.value.key == "export.crs_not_for_format"


def test_only_tiles_that_the_area_touches_are_made() -> None:
    """A square a little smaller than the tile 5/25/12, from its middle to its north-west corner."""
    width = WORLD_M / 2**5
    west, north = 25 * width - WORLD_M / 2, WORLD_M / 2 - 12 * width
    area = shapely.box(west + 1, north - width / 2 + 1, west + width / 2 - 1, north - 1)

    found = {
        cells.zoom: set(zip(cells.columns.tolist(), cells.rows.tolist(), strict=True))
        for cells in cells_by_zoom(area, 4, 8)
    }

    assert found[4] == {(12, 6)}
    assert found[5] == {(25, 12)}
    assert found[6] == {(50, 24)}
    assert found[7] == {(100, 48), (101, 48), (100, 49), (101, 49)}
    assert len(found[8]) == 16


def test_it_ends_before_the_tiles_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tile_pyramid, "MOST_TILES_A_ZOOM", 100)
    width = WORLD_M / 2**5

    zooms = [cells.zoom for cells in cells_by_zoom(shapely.box(1, 1, width - 1, width - 1), 5, 18)]

    # 1, 4, 16, 64, 256
    assert zooms == [5, 6, 7, 8]
