"""The milestone curve as a picture: plan steps against what was reached, the forecast and the flag."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patheffects import withStroke

from geo_service.planning.documents.model import Words
from geo_service.publish.typeface import chinese_family

WIDTH_INCHES, HEIGHT_INCHES = 11.0, 6.2
DOTS_PER_INCH = 160
PLAN, ACTUAL, MISSED = "#c8641e", "#1f4e79", "#b00020"
_FLAGS = {"red": "#b00020", "amber": "#c98a00", "green": "#2e7d32", "none": "#777777"}
_MOST_LABELS = 14
_DAYS = ["%Y-%m", "%Y-%m", "%m-%d", *["%H:%M"] * 3]  # by what a tick stands for: year, month, day ...
_HALO = (withStroke(linewidth=3, foreground="white"),)


def draw_curve(report: Mapping[str, Any], language: str) -> bytes:
    """The curve of an area as a PNG.

    Parameters
    ----------
    report : mapping
        As ``pipeline.milestones`` prints it.
    language : {"zh", "en"}

    Raises
    ------
    Unavailable
        When the machine has no Chinese typeface.
    """
    words, family = Words(language), chinese_family()
    figure = Figure(figsize=(WIDTH_INCHES, HEIGHT_INCHES), dpi=DOTS_PER_INCH, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.07, 0.1, 0.9, 0.72))
    _Curve(axes, report["total"], words, family).draw()
    _head(figure, report, words, family)
    written = BytesIO()
    figure.savefig(written, format="png", metadata={"Software": "geo-service"})
    return written.getvalue()


class _Curve:
    """One curve on its axes."""

    def __init__(self, axes: Axes, total: Mapping[str, Any], words: Words, family: str) -> None:
        self.axes, self.total, self.words, self.family = axes, total, words, family
        self.points = [(date.fromisoformat(each["date"]), each["numerator"]) for each in total["points"]]
        self.steps = [(date.fromisoformat(each["date"]), each) for each in total["steps"]]

    def draw(self) -> None:
        self._plan()
        self._actual()
        self._forecast()
        self._frame()

    def _plan(self) -> None:
        """What is asked for: nothing before the first milestone, then each until the next."""
        last = max(self.steps[-1][0], self.points[-1][0])
        days = [self.points[0][0], *(day for day, _ in self.steps), last]
        asked = [0, *(step["required"] for _, step in self.steps)]
        self.axes.plot(
            days,
            [*asked, asked[-1]],
            drawstyle="steps-post",
            color=PLAN,
            linewidth=2,
            label=self.words.say("plan"),
        )
        for day, step in self.steps:
            missed = step["met"] is False
            verdict = f" {self.words.say('missed')}" if missed else ""
            label = f"{day:%m-%d}  {step['required']}{verdict}"
            colour = MISSED if missed else PLAN
            self.axes.plot(
                [day], [step["required"]], marker="X" if missed else "D", color=colour, markersize=8
            )
            self._label(day, step["required"], label, colour, above=True)

    def _actual(self) -> None:
        days, counts = zip(*self.points, strict=True)
        self.axes.plot(
            days,
            counts,
            color=ACTUAL,
            linewidth=2.4,
            marker="o",
            markersize=5,
            label=self.words.say("actual"),
        )
        every = -(-len(self.points) // _MOST_LABELS)
        for place, (day, count) in enumerate(self.points):
            if place == len(self.points) - 1 or place % every == 0:
                self._label(
                    day, count, f"{count:g}", ACTUAL, above=not count
                )  # a nought would stand on the axis

    def _forecast(self) -> None:
        ahead = self.total["next"]
        if ahead is None or ahead["expected"] is None:
            return
        day, count = self.points[-1]
        days = [day, date.fromisoformat(ahead["date"])]
        self.axes.plot(
            days,
            [count, ahead["expected"]],
            color=ACTUAL,
            linewidth=1.6,
            linestyle=(0, (4, 3)),
            label=self.words.say("forecast"),
        )
        self._label(days[1], ahead["expected"], str(ahead["expected"]), ACTUAL, above=False)

    def _label(self, day: date, count: float, label: str, colour: str, *, above: bool) -> None:
        self.axes.annotate(
            label,
            (day, count),
            xytext=(-6 if above else 6, 9 if above else -15),
            textcoords="offset points",
            ha="right" if above else "left",
            color=colour,
            fontsize=10,
            fontweight="bold" if above else "normal",
            family=self.family,
            path_effects=_HALO,
            zorder=10,
        )

    def _frame(self) -> None:
        axes, family = self.axes, self.family
        first = min(self.points[0][0], self.steps[0][0])
        last = max(self.points[-1][0], self.steps[-1][0])
        margin = timedelta(days=max(10, (last - first).days // 18))
        axes.set_xlim(first - min(margin, first - date.min), last + min(margin, date.max - last))
        axes.set_ylim(
            0, max(self.total["denominator"], *(step["required"] for _, step in self.steps), 1) * 1.13
        )
        locator = AutoDateLocator(minticks=3, maxticks=14)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, formats=_DAYS, show_offset=False))
        axes.set_ylabel(self.words.say("units"), family=family, fontsize=11, rotation=0, ha="right")
        for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
            label.set(family=family, fontsize=10)
        axes.grid(axis="y", color="#dde3e9", linewidth=0.8)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(loc="upper left", prop=FontProperties(family=family, size=10.5), frameon=False, ncols=3)


def _head(figure: Figure, report: Mapping[str, Any], words: Words, family: str) -> None:
    total = report["total"]
    title = words.say("title_milestones", area=report["area_name"], target=words.title(report["target"]))
    line = words.covered(total, report["on"])
    style = {"family": family, "va": "center", "parse_math": False}
    figure.text(0.07, 0.945, title, fontsize=17, fontweight="bold", **style)
    figure.text(
        0.07, 0.895, f"{words.title(report['profile'])}　{line}"[:110], fontsize=10, color="#555", **style
    )
    figure.text(
        0.97,
        0.945,
        words.word(total["flag"]),
        fontsize=14,
        fontweight="bold",
        color="white",
        ha="right",
        bbox={"boxstyle": "round,pad=0.45", "facecolor": _FLAGS[total["flag"]], "edgecolor": "none"},
        **style,
    )
