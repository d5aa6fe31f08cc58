"""A printed map: everything stands on the page, nothing over another, and the scale is true."""

from __future__ import annotations

from datetime import date
from itertools import combinations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from geo_service.publish.drawing import DrawnLayer, Feature, draw_outline, open_map
from geo_service.publish.load import load_layers
from geo_service.publish.map_legend import shown_entries
from geo_service.publish.map_mark import LONGEST_REVIEW_NUMBER, mark
from geo_service.publish.map_page import PAPERS_MM, choose_page
from geo_service.publish.map_sheet import MapSheet, draw_sheet
from geo_service.publish.model import LayerSet
from geo_service.resources import layers_dir

WEST, SOUTH = 500_000.0, 3_800_000.0
WIDE = (WEST, SOUTH, WEST + 9_000, SOUTH + 4_000)
TALL = (WEST, SOUTH, WEST + 4_000, SOUTH + 9_000)
LONG_NAME = "某某市某某区名称特别特别长的某某街道办事处某某片区管理服务中心"
LONG_NUMBER = "某某省自然资源厅某S（2024）第〇〇〇〇〇一号至〇〇〇〇〇九号"


@pytest.fixture(scope="module")
def layers() -> LayerSet:
    """All that one map shows: of those that cover each other, the first."""
    grounds: set[str] = set()
    shown = []
    for layer in load_layers(layers_dir()):
        if not layer.covers or layer.covers not in grounds:
            shown.append(layer)
        grounds.add(layer.covers)
    return LayerSet(tuple(shown))


def test_the_longest_number_is_tried() -> None:
    assert len(LONG_NUMBER) == LONGEST_REVIEW_NUMBER


def _sheet(extent: tuple[float, float, float, float], **given: object) -> MapSheet:
    described = {"area_name": "云川镇", "on": date(2024, 6, 30), "srid": 4546}
    return MapSheet(extent=extent, outline=shapely.box(*extent), **(described | given))


def _with_every_class(layers: LayerSet, extent: tuple[float, float, float, float]) -> list[DrawnLayer]:
    """Every layer with a feature for each class of its legend, and a hundred names close together."""
    drawn = []
    middle = shapely.box(*extent).centroid
    for layer in layers:
        if layer.label_field:
            places = [middle.buffer(1800).exterior.interpolate(metres) for metres in range(0, 11_000, 110)]
            features = [
                Feature({layer.label_field: f"第{n}社区第{n}片区"}, at) for n, at in enumerate(places)
            ]
        else:
            shape = middle.buffer(300) if layer.geometry != "line" else middle.buffer(300).exterior
            blank = {field.name: None for field in layer.fields}
            features = [Feature(blank | dict(entry.properties), shape) for entry in layer.legend]
        drawn.append(DrawnLayer(layer, features))
    return drawn


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("orientation", ["landscape", "portrait"])
@pytest.mark.parametrize("paper", ["a4", "a3"])
@pytest.mark.parametrize(("area_name", "map_review_no"), [("云川镇", None), (LONG_NAME, LONG_NUMBER)])
def test_no_word_leaves_the_page_or_covers_another(
    layers: LayerSet,
    paper: str,
    orientation: str,
    language: str,
    area_name: str,
    map_review_no: str | None,
) -> None:
    """With every layer and every class there is: the fullest legend."""
    sheet = _sheet(
        WIDE, paper=paper, orientation=orientation, language=language,
        area_name=area_name, map_review_no=map_review_no,
    )  # fmt: skip
    figure = draw_sheet(sheet, _with_every_class(layers, WIDE))

    boxes = _boxes(figure, figure.texts)
    written = [words for words, _ in boxes]
    # a number that is cut short is none
    assert mark(language, map_review_no) in written
    for words, box in boxes:
        assert box.within(shapely.box(0, 0, *figure.bbox.max)), words
    for (one, first), (other, second) in combinations(boxes, 2):
        assert first.intersection(second).area < 0.02 * min(first.area, second.area), (one, other)
    titles = [layer.title.in_language(language) for layer in layers if len(layer.legend) > 1]
    titles += [layer.choice.in_language(language) for layer in layers if layer.choice]
    assert set(titles) <= set(written)
    # print that can be read: 5.5 points are 2 mm
    assert min(text.get_fontsize() for text in figure.texts) >= 5.5


@pytest.mark.parametrize("paper", ["a4", "a3"])
def test_names_on_the_map_do_not_cover_each_other(layers: LayerSet, paper: str) -> None:
    figure = draw_sheet(_sheet(WIDE, paper=paper), _with_every_class(layers, WIDE))

    axes = figure.axes[0]
    boxes = _boxes(figure, axes.texts)
    # a hundred names crowd each of two layers on one circle: many find a place, not all
    assert 20 < len(boxes) < 200
    for (one, first), (other, second) in combinations(boxes, 2):
        assert not first.intersects(second), (one, other)
    window = shapely.box(*axes.get_window_extent().extents)
    assert all(box.within(window) for _, box in boxes)


def test_areas_in_colour_bear_their_rates() -> None:
    coverage = load_layers(layers_dir()).get("coverage_by_community")
    blank = {field.name: None for field in coverage.fields}
    shares = {"东社区": 1 / 3, "西社区": 0.9998, "南社区": 1.0, "北社区": None}
    places = [(WEST + 2000 * n, SOUTH, WEST + 2000 * (n + 1), SOUTH + 2000) for n in range(4)]
    features = [
        Feature(blank | {"name": name, "units_rate": share}, shapely.box(*place))
        for (name, share), place in zip(shares.items(), places, strict=True)
    ]

    figure = draw_sheet(_sheet(WIDE), [DrawnLayer(coverage, features)])

    written = {text.get_text() for text in figure.axes[0].texts}
    assert written == {"东社区 33.3%", "西社区 99.9%", "南社区 100.0%"}


def _boxes(figure: Figure, texts: list[Text]) -> list[tuple[str, shapely.Geometry]]:
    renderer = FigureCanvasAgg(figure).get_renderer()
    return [
        (text.get_text(), shapely.box(*text.get_window_extent(renderer).extents))
        for text in texts
        if text.get_text().strip()
    ]


@pytest.mark.parametrize(
    ("extent", "orientation", "upright"),
    [(WIDE, None, False), (TALL, None, True), (WIDE, "portrait", True), (TALL, "landscape", False)],
)
def test_the_paper_lies_as_the_area_does(
    extent: tuple[float, float, float, float], orientation: str | None, upright: bool
) -> None:
    page = choose_page("a4", orientation, extent)

    assert page.upright is upright
    assert sorted((page.width, page.height)) == [210, 297]


@given(
    width=st.floats(50, 300_000),
    height=st.floats(50, 300_000),
    paper=st.sampled_from(sorted(PAPERS_MM)),
    orientation=st.sampled_from([None, "landscape", "portrait"]),
)
@settings(max_examples=150, deadline=None)
def test_any_area_is_shown_whole_at_a_round_scale(
    width: float, height: float, paper: str, orientation: str | None
) -> None:
    extent = (WEST, SOUTH, WEST + width, SOUTH + height)
    page = choose_page(paper, orientation, extent)
    scale = page.scale_of(extent)
    shown = page.extent_at(scale, extent)

    assert shown[0] < extent[0] < extent[2] < shown[2]
    assert shown[1] < extent[1] < extent[3] < shown[3]
    # a millimetre on paper is that many millimetres in the world, both ways
    assert (shown[2] - shown[0]) * 1000 / page.map.width == pytest.approx(scale)
    assert (shown[3] - shown[1]) * 1000 / page.map.height == pytest.approx(scale)
    # round: two digits, then zeros
    assert str(scale).rstrip("0") in {"1", "12", "15", "2", "25", "3", "4", "5", "6", "8"}
    # and the map is no smaller than it must be: the area fills two thirds of it one way
    assert max(width / (shown[2] - shown[0]), height / (shown[3] - shown[1])) > 0.65
    for box in (page.title, page.map, page.panel, page.footer):
        assert box.left >= 0
        assert box.top >= 0
        assert box.right <= page.width
        assert box.bottom <= page.height + 1e-9


def test_a_class_of_no_feature_takes_no_room(layers: LayerSet) -> None:
    buildings = layers.get("standalone_buildings")
    blank = {field.name: None for field in buildings.fields}
    drawn = DrawnLayer(buildings, [Feature(blank | {"status": "uncovered"}, shapely.box(0, 0, 1, 1))])

    assert [entry["label"]["zh"] for entry in shown_entries(drawn)] == ["无人管理"]


@pytest.mark.parametrize("turn", [lambda ring: ring, lambda ring: ring[::-1]])
def test_a_hole_stays_open_whichever_way_it_turns(turn) -> None:  # type: ignore[no-untyped-def]
    """The veil around an area has the area for a hole."""
    ring = turn([(40, 40), (60, 40), (60, 60), (40, 60), (40, 40)])
    figure = Figure(figsize=(1, 1), dpi=100, facecolor="black")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    open_map(axes, (0, 0, 100, 100), "#000000")
    draw_outline(axes, shapely.Polygon(ring), (0, 0, 100, 100), order=5)
    canvas.draw()

    dots = np.asarray(canvas.buffer_rgba())[:, :, 0]
    assert dots[50, 50] == 0
    assert dots[20, 20] > 100
