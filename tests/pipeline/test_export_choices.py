"""What can be chosen of an export: CSV, a Shapefile's encoding, shifted coordinates, a ZIP of all parts."""

from __future__ import annotations

import csv
import json
import zipfile
from datetime import date
from pathlib import Path

import geopandas
import numpy as np
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from pyproj import Geod
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.errors import Cancelled, InvalidInput
from geo_service.exchange.reading import read_table
from geo_service.pipeline.exporting import ExportReport, export_layers
from tests.world import COUNTY, EAST, SECOND_TOWN, SOUTH, TOWN, WEST, build_world

JUNE = date(2024, 6, 30)
LONG_ADDRESS = "云川镇迎宾大道东侧第九十九号院" * 10  # 150 signs, 450 bytes of UTF-8, 300 of GBK
VECTOR = ["gpkg", "geojson", "shp", "fgb", "parquet", "kml", "csv"]


@pytest.fixture(scope="module")
def world(module_engine: Engine) -> Engine:
    """Two towns; the second has a building alone, and a name that no file name could hold."""
    build_world(module_engine, {TOWN: {WEST: "1H.\n.|P", EAST: "23aa\n...P"}, SECOND_TOWN: {SOUTH: "4"}})
    with module_engine.begin() as connection:
        connection.execute(text(f"UPDATE area SET name = '云川/镇: 一?' WHERE code = '{TOWN}'"))
        connection.execute(text(f"UPDATE building SET name = '=1+1' WHERE code = '{EAST}-B0001'"))
        connection.execute(
            text("UPDATE building SET name = '㛃园', address = :address WHERE code = :code"),
            {"address": LONG_ADDRESS, "code": f"{EAST}-B0002"},
        )
    return module_engine


def _export(engine: Engine, out: Path, format: str, *layers: str, **options) -> ExportReport:
    given = {"actor": LOCAL_ADMIN, "area_code": COUNTY, "on": JUNE, **options}
    return export_layers(engine, given.pop("actor"), layers=layers, format=format, out=out, **given)


def _csv_rows(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["编码"]: row for row in csv.DictReader(file)}


def test_a_csv_is_for_clerks_and_for_gis_at_once(world: Engine, tmp_path: Path) -> None:
    out = tmp_path / "buildings.csv"
    _export(world, out, "csv", "standalone_buildings")

    assert out.read_bytes().startswith(b"\xef\xbb\xbf\xe7\xbc\x96\xe7\xa0\x81,")  # a BOM, then 编码
    row = _csv_rows(out)[f"{EAST}-B0001"]
    assert (row["户数"], row["进展"], row["已覆盖"], row["实施分类"]) == ("20", "无人管理", "否", "单栋楼院")
    assert 111 < float(row["中心经度"]) < 111.1
    frame = pyogrio.read_dataframe(out)  # GDAL finds the geometry and its CRS by itself
    assert frame.crs.to_epsg() == 4490
    assert frame.geometry.geom_type.unique().tolist() == ["MultiPolygon"]


def test_no_cell_of_a_csv_runs_as_a_formula(world: Engine, tmp_path: Path) -> None:
    _export(world, tmp_path / "out.csv", "csv", "standalone_buildings")

    rows = _csv_rows(tmp_path / "out.csv")
    assert rows[f"{EAST}-B0001"]["名称"] == "'=1+1"
    assert not any(
        cell.startswith(("=", "+", "-", "@", "\t")) for row in rows.values() for cell in row.values()
    )


def test_a_shapefile_in_gbk_refuses_a_sign_that_gbk_lacks(world: Engine, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        _export(world, tmp_path / "out", "shp", "standalone_buildings", encoding="gbk")

    assert refused.value.key == "export.not_in_gbk"
    assert refused.value.where == "standalone_buildings.name"
    assert "㛃" in refused.value.what("zh")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("encoding", "signs"), [("utf-8", 254 // 3), ("gbk", 254 // 2)])
def test_a_long_text_is_cut_between_two_signs_and_that_is_said(
    world: Engine, tmp_path: Path, encoding: str, signs: int
) -> None:
    with world.begin() as connection:
        connection.execute(text("UPDATE building SET name = '玥园' WHERE name = '㛃园'"))
    report = _export(world, tmp_path / "out", "shp", "standalone_buildings", encoding=encoding)
    with world.begin() as connection:
        connection.execute(text("UPDATE building SET name = '㛃园' WHERE name = '玥园'"))

    path = tmp_path / "out" / "standalone_buildings.shp"
    assert path.with_suffix(".cpg").read_text() == encoding.upper()
    assert path.with_suffix(".dbf").read_bytes().find(LONG_ADDRESS[:signs].encode(encoding)) > 0
    rows = pyogrio.read_dataframe(path).set_index("code")
    assert rows.address[f"{EAST}-B0002"] == LONG_ADDRESS[:signs]
    with path.with_name("standalone_buildings_fields.csv").open(encoding="utf-8-sig", newline="") as file:
        cut = {row["name"]: row["texts_cut"] for row in csv.DictReader(file)}
    assert cut["address"] == "1"
    assert not cut["name"] or cut["name"] == "0"
    (remark,) = report.remarks
    assert "address" in remark
    assert "254" in remark


def _shapes(path: Path) -> geopandas.GeoDataFrame:
    if path.suffix == ".parquet":
        return geopandas.read_parquet(path)
    return pyogrio.read_dataframe(path)


@pytest.mark.parametrize("format", VECTOR)
def test_shifted_coordinates_are_moved_and_marked(world: Engine, tmp_path: Path, format: str) -> None:
    """At 111° E, 34° N the shift is several hundred metres; no file may say CGCS2000 or WGS 84 alone."""
    _export(world, tmp_path / f"plain.{format}", format, "standalone_buildings")
    _export(world, tmp_path / f"moved.{format}", format, "standalone_buildings", datum="gcj02")

    plain, moved = _shapes(tmp_path / f"plain.{format}"), _shapes(tmp_path / f"moved.{format}")
    ours, theirs = (
        shapely.get_coordinates(frame.sort_values(frame.columns[0]).geometry.centroid.to_numpy())
        for frame in (plain, moved)
    )
    *_, metres = Geod(ellps="GRS80").inv(ours[:, 0], ours[:, 1], theirs[:, 0], theirs[:, 1])
    assert np.all((metres > 300) & (metres < 900))
    assert "GCJ" in _marks(tmp_path / f"moved.{format}")
    assert "GCJ" not in _marks(tmp_path / f"plain.{format}")
    if format not in ("kml", "geojson"):  # which know no other CRS, and are marked by their heads
        assert moved.crs is None or moved.crs.to_epsg() is None


def _marks(path: Path) -> str:
    match path.suffix:
        case ".kml":
            return path.read_text(encoding="utf-8").partition("<Placemark")[0]
        case ".geojson":
            document = json.loads(path.read_text(encoding="utf-8"))
            return f"{document.get('datum')} {document.get('description')}"
        case ".csv":
            return path.read_text(encoding="utf-8-sig").partition("\n")[0]
        case ".parquet":
            return str(pq.read_schema(path).metadata)
        case ".shp":
            dictionary = path.with_name(f"{path.stem}_fields.csv").read_text(encoding="utf-8-sig")
            return path.with_suffix(".prj").read_text() + dictionary
        case _:
            info = pyogrio.read_info(path)
            return f"{info['crs']} {info['layer_metadata']}"


@pytest.mark.parametrize(
    ("format", "options", "key"),
    [
        ("gpkg", {"datum": "bd09"}, "datum_unknown"),
        ("gpkg", {"datum": "gcj02", "crs": "EPSG:4546"}, "datum_with_crs"),
        ("png", {"datum": "gcj02"}, "datum_not_for_format"),
        ("gpkg", {"encoding": "gbk"}, "encoding_unknown"),
        ("shp", {"encoding": "latin1"}, "encoding_unknown"),
        ("gpkg", {"crs": "EPSG:4978"}, "crs_not_flat"),
        ("gpkg", {"crs": "EPSG:2263"}, "crs_elsewhere"),
        ("gpkg", {"each": "county"}, "each_unknown"),
        ("gpkg", {"each": "subdistrict", "area_code": EAST}, "no_parts"),
        ("gpkg", {"each": "subdistrict", "on": date(2001, 1, 1), "layers": ["zones"]}, "empty"),
    ],
)
def test_what_does_not_go_together_is_refused(
    world: Engine, tmp_path: Path, format: str, options: dict, key: str
) -> None:
    layers = options.pop("layers", ["standalone_buildings"])
    with pytest.raises(InvalidInput) as refused:
        _export(world, tmp_path / "out.bin", format, *layers, **options)

    assert refused.value.key == f"export.{key}"
    assert list(tmp_path.iterdir()) == []


def test_an_archive_has_a_folder_a_subdistrict(world: Engine, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int | None]] = []
    report = _export(
        world, tmp_path / "all.zip", "fgb", "standalone_buildings", "compounds", each="subdistrict",
        progress=lambda stage, done, total=None: seen.append((stage, done, total)),
    )  # fmt: skip

    folders = (f"{TOWN}_云川_镇__一_", f"{SECOND_TOWN}_area {SECOND_TOWN}".replace(" ", "_"))
    with zipfile.ZipFile(tmp_path / "all.zip") as bundle:
        assert sorted(bundle.namelist()) == sorted(
            [f"{folder}/{name}.fgb" for folder in folders for name in ("compounds", "standalone_buildings")]
            + ["目录.csv"]
        )
        bundle.extractall(tmp_path)
    assert len(pyogrio.read_dataframe(tmp_path / folders[0] / "standalone_buildings.fgb")) == 3
    empty = pyogrio.read_dataframe(tmp_path / folders[1] / "compounds.fgb")
    assert (len(empty), "households" in empty.columns) == (0, True)
    with (tmp_path / "目录.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = [(row["名称"], row["图层"], row["要素数"]) for row in csv.DictReader(file)]
    assert listed == [
        ("云川/镇: 一?", "单栋楼院", "3"),
        ("云川/镇: 一?", "小区", "1"),
        (f"area {SECOND_TOWN}", "单栋楼院", "1"),
        (f"area {SECOND_TOWN}", "小区", "0"),
    ]
    assert [(file.path.name, file.features) for file in report.files] == [("all.zip", 5)]
    assert [step for step in seen if step[0] == "export.parts"] == [
        ("export.parts", 0, 2), ("export.parts", 1, 2), ("export.parts", 2, 2),
    ]  # fmt: skip


def test_an_archive_holds_what_the_caller_may_see_alone(world: Engine, tmp_path: Path) -> None:
    _export(
        world, tmp_path / "all.zip", "csv", "standalone_buildings", each="subdistrict", area_code=SECOND_TOWN,
        actor=Actor("g", Role.GIS, SECOND_TOWN),
    )  # fmt: skip

    with zipfile.ZipFile(tmp_path / "all.zip") as bundle:
        assert {name.partition("_")[0] for name in bundle.namelist()} == {SECOND_TOWN, "目录.csv"}


def test_an_archive_of_zone_sheets_leaves_out_who_has_no_zone(world: Engine, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        _export(world, tmp_path / "all.zip", "pdf", "zones", each="subdistrict")

    assert refused.value.key == "export.empty"


def test_a_cancelled_archive_leaves_nothing(world: Engine, tmp_path: Path) -> None:
    def stop(stage: str, done: int, total: int | None = None) -> None:
        if stage == "export.parts" and done == 1:
            raise Cancelled("command.cancelled")

    with pytest.raises(Cancelled):
        _export(
            world, tmp_path / "all.zip", "gpkg", "standalone_buildings", each="subdistrict", progress=stop
        )

    assert list(tmp_path.iterdir()) == []
    assert world.pool.checkedout() == 0


def test_a_link_stays_and_what_it_points_at_is_replaced(world: Engine, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "old.gpkg").write_bytes(b"before")
    (tmp_path / "link.gpkg").symlink_to(tmp_path / "real" / "old.gpkg")

    _export(world, tmp_path / "link.gpkg", "gpkg", "standalone_buildings")

    assert (tmp_path / "link.gpkg").is_symlink()
    assert len(pyogrio.read_dataframe(tmp_path / "real" / "old.gpkg", layer="standalone_buildings")) == 4


def test_a_folder_by_the_name_of_a_result_is_refused_before_anything_is_replaced(
    world: Engine, tmp_path: Path
) -> None:
    (tmp_path / "standalone_buildings.fgb").mkdir()
    (tmp_path / "compounds.fgb").write_bytes(b"before")

    with pytest.raises(InvalidInput) as refused:
        _export(world, tmp_path, "fgb", "compounds", "standalone_buildings")

    assert refused.value.key == "export.folder_in_the_way"
    assert (tmp_path / "compounds.fgb").read_bytes() == b"before"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("format", ["gpkg", "shp", "fgb", "geojson", "parquet", "kml", "csv", "xlsx"])
def test_a_layer_without_a_row_keeps_its_columns_beside_others(
    world: Engine, tmp_path: Path, format: str
) -> None:
    """SECOND_TOWN has a building, and neither a compound nor a barrier."""
    report = _export(
        world,
        tmp_path / "out",
        format,
        "standalone_buildings",
        "compounds",
        "barriers",
        area_code=SECOND_TOWN,
    )

    data = [file for file in report.files if "_fields" not in file.path.name]
    assert [(file.layer, file.features) for file in data] == [
        ("standalone_buildings", 1), ("compounds", 0), ("barriers", 0),
    ]  # fmt: skip
    if format in ("shp", "fgb", "parquet"):
        empty = _shapes(tmp_path / "out" / f"compounds.{format}")
        assert (len(empty), "floor_area" in "".join(empty.columns)) == (0, True)


def test_a_zipped_shapefile_is_read_by_its_dictionary(world: Engine, tmp_path: Path) -> None:
    """As HTTP hands it out: the dictionary lies beside, and is not taken for a second table."""
    _export(world, tmp_path / "out", "shp", "standalone_buildings")
    with zipfile.ZipFile(tmp_path / "out.zip", "w") as bundle:
        for path in (tmp_path / "out").iterdir():
            bundle.write(path, path.name)

    table = read_table(tmp_path / "out.zip")

    assert len(table) == 4
    assert {"implementation_class", "baseline_unmanaged", "community_code"} <= set(table.columns)


@pytest.mark.parametrize(
    ("name", "format", "layers", "each", "key"),
    [
        ("out.shp", "gpkg", 1, None, "export.name_of_another"),
        ("out.CSV", "xlsx", 1, None, "export.name_of_another"),
        ("out.png", "pdf", 1, None, "export.name_of_another"),
        ("out.parquet", "fgb", 1, None, "export.name_of_another"),
        ("out.zip", "shp", 2, None, "export.name_of_another"),
        ("out.zip", "shp", 1, None, "export.name_of_another"),
        ("out.gpkg", "gpkg", 1, "subdistrict", "export.name_of_another"),
        ("out.geojson", "geojson", 2, None, "export.several_files"),
        ("out.shp", "shp", 2, None, "export.several_files"),
    ],
)
def test_a_name_that_would_say_something_else_than_the_file_is_refused(
    world: Engine, tmp_path: Path, name: str, format: str, layers: int, each: str | None, key: str
) -> None:
    chosen = ("standalone_buildings", "compounds")[:layers]
    with pytest.raises(InvalidInput) as refused:
        _export(world, tmp_path / name, format, *chosen, each=each)

    assert refused.value.key == key
    assert refused.value.where == str(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "format", "layers", "files"),
    [
        ("v1.2", "gpkg", 2, ["v1.2"]),
        ("out.json", "geojson", 1, ["out.json"]),
        ("out", "shp", 2, ["compounds.shp", "standalone_buildings.shp"]),
        ("taken.zip", "geojson", 2, ["compounds.geojson", "standalone_buildings.geojson"]),
    ],
)
def test_a_name_that_says_nothing_else_is_taken(
    world: Engine, tmp_path: Path, name: str, format: str, layers: int, files: list[str]
) -> None:
    (tmp_path / "taken.zip").mkdir()
    _export(world, tmp_path / name, format, *("standalone_buildings", "compounds")[:layers])

    written = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert written >= set(files)
