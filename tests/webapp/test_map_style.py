"""Our style in a bare MapLibre: what it draws is what the tables hold, in the colours of the legend."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from matplotlib.image import imread
from playwright.sync_api import Page, Route

from geo_service.resources import web_build_dir

pytestmark = pytest.mark.browser

LIUTING = "990122100001"  # 柳汀社区: 25 standalone buildings of 800 households in two zones
ON = "2026-01-01"
MAPLIBRE = web_build_dir().parent / "node_modules" / "maplibre-gl" / "dist"
BARE_PAGE = """<!doctype html><html><meta charset="utf-8"><title>bare</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/bare/maplibre-gl.css">
<style>html, body, #map { margin: 0; height: 100%; width: 100% }</style>
<div id="map"></div><script type="module" src="/bare/page.js"></script></html>"""
SCRIPT = """
import * as maplibregl from "/bare/maplibre-gl.mjs";
const style = await (await fetch("/map/style.json" + location.search)).json();
for (const source of Object.values(style.sources))
  source.tiles = source.tiles.map((path) => location.origin + path);
const [west, south, east, north] = JSON.parse(decodeURIComponent(location.hash.slice(1)));
const map = new maplibregl.Map({
  container: "map", style, bounds: [west, south, east, north], fadeDuration: 0, attributionControl: false,
  canvasContextAttributes: { preserveDrawingBuffer: true },
});
window.map = map;
map.on("idle", () => { document.body.dataset.idle = "true"; });
"""
DRAWN = """(layer) => [...new Set(window.map.queryRenderedFeatures()
    .filter((feature) => feature.sourceLayer === layer)
    .map((feature) => feature.properties.code))].sort()"""
# The names that the tiles carry, by code.
NAMES = """(layer) => Object.fromEntries(window.map.queryRenderedFeatures()
    .filter((feature) => feature.sourceLayer === layer)
    .map((feature) => [feature.properties.code, feature.properties.name ?? null]))"""


@pytest.fixture
def bare_map(browser, server, watched, ask):
    """A page of our server's origin with nothing but MapLibre on it, over a box of degrees."""
    contexts = []

    def serve(route: Route) -> None:
        name = route.request.url.rpartition("/")[2].split("?")[0]
        if name == "page.js":
            route.fulfill(body=SCRIPT, content_type="text/javascript")
        elif (MAPLIBRE / name).is_file():
            kind = "text/css" if name.endswith(".css") else "text/javascript"
            route.fulfill(body=(MAPLIBRE / name).read_bytes(), content_type=kind)
        else:
            route.fulfill(body=BARE_PAGE, content_type="text/html")

    def open_map(box: list[float], query: str) -> Page:
        context = browser.new_context(viewport={"width": 800, "height": 600}, locale="zh-CN")
        contexts.append(context)
        watched.watch(context)
        context.route("**/bare/**", serve)
        page = context.new_page()
        page.set_default_timeout(120_000)
        page.goto(f"{server}/bare/index.html?{query}#{json.dumps(box)}")
        page.wait_for_selector("body[data-idle=true]")
        return page

    yield open_map
    for context in contexts:
        context.close()
    assert watched.foreign == []
    assert watched.complaints == []


def box_of(ask, community: str) -> list[float]:
    ((*box,),) = ask(
        "SELECT ST_XMin(g), ST_YMin(g), ST_XMax(g), ST_YMax(g) FROM (SELECT geom g FROM area"
        " WHERE code = :code) a",
        code=community,
    )
    return box


def test_what_is_drawn_is_what_the_tables_hold(bare_map, ask):
    page = bare_map(box_of(ask, LIUTING), f"on={ON}&area={LIUTING}")

    buildings = dict(
        ask(
            "SELECT code, name FROM building WHERE community_code = :code AND compound_code IS NULL",
            code=LIUTING,
        )
    )
    assert len(buildings) == 25
    assert page.evaluate(NAMES, "standalone_buildings") == buildings
    zones = ask(
        "SELECT z.code FROM zone z JOIN plan_publication p ON p.plan_id = z.plan_id"
        " AND p.community_code = z.community_code"
        " WHERE z.community_code = :code AND p.effective @> CAST(:on AS date) ORDER BY z.code",
        code=LIUTING,
        on=ON,
    )
    assert page.evaluate(DRAWN, "zones") == [code for (code,) in zones]


def test_buildings_are_drawn_past_the_last_zoom_of_the_tiles(bare_map, ask):
    """Zoom 20, two more than any layer has tiles for: one building fills the screen, in its own colour."""
    ((code, longitude, latitude),) = ask(
        "SELECT code, ST_X(p), ST_Y(p) FROM (SELECT code, ST_PointOnSurface(geom) p FROM building"
        " WHERE community_code = :code AND compound_code IS NULL ORDER BY code LIMIT 1) b",
        code=LIUTING,
    )
    reach = 0.00003  # some three metres each way
    page = bare_map(
        [longitude - reach, latitude - reach, longitude + reach, latitude + reach], f"on={ON}&area={LIUTING}"
    )
    assert page.evaluate("() => window.map.getZoom()") > 19
    assert page.evaluate(DRAWN, "standalone_buildings") == [code]
    picture = imread(io.BytesIO(page.locator("canvas").screenshot()))[..., :3]
    middle = picture[picture.shape[0] // 2, picture.shape[1] // 2]
    background = np.array([0xF2, 0xF0, 0xEB]) / 255
    assert np.abs(middle - background).max() > 0.1, "the building is not drawn"
    legend = page.evaluate("""async () => (await (await fetch("/api/layers")).json())
        .find((layer) => layer.name === "standalone_buildings").legend.map((entry) => entry.colour)""")
    colours = np.array([[int(each[i : i + 2], 16) / 255 for i in (1, 3, 5)] for each in legend])
    # The fill is not quite opaque; its colour stays nearest to one of the legend.
    assert np.abs(colours - middle).max(axis=1).min() < 0.15
