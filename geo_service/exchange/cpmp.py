"""Instance files of the capacitated p-median problem, as the literature exchanges them.

First line: number of points and of medians. Then a line a point: x, y, capacity of its cluster, demand.
The cost of an answer is the summed straight distance, unrounded and unweighted, from each point to the median
of its cluster; an exact solver's optimum of SJC1 is then the published value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

import numpy as np
import numpy.typing as npt

from geo_service.errors import InvalidInput
from geo_service.exchange.reading import check_present

_SEPARATORS = re.compile(r"[\s,;]+")
_MAGNITUDES = range(-30, 13)  # powers of ten; anything beyond is a slip of the pen
_MOST_DECIMALS = 6

Line = tuple[int, list[str]]


@dataclass(frozen=True)
class MedianInstance:
    """Points to be clustered around ``medians`` of themselves.

    Parameters
    ----------
    name : str
        The file's name without its ending.
    positions : array of float64, shape (n, 2)
    loads : array of int64, shape (n,)
        Demands; where the file has decimals, these and the capacity are in the smallest decimal unit.
    capacity : int
        Of every cluster.
    medians : int
    """

    name: str
    positions: npt.NDArray[np.float64]
    loads: npt.NDArray[np.int64]
    capacity: int
    medians: int

    def cost(self, assignment: npt.NDArray[np.int64]) -> float:
        """Summed distance where ``assignment[i]`` is the point that is the median of point ``i``."""
        return float(np.hypot(*(self.positions - self.positions[assignment]).T).sum())

    def is_feasible(self, assignment: npt.NDArray[np.int64]) -> bool:
        """Whether there are exactly the medians asked for, each its own, and none is overloaded."""
        chosen = np.unique(assignment)
        carried = np.bincount(assignment, weights=self.loads, minlength=len(self.loads))
        return bool(
            len(chosen) == self.medians
            and np.array_equal(assignment[chosen], chosen)
            and carried.max() <= self.capacity
        )


def read_cpmp(path: Path) -> MedianInstance:
    """Read an instance; blank lines, commas and semicolons between the numbers do no harm.

    Raises
    ------
    InvalidInput
        Naming the line, when a number is missing, superfluous or unusable.
    """
    check_present(path)
    text = path.read_bytes().decode("utf-8-sig", errors="replace")
    lines = _lines(text)
    first = next(lines, (1, []))
    count, medians = _read_head(path, first)
    points = list(lines)
    if len(points) != count:
        last = points[-1][0] if points else first[0]
        place = points[count][0] if len(points) > count else last
        raise _fault(path, place, "cpmp.points_miscounted", wanted=count, found=len(points))
    values = [_read_point(path, line) for line in points]
    _check_capacities(path, points, values)
    scale = 10 ** max(_decimals(value) for point in values for value in point[2:])
    return MedianInstance(
        name=path.stem,
        positions=np.array([[float(east), float(north)] for east, north, _, _ in values]),
        loads=np.array([int(demand * scale) for *_, demand in values]),
        capacity=int(values[0][2] * scale),
        medians=medians,
    )


def _lines(text: str) -> Iterator[Line]:
    """Line number and words of each line that is not blank."""
    for number, line in enumerate(text.splitlines(), start=1):
        words = [word for word in _SEPARATORS.split(line) if word]
        if words:
            yield number, words


def _read_head(path: Path, line: Line) -> tuple[int, int]:
    number, words = line
    if len(words) != 2 or not all(word.isascii() and word.isdigit() and len(word) < 10 for word in words):
        raise _fault(path, number, "cpmp.head_unreadable", given=_shortened(words))
    count, medians = map(int, words)
    if not 1 <= medians <= count:
        raise _fault(path, number, "cpmp.medians_absurd", points=count, medians=medians)
    return count, medians


def _read_point(path: Path, line: Line) -> list[Decimal]:
    number, words = line
    if len(words) != 4:
        raise _fault(path, number, "cpmp.point_unreadable", given=_shortened(words))
    values = []
    for word in words:
        try:
            value = Decimal(word)
        except InvalidOperation:
            value = Decimal("nan")
        if not value.is_finite() or (value and value.adjusted() not in _MAGNITUDES):
            raise _fault(path, number, "cpmp.point_unreadable", given=_shortened(words))
        values.append(value)
    _, _, capacity, demand = values
    if capacity <= 0 or demand < 0 or max(_decimals(capacity), _decimals(demand)) > _MOST_DECIMALS:
        raise _fault(path, number, "cpmp.load_unusable", given=_shortened(words))
    return values


def _check_capacities(path: Path, points: Sequence[Line], values: Sequence[Sequence[Decimal]]) -> None:
    for (number, _), value in zip(points, values, strict=True):
        if value[2] != values[0][2]:
            raise _fault(path, number, "cpmp.capacities_differ", first=str(values[0][2]), given=str(value[2]))


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)


def _shortened(words: Sequence[str]) -> str:
    return " ".join(words)[:40]


def _fault(path: Path, line: int, key: str, **values: object) -> InvalidInput:
    return InvalidInput(key, where=f"{path.name}:{line}", **values)
