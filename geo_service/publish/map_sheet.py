"""Maps on paper: the layers of an area with title, legend, scale, north, date, coordinate system and mark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle
from pyproj import CRS

from geo_service import messages
from geo_service.publish.drawing import (
    DrawnLayer,
    Extent,
    draw_layer,
    draw_outline,
    open_map,
    round_length,
    zoom_of,
)
from geo_service.publish.map_labels import draw_map_labels
from geo_service.publish.map_legend import draw_legend, height_of_legend
from geo_service.publish.map_mark import mark
from geo_service.publish.map_page import Box, Page, Sheet, choose_page
from geo_service.publish.style import BACKGROUND
from geo_service.publish.typeface import chinese_family

_PIXELS_A_MM = 96 / 25.4  # CSS pixels
_INSTRUMENTS_MM = (52.0, 24.0)
_MARK_COLOUR = "#b00020"
_WIDEST_MARK = 0.4  # of the page
_SMALLEST_MARK_POINTS = 5.5
_CREATOR = "geo-service"


@dataclass(frozen=True)
class MapSheet:
    """What a map says besides its layers.

    Parameters
    ----------
    area_name : str
    on : date
        The day the layers show.
    extent : tuple of float
        West, south, east, north of the area in metres of the map's CRS.
    outline : BaseGeometry
        The area itself in the same CRS.
    srid : int
        EPSG code of that CRS.
    paper : str
        ``a4`` or ``a3``.
    orientation : str, optional
        ``landscape`` or ``portrait``; None takes the one that shows the area larger.
    map_review_no : str, optional
        审图号; without one the map bears the internal mark.
    """

    area_name: str
    on: date
    extent: Extent
    outline: shapely.Geometry
    srid: int
    paper: str = "a4"
    orientation: str | None = None
    language: str = "zh"
    map_review_no: str | None = None

    def word(self, key: str, **values: object) -> str:
        """A text of the sheet."""
        return messages.text(f"sheet.{key}", self.language, **values)


def write_map_image(path: Path, sheet: MapSheet, drawn: Sequence[DrawnLayer]) -> None:
    """Write the map as a PNG of the paper's size at 200 dots an inch.

    Raises
    ------
    Unavailable
        When the machine has no Chinese typeface.
    """
    draw_sheet(sheet, drawn).savefig(path, format="png", metadata={"Software": _CREATOR})


def write_map_pages(path: Path, sheets: Iterable[MapSheet], drawn: Sequence[DrawnLayer]) -> int:
    """Write a PDF with a page a sheet, its letters embedded.

    Returns
    -------
    int
        Number of pages.

    Raises
    ------
    Unavailable
        When the machine has no Chinese typeface.
    """
    return write_pages(path, (draw_sheet(sheet, drawn) for sheet in sheets))


def write_pages(path: Path, pages: Iterable[Figure]) -> int:
    """Write a PDF of pages that are drawn one after the other, its letters embedded; return their number."""
    with PdfPages(path, metadata={"Creator": _CREATOR}) as document:
        for page in pages:
            document.savefig(page)
        return document.get_pagecount()


def draw_sheet(sheet: MapSheet, drawn: Sequence[DrawnLayer]) -> Figure:
    """The page as matplotlib has it.

    Raises
    ------
    Unavailable
        When the machine has no Chinese typeface.
    """
    page = choose_page(sheet.paper, sheet.orientation, sheet.extent)
    family = chinese_family()
    if page.upright:
        needed = height_of_legend(Sheet(page, family), _panel(page)[0].width, drawn, language=sheet.language)
        page = page.with_panel_of(needed)
    paper = Sheet(page, family)
    scale = page.scale_of(sheet.extent)
    extent = page.extent_at(scale, sheet.extent)
    near = [DrawnLayer(one.layer, _near(one, extent)) for one in drawn]
    _draw_map(paper, sheet, near, extent, scale)
    _write_title(paper, sheet, near)
    explained, instruments = _panel(page)
    draw_legend(paper, explained, near, title=sheet.word("legend"), language=sheet.language)
    _draw_instruments(paper, sheet, instruments, scale)
    _write_footer(paper, sheet)
    return paper.figure


def _near(one: DrawnLayer, extent: Extent) -> list[Any]:
    window = shapely.box(*extent)
    shapes = [feature.shape for feature in one.features]
    shown = shapely.intersects(shapes, window)
    return [feature for feature, is_shown in zip(one.features, shown, strict=True) if is_shown]


def _draw_map(paper: Sheet, sheet: MapSheet, drawn: Sequence[DrawnLayer], extent: Extent, scale: int) -> None:
    axes = paper.figure.add_axes(paper.place(paper.page.map))
    open_map(axes, extent, BACKGROUND)
    zoom = zoom_of(extent, paper.page.map.width * _PIXELS_A_MM)
    for place, one in enumerate(one for one in drawn if not one.layer.label_field):
        draw_layer(axes, one, zoom=zoom, order=10 + place)
    draw_outline(axes, sheet.outline, extent, order=400)
    draw_map_labels(axes, paper, drawn, scale=scale, zoom=zoom, language=sheet.language)


def _write_title(paper: Sheet, sheet: MapSheet, drawn: Sequence[DrawnLayer]) -> None:
    """The title in the middle, or from the left where it is too long to stand there beside the mark."""
    box, scale = paper.page.title, paper.page.text_scale
    beside_mark = box.width - _draw_mark(paper, mark(sheet.language, sheet.map_review_no), box) - 3
    titles = [one.layer.title.in_language(sheet.language) for one in drawn if not one.layer.label_field]
    points, middle, height = 18 * scale, paper.page.width / 2, box.top + 4.6 * scale
    if len(titles) == 1:
        title, height = sheet.word("map_title_of_layer", area=sheet.area_name, layer=titles[0]), height + 2
    else:
        title = sheet.word("map_title", area=sheet.area_name)
        separator = "、" if sheet.language == "zh" else ", "
        paper.write(
            separator.join(titles), middle, box.top + 11.3 * scale, 7.5 * scale,
            room=box.width, align="center", colour="#555555",
        )  # fmt: skip
    if paper.width_of(title, points, "bold") <= 2 * beside_mark - box.width:
        paper.write(title, middle, height, points, align="center", weight="bold")
    else:
        paper.write(title, box.left, height, points, room=beside_mark, weight="bold")


def _draw_mark(paper: Sheet, words: str, beside: Box) -> float:
    """Draw the mark in the right corner of ``beside``; gives the millimetres it takes."""
    scale = paper.page.text_scale
    points = 11 * scale
    width = min(paper.width_of(words, points, "bold") + 4, _WIDEST_MARK * beside.width)
    box = Box(beside.right - width, beside.top, width, 7 * scale)
    left, bottom, wide, tall = paper.place(box)
    paper.figure.add_artist(
        Rectangle(
            (left, bottom), wide, tall, transform=paper.figure.transFigure,
            facecolor="none", edgecolor=_MARK_COLOUR, linewidth=0.9,
        )
    )  # fmt: skip
    middle = (box.left + box.width / 2, box.top + box.height / 2)
    paper.write(
        words, *middle, points, room=width - 3, smallest=_SMALLEST_MARK_POINTS,
        align="center", weight="bold", colour=_MARK_COLOUR,
    )  # fmt: skip
    return width


def _panel(page: Page) -> tuple[Box, Box]:
    """The places of the legend, and of north arrow and scale: below it, or beside it on an upright page."""
    panel = page.panel
    width, height = (side * page.text_scale for side in _INSTRUMENTS_MM)
    if page.upright:
        legend = Box(panel.left, panel.top, panel.width - width - 4, panel.height)
        return legend, Box(panel.right - width, panel.top, width, height)
    legend = Box(panel.left, panel.top, panel.width, panel.height - height - 3)
    return legend, Box(panel.left, panel.bottom - height, panel.width, height)


def _draw_instruments(paper: Sheet, sheet: MapSheet, box: Box, scale: int) -> None:
    """North arrow, numeric scale and a scale bar of a round length."""
    axes = paper.figure.add_axes(paper.place(box))
    axes.set_xlim(0, box.width)
    axes.set_ylim(0, box.height)
    axes.set_axis_off()
    size = paper.page.text_scale
    _draw_arrow(axes, 6 * size, 5.5 * size, 12 * size)
    paper.write(sheet.word("north"), box.left + 6 * size, box.bottom - 20.5 * size, 8 * size, align="center")
    start, room = 15.0 * size, box.width - 22 * size
    length = round_length(room * scale / 1000)
    width = length * 1000 / scale
    for half, colour in ((0, "#222222"), (1, "white")):
        axes.add_patch(
            Rectangle(
                (start + half * width / 2, 5.5 * size), width / 2, 1.5 * size,
                facecolor=colour, edgecolor="#222222", linewidth=0.6,
            )
        )  # fmt: skip
    above = box.bottom - 9.6 * size
    in_kilometres = length >= 1000
    end = f"{length / 1000:g} km" if in_kilometres else f"{length:g} m"
    half_way = f"{length / 2000:g}" if in_kilometres else f"{length / 2:g}"
    for at, words in ((0.0, "0"), (width / 2, half_way), (width, end)):
        paper.write(words, box.left + start + at, above, 6.5 * size, align="center")
    words = sheet.word("scale", scale=f"{scale:,}")
    paper.write(words, box.left + start - 1, box.bottom - 14.8 * size, 9 * size, weight="bold")


def _draw_arrow(axes: Axes, x: float, y: float, height: float) -> None:
    for side, colour in ((-1, "#222222"), (1, "white")):
        corners = [(x, y + height), (x + side * height * 0.32, y), (x, y + height * 0.26)]
        axes.add_patch(
            Polygon(corners, facecolor=colour, edgecolor="#222222", linewidth=0.6, joinstyle="miter")
        )


def _write_footer(paper: Sheet, sheet: MapSheet) -> None:
    box, points = paper.page.footer, 7.5 * paper.page.text_scale
    middle = box.top + 4.2 * paper.page.text_scale
    note = sheet.word("sketch_note")
    note_width = paper.width_of(note, points)
    facts = [sheet.word("data_as_of", date=sheet.on.isoformat()), _coordinate_system(sheet)]
    room = box.width - note_width - 4
    paper.write("　　".join(facts), box.left, middle, points, room=room)
    paper.write(note, box.right, middle, points, align="right", colour="#555555")


def _coordinate_system(sheet: MapSheet) -> str:
    described = CRS.from_epsg(sheet.srid)
    if described.name.startswith("CGCS2000 / 3-degree Gauss-Kruger"):
        meridian = next(
            parameter.value
            for parameter in described.coordinate_operation.params
            if parameter.name == "Longitude of natural origin"
        )
        return sheet.word("crs_by_meridian", meridian=f"{meridian:g}", srid=sheet.srid)
    return sheet.word("crs_by_name", name=described.name, srid=sheet.srid)
