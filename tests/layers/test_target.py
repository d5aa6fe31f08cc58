"""Milestones at risk by the target asked for: items, tiles, style, exports, catalogue and page."""

from __future__ import annotations

import html
import sqlite3
import zipfile
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import mapbox_vector_tile
import pyogrio
import pypdf
import pytest
from fastapi.testclient import TestClient
from shapely import Point
from sqlalchemy import Engine

from geo_service.access import LOCAL_ADMIN
from geo_service.api.app import create_app
from geo_service.errors import InvalidInput
from geo_service.pipeline.exporting import export_layers
from geo_service.pipeline.policies import adopt_profile, use_profile
from geo_service.publish.drawing import DrawnLayer, Feature
from geo_service.publish.expressions import evaluate
from geo_service.publish.map_labels import _labels
from geo_service.settings import Settings
from tests.layers.asking import properties, shipped, tile_at
from tests.layers.test_rows import FLOOR_AND_COUNT, fill, with_management
from tests.world import EAST, SOUTH, TOWN, WEST

DAY = date(2024, 6, 30)
ON = {"on": DAY.isoformat()}
LAYER = "milestones_by_community"
BY_FLOOR, BY_COUNT = "by_floor", "two_served"
"""The two targets of the profile, in its order."""
RED, GREY = "#D55E00", "#DDDDDD"


@pytest.fixture(scope="module")
def world(module_engine: Engine) -> Engine:
    """One compound should be served professionally by May: South's is not; West has none to count."""
    fill(module_engine)
    shipped_profile = files("geo_service.planning.policy") / "profiles" / "county_2024.toml"
    document = with_management(FLOOR_AND_COUNT, shipped_profile.read_text(encoding="utf-8"))
    adopt_profile(module_engine, LOCAL_ADMIN, key="floor", document=document)
    use_profile(module_engine, LOCAL_ADMIN, key="floor")
    return module_engine


@pytest.fixture(scope="module")
def client(world: Engine) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), world), base_url="http://127.0.0.1") as client:
        yield client


def _rows(client: TestClient, **asked: str) -> dict[str, dict[str, Any]]:
    answer = client.get(f"/collections/{LAYER}/items", params={**ON, **asked})
    assert answer.status_code == 200, answer.text
    return {feature["id"]: feature["properties"] for feature in answer.json()["features"]}


def _tile_address(world: Engine) -> str:
    x, y = tile_at(world, 9, f"{WEST}-B0001")
    return f"/collections/{LAYER}/tiles/WebMercatorQuad/9/{y}/{x}"


def test_items_are_of_the_target_asked_for_and_of_all_otherwise(client: TestClient) -> None:
    communities = (WEST, EAST, SOUTH)
    every = _rows(client)
    assert set(every) == {f"{code}/{key}" for code in communities for key in (BY_FLOOR, BY_COUNT)}
    assert {row["target_key"]: row["target_place"] for row in every.values()} == {BY_FLOOR: 1, BY_COUNT: 2}

    for key in (BY_FLOOR, BY_COUNT):
        chosen = _rows(client, target=key)
        assert set(chosen) == {f"{code}/{key}" for code in communities}
        for place, row in chosen.items():
            assert row == {**every[place], "target_place": 1}

    by_field = _rows(client, target_key=BY_COUNT)
    assert set(by_field) == {f"{code}/{BY_COUNT}" for code in communities}


def test_pages_of_items_keep_the_target(client: TestClient) -> None:
    address = f"/collections/{LAYER}/items"
    answer = client.get(address, params={**ON, "target": BY_COUNT, "limit": 1}).json()
    found = []
    for _ in range(3):
        found += [feature["id"] for feature in answer["features"]]
        ahead = [link["href"] for link in answer["links"] if link["rel"] == "next"]
        answer = client.get(ahead[0]).json() if ahead else {"features": [], "links": []}
    assert found == sorted(f"{code}/{BY_COUNT}" for code in (WEST, EAST, SOUTH))
    one = client.get(f"{address}/{WEST}%2F{BY_FLOOR}", params={**ON, "target": BY_COUNT})
    assert one.status_code == 404


def test_tiles_hold_the_target_asked_for_and_are_named_apart(client: TestClient, world: Engine) -> None:
    address = _tile_address(world)
    tags = set()
    for asked, expected in (
        ({}, {(BY_FLOOR, 1), (BY_COUNT, 2)}),
        ({"target": BY_FLOOR}, {(BY_FLOOR, 1)}),
        ({"target": BY_COUNT}, {(BY_COUNT, 1)}),
    ):
        answer = client.get(address, params={**ON, **asked})
        assert answer.status_code == 200
        features = mapbox_vector_tile.decode(answer.content)[LAYER]["features"]
        said = [feature["properties"] for feature in features]
        assert {(one["target_key"], one["target_place"]) for one in said} == expected
        tags.add(answer.headers["ETag"])
    assert len(tags) == 3


def test_the_map_is_coloured_by_the_target_asked_for(client: TestClient) -> None:
    def drawn(**asked: str) -> tuple[dict[str, str], dict[str, str]]:
        style = client.get("/map/style.json", params={**ON, **asked}).json()
        tiles = {name: source["tiles"][0] for name, source in style["sources"].items()}
        (fill,) = [layer for layer in style["layers"] if layer["id"] == f"{LAYER}-fill"]
        rows = [row for row in _rows(client, **asked).values() if evaluate(fill["filter"], row)]
        assert len(rows) == 3
        return tiles, {row["code"]: evaluate(fill["paint"]["fill-color"], row) for row in rows}

    usual, colours = drawn()
    assert colours[WEST] != GREY
    assert not any("target=" in address for address in usual.values())
    chosen, colours = drawn(target=BY_COUNT)
    assert (colours[WEST], colours[SOUTH]) == (GREY, RED)
    assert {name for name, address in chosen.items() if f"target={BY_COUNT}" in address} == {
        "milestones_by_community",
        "milestones_by_subdistrict",
    }
    described = client.get(
        f"/collections/{LAYER}/tiles/WebMercatorQuad", params={**ON, "target": BY_COUNT}
    ).json()
    assert f"target={BY_COUNT}" in described["tiles"][0]


@pytest.mark.parametrize(
    "path",
    [
        f"/collections/{LAYER}/items",
        f"/collections/{LAYER}/items/{WEST}%2F{BY_FLOOR}",
        f"/collections/{LAYER}/tiles/WebMercatorQuad/9/212/426",
        "/map/style.json",
        f"/api/export?area={TOWN}&layers={LAYER}&format=gpkg",
    ],
)
@pytest.mark.parametrize("target", ["windows", "' OR 1=1 --", "by_floor,two_served"])
def test_an_unknown_target_is_refused_with_those_there_are(
    client: TestClient, path: str, target: str
) -> None:
    joint = "&" if "?" in path else "?"
    answer = client.get(f"{path}{joint}{urlencode({**ON, 'target': target})}")

    assert (answer.status_code, answer.json()["key"]) == (400, "coverage.unknown_target")
    assert BY_FLOOR in answer.json()["detail"]
    assert BY_COUNT in answer.json()["detail"]


def test_layers_without_a_target_are_the_same_whatever_is_carried(client: TestClient) -> None:
    """What a desktop program's connection carries, it says to every layer."""
    address = "/collections/communities/items"
    plain = client.get(address, params=ON).json()["features"]
    assert client.get(address, params={**ON, "target": BY_COUNT}).json()["features"] == plain


def test_the_catalogue_and_its_page_offer_the_targets(client: TestClient) -> None:
    catalogue = {entry["name"]: entry for entry in client.get("/api/layers").json()}
    assert [each["key"] for each in catalogue[LAYER]["targets"]] == [BY_FLOOR, BY_COUNT]
    assert all(each["title"]["zh"] and each["title"]["en"] for each in catalogue[LAYER]["targets"])
    assert "target" in catalogue[LAYER]["parameters"]
    assert catalogue["zones"]["targets"] == []

    page = html.unescape(client.get(f"/collections/{LAYER}", params={"f": "html", "area": TOWN}).text)
    for key in (BY_FLOOR, BY_COUNT):
        assert f"/collections/{LAYER}/items?area={TOWN}&target={key}" in page
    assert "target=" not in client.get("/collections/zones", params={"f": "html"}).text


def _export(world: Engine, out: Path, format: str, *layers: str, **options: Any) -> None:
    export_layers(
        world, LOCAL_ADMIN, area_code=TOWN, layers=layers, format=format, out=out, on=DAY, **options
    )


def test_exports_hold_the_target_asked_for(world: Engine, tmp_path: Path) -> None:
    out = tmp_path / "out.gpkg"
    _export(world, out, "gpkg", LAYER, target=BY_COUNT)
    frame = pyogrio.read_dataframe(out, layer=LAYER)
    assert sorted(frame["key"]) == sorted(f"{code}/{BY_COUNT}" for code in (WEST, EAST))
    assert set(frame["target_place"]) == {1}

    _export(world, tmp_path / "out.qgz", "qgz", LAYER, target=BY_COUNT, service="http://127.0.0.1:8765")
    with zipfile.ZipFile(tmp_path / "out.qgz") as project:
        assert f"target={BY_COUNT}" in project.read("out.qgs").decode()

    with pytest.raises(InvalidInput) as refused:
        _export(world, tmp_path / "never.csv", "csv", LAYER, target="windows")
    assert refused.value.key == "coverage.unknown_target"
    assert not (tmp_path / "never.csv").exists()


def test_a_drawing_is_of_the_target_and_the_measure_asked_for(world: Engine, tmp_path: Path) -> None:
    def drawn(name: str, layer: str, **asked: str) -> bytes:
        _export(world, tmp_path / f"{name}.png", "png", layer, **asked)
        return (tmp_path / f"{name}.png").read_bytes()

    assert drawn("usual", LAYER) == drawn("first", LAYER, target=BY_FLOOR)
    assert drawn("usual", LAYER) != drawn("second", LAYER, target=BY_COUNT)
    by_units = drawn("units", "coverage_by_community", measure="units")
    assert drawn("plain", "coverage_by_community") == by_units
    assert drawn("households", "coverage_by_community", measure="households") != by_units


def test_a_package_is_styled_by_the_measure_asked_for(world: Engine, tmp_path: Path) -> None:
    for measure in ("units", "households"):
        out = tmp_path / f"{measure}.gpkg"
        _export(world, out, "gpkg", "coverage_by_community", measure=measure)
        with sqlite3.connect(out) as package:
            (style,) = package.execute("SELECT styleQML FROM layer_styles").fetchone()
        assert f"{measure}_rate" in style
    with pytest.raises(InvalidInput) as refused:
        _export(world, tmp_path / "never.gpkg", "gpkg", "coverage_by_community", measure="windows")
    assert refused.value.key == "layers.measure_unknown"
    assert not (tmp_path / "never.gpkg").exists()


def _words_on(world: Engine, out: Path, layer: str, **asked: str) -> str:
    _export(world, out, "pdf", layer, **asked)
    (page,) = pypdf.PdfReader(out).pages
    return page.extract_text()


def test_a_sheet_says_by_what_it_is_coloured_and_nothing_of_the_rest(world: Engine, tmp_path: Path) -> None:
    """By count West has nothing; by floor both communities have something to count."""
    usual = _words_on(world, tmp_path / "usual.pdf", LAYER)
    assert "\n按面积\n" in usual
    assert "无应计入的" not in usual
    second = _words_on(world, tmp_path / "second.pdf", LAYER, target=BY_COUNT)
    assert "\n两个小区\n" in second
    assert "无应计入的" in second
    for measure, words in (("households", "\n户数\n"), ("units", "\n管理单元\n")):
        out = tmp_path / f"{measure}.pdf"
        assert words in _words_on(world, out, "coverage_by_community", measure=measure)


def test_the_rates_on_a_sheet_are_of_the_measure_and_of_what_is_drawn(world: Engine) -> None:
    """East has one of four units covered and 60 of 127 households; by count one of its three compounds."""
    coverage = shipped().get("coverage_by_community")
    rows = [Feature(row, Point(0, 0)) for row in properties(world, coverage.name, on=DAY, area=EAST).values()]
    for measure, percent in ((None, "25.0%"), ("units", "25.0%"), ("households", "47.2%")):
        (label,) = _labels([DrawnLayer(coverage.by_measure(measure), rows)], 12, 1, "zh")
        assert label.words.endswith(f" {percent}")

    milestones = shipped().get(LAYER)
    rows = [Feature(row, Point(0, 0)) for row in properties(world, LAYER, on=DAY, area=EAST).values()]
    assert sorted(row.properties["target_place"] for row in rows) == [1, 2]
    (label,) = _labels([DrawnLayer(milestones, rows)], 12, 1, "zh")
    assert label.words.endswith(" 50.0%")
