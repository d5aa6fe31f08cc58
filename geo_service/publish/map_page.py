"""Where things stand on a printed map: measured in millimetres from the page's upper left corner."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from geo_service.publish.drawing import Extent

PAPERS_MM = {"a4": (297.0, 210.0), "a3": (420.0, 297.0)}
DOTS_PER_INCH = 200
_MM_AN_INCH = 25.4
_POINT_MM = _MM_AN_INCH / 72
_MARGIN_MM, _TITLE_MM, _FOOTER_MM, _PANEL_MM, _GAP_MM = 8.0, 17.0, 9.0, 54.0, 3.0
# A band below the map, where the page stands upright.
_USUAL_BAND_MM, _LOWEST_BAND_MM, _HIGHEST_BAND_MM = 45.0, 24.0, 80.0
_ROOM_AROUND_THE_AREA = 0.015
_ROUNDING_MM = 0.2
_SCALES = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)


@dataclass(frozen=True)
class Box:
    """A rectangle on the page."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height


@dataclass(frozen=True)
class Page:
    """One page, with the places of its map and of the panel that explains it.

    Parameters
    ----------
    width, height : float
        In millimetres.
    text_scale : float
        1 on A4; larger paper is read from further away.
    band : float
        Height of the panel below the map of an upright page, before it is scaled.
    """

    width: float
    height: float
    text_scale: float
    band: float = _USUAL_BAND_MM

    @property
    def upright(self) -> bool:
        return self.height > self.width

    def with_panel_of(self, height: float) -> Page:
        """This page with room for a legend of that height, if it can be had."""
        return replace(self, band=min(max(height / self.text_scale, _LOWEST_BAND_MM), _HIGHEST_BAND_MM))

    @property
    def title(self) -> Box:
        margin = _MARGIN_MM
        return Box(margin, margin, self.width - 2 * margin, (_TITLE_MM - _GAP_MM) * self.text_scale)

    @property
    def footer(self) -> Box:
        height = _FOOTER_MM * self.text_scale
        return Box(_MARGIN_MM, self.height - height, self.width - 2 * _MARGIN_MM, height)

    @property
    def map(self) -> Box:
        top = _MARGIN_MM + _TITLE_MM * self.text_scale
        room = self.footer.top - top
        if self.upright:
            return Box(_MARGIN_MM, top, self.footer.width, room - self.band * self.text_scale - _GAP_MM)
        return Box(_MARGIN_MM, top, self.footer.width - _PANEL_MM * self.text_scale - _GAP_MM, room)

    @property
    def panel(self) -> Box:
        beside = self.map
        if self.upright:
            return Box(beside.left, beside.bottom + _GAP_MM, beside.width, self.band * self.text_scale)
        return Box(beside.right + _GAP_MM, beside.top, _PANEL_MM * self.text_scale, beside.height)

    def scale_of(self, extent: Extent) -> int:
        """The denominator of the largest round scale at which ``extent`` (metres) fits the map."""
        west, south, east, north = extent
        room = 1 + 2 * _ROOM_AROUND_THE_AREA
        needed = 1000 * room * max((east - west) / self.map.width, (north - south) / self.map.height, 1e-3)
        power = 10 ** math.floor(math.log10(needed))
        return math.ceil(next(step * power for step in _SCALES if step * power >= needed * (1 - 1e-9)))

    def extent_at(self, scale: int, extent: Extent) -> Extent:
        """What the map shows at 1:``scale`` with the middle of ``extent`` in its middle."""
        west, south, east, north = extent
        middle_x, middle_y = (west + east) / 2, (south + north) / 2
        half_width, half_height = (side * scale / 2000 for side in (self.map.width, self.map.height))
        return middle_x - half_width, middle_y - half_height, middle_x + half_width, middle_y + half_height


def choose_page(paper: str, orientation: str | None, extent: Extent) -> Page:
    """The page of a paper; lying or upright, whichever shows ``extent`` at the larger scale, if not said."""
    width, height = PAPERS_MM[paper]
    lying = Page(width, height, text_scale=math.sqrt(width / PAPERS_MM["a4"][0]))
    upright = replace(lying, width=height, height=width)
    if orientation is not None:
        return upright if orientation == "portrait" else lying
    return upright if upright.scale_of(extent) < lying.scale_of(extent) else lying


class Sheet:
    """A figure to draw on in millimetres, that knows how wide its words are.

    Parameters
    ----------
    family : str
        The typeface.
    """

    def __init__(self, page: Page, family: str) -> None:
        self.page = page
        self.family = family
        inches = (page.width / _MM_AN_INCH, page.height / _MM_AN_INCH)
        self.figure = Figure(figsize=inches, dpi=DOTS_PER_INCH, facecolor="white")
        self._renderer = FigureCanvasAgg(self.figure).get_renderer()

    def place(self, box: Box) -> tuple[float, float, float, float]:
        """The box in shares of the figure, from its lower left corner."""
        width, height = self.page.width, self.page.height
        return box.left / width, 1 - box.bottom / height, box.width / width, box.height / height

    def width_of(self, words: str, points: float, weight: str = "normal") -> float:
        """Millimetres that the words take."""
        font = FontProperties(family=self.family, size=points, weight=weight)
        dots, _, _ = self._renderer.get_text_width_height_descent(words, font, ismath=False)
        return dots / DOTS_PER_INCH * _MM_AN_INCH

    def write(
        self,
        words: str,
        left: float,
        middle: float,
        points: float,
        *,
        room: float | None = None,
        smallest: float | None = None,
        align: str = "left",
        weight: str = "normal",
        colour: str = "#222222",
    ) -> None:
        """Write one line, made smaller and at last cut short where it would be wider than ``room``.

        Parameters
        ----------
        smallest : float, optional
            Points at which it is cut rather than made smaller still; about three quarters if not said.
        """
        if room is not None:
            least = smallest or max(0.72 * points, min(points, 6.0))
            points, words = self._fitted(words, points, least, room, weight)
        self.figure.text(
            left / self.page.width,
            1 - middle / self.page.height,
            words,
            family=self.family,
            fontsize=points,
            fontweight=weight,
            color=colour,
            ha=align,
            va="center_baseline",
            parse_math=False,
        )

    def _fitted(
        self, words: str, points: float, smallest: float, room: float, weight: str
    ) -> tuple[float, str]:
        width = self.width_of(words, points, weight)
        if width <= room + _ROUNDING_MM:
            return points, words
        points = max(smallest, points * room / width)
        # Letters are set on whole dots, so that half the size is not quite half as wide.
        while points > smallest and self.width_of(words, points, weight) > room + _ROUNDING_MM:
            points = max(smallest, points * 0.98)
        while len(words) > 1 and self.width_of(words, points, weight) > room + _ROUNDING_MM:
            words = words.rstrip("…")[:-1] + "…"
        return points, words


def line_height(points: float) -> float:
    """Millimetres from one line of a list to the next."""
    return points * _POINT_MM * 1.62
