"""A GeoPackage of ours opened by QGIS itself looks as the map of the page does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN
from geo_service.pipeline.exporting import export_layers
from tests.world import EAST, TOWN, WEST, build_world, save_plan

JUNE = date(2024, 6, 30)
ZONE = f"{EAST}001"
UNCOVERED, IN_SERVICE = "#d55e00", "#56b4e9"
RIVER = "#6baed6"


@pytest.fixture(scope="module")
def package(module_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """East: two buildings served as a zone, a compound; west: a building that nobody serves, and a river."""
    build_world(module_engine, {TOWN: {WEST: "1H.\n.|P", EAST: "23aa\n...P"}})
    save_plan(
        module_engine,
        EAST,
        {ZONE: [f"{EAST}-B0001", f"{EAST}-B0002"]},
        effective_from=date(2024, 6, 1),
        chiefs={ZONE: f"{EAST}-P01"},
    )
    with module_engine.begin() as connection:
        connection.execute(text("UPDATE area SET name = '东社区' WHERE code = :code"), {"code": EAST})
    out = tmp_path_factory.mktemp("package") / "town.gpkg"
    export_layers(
        module_engine,
        LOCAL_ADMIN,
        area_code=TOWN,
        layers=[
            "zones",
            "standalone_buildings",
            "compounds",
            "barriers",
            "zone_labels",
            "coverage_by_community",
        ],
        format="gpkg",
        out=out,
        on=JUNE,
    )
    return out


def test_buildings_have_the_colour_of_their_progress(package: Path, opened_in_qgis: Callable) -> None:
    buildings = opened_in_qgis(package, "standalone_buildings")["standalone_buildings"]

    assert (buildings["valid"], buildings["features"], buildings["crs"]) == (True, 3, "EPSG:4490")
    assert buildings["renderer"] == "RuleRenderer"
    assert buildings["legend"][:2] == ["无人管理", "计划落实"]
    uncovered, served = (
        buildings["colours"].get(mixed(colour, 0.9), 0) for colour in (UNCOVERED, IN_SERVICE)
    )
    assert uncovered > 0
    # two buildings of the same size are served, one is not
    assert served == pytest.approx(2 * uncovered, rel=0.15)


def test_headings_and_coded_values_are_in_words(package: Path, opened_in_qgis: Callable) -> None:
    buildings = opened_in_qgis(package, "standalone_buildings")["standalone_buildings"]

    assert buildings["aliases"]["households"] == "户数"
    assert buildings["widgets"]["status"] == "ValueMap"
    assert buildings["widgets"]["households"] != "ValueMap"


def test_a_rate_and_a_river_are_coloured_too(package: Path, opened_in_qgis: Callable) -> None:
    """West has covered none of its units, east two of three."""
    seen = opened_in_qgis(package, "coverage_by_community", "barriers_line", "zones")

    colours = seen["coverage_by_community"]["colours"]
    assert colours.get(mixed("#fff7bc", 0.75), 0) > 1000
    assert colours.get(mixed("#7fcdbb", 0.75), 0) > 1000
    assert seen["barriers_line"]["colours"].get(RIVER, 0) > 0
    assert seen["zones"]["legend"] == ["片区"]
    assert any(seen["zones"]["colours"].get(mixed(fill, 0.7), 0) for fill in ZONE_FILLS)


ZONE_FILLS = ("#F7D9A8", "#CBD9F0", "#CFE8CF", "#F4CBD9", "#EDE6B0", "#DCCFEA")


def mixed(colour: str, opacity: float) -> str:
    """``colour`` at ``opacity`` over white paper."""
    parts = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    covering = round(255 * opacity) / 255
    return "#" + "".join(f"{round(part * covering + 255 * (1 - covering)):02x}" for part in parts)
