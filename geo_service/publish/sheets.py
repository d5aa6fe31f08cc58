"""Zone sheets (公示牌): one A4 page a zone, to be printed and posted in its buildings."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from geo_service import messages
from geo_service.publish.drawing import (
    DrawnLayer,
    Feature,
    draw_layer,
    draw_north_arrow,
    draw_scale_bar,
    grown,
    open_map,
    zoom_of,
)
from geo_service.publish.map_mark import mark
from geo_service.publish.map_sheet import write_pages
from geo_service.publish.typeface import chinese_family

WIDTH_INCHES, HEIGHT_INCHES = 8.27, 11.69  # A4 upright
_LEFT, _RIGHT = 0.07, 0.93
_ACCENT = "#1f4e79"
_MAP_BOX = (_LEFT, 0.375, _RIGHT - _LEFT, 0.365)
_LIST_TOP, _LIST_BOTTOM = 0.345, 0.155
_LIST_COLUMNS, _LIST_ROWS = 2, 11
_NUMBERED_AT_MOST = 150
_NAME_LENGTH = 12
_ADDRESS_LENGTH = 13


@dataclass(frozen=True)
class ZoneSheet:
    """One zone with what its page shows.

    Parameters
    ----------
    zone : Feature
        A row of the layer ``zones``.
    buildings : sequence of Feature
        Its rows of ``standalone_buildings``, in the order they are numbered.
    surroundings : sequence of DrawnLayer
        Lanes, barriers and other quiet layers around it.
    """

    zone: Feature
    buildings: Sequence[Feature]
    surroundings: Sequence[DrawnLayer]


def in_walking_order(buildings: Iterable[Feature]) -> list[Feature]:
    """Rows of ``standalone_buildings`` along the walk; those that have no place in it come last."""
    return sorted(buildings, key=lambda each: each.properties["visit_order"] or math.inf)


def write_zone_sheets(
    path: Path,
    sheets: Iterable[ZoneSheet],
    *,
    on: date,
    language: str = "zh",
    map_review_no: str | None = None,
) -> int:
    """Write one page a zone.

    Returns
    -------
    int
        Number of pages.

    Raises
    ------
    Unavailable
        When the machine has no Chinese typeface.
    """
    page = _Page(chinese_family(), language, on, map_review_no)
    return write_pages(path, (page.draw(sheet) for sheet in sheets))


@dataclass(frozen=True)
class _Page:
    family: str
    language: str
    on: date
    map_review_no: str | None

    def word(self, key: str, **values: object) -> str:
        return messages.text(f"sheet.{key}", self.language, **values)

    def draw(self, sheet: ZoneSheet) -> Figure:
        figure = Figure(figsize=(WIDTH_INCHES, HEIGHT_INCHES), facecolor="white")
        self._heading(figure, sheet.zone.properties)
        self._facts(figure, sheet.zone.properties)
        self._map(figure.add_axes(_MAP_BOX), sheet)
        self._building_list(figure, sheet)
        self._service_items(figure)
        self._footer(figure)
        return figure

    def _write(self, figure: Figure, x: float, y: float, words: object, size: float = 9, **how: Any) -> None:
        figure.text(x, y, str(words), fontsize=size, va="center", family=self.family, parse_math=False, **how)

    def _heading(self, figure: Figure, zone: Any) -> None:
        figure.add_artist(
            Rectangle((0, 0.925), 1, 0.075, transform=figure.transFigure, facecolor=_ACCENT, linewidth=0)
        )
        name = zone["name"] or self.word("zone_number", number=str(zone["code"])[-3:])
        self._write(
            figure, 0.5, 0.972, self.word("zone_sheet"), 22, ha="center", color="white", fontweight="bold"
        )
        community = zone["community"] or zone["community_code"]
        self._write(figure, 0.5, 0.941, f"{community} · {name}", 12.5, ha="center", color="white")

    def _facts(self, figure: Figure, zone: Any) -> None:
        since = zone["effective_from"].isoformat() if zone["effective_from"] else self.word("draft")
        facts = [
            ("zone_code", zone["code"]),
            ("community", zone["community"] or zone["community_code"]),
            ("chief", zone["chief"] or self.word("to_be_appointed")),
            ("work_phone", zone["work_phone"] or "—"),
            ("buildings", zone["buildings"]),
            ("households", zone["households"]),
            ("since", since),
            ("supervision_phone", ""),
        ]
        height, top = 0.0385, 0.9
        for place, (key, value) in enumerate(facts):
            row, column = divmod(place, 2)
            x, y = _LEFT + column * 0.43, top - row * height
            strong = key in ("chief", "work_phone")
            figure.add_artist(_cell(figure, x, y - height / 2, 0.125, height, "#e8eef5"))
            figure.add_artist(_cell(figure, x + 0.125, y - height / 2, 0.305, height, "white"))
            self._write(figure, x + 0.012, y, self.word(key), 10, color=_ACCENT)
            self._write(
                figure, x + 0.14, y, value, 13 if strong else 11, fontweight="bold" if strong else "normal"
            )

    def _map(self, axes: Axes, sheet: ZoneSheet) -> None:
        box_width = (_RIGHT - _LEFT) * WIDTH_INCHES
        extent = grown(sheet.zone.shape.bounds, 0.12, box_width / (_MAP_BOX[3] * HEIGHT_INCHES))  # type: ignore[union-attr]
        open_map(axes, extent, "#fbfaf7")
        zoom = zoom_of(extent, box_width * 96)
        window = shapely.box(*extent)
        for place, one in enumerate(sheet.surroundings):
            near = [
                feature
                for feature in one.features
                if feature.shape is not None and feature.shape.intersects(window)
            ]
            draw_layer(axes, DrawnLayer(one.layer, near), zoom=zoom, order=10 + place)
        for ring in _rings(sheet.zone.shape):
            axes.fill(*zip(*ring, strict=True), facecolor="#56B4E9", alpha=0.16, linewidth=0, zorder=50)
            axes.add_line(Line2D(*zip(*ring, strict=True), color="#0072B2", linewidth=2.2, zorder=60))
        self._numbered_buildings(axes, sheet.buildings)
        draw_scale_bar(axes, self.family)
        draw_north_arrow(axes, self.family, self.word("north"))

    def _numbered_buildings(self, axes: Axes, buildings: Sequence[Feature]) -> None:
        numbered = len(buildings) <= _NUMBERED_AT_MOST
        for number, building in enumerate(buildings, start=1):
            for ring in _rings(building.shape):
                axes.fill(
                    *zip(*ring, strict=True),
                    facecolor="#F4C27A",
                    edgecolor="#7a4a00",
                    linewidth=0.7,
                    zorder=70,
                )
            if numbered:
                size = 8.5 if len(buildings) <= 40 else 6
                self._number(axes, building.shape, number, size)

    def _number(self, axes: Axes, shape: Any, number: int, size: float) -> None:
        """Above the building, so that a small one is not hidden by its number."""
        west, _, east, north = shape.bounds
        axes.annotate(
            str(number),
            ((west + east) / 2, north),
            xytext=(0, 1),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=size,
            family=self.family,
            zorder=80,
            annotation_clip=True,
            path_effects=[withStroke(linewidth=2, foreground="white")],
        )

    def _building_list(self, figure: Figure, sheet: ZoneSheet) -> None:
        buildings, patrol_m = sheet.buildings, sheet.zone.properties["patrol_m"]
        if patrol_m is None:
            heading = self.word("building_list")
        else:
            heading = self.word("building_list_walked", kilometres=f"{patrol_m / 1000:.2f}")
        self._section(figure, _LIST_TOP, heading)
        column_width = (_RIGHT - _LEFT) / _LIST_COLUMNS
        step = (_LIST_TOP - 0.02 - _LIST_BOTTOM) / (_LIST_ROWS + 1)
        room = _LIST_COLUMNS * _LIST_ROWS
        for column in range(_LIST_COLUMNS if len(buildings) > _LIST_ROWS else 1):
            self._list_row(
                figure,
                _LEFT + column * column_width,
                _LIST_TOP - 0.022,
                column_width,
                [
                    self.word("number"),
                    self.word("building"),
                    self.word("address"),
                    self.word("households"),
                ],
                colour=_ACCENT,
            )
        for place, building in enumerate(buildings[:room]):
            column, row = divmod(place, _LIST_ROWS)
            facts = building.properties
            self._list_row(
                figure,
                _LEFT + column * column_width,
                _LIST_TOP - 0.022 - (row + 1) * step,
                column_width,
                [
                    place + 1,
                    _cut(facts["name"] or facts["code"][-5:], _NAME_LENGTH),
                    _cut(facts["address"] or "", _ADDRESS_LENGTH),
                    facts["households"],
                ],
            )
        if len(buildings) > room:
            rest = self.word("more_buildings", count=len(buildings) - room)
            self._write(figure, _RIGHT, _LIST_TOP, rest, 8, ha="right", color="#555555")

    def _list_row(
        self,
        figure: Figure,
        x: float,
        y: float,
        width: float,
        cells: Sequence[object],
        colour: str = "#222222",
    ) -> None:
        for share, words, align in zip(
            (0.0, 0.085, 0.44, 0.95), cells, ("left", "left", "left", "right"), strict=True
        ):
            self._write(figure, x + share * width, y, words, 8.2, color=colour, ha=align)

    def _service_items(self, figure: Figure) -> None:
        self._section(figure, 0.137, self.word("service_items"))
        for row in range(2):
            y = 0.108 - row * 0.024
            figure.add_artist(Line2D([_LEFT, _RIGHT], [y, y], color="#999999", linewidth=0.6))

    def _section(self, figure: Figure, y: float, words: str) -> None:
        figure.add_artist(
            Rectangle(
                (_LEFT, y - 0.0075),
                0.007,
                0.015,
                transform=figure.transFigure,
                facecolor=_ACCENT,
                linewidth=0,
            )
        )
        self._write(figure, _LEFT + 0.015, y, words, 11, fontweight="bold", color=_ACCENT)

    def _footer(self, figure: Figure) -> None:
        figure.add_artist(Line2D([_LEFT, _RIGHT], [0.062, 0.062], color=_ACCENT, linewidth=1))
        self._write(figure, _LEFT, 0.045, self.word("review_slot"), 9)
        self._write(
            figure,
            _RIGHT,
            0.045,
            mark(self.language, self.map_review_no),
            11,
            ha="right",
            color="#b00020",
            fontweight="bold",
        )
        self._write(figure, _LEFT, 0.025, self.word("sketch_note"), 7.5, color="#555555")
        self._write(
            figure,
            _RIGHT,
            0.025,
            self.word("data_as_of", date=self.on.isoformat()),
            8,
            ha="right",
            color="#555555",
        )


def _cell(figure: Figure, x: float, y: float, width: float, height: float, colour: str) -> Rectangle:
    return Rectangle(
        (x, y),
        width,
        height,
        transform=figure.transFigure,
        facecolor=colour,
        edgecolor="#b7c4d3",
        linewidth=0.7,
    )


def _rings(shape: Any) -> list[Any]:
    return [shapely.get_coordinates(part.exterior) for part in shapely.get_parts(shape)]


def _cut(words: str, length: int) -> str:
    return words if len(words) <= length else words[: length - 1] + "…"
