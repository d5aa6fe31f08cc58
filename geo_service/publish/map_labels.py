"""Names on a printed map: each where there is room for it, none over another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from geo_service.publish.drawing import DrawnLayer, Feature, write_label
from geo_service.publish.map_page import Sheet
from geo_service.publish.model import Field, Layer

_LINE_MM_A_POINT = 0.42
_STYLES = {"communities": (10.0, "#444444"), "zones": (8.0, "#7a1f5c")}
_OTHERS = (7.5, "#333333")
_SMALLER = (1.0, 0.85, 0.7)
_SMALLEST_POINTS = 5.5
# Where a name may stand, in its own widths and heights from its point: on it, then around it.
_PLACES = (
    (0, 0),
    (0, 1.1),
    (0, -1.1),
    (0.55, 0),
    (-0.55, 0),
    (0.5, 1.1),
    (-0.5, 1.1),
    (0.5, -1.1),
    (-0.5, -1.1),
)
_HALO_MM = 0.6
# Paper shows finer print than a screen.
_ZOOMS_EARLIER = 1.5


@dataclass(frozen=True)
class _Label:
    words: str
    x: float
    y: float
    points: float
    colour: str


def draw_map_labels(
    axes: Axes, sheet: Sheet, layers: Sequence[DrawnLayer], *, scale: int, zoom: float, language: str
) -> int:
    """Write the names of the label layers, those of the first layer first, and the rates of a choropleth.

    Parameters
    ----------
    scale : int
        Denominator of the map's scale.
    zoom : float
        The web map's zoom of the same scale; a layer is named from its own first zoom on.

    Returns
    -------
    int
        How many found no room.
    """
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    taken = np.empty((0, 4))
    left_out = 0
    for label in _labels(layers, zoom, sheet.page.text_scale, language):
        if not (west < label.x < east and south < label.y < north):
            continue
        for points, x, y, box in _candidates(sheet, label, scale):
            inside = west <= box[0] and south <= box[1] and box[2] <= east and box[3] <= north
            if inside and not _overlaps(taken, box):
                taken = np.vstack([taken, box])
                write_label(
                    axes, x, y, label.words,
                    family=sheet.family, size=points, colour=label.colour, order=500,
                )  # fmt: skip
                break
        else:
            left_out += 1
    return left_out


def _labels(layers: Sequence[DrawnLayer], zoom: float, text_scale: float, language: str) -> Iterator[_Label]:
    written = [one for one in layers if one.layer.label_field and zoom >= one.layer.minzoom - _ZOOMS_EARLIER]
    yield from _rates(layers, text_scale, named=bool(written))
    for one in written:
        points, colour = _STYLES.get(one.layer.label_of or "", _OTHERS)
        for feature in one.features:
            words = _words(one, feature, language)
            if words and feature.shape is not None and not feature.shape.is_empty:
                point = feature.shape.representative_point()
                yield _Label(words, point.x, point.y, points * text_scale, colour)


def _rates(layers: Sequence[DrawnLayer], text_scale: float, *, named: bool) -> Iterator[_Label]:
    """The rate of every area, below the names the areas have; of a choropleth that nothing covers."""
    areas = [one for one in layers if one.layer.geometry == "polygon"]
    rate = _coloured_rate(areas[-1].layer) if areas else None
    if rate is None:
        return
    points, colour = _OTHERS
    for feature in areas[-1].shown:
        share, name = feature.properties.get(rate.name), feature.properties.get("name")
        if feature.shape is None or feature.shape.is_empty or share is None:
            continue
        # What is not complete does not read as if it were.
        percent = f"{100.0 if share >= 1 else min(round(share * 100, 1), 99.9):.1f}%"
        words = percent if named or not name else f"{name} {percent}"
        point = feature.shape.representative_point()
        yield _Label(words, point.x, point.y, points * text_scale, colour)


def _coloured_rate(layer: Layer) -> Field | None:
    """The rate of what the layer is coloured by; its first rate where there is no choice."""
    rates = [field for field in layer.fields if field.ratio]
    of_measure = [field for field in rates if layer.measure in (field.ratio or ())]
    return next(iter([*of_measure, *rates]), None)


def _words(one: DrawnLayer, feature: Feature, language: str) -> str:
    name = one.layer.label_field or ""
    in_english = feature.properties.get(f"{name}_en") if language == "en" else None
    return str(in_english or feature.properties.get(name) or "")


def _candidates(
    sheet: Sheet, label: _Label, scale: int
) -> Iterator[tuple[float, float, float, tuple[float, float, float, float]]]:
    metres_a_mm = scale / 1000
    for smaller in _SMALLER:
        points = max(label.points * smaller, _SMALLEST_POINTS)
        width = (sheet.width_of(label.words, points) + _HALO_MM) * metres_a_mm
        height = (points * _LINE_MM_A_POINT + _HALO_MM) * metres_a_mm
        for across, up in _PLACES:
            x, y = label.x + across * width, label.y + up * height
            yield points, x, y, (x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def _overlaps(taken: np.ndarray, box: Sequence[float]) -> bool:
    west, south, east, north = box
    return bool(
        ((taken[:, 0] < east) & (west < taken[:, 2]) & (taken[:, 1] < north) & (south < taken[:, 3])).any()
    )
