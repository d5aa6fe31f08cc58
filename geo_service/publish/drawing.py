"""Draw layers on paper with the styles of the web map: planar metres, matplotlib without a display."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Polygon, Rectangle
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from shapely.geometry.base import BaseGeometry

from geo_service.publish.expressions import evaluate
from geo_service.publish.model import Layer

POINTS_PER_PIXEL = 0.75  # CSS pixels of 1/96 inch, typographic points of 1/72
_WORLD_M = 2 * 20037508.342789244
_TILE_PIXELS = 512
# The rasterizer of images has room for so many in one path.
_SHAPES_A_PATH = 1_000
Extent = tuple[float, float, float, float]


@dataclass(frozen=True)
class Feature:
    """One row of a layer; ``shape`` is planar, in metres, None where it has no location."""

    properties: Mapping[str, Any]
    shape: BaseGeometry | None


@dataclass(frozen=True)
class DrawnLayer:
    """A layer with the features to draw."""

    layer: Layer
    features: Sequence[Feature]

    @property
    def shown(self) -> Sequence[Feature]:
        """The features that any part of the style draws; all of a layer without a style, such as labels."""
        filters = [fragment.get("filter") for fragment in self.layer.style]
        if not filters or None in filters:
            return self.features
        return [
            feature
            for feature in self.features
            if any(evaluate(condition, feature.properties) for condition in filters)
        ]


def zoom_of(extent: Extent, width_pixels: float) -> float:
    """The web map's zoom at which ``extent`` (metres) fills ``width_pixels`` CSS pixels."""
    width_m = max(extent[2] - extent[0], 1.0)
    return math.log2(_WORLD_M * width_pixels / (_TILE_PIXELS * width_m))


def grown(extent: Extent, share: float, aspect: float) -> Extent:
    """``extent`` with a margin of ``share`` of its size, widened to ``aspect`` = width / height."""
    west, south, east, north = extent
    width, height = max(east - west, 1.0) * (1 + 2 * share), max(north - south, 1.0) * (1 + 2 * share)
    width, height = max(width, height * aspect), max(height, width / aspect)
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    return middle_x - width / 2, middle_y - height / 2, middle_x + width / 2, middle_y + height / 2


def draw_layer(axes: Axes, drawn: DrawnLayer, *, zoom: float, order: int) -> None:
    """Draw every fragment of the layer's style, in its order."""
    located = [
        feature for feature in drawn.features if feature.shape is not None and not feature.shape.is_empty
    ]
    for place, fragment in enumerate(drawn.layer.style):
        chosen = [
            feature
            for feature in located
            if "filter" not in fragment or evaluate(fragment["filter"], feature.properties, zoom)
        ]
        if chosen:
            _DRAW[fragment["type"]](axes, chosen, fragment, zoom, order + place / 10)


def _paint(fragment: Mapping[str, Any], name: str, default: Any, feature: Feature, zoom: float) -> Any:
    return evaluate(fragment.get("paint", {}).get(name, default), feature.properties, zoom)


def _draw_fill(
    axes: Axes, features: list[Feature], fragment: Mapping[str, Any], zoom: float, order: float
) -> None:
    areas = [feature for feature in features if feature.shape.geom_type.endswith("Polygon")]  # type: ignore[union-attr]
    for (colour, opacity), shapes in _alike(
        areas, fragment, zoom, {"fill-color": "#000000", "fill-opacity": 1}
    ):
        axes.add_artist(
            PathPatch(_area_path(shapes), facecolor=colour, alpha=float(opacity), linewidth=0, zorder=order)
        )


def _draw_line(
    axes: Axes, features: list[Feature], fragment: Mapping[str, Any], zoom: float, order: float
) -> None:
    dashes = fragment.get("paint", {}).get("line-dasharray")
    for (colour, width), shapes in _alike(
        features, fragment, zoom, {"line-color": "#000000", "line-width": 1}
    ):
        axes.add_artist(
            PathPatch(
                _line_path(shapes),
                fill=False,
                edgecolor=colour,
                linewidth=width * POINTS_PER_PIXEL,
                linestyle=(0, tuple(dashes)) if dashes else "solid",
                joinstyle="round",
                zorder=order,
            )
        )


def _alike(
    features: list[Feature], fragment: Mapping[str, Any], zoom: float, paint: Mapping[str, Any]
) -> Iterator[tuple[tuple[Any, ...], list[BaseGeometry]]]:
    """Features of the same paint together: a hundred thousand drawn one by one would take minutes.

    Each such path is added as an artist: as a patch, matplotlib would measure every corner of it first.
    """
    groups: dict[tuple[Any, ...], list[BaseGeometry]] = {}
    for feature in features:
        values = tuple(_paint(fragment, name, default, feature, zoom) for name, default in paint.items())
        groups.setdefault(values, []).append(feature.shape)  # type: ignore[arg-type]
    for values, shapes in groups.items():
        for first in range(0, len(shapes), _SHAPES_A_PATH):
            yield values, shapes[first : first + _SHAPES_A_PATH]


def _draw_circle(
    axes: Axes, features: list[Feature], fragment: Mapping[str, Any], zoom: float, order: float
) -> None:
    points = [feature.shape.representative_point() for feature in features]  # type: ignore[union-attr]
    diameters = [
        2 * _paint(fragment, "circle-radius", 5, feature, zoom) * POINTS_PER_PIXEL for feature in features
    ]
    axes.scatter(
        [point.x for point in points],
        [point.y for point in points],
        s=[diameter**2 for diameter in diameters],
        c=[_paint(fragment, "circle-color", "#000000", feature, zoom) for feature in features],
        zorder=order,
    )


_DRAW = {"fill": _draw_fill, "line": _draw_line, "circle": _draw_circle}


def _area_path(shapes: Sequence[BaseGeometry]) -> Path:
    """A path whose holes run against its shells: drawn by winding, the others would be filled."""
    areas = shapely.orient_polygons(shapely.get_parts(shapes))
    return _path(shapely.get_rings(areas), closed=True)


def _line_path(shapes: Sequence[BaseGeometry]) -> Path:
    """The lines, and the borders of the areas."""
    parts = shapely.get_parts(shapes)
    kinds = shapely.get_dimensions(parts)
    borders = shapely.get_rings(parts[kinds == 2])
    return _path(np.concatenate([borders, parts[kinds == 1]]), closed=False)


def _path(lines: np.ndarray, *, closed: bool) -> Path:
    vertices, line_of = shapely.get_coordinates(lines, return_index=True)
    codes = np.full(len(vertices), Path.LINETO, dtype=Path.code_type)
    starts = np.flatnonzero(np.diff(line_of, prepend=-1))
    codes[starts] = Path.MOVETO
    if closed:
        codes[np.append(starts[1:], len(vertices)) - 1] = Path.CLOSEPOLY
    return Path(vertices, codes)


def draw_outline(axes: Axes, area: BaseGeometry, extent: Extent, *, order: int) -> None:
    """Draw the border of an area, with what lies around it paled."""
    around = shapely.difference(shapely.box(*extent), area)
    if not around.is_empty:
        axes.add_artist(
            PathPatch(_area_path([around]), facecolor="white", alpha=0.5, linewidth=0, zorder=order)
        )
    border = _line_path([area])
    dashes = (0, (8, 2, 1.5, 2))
    axes.add_artist(
        PathPatch(border, fill=False, edgecolor="#222222", linewidth=1.1, linestyle=dashes, zorder=order)
    )


def write_label(
    axes: Axes, x: float, y: float, words: str, *, family: str, size: float, colour: str, order: float
) -> None:
    """Write one label, centred, on a white halo."""
    axes.text(
        x,
        y,
        words,
        family=family,
        fontsize=size,
        color=colour,
        ha="center",
        va="center",
        zorder=order,
        clip_on=True,
        path_effects=[withStroke(linewidth=2.2, foreground="white")],
        parse_math=False,
    )


def open_map(axes: Axes, extent: Extent, background: str) -> None:
    """Set up axes in metres without ticks, framed."""
    axes.set_xlim(extent[0], extent[2])
    axes.set_ylim(extent[1], extent[3])
    axes.set_aspect("equal")
    axes.set_facecolor(background)
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_linewidth(0.8)
        side.set_color("#444444")


def draw_scale_bar(axes: Axes, family: str, *, order: int = 900) -> None:
    """A bar of a round length, about a fifth of the map's width, in the lower left corner."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    length = round_length((east - west) / 5)
    height = (north - south) * 0.008
    x, y = west + (east - west) * 0.03, south + (north - south) * 0.03
    axes.add_patch(_backdrop(x, y, length, north - south, east - west, order))
    for half in (0, 1):
        axes.add_patch(
            Rectangle(
                (x + half * length / 2, y),
                length / 2,
                height,
                facecolor="black" if half == 0 else "white",
                edgecolor="black",
                linewidth=0.7,
                zorder=order + 1,
            )
        )
    words = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    for at, label in ((x, "0"), (x + length, words)):
        axes.text(
            at, y + height * 1.8, label, family=family, fontsize=7, ha="center", va="bottom", zorder=order + 1
        )


def _backdrop(
    x: float, y: float, length: float, map_height: float, map_width: float, order: int
) -> Rectangle:
    pad = map_width * 0.02
    return Rectangle(
        (x - pad, y - map_height * 0.015),
        length + 2.6 * pad,
        map_height * 0.062,
        facecolor="white",
        alpha=0.8,
        linewidth=0,
        zorder=order,
    )


def round_length(metres: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that does not exceed ``metres``.

    >>> round_length(730), round_length(2.4), round_length(100)
    (500.0, 2.0, 100.0)
    """
    power = 10.0 ** math.floor(math.log10(metres) + 1e-9)
    return max(step * power for step in (1, 2, 5) if step * power <= metres * (1 + 1e-9))


def draw_north_arrow(axes: Axes, family: str, north_word: str, *, order: int = 900) -> None:
    """An arrow to grid north in the upper right corner."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    size = (north - south) * 0.07
    x, y = east - (east - west) * 0.045, north - (north - south) * 0.125
    tip, foot = (x, y + size), (x, y + size * 0.28)
    for side, colour in ((-1, "black"), (1, "white")):
        axes.add_patch(
            Polygon(
                [tip, (x + side * size * 0.32, y), foot],
                facecolor=colour,
                edgecolor="black",
                linewidth=0.7,
                zorder=order,
            )
        )
    axes.text(
        x,
        y + size * 1.08,
        north_word,
        family=family,
        fontsize=9,
        ha="center",
        va="bottom",
        zorder=order,
        path_effects=[withStroke(linewidth=2, foreground="white")],
    )
