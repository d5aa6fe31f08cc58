"""Every export is read back by another reader and holds what the drawn world says."""

from __future__ import annotations

import csv
import json
import shutil
from datetime import date
from pathlib import Path

import geopandas
import matplotlib.image
import openpyxl
import pandas
import pyogrio
import pypdf
import pytest
import shapely
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.errors import Cancelled, Forbidden, InvalidInput, NotFound, Unavailable
from geo_service.pipeline.exporting import FORMATS, ExportReport, export_layers
from geo_service.pipeline.policies import by_policy
from geo_service.pipeline.sheet_choice import SheetChoice
from geo_service.publish import typeface
from geo_service.publish.features import rows_statement
from geo_service.publish.load import load_layers
from geo_service.publish.statements import LayerRequest
from geo_service.resources import layers_dir
from geo_service.store.layers import stream_rows
from geo_service.store.session import transaction
from tests.world import EAST, TOWN, WEST, build_world, save_plan

JUNE = date(2024, 6, 30)
ZONE = f"{EAST}001"
BUILDING_AREA_M2 = 12 * 12


@pytest.fixture(scope="module")
def world(module_engine: Engine) -> Engine:
    """East: two zoned buildings (20 and 30 households), a compound; west: one building, a river, a lake."""
    build_world(module_engine, {TOWN: {WEST: "1H.\n.|P", EAST: "23aa\n...P"}})
    save_plan(
        module_engine,
        EAST,
        {ZONE: [f"{EAST}-B0001", f"{EAST}-B0002"]},
        effective_from=date(2024, 6, 1),
        chiefs={ZONE: f"{EAST}-P01"},
    )
    with module_engine.begin() as connection:
        connection.execute(
            text("INSERT INTO compound (code, community_code, name) VALUES (:code, :community, '=1+1')"),
            {"code": f"{EAST}-C900", "community": EAST},
        )
        connection.execute(text("UPDATE area SET name = '东社区' WHERE code = :code"), {"code": EAST})
        connection.execute(
            text(
                "INSERT INTO barrier (code, area_code, kind, name, geom)"
                " SELECT 'LAKE', area_code, kind, '湖', ST_Buffer(geom, 0.0001) FROM barrier"
            )
        )
    return module_engine


def _export(engine: Engine, out: Path, format: str, *layers: str, **options) -> ExportReport:
    given = {"actor": LOCAL_ADMIN, "area_code": TOWN, "on": JUNE, **options}
    return export_layers(engine, given.pop("actor"), layers=layers, format=format, out=out, **given)


def test_a_geopackage_holds_every_layer_with_its_title(world: Engine, tmp_path: Path) -> None:
    out = tmp_path / "town.gpkg"
    report = _export(world, out, "gpkg", "zones", "standalone_buildings", "compounds", "barriers")

    assert {name: kind for name, kind in pyogrio.list_layers(out) if kind is not None} == {
        "zones": "MultiPolygon",
        "standalone_buildings": "MultiPolygon",
        "compounds": "MultiPolygon",
        "barriers_line": "MultiLineString",
        "barriers_area": "MultiPolygon",
    }
    assert [(file.layer, file.features) for file in report.files] == [
        ("zones", 1),
        ("standalone_buildings", 3),
        ("compounds", 2),
        ("barriers", 1),
        ("barriers", 1),
    ]
    buildings = pyogrio.read_dataframe(out, layer="standalone_buildings").set_index("code")
    assert buildings.crs.to_epsg() == 4490
    assert buildings.loc[f"{EAST}-B0002", ["households", "status", "zone_code", "community"]].tolist() == [
        30,
        "in_service",
        ZONE,
        "东社区",
    ]
    compounds = pyogrio.read_dataframe(out, layer="compounds").set_index("code")
    assert compounds.loc[f"{EAST}-C900"].geometry is None
    assert pyogrio.read_dataframe(out, layer="zones").effective_from[0].date() == date(2024, 6, 1)


def test_another_crs_keeps_every_building_its_size(world: Engine, tmp_path: Path) -> None:
    """In the metric CRS the world was drawn in, a building is a square of 12 m."""
    out = tmp_path / "metric.gpkg"
    _export(world, out, "gpkg", "standalone_buildings", crs="EPSG:4546")

    buildings = pyogrio.read_dataframe(out)
    assert buildings.crs.to_epsg() == 4546
    assert buildings.area.tolist() == pytest.approx([BUILDING_AREA_M2] * 3, abs=0.01)


def test_geojson_is_longitude_and_latitude(world: Engine, tmp_path: Path) -> None:
    out = tmp_path / "zones.geojson"
    _export(world, out, "geojson", "zones")

    document = json.loads(out.read_text(encoding="utf-8"))
    (zone,) = document["features"]
    assert zone["id"] == ZONE
    assert zone["properties"]["chief"] == f"person {EAST}-P01"
    west, south, east, north = shapely.from_geojson(json.dumps(zone["geometry"])).bounds
    assert 110 < west < east < 112
    assert 34 < south < north < 35


@pytest.mark.parametrize("format", ["fgb", "parquet", "geojson", "kml", "gpkg"])
@pytest.mark.parametrize("layer", ["standalone_buildings", "barriers", "compounds", "walkways"])
def test_every_format_holds_the_same_rows_and_shapes(
    world: Engine, tmp_path: Path, format: str, layer: str
) -> None:
    """Read back by GDAL or geopandas, beside the layer's own query."""
    out = tmp_path / f"out.{format}"
    _export(world, out, format, layer)
    found = _read_back(out, format)

    described = load_layers(layers_dir()).get(layer, Role.ADMIN)
    with transaction(world, LOCAL_ADMIN) as connection:
        request = by_policy(connection, LayerRequest(JUNE, TOWN))
        (rows,) = stream_rows(connection, rows_statement(described, request, srid=4490))
    expected = {row[0]: row for row in rows}
    name_at = [field.name for field in described.fields].index("name")
    assert set(found) == set(expected)
    for code, (name, shape) in found.items():
        wkb = expected[code][-1]
        assert (shape is None) == (wkb is None)
        if wkb is not None:
            drawn = shapely.from_wkb(bytes(wkb))
            assert shapely.hausdorff_distance(shape, drawn) < 1e-7  # a centimetre
        assert name == expected[code][name_at]


@pytest.mark.parametrize("format", ["gpkg", "geojson", "fgb", "parquet", "kml"])
def test_rows_come_in_the_order_of_their_keys(world: Engine, tmp_path: Path, format: str) -> None:
    """Of a query that has them the other way round; one is without a place, so no index orders them."""
    folder = shutil.copytree(layers_dir(), tmp_path / "layers")
    query = folder / "compounds" / "query.sql"
    query.write_text(f"SELECT * FROM ({query.read_text()}\n) AS turned ORDER BY code DESC")
    out = tmp_path / f"out.{format}"
    _export(world, out, format, "compounds", layer_set=load_layers(folder))

    assert list(_read_back(out, format)) == [f"{EAST}-C001", f"{EAST}-C900"]


def _read_back(path: Path, format: str) -> dict[str, tuple[str | None, shapely.Geometry | None]]:
    if format == "parquet":
        frame = geopandas.read_parquet(path)
    elif format == "gpkg":
        layers = [name for name, kind in pyogrio.list_layers(path) if kind is not None]
        frame = pandas.concat([geopandas.read_file(path, layer=name) for name in layers])
    else:
        frame = geopandas.read_file(path)
    names = frame["Name"] if format == "kml" and "name" not in frame else frame["name"]
    names = [None if pandas.isna(name) or name == "" else name for name in names]
    return dict(zip(frame["code"], zip(names, frame.geometry, strict=True), strict=True))


@pytest.mark.parametrize(
    ("format", "crs", "epsg"),
    [("fgb", None, 4490), ("fgb", "EPSG:4546", 4546), ("parquet", None, 4490), ("parquet", "4546", 4546),
     ("kml", None, 4326)],
)  # fmt: skip
def test_a_file_says_in_which_crs_it_is(
    world: Engine, tmp_path: Path, format: str, crs: str | None, epsg: int
) -> None:
    out = tmp_path / f"out.{format}"
    _export(world, out, format, "standalone_buildings", crs=crs)

    frame = geopandas.read_parquet(out) if format == "parquet" else geopandas.read_file(out)
    assert frame.crs.to_epsg() == epsg
    if epsg == 4546:
        assert frame.area.tolist() == pytest.approx([BUILDING_AREA_M2] * 3, abs=0.01)


def test_several_geojson_layers_are_files_of_a_folder(world: Engine, tmp_path: Path) -> None:
    report = _export(world, tmp_path / "out", "geojson", "zones", "walkways")

    assert [file.path.name for file in report.files] == ["zones.geojson", "walkways.geojson"]
    assert len(pyogrio.read_dataframe(tmp_path / "out" / "walkways.geojson")) == 1


def test_a_shapefile_keeps_chinese_and_explains_its_short_names(world: Engine, tmp_path: Path) -> None:
    _export(world, tmp_path / "out", "shp", "standalone_buildings")

    path = tmp_path / "out" / "standalone_buildings.shp"
    assert path.with_suffix(".cpg").read_text() == "UTF-8"
    rows = pyogrio.read_dataframe(path)
    assert all(len(name) <= 10 and name.isascii() for name in rows.columns)
    assert set(rows.community) == {"东社区", f"area {WEST}"}
    with path.with_name("standalone_buildings_fields.csv").open(encoding="utf-8-sig", newline="") as file:
        dictionary = {row["name"]: row for row in csv.DictReader(file)}
    assert set(rows.columns) - {"geometry"} == {row["field"] for row in dictionary.values()}
    assert dictionary["households"]["title"] == "户数"
    assert rows.set_index("code")[dictionary["zone_code"]["field"]][f"{EAST}-B0001"] == ZONE


def test_lines_and_areas_of_a_mixed_layer_become_two_shapefiles(world: Engine, tmp_path: Path) -> None:
    report = _export(world, tmp_path / "out", "shp", "barriers")

    assert {file.path.name for file in report.files} == {
        "barriers_line.shp", "barriers_line_fields.csv", "barriers_area.shp", "barriers_area_fields.csv",
    }  # fmt: skip


def test_coverage_in_a_workbook_adds_up_exactly(world: Engine, tmp_path: Path) -> None:
    """East covers 2 of 4 units, west 0 of 1: 40 % of the units of the town, not the mean of 50 % and 0 %."""
    out = tmp_path / "coverage.xlsx"
    _export(world, out, "xlsx", "coverage_by_community")

    sheet = openpyxl.load_workbook(out)["社区覆盖率"]
    heading = [cell.value for cell in sheet[1]]
    rows = {row[0].value: dict(zip(heading, row, strict=True)) for row in sheet.iter_rows(min_row=2)}
    assert sheet.freeze_panes == "A2"
    units, covered, rate = "管理单元（总）", "管理单元（已覆盖）", "管理单元覆盖率"
    assert (rows[EAST][covered].value, rows[EAST][units].value, rows[EAST][rate].value) == (2, 4, 0.5)
    assert (rows[WEST][covered].value, rows[WEST][units].value, rows[WEST][rate].value) == (0, 1, 0)
    assert (rows["合计"][covered].value, rows["合计"][units].value) == (2, 5)
    assert rows["合计"][rate].value == 0.4
    assert rows["合计"][rate].number_format == "0.00%"
    assert rows["合计"]["户数（总）"].value == 10 + 20 + 30 + 60


def test_a_workbook_speaks_in_words_and_never_in_formulas(world: Engine, tmp_path: Path) -> None:
    out = tmp_path / "units.xlsx"
    _export(world, out, "xlsx", "compounds", "standalone_buildings")

    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["小区", "单栋楼院"]
    heading = [cell.value for cell in book["单栋楼院"][1]]
    rows = {
        row[0].value: dict(zip(heading, row, strict=True)) for row in book["单栋楼院"].iter_rows(min_row=2)
    }
    building = rows[f"{EAST}-B0001"]
    assert (building["进展"].value, building["已覆盖"].value, building["户数"].value) == ("已进驻", "是", 20)
    assert 110 < building["中心经度"].value < 112
    name = next(row[1] for row in book["小区"].iter_rows() if row[0].value == f"{EAST}-C900")
    assert (name.value, name.data_type) == ("=1+1", "s")


def test_a_map_is_drawn_at_paper_size(world: Engine, tmp_path: Path) -> None:
    out = tmp_path / "map.png"
    _export(world, out, "png", "communities", "compounds", "zones", "barriers", "standalone_buildings")

    picture = (matplotlib.image.imread(out)[:, :, :3] * 255).round().astype(int)
    # A4 across at 200 dots an inch
    assert picture.shape[:2] == pytest.approx((210 / 25.4 * 200, 297 / 25.4 * 200), abs=1)
    colours = {tuple(colour) for colour in picture[200:1500, 100:1700].reshape(-1, 3).tolist()}
    # A river's line is opaque, so its very colour must be inside the frame.
    assert (0x6B, 0xAE, 0xD6) in colours


def test_a_zone_sheet_says_who_serves_what(world: Engine, tmp_path: Path) -> None:
    out = tmp_path / "sheets.pdf"
    report = _export(world, out, "pdf", "zones")

    reader = pypdf.PdfReader(out)
    assert len(reader.pages) == report.files[0].features == 1
    words = reader.pages[0].extract_text()
    for expected in (
        "流动物业片区公示牌",
        ZONE,
        f"person {EAST}-P01",
        "0990-1234567",
        "监督电话",
        "按巡查次序；每日一遍 1.23 千米",
        "审图号",
        "内部资料",
        "2024-06-30",
    ):
        assert expected in words
    # B0002 with its 30 households is walked to before B0001
    assert [line[-2:] for line in words.splitlines() if line.startswith(("1 ", "2 "))] == ["30", "20"]
    width, height = reader.pages[0].mediabox.width, reader.pages[0].mediabox.height
    assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == (210, 297)


def test_a_map_review_number_replaces_the_internal_mark(world: Engine, tmp_path: Path) -> None:
    _export(world, tmp_path / "sheets.pdf", "pdf", "zones", map_review_no="云S(2024)001号")

    words = pypdf.PdfReader(tmp_path / "sheets.pdf").pages[0].extract_text()
    assert "审图号：云S(2024)001号" in words
    assert "内部资料" not in words


def test_without_a_chinese_typeface_the_drawing_is_refused_in_words(
    world: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typeface.chinese_family.cache_clear()
    monkeypatch.setattr(typeface, "FAMILIES", ())
    try:
        with pytest.raises(Unavailable) as refused:
            _export(world, tmp_path / "map.png", "png", "communities")
    finally:
        typeface.chinese_family.cache_clear()

    assert refused.value.key == "export.no_chinese_typeface"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format", sorted(set(FORMATS) - {"png"}))  # a map without features is still a map
def test_nothing_to_export_is_said_and_leaves_no_file(world: Engine, tmp_path: Path, format: str) -> None:
    out = tmp_path / f"zones.{format}"
    out.write_bytes(b"before")

    with pytest.raises(InvalidInput) as refused:
        _export(world, out, format, "zones", on=date(2001, 1, 1))

    assert refused.value.key == "export.empty"
    assert out.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("format", ["gpkg", "xlsx", "geojson", "fgb", "parquet", "kml"])
def test_a_cancelled_export_leaves_the_earlier_file(world: Engine, tmp_path: Path, format: str) -> None:
    out = tmp_path / f"out.{format}"
    out.write_bytes(b"before")

    def stop(stage: str, done: int, total: int | None = None) -> None:
        if done:
            raise Cancelled("command.cancelled")

    with pytest.raises(Cancelled):
        _export(world, out, format, "standalone_buildings", progress=stop)

    assert out.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [out]
    # The connection went back clean.
    _export(world, out, format, "standalone_buildings")
    assert out.read_bytes() != b"before"


def test_a_second_export_replaces_the_first(world: Engine, tmp_path: Path) -> None:
    out = tmp_path / "out.gpkg"
    _export(world, out, "gpkg", "zones", "standalone_buildings")
    _export(world, out, "gpkg", "zones")

    assert [name for name, _ in pyogrio.list_layers(out)] == ["zones", "layer_styles"]


def test_progress_counts_the_features(world: Engine, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int | None]] = []
    _export(
        world,
        tmp_path / "out.gpkg",
        "gpkg",
        "standalone_buildings",
        "compounds",
        progress=lambda stage, done, total=None: seen.append((stage, done, total)),
    )

    assert seen == [("export.layer", 0, 5), ("export.layer", 3, 5), ("export.layer", 5, 5)]


def test_a_folder_that_cannot_be_written_is_named(world: Engine, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(InvalidInput) as refused:
        _export(world, tmp_path / "file" / "out.gpkg", "gpkg", "zones")

    assert refused.value.key == "export.folder_unwritable"


@pytest.mark.parametrize(
    ("options", "layers", "error"),
    [
        ({"format": "dwg"}, ("zones",), InvalidInput),
        ({"format": "gpkg", "crs": "EPSG:999999"}, ("zones",), InvalidInput),
        ({"format": "gpkg", "crs": "WGS84"}, ("zones",), InvalidInput),
        ({"format": "geojson", "crs": "EPSG:4546"}, ("zones",), InvalidInput),
        ({"format": "kml", "crs": "EPSG:4546"}, ("zones",), InvalidInput),
        ({"format": "gpkg"}, (), InvalidInput),
        ({"format": "pdf", "sheet": SheetChoice(kind="zones")}, ("barriers",), InvalidInput),
        ({"format": "gpkg"}, ("nowhere",), NotFound),
        ({"format": "gpkg", "area_code": "nowhere"}, ("zones",), NotFound),
        ({"format": "gpkg", "actor": Actor("v", Role.VIEWER, TOWN)}, ("zones",), Forbidden),
    ],
)
def test_what_cannot_be_exported_is_refused(
    world: Engine, tmp_path: Path, options: dict, layers: tuple[str, ...], error: type[Exception]
) -> None:
    given = dict(options)
    with pytest.raises(error):
        _export(world, tmp_path / "out", given.pop("format"), *layers, **given)

    assert list(tmp_path.iterdir()) == []
