"""The legend of a printed map: the classes that occur on it, in as many columns as they need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.patches import Circle, Rectangle

from geo_service.publish.drawing import DrawnLayer
from geo_service.publish.expressions import evaluate
from geo_service.publish.map_page import Box, Sheet, line_height
from geo_service.publish.style import legend

_HEADING_POINTS = 11.0
_LARGEST_POINTS, _SMALLEST_POINTS, _STEP_POINTS = 8.0, 5.5, 0.25
_SWATCH_MM, _SWATCH_GAP_MM, _COLUMN_GAP_MM = 6.5, 1.8, 3.0
_WIDEST_COLUMN_MM = 60.0


@dataclass(frozen=True)
class _Line:
    """One line: a layer's title, what it is coloured by, or one of its classes."""

    words: str
    entry: dict[str, Any] | None = None
    weight: str = "normal"


def draw_legend(sheet: Sheet, box: Box, drawn: Sequence[DrawnLayer], *, title: str, language: str) -> None:
    """Draw the legend in ``box``, its letters as large as lets all of it stand there."""
    heading = _HEADING_POINTS * sheet.page.text_scale
    sheet.write(title, box.left, box.top + line_height(heading) / 2, heading, weight="bold")
    top = box.top + line_height(heading) * 1.15
    room = Box(box.left, top, box.width, box.bottom - top)
    groups = _groups(drawn, language)
    points = _LARGEST_POINTS * sheet.page.text_scale
    while True:
        width = _column_width(sheet, groups, points)
        columns = _flow(groups, max(1, int(room.height / line_height(points))))
        smallest = points <= _SMALLEST_POINTS
        if smallest or len(columns) * (width + _COLUMN_GAP_MM) - _COLUMN_GAP_MM <= room.width:
            break
        points -= _STEP_POINTS
    width = min(width, (room.width + _COLUMN_GAP_MM) / max(1, len(columns)) - _COLUMN_GAP_MM)
    for number, lines in enumerate(columns):
        left = room.left + number * (width + _COLUMN_GAP_MM)
        for place, line in enumerate(lines):
            middle = room.top + (place + 0.5) * line_height(points)
            _draw_line(sheet, line, left, middle, width, points)


def height_of_legend(sheet: Sheet, width: float, drawn: Sequence[DrawnLayer], *, language: str) -> float:
    """Millimetres that a legend of this width needs with its letters at their largest."""
    scale = sheet.page.text_scale
    groups = _groups(drawn, language)
    column = _column_width(sheet, groups, _LARGEST_POINTS * scale) + _COLUMN_GAP_MM
    columns = max(1, int((width + _COLUMN_GAP_MM) / column))
    longest = sum(map(len, groups))
    lines = next((most for most in range(1, longest) if len(_flow(groups, most)) <= columns), longest)
    return 1.15 * line_height(_HEADING_POINTS * scale) + (lines + 0.2) * line_height(_LARGEST_POINTS * scale)


def _groups(drawn: Sequence[DrawnLayer], language: str) -> list[list[_Line]]:
    """Each layer that has a legend, the one on top first."""
    groups = (_lines(one, language) for one in reversed(drawn))
    return [lines for lines in groups if lines]


def _lines(one: DrawnLayer, language: str) -> list[_Line]:
    """The layer's title, by what it is coloured and its classes; a single class is named by the title."""
    entries = shown_entries(one)
    title = one.layer.title.in_language(language)
    if len(one.layer.legend) == 1:
        return [_Line(title, entry) for entry in entries]
    if not entries:
        return []
    heading = [_Line(title, weight="bold")]
    if one.layer.choice is not None:
        heading.append(_Line(one.layer.choice.in_language(language)))
    return [*heading, *(_Line(entry["label"][language], entry) for entry in entries)]


def _column_width(sheet: Sheet, groups: Sequence[Sequence[_Line]], points: float) -> float:
    widths = [0.0]
    for line in (line for lines in groups for line in lines):
        swatch = 0 if line.entry is None else _SWATCH_MM + _SWATCH_GAP_MM
        widths.append(swatch + sheet.width_of(line.words, points, line.weight))
    return min(_WIDEST_COLUMN_MM, max(widths))


def _flow(groups: Sequence[Sequence[_Line]], height: int) -> list[list[_Line]]:
    """Columns of at most ``height`` lines; no title stands alone at the foot of one."""
    columns: list[list[_Line]] = [[]]
    for lines in groups:
        fits = len(columns[-1]) + len(lines) <= height
        if columns[-1] and not fits and (len(lines) <= height or len(columns[-1]) > height - 2):
            columns.append([])
        for line in lines:
            if len(columns[-1]) == height:
                columns.append([])
            columns[-1].append(line)
    return columns


def _draw_line(sheet: Sheet, line: _Line, left: float, middle: float, width: float, points: float) -> None:
    if line.entry is None:
        sheet.write(line.words, left, middle, points, room=width, weight=line.weight)
        return
    _draw_swatch(sheet, line.entry, left, middle, line_height(points) * 0.62)
    beside = _SWATCH_MM + _SWATCH_GAP_MM
    sheet.write(line.words, left + beside, middle, points, room=width - beside)


def _draw_swatch(sheet: Sheet, entry: dict[str, Any], left: float, middle: float, height: float) -> None:
    if entry["shape"] == "circle":
        x, y, _, _ = sheet.place(Box(left + _SWATCH_MM / 2, middle, 0, 0))
        inches = sheet.figure.get_size_inches() * sheet.figure.dpi
        sheet.figure.add_artist(
            Circle(
                (x * inches[0], y * inches[1]), height / 2 / 25.4 * sheet.figure.dpi, transform=None,
                facecolor=entry["colour"], alpha=entry["opacity"], linewidth=0,
            )
        )  # fmt: skip
        return
    is_line = entry["shape"] == "line"
    height = 0.9 if is_line else height
    x, y, width, tall = sheet.place(Box(left, middle - height / 2, _SWATCH_MM, height))
    sheet.figure.add_artist(
        Rectangle(
            (x, y), width, tall, transform=sheet.figure.transFigure, facecolor=entry["colour"],
            alpha=entry["opacity"], edgecolor="none" if is_line else "#444444", linewidth=0.5,
        )
    )  # fmt: skip


def shown_entries(drawn: DrawnLayer) -> list[dict[str, Any]]:
    """The legend's classes that occur on this map; a class of no feature would only take room."""
    features = drawn.shown
    if not features:
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
        for feature in features
        for expressions in colour_names.values()
        for expression in expressions
    }
    return [shown for _, shown in classes if shown["colour"] in present]
