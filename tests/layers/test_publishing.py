"""How the layers are offered: catalogue, style by a measure, tables, the deployment's words."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pyarrow.parquet
import pyogrio
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from geo_service.access import LOCAL_ADMIN
from geo_service.api.app import create_app
from geo_service.pipeline.exporting import export_layers
from geo_service.pipeline.policies import use_profile
from geo_service.publish.expressions import evaluate
from geo_service.publish.qgis_style import qgis_style
from geo_service.settings import Settings
from tests.layers.asking import properties, shipped
from tests.layers.test_rows import JUNE, fill
from tests.world import EAST, TOWN, WEST

TABLE = "no_location"
UNPLACED = f"{EAST}-C900"


@pytest.fixture(scope="module")
def world(module_engine: Engine) -> Engine:
    fill(module_engine)
    return module_engine


@pytest.fixture(scope="module")
def client(world: Engine) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), world), base_url="http://127.0.0.1") as client:
        yield client


def test_the_catalogue_groups_the_layers_and_says_which_are_shown_first(client: TestClient) -> None:
    catalogue = {entry["name"]: entry for entry in client.get("/api/layers").json()}

    assert all(
        entry["group"]["title"]["zh"] and entry["group"]["title"]["en"] for entry in catalogue.values()
    )
    zones = {"key": "zones", "title": {"zh": "流动物业", "en": "Roving service"}, "place": 0}
    assert catalogue["zones"]["group"] == zones
    # Of layers that colour the same ground one at most is shown before anybody has chosen.
    shown: dict[str, list[str]] = {}
    for entry in catalogue.values():
        if entry["on_by_default"] and entry["geometry"] != "none":
            shown.setdefault(entry["covers"], []).append(entry["name"])
    assert all(len(names) == 1 for names in shown.values())
    assert catalogue["compounds_by_form"]["covers"] == catalogue["compounds"]["covers"] == "compounds"
    assert catalogue["zones"]["covers"] == catalogue["coverage_by_subdistrict"]["covers"] == "ground"


def test_coverage_is_coloured_by_the_measure_asked_for(client: TestClient, world: Engine) -> None:
    """East has one of four units covered, but two of four buildings and 60 of 127 households."""
    row = properties(world, "coverage_by_community", on=JUNE)[EAST]

    def colour(**asked: str) -> str:
        style = client.get("/map/style.json", params={"on": JUNE.isoformat(), **asked}).json()
        (fill,) = [layer for layer in style["layers"] if layer["id"] == "coverage_by_community-fill"]
        return evaluate(fill["paint"]["fill-color"], row)

    below_30, to_50, to_80 = "#fff7bc", "#c7e9b4", "#7fcdbb"
    assert colour() == colour(measure="units") == below_30
    assert colour(measure="buildings") == to_80
    assert colour(measure="households") == to_50
    assert colour(measure="floor_area_m2") == to_80

    (entry,) = [each for each in client.get("/api/layers").json() if each["name"] == "coverage_by_community"]
    assert entry["measure"] == "units"
    assert [measure["key"] for measure in entry["measures"]] == [
        "units", "buildings", "households", "floor_area_m2",
    ]  # fmt: skip
    for measure in entry["measures"]:
        assert [line["colour"] for line in measure["legend"]] == [
            below_30, to_50, to_80, "#2c7fb8", "#253494", "#dddddd",
        ]  # fmt: skip


def test_an_unknown_measure_is_refused_with_those_there_are(client: TestClient) -> None:
    answer = client.get("/map/style.json", params={"measure": "windows"})

    assert (answer.status_code, answer.json()["key"]) == (400, "layers.measure_unknown")
    assert "floor_area_m2" in answer.json()["mend"]


def test_what_is_off_by_default_is_in_the_style_and_not_visible(client: TestClient) -> None:
    style = client.get("/map/style.json").json()
    visible = {
        layer["source"]: layer["layout"]["visibility"]
        for layer in style["layers"]
        if layer["type"] != "background"
    }

    assert visible["zones"] == visible["compounds"] == "visible"
    assert visible["compounds_by_type"] == visible["milestones_by_community"] == "none"
    assert TABLE not in style["sources"]


def test_a_table_is_a_collection_without_tiles(client: TestClient) -> None:
    collection = client.get(f"/collections/{TABLE}").json()

    assert not any("tile" in link["rel"] for link in collection["links"])
    for path in ("tiles", "tiles/WebMercatorQuad", "tiles/WebMercatorQuad/0/0/0"):
        answer = client.get(f"/collections/{TABLE}/{path}")
        assert (answer.status_code, answer.json()["key"]) == (404, "layers.no_tiles")
    answer = client.get(f"/collections/{TABLE}/items", params={"area": TOWN, "bbox": "-180,-90,180,90"})
    assert answer.json()["features"] == []
    (feature,) = client.get(f"/collections/{TABLE}/items", params={"area": TOWN}).json()["features"]
    assert (feature["id"], feature["geometry"]) == (UNPLACED, None)


@pytest.mark.parametrize("format", ["gpkg", "xlsx", "geojson", "fgb", "parquet", "kml", "shp"])
def test_a_table_is_exported_in_every_format(world: Engine, tmp_path: Path, format: str) -> None:
    out = tmp_path / (f"out.{format}" if format != "shp" else "out")
    report = export_layers(
        world, LOCAL_ADMIN, area_code=TOWN, layers=[TABLE], format=format, out=out, on=date(2024, 6, 30)
    )
    (path, *_) = [file.path for file in report.files if file.features == 1]

    if format == "xlsx":
        sheet = openpyxl.load_workbook(path).active
        rows = list(sheet.values)
        assert UNPLACED in rows[1]
        assert "社区" in rows[0]
        return
    if format == "parquet":
        table = pyarrow.parquet.read_table(path)
        assert (table["code"].to_pylist(), table["households"].to_pylist()) == ([UNPLACED], [7])
        assert "geom" not in table.column_names
        assert b"geo" not in (table.schema.metadata or {})
        return
    if format == "gpkg":
        kinds = dict(pyogrio.list_layers(path))
        assert kinds[TABLE] is None
    frame = pyogrio.read_dataframe(path, **({"layer": TABLE} if format == "gpkg" else {}))
    name = "Name" if format == "kml" else "code"
    assert len(frame) == 1
    if format != "kml":
        assert frame[name].tolist() == [UNPLACED]
        assert frame["households"].tolist() == [7]


def test_a_map_sheet_leaves_a_table_out(world: Engine, tmp_path: Path) -> None:
    export_layers(
        world, LOCAL_ADMIN, area_code=TOWN, layers=["communities", TABLE, "chief_posts"], format="png",
        out=tmp_path / "map.png", on=JUNE,
    )  # fmt: skip

    assert (tmp_path / "map.png").stat().st_size > 10_000


def test_an_export_speaks_the_words_of_the_profile_in_use(engine: Engine, tmp_path: Path) -> None:
    fill(engine)

    def heading_of_the_type(out: Path) -> str:
        export_layers(
            engine, LOCAL_ADMIN, area_code=EAST, layers=["compounds_by_type"], format="shp", out=out, on=JUNE
        )
        with next(out.glob("*_fields.csv")).open(encoding="utf-8-sig", newline="") as file:
            (row,) = [row for row in csv.DictReader(file) if row["name"] == "type"]
        return row["values"]

    assert "a = 基础条件较好的单位家属楼院" in heading_of_the_type(tmp_path / "county")
    use_profile(engine, LOCAL_ADMIN, key="zhoucun_2017")
    assert "old = 老旧住宅小区" in heading_of_the_type(tmp_path / "zhoucun")
    with TestClient(create_app(Settings(), engine), base_url="http://127.0.0.1") as client:
        (entry,) = [each for each in client.get("/api/layers").json() if each["name"] == "compounds_by_type"]
    assert [line["label"]["zh"] for line in entry["legend"]][:2] == ["商品房住宅小区", "老旧住宅小区"]
    assert len({line["colour"] for line in entry["legend"]}) == 7


@pytest.mark.parametrize("layer", [layer.name for layer in shipped() if layer.geometry != "any"])
def test_every_layer_has_a_style_for_qgis(layer: str) -> None:
    described = shipped().get(layer)
    kind = None if layer == TABLE else described.geometry
    document = qgis_style(described, kind, language="zh")

    assert ("renderer-v2" in document) == (layer != TABLE)
    for entry in described.legend if len(described.legend) > 1 else ():
        assert json.dumps(entry.label.zh, ensure_ascii=False).strip('"') in document
    assert WEST not in document


@pytest.mark.parametrize("path", ["/collections/zones/tiles/WebMercatorQuad", "/map/style.json"])
def test_what_leads_to_tiles_says_at_once_that_there_will_be_none(client: TestClient, path: str) -> None:
    for asked, status, key in (
        ({"area": "nowhere"}, 404, "area.unknown"),
        ({"plan": "424242"}, 404, "plan.unknown"),
        ({"target": "windows"}, 400, "coverage.unknown_target"),
        ({"aera": TOWN}, 400, "features.parameter_unknown"),
    ):
        answer = client.get(path, params=asked)
        assert (answer.status_code, answer.json()["key"]) == (status, key)
    assert client.get(path, params={"area": TOWN, "on": "2024-06-30", "lang": "en"}).status_code == 200
    for below in ("", "/WebMercatorQuad/16/1/1"):
        assert client.get(f"/collections/zones/tiles{below}", params={"aera": TOWN}).status_code == 400
