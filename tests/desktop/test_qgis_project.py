"""A project of ours opened by QGIS itself: over the GeoPackage beside it, and over the running service."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN
from geo_service.pipeline.exporting import export_layers
from tests.desktop.conftest import RunInQgis, serving
from tests.desktop.test_qgis import IN_SERVICE, RIVER, UNCOVERED, mixed
from tests.world import EAST, METRIC_SRID, SECOND_TOWN, SOUTH, TOWN, WEST, build_world, save_plan

JUNE = date(2024, 6, 30)
ZONE = f"{EAST}001"
DOTS = 500 * 500


@pytest.fixture(scope="module")
def world(module_engine: Engine) -> Engine:
    """East: two buildings served as a zone, a compound; west: a building nobody serves, a river, a bridge.

    A second town stands beside them, of which nothing should be seen.
    """
    build_world(
        module_engine, {TOWN: {WEST: "1H.\n.|P", EAST: "23aa\n...P"}, SECOND_TOWN: {SOUTH: "99.\n..."}}
    )
    save_plan(
        module_engine,
        EAST,
        {ZONE: [f"{EAST}-B0001", f"{EAST}-B0002"]},
        effective_from=date(2024, 6, 1),
        chiefs={ZONE: f"{EAST}-P01"},
    )
    with module_engine.begin() as connection:
        connection.execute(text("UPDATE area SET name = '东社区' WHERE code = :code"), {"code": EAST})
        connection.execute(text("UPDATE area SET name = '云川镇' WHERE code = :code"), {"code": TOWN})
    return module_engine


@pytest.fixture(scope="module")
def address(world: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(world, tmp_path_factory.mktemp("served")) as address:
        yield address


def _project(engine: Engine, out: Path, *layers: str, **options: Any) -> Path:
    export_layers(
        engine, LOCAL_ADMIN, area_code=TOWN, layers=layers, format="qgz", out=out, on=JUNE, **options
    )
    return out


def _count(engine: Engine, query: str) -> int:
    with engine.connect() as connection:
        return connection.execute(text(query), {"town": TOWN, "east": EAST, "west": WEST}).scalar_one()


def _tree(seen: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {layer["id"].removeprefix("geo_service_"): layer for layer in seen["tree"]}


@pytest.fixture(scope="module")
def seen(world: Engine, run_in_qgis: RunInQgis, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The whole town, carried with its GeoPackage to another folder before it is opened."""
    made = tmp_path_factory.mktemp("made")
    _project(world, made / "云川镇.qgz")
    assert sorted(path.name for path in made.iterdir()) == ["云川镇.gpkg", "云川镇.qgz"]
    carried = tmp_path_factory.mktemp("carried") / "到处"
    shutil.move(made, carried)
    return run_in_qgis("open_project.py", carried / "云川镇.qgz", carried)


def test_every_layer_is_there_in_the_maps_order_and_in_chinese(seen: dict[str, Any]) -> None:
    assert seen["opened"]
    assert seen["title"] == "云川镇物业管理全覆盖图"
    assert seen["crs"] == f"EPSG:{METRIC_SRID}"
    assert all(layer["valid"] for layer in seen["tree"])
    assert [(layer["group"], layer["name"]) for layer in seen["tree"]] == [
        ("表格", "无位置小区"),
        ("注记", "片区注记"),
        ("注记", "社区注记"),
        ("", "网格长"),
        ("", "未覆盖楼栋"),
        ("", "单栋楼院"),
        ("", "步行通道"),
        ("", "阻隔（线）"),
        ("", "小区内楼栋"),
        ("", "小区（按管理形式）"),
        ("", "小区（按类型）"),
        ("", "小区"),
        ("", "流动物业片区"),
        ("统计图", "社区节点预警"),
        ("统计图", "镇街节点预警"),
        ("统计图", "社区覆盖率"),
        ("统计图", "镇街覆盖率"),
        ("", "社区"),
        ("", "镇街"),
        ("", "县（区）"),
    ]
    # A choropleth under the colours of other areas would be read wrongly, as would compounds drawn thrice.
    hidden = {layer["name"] for layer in seen["tree"] if not layer["visible"]}
    assert hidden == {
        *("网格长", "未覆盖楼栋", "小区（按管理形式）", "小区（按类型）"),
        *("社区节点预警", "镇街节点预警", "社区覆盖率", "镇街覆盖率"),
    }


def test_every_layer_holds_the_towns_rows(seen: dict[str, Any], world: Engine) -> None:
    inside = "community_code IN (:east, :west)"
    layers = _tree(seen)
    for name, query in (
        ("standalone_buildings", f"SELECT count(*) FROM building WHERE is_standalone AND {inside}"),
        ("compound_buildings", f"SELECT count(*) FROM building WHERE NOT is_standalone AND {inside}"),
        ("compounds", f"SELECT count(*) FROM compound WHERE {inside}"),
        ("zones", f"SELECT count(*) FROM zone WHERE {inside}"),
        ("communities", "SELECT count(*) FROM area WHERE kind = 'community' AND parent_code = :town"),
        ("barriers_line", "SELECT count(*) FROM barrier"),
    ):
        assert layers[name]["features"] == _count(world, query) > 0, name


def test_headings_coded_values_labels_and_scales_are_there(seen: dict[str, Any]) -> None:
    layers = _tree(seen)
    buildings = layers["standalone_buildings"]

    assert buildings["aliases"]["households"] == "户数"
    assert buildings["widgets"]["status"] == "ValueMap"
    assert buildings["renderer"] == "RuleRenderer"
    assert (buildings["labels"], layers["zone_labels"]["labels"]) == (False, True)
    # Zoom 13 of a map of 512 dots a tile, on a screen of 96 dots an inch, at the latitude of the town.
    metres_a_dot = 40_075_017 * math.cos(math.radians(34.3)) / (512 * 2**13)
    assert buildings["min_scale"] == pytest.approx(metres_a_dot / (0.0254 / 96), rel=0.005)


def test_the_map_and_the_page_are_not_blank(seen: dict[str, Any]) -> None:
    assert seen["map"].get("#ffffff", 0) < 0.9 * DOTS
    assert seen["map"].get(RIVER, 0) > 100
    (title,) = seen["pages"]
    assert title == "云川镇物业管理全覆盖图"
    page = seen["pages"][title]
    assert page.get(RIVER, 0) > 100
    assert sum(page.values()) - page["#ffffff"] > 100_000


def test_buildings_have_the_colour_of_their_progress(
    world: Engine, run_in_qgis: RunInQgis, tmp_path: Path
) -> None:
    _project(world, tmp_path / "town.qgz", "standalone_buildings")
    seen = run_in_qgis("open_project.py", tmp_path / "town.qgz", tmp_path)

    uncovered, served = (seen["map"].get(mixed(colour, 0.9), 0) for colour in (UNCOVERED, IN_SERVICE))
    assert uncovered > 0
    # two buildings of the same size are served, one is not
    assert served == pytest.approx(2 * uncovered, rel=0.2)


def test_a_statistic_alone_is_shown(world: Engine, run_in_qgis: RunInQgis, tmp_path: Path) -> None:
    """West has covered none of its units, east two of three; the package has coordinates of its own."""
    _project(world, tmp_path / "town.qgz", "coverage_by_community", crs="EPSG:4547")
    seen = run_in_qgis("open_project.py", tmp_path / "town.qgz", tmp_path)

    (layer,) = seen["tree"]
    assert (layer["visible"], layer["crs"], seen["crs"]) == (True, "EPSG:4547", "EPSG:4546")
    assert seen["map"].get(mixed("#fff7bc", 0.75), 0) > 1000
    assert seen["map"].get(mixed("#7fcdbb", 0.75), 0) > 1000


@pytest.fixture(scope="module")
def over_service(world: Engine, address: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("over-service") / "town.qgz"
    _project(world, out, service=address)
    assert [path.name for path in out.parent.iterdir()] == ["town.qgz"]
    return out


def test_features_come_from_the_service(
    over_service: Path, world: Engine, run_in_qgis: RunInQgis, tmp_path: Path
) -> None:
    """Of the area and the day the project was made for, though the server has more."""
    seen = run_in_qgis("open_project.py", over_service, tmp_path)
    layers = _tree(seen)

    assert [layer["id"] for layer in seen["tree"] if not layer["valid"]] == []
    buildings = layers["standalone_buildings"]
    assert (buildings["provider"], buildings["name"], buildings["features"]) == ("OAPIF", "单栋楼院", 3)
    assert buildings["aliases"]["households"] == "户数"
    assert buildings["widgets"]["status"] == "ValueMap"
    assert layers["communities"]["features"] == 2
    assert layers["zones"]["features"] == 1
    # A layer of lines and areas comes as tiles.
    assert layers["barriers_tiles"]["provider"] == "vectortile"
    assert seen["map"].get("#ffffff", 0) < 0.9 * DOTS
    assert seen["map"].get(RIVER, 0) > 100
    hidden = {layer["group"] for layer in seen["tree"] if not layer["visible"]}
    assert hidden >= {"矢量瓦片（大范围浏览）", "统计图"}
    assert all(
        layer["visible"] for name, layer in layers.items() if name in ("zones", "compounds", "communities")
    )


def test_features_of_the_service_have_their_colours(
    over_service: Path, run_in_qgis: RunInQgis, tmp_path: Path
) -> None:
    seen = run_in_qgis("open_project.py", over_service, tmp_path, "geo_service_standalone_buildings")

    uncovered, served = (seen["map"].get(mixed(colour, 0.9), 0) for colour in (UNCOVERED, IN_SERVICE))
    assert uncovered > 0
    assert served == pytest.approx(2 * uncovered, rel=0.2)


def test_tiles_of_the_service_have_their_colours(
    over_service: Path, run_in_qgis: RunInQgis, tmp_path: Path
) -> None:
    seen = run_in_qgis("open_project.py", over_service, tmp_path, "geo_service_standalone_buildings_tiles")

    uncovered, served = (seen["map"].get(mixed(colour, 0.9), 0) for colour in (UNCOVERED, IN_SERVICE))
    assert uncovered > 0
    assert served == pytest.approx(2 * uncovered, rel=0.2)
