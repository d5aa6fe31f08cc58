"""One map of an area as an image: layers, legend, title, scale bar, north, the date and the mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from geo_service import messages
from geo_service.publish.drawing import (
    DrawnLayer,
    Extent,
    draw_labels,
    draw_layer,
    draw_north_arrow,
    draw_scale_bar,
    grown,
    open_map,
    zoom_of,
)
from geo_service.publish.expressions import evaluate
from geo_service.publish.style import BACKGROUND, legend
from geo_service.publish.typeface import chinese_family

WIDTH_INCHES, HEIGHT_INCHES = 11.69, 8.27  # A4 across
DOTS_PER_INCH = 200
_MAP_BOX = (0.03, 0.06, 0.73, 0.84)
_LEGEND_LEFT, _LEGEND_TOP, _LEGEND_BOTTOM = 0.785, 0.9, 0.12
_LINE_HEIGHT = 0.0265
_LABEL_STYLES = {"communities": (12.0, "#444444"), "zones": (9.0, "#7a1f5c")}


@dataclass(frozen=True)
class MapSheet:
    """What a map says besides its layers.

    Parameters
    ----------
    area_name : str
    on : date
        The day the layers show.
    extent : tuple of float
        West, south, east, north in metres of the map's CRS.
    map_review_no : str, optional
        审图号; without one the map bears the internal mark.
    """

    area_name: str
    on: date
    extent: Extent
    language: str = "zh"
    map_review_no: str | None = None


def draw_map(path: Path, sheet: MapSheet, drawn: Sequence[DrawnLayer]) -> None:
    """Write the map as a PNG of A4 size at 200 dots an inch.

    Raises
    ------
    Unavailable
        When the machine has no Chinese typeface.
    """
    family = chinese_family()
    figure = Figure(figsize=(WIDTH_INCHES, HEIGHT_INCHES), dpi=DOTS_PER_INCH, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes(_MAP_BOX)
    width_inches = _MAP_BOX[2] * WIDTH_INCHES
    extent = grown(sheet.extent, 0.03, width_inches / (_MAP_BOX[3] * HEIGHT_INCHES))
    open_map(axes, extent, BACKGROUND)
    zoom = zoom_of(extent, width_inches * 96)
    for place, one in enumerate(drawn):
        if one.layer.label_field:
            size, colour = _LABEL_STYLES.get(one.layer.label_of, (8.0, "#333333"))
            draw_labels(axes, one, family=family, size=size, colour=colour, order=500 + place)
        else:
            draw_layer(axes, one, zoom=zoom, order=10 + place)
    draw_scale_bar(axes, family)
    draw_north_arrow(axes, family, messages.text("sheet.north", sheet.language))
    _write_frame(figure, sheet, drawn, family)
    _draw_legend(figure, sheet, drawn, family)
    figure.savefig(path, format="png", metadata={"Software": "geo-service"})


def mark(language: str, map_review_no: str | None) -> str:
    """The map review number, or the mark of a map that has none."""
    if map_review_no:
        return messages.text("sheet.map_review_no", language, number=map_review_no)
    return messages.text("sheet.internal", language)


def _write_frame(figure: Figure, sheet: MapSheet, drawn: Sequence[DrawnLayer], family: str) -> None:
    separator = "、" if sheet.language == "zh" else ", "
    titles = [one.layer.title.in_language(sheet.language) for one in drawn if one.layer.legend]
    figure.text(
        _MAP_BOX[0],
        0.945,
        messages.text("sheet.map_title", sheet.language, area=sheet.area_name),
        family=family,
        fontsize=19,
        fontweight="bold",
        va="center",
        parse_math=False,
    )
    figure.text(
        _MAP_BOX[0],
        0.912,
        separator.join(titles)[:90],
        family=family,
        fontsize=8.5,
        color="#555555",
        va="center",
        parse_math=False,
    )
    figure.text(
        0.97,
        0.945,
        mark(sheet.language, sheet.map_review_no),
        family=family,
        fontsize=13,
        color="#b00020",
        fontweight="bold",
        ha="right",
        va="center",
        bbox={"boxstyle": "square,pad=0.35", "facecolor": "none", "edgecolor": "#b00020"},
    )
    footer = messages.text("sheet.data_as_of", sheet.language, date=sheet.on.isoformat())
    figure.text(_MAP_BOX[0], 0.03, footer, family=family, fontsize=8.5, color="#333333", va="center")
    figure.text(
        _MAP_BOX[0] + _MAP_BOX[2],
        0.03,
        messages.text("sheet.datum", sheet.language),
        family=family,
        fontsize=8.5,
        color="#333333",
        ha="right",
        va="center",
    )


def _draw_legend(figure: Figure, sheet: MapSheet, drawn: Sequence[DrawnLayer], family: str) -> None:
    figure.text(
        _LEGEND_LEFT,
        _LEGEND_TOP - 0.01,
        messages.text("sheet.legend", sheet.language),
        family=family,
        fontsize=13,
        fontweight="bold",
        va="center",
    )
    y = _LEGEND_TOP - 0.05
    for one in drawn:
        entries = shown_entries(one)
        if not entries or y - _LINE_HEIGHT * (len(entries) + 1) < _LEGEND_BOTTOM - 0.08:
            continue
        figure.text(
            _LEGEND_LEFT,
            y,
            one.layer.title.in_language(sheet.language),
            family=family,
            fontsize=9.5,
            fontweight="bold",
            va="center",
            parse_math=False,
        )
        for entry in entries:
            y -= _LINE_HEIGHT
            _draw_swatch(figure, entry, y)
            figure.text(
                _LEGEND_LEFT + 0.042,
                y,
                entry["label"][sheet.language],
                family=family,
                fontsize=9,
                va="center",
                parse_math=False,
            )
        y -= _LINE_HEIGHT * 1.35


def shown_entries(drawn: DrawnLayer) -> list[dict]:
    """The legend's classes that occur on this map; a class of no feature would only take room."""
    if not drawn.features:
        return []
    classes = list(zip(drawn.layer.legend, legend(drawn.layer), strict=True))
    told_apart = {name for entry, _ in classes for name in entry.properties}
    if not told_apart or len(classes) == 1:
        return [shown for _, shown in classes]
    colour_names = {
        name: [fragment["paint"][name] for fragment in drawn.layer.style if name in fragment.get("paint", {})]
        for name in ("fill-color", "line-color", "circle-color")
    }
    present = {
        evaluate(expression, feature.properties)
        for feature in drawn.features
        for expressions in colour_names.values()
        for expression in expressions
    }
    return [shown for _, shown in classes if shown["colour"] in present]


def _draw_swatch(figure: Figure, entry: dict, y: float) -> None:
    if entry["shape"] == "line":
        thickness = 0.004
        box = (_LEGEND_LEFT + 0.004, y - thickness / 2, 0.03, thickness)
    else:
        box = (_LEGEND_LEFT + 0.004, y - 0.0085, 0.03, 0.017)
    figure.add_artist(
        Rectangle(
            box[:2],
            box[2],
            box[3],
            transform=figure.transFigure,
            facecolor=entry["colour"],
            alpha=entry["opacity"],
            edgecolor="#444444" if entry["shape"] != "line" else "none",
            linewidth=0.6,
        )
    )
