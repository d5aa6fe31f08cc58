"""Cells as people type them: full-width digits, about-signs, ticks, dates in five spellings."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt

Cells = npt.NDArray[np.object_]

_PLAIN_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_PLAIN_CODES = re.compile(r"[0-9A-Za-z_.:-]*")
_ANY_NUMBER = re.compile(r"(-?(?:\d+(?:\.\d+)?|\.\d+))\s*([百千万亿]*)")
_SQUARE_METRES = re.compile(r"(?<=[\d\s百千万亿])m2(?!\d)", re.IGNORECASE)  # of ㎡ and m² the 2 is no number
_TIMES = {"": 1, "百": 10**2, "千": 10**3, "万": 10**4, "亿": 10**8}
_THOUSANDS = re.compile(r"(?<=\d)[,\s](?=\d{3}(\D|$))")
_DATE = re.compile(
    r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?"
)
_TICKS = frozenset({"√", "✓", "✔", "☑", "是", "有", "已", "y", "yes", "1", "true", "v"})
_CROSSES = frozenset({"", "否", "无", "未", "×", "✗", "x", "n", "no", "0", "false", "-", "—", "/"})
_UNKNOWN = frozenset({"", "-", "—", "/", "不详", "未知", "不清楚", "unknown", "?"})
# Full-width letters and digits become plain ones; full-width brackets stay, they are how names are written.
_FULL_WIDTH = {
    code: chr(code - 0xFEE0)
    for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
}


def _written(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, float | np.floating):
        if math.isnan(value):
            return None
        return str(int(value)) if float(value).is_integer() else str(value)
    return str(value)


def tidy_text(value: object) -> str | None:
    """A name: spaces trimmed and joined, control characters gone, full-width letters and digits plain."""
    text = _written(value)
    if text is None:
        return None
    if not (text.isascii() and text.isprintable() and "  " not in text):
        text = "".join(
            " " if c.isspace() else c for c in text.translate(_FULL_WIDTH) if c.isspace() or c.isprintable()
        )
        text = re.sub(" +", " ", text)
    return text.strip() or None


def tidy_code(value: object) -> str | None:
    """A code: as a name, and NFKC throughout, since codes are compared letter by letter."""
    text = tidy_text(value)
    return text if text is None or text.isascii() else unicodedata.normalize("NFKC", text)


def texts(cells: npt.NDArray[np.generic], tidy=tidy_text) -> Cells:
    """A column of names, None where empty."""
    if _is_tidy(cells):
        return cells.astype(object)
    out = np.empty(len(cells), dtype=object)
    out[:] = [tidy(value) for value in cells.tolist()]
    return out


def _is_tidy(cells: npt.NDArray[np.generic]) -> bool:
    # One look at a whole column of plain codes, where there are a hundred thousand of them.
    if cells.dtype.kind != "O":
        return False
    words = [word for word in cells.tolist() if word is not None]
    if set(map(type, words)) != {str} or "" in words:
        return False
    return _PLAIN_CODES.fullmatch("".join(words)) is not None


class Share(float):
    """A fraction that its cell shows in percent: 0.95 where 95% stands to be read."""


@dataclass(frozen=True)
class Numbers:
    """A column read as numbers.

    Parameters
    ----------
    values : array, shape (n,)
        NaN where the cell is empty or unreadable.
    guessed : array of bool, shape (n,)
        The number was picked out of words, as 120 out of 约120户.
    unreadable : array of bool, shape (n,)
    """

    values: npt.NDArray[np.float64]
    guessed: npt.NDArray[np.bool_]
    unreadable: npt.NDArray[np.bool_]


def numbers(cells: npt.NDArray[np.generic]) -> Numbers:
    """Read a column of numbers; full-width digits and thousands separators are read without a word."""
    if cells.dtype.kind in "iufb":
        values = cells.astype(np.float64)
        return Numbers(values, np.zeros(len(values), dtype=bool), np.isinf(values))
    return _column_of([read_number(value) for value in cells.tolist()])


def percents(cells: npt.NDArray[np.generic], *, stated: bool) -> Numbers:
    """Read a column of percentages, as ``read_percent``."""
    return _column_of([read_percent(value, stated=stated) for value in cells.tolist()])


def _column_of(read: list[tuple[float, bool, bool]]) -> Numbers:
    return Numbers(
        np.array([value for value, _, _ in read], dtype=np.float64),
        np.array([guessed for _, guessed, _ in read], dtype=bool),
        np.array([unreadable for _, _, unreadable in read], dtype=bool),
    )


def read_number(value: object) -> tuple[float, bool, bool]:
    """(number or NaN, picked out of words, unreadable)."""
    if isinstance(value, int | float | np.number) and not isinstance(value, bool):
        return float(value), False, math.isinf(value)
    text = tidy_code(value)
    if text is None:
        return math.nan, False, False
    text = _SQUARE_METRES.sub("", _THOUSANDS.sub("", text)).strip()
    if _PLAIN_NUMBER.fullmatch(text):
        return float(text), False, False
    found = _ANY_NUMBER.findall(text)
    # Two numbers in one cell, as in 100-120, are a range: which end is meant is not ours to guess.
    if len(found) != 1 or not text.isprintable() or _looks_like_a_range(text):
        return math.nan, False, True
    [(digits, times)] = found
    if times not in _TIMES:
        return math.nan, False, True
    # In decimals: 1.1 times ten thousand is 11000, not a hair more.
    return float(Decimal(digits) * _TIMES[times]), True, False


def read_percent(value: object, *, stated: bool) -> tuple[float, bool, bool]:
    """(percent or NaN, guessed, unreadable).

    A cell that shows a percent sign means what it shows: 0.95 formatted as 95%, and 95%, are 95. A plain
    number is in percent where the heading has the sign; elsewhere one up to 1 is taken for a fraction, so
    that 0.95 is 95 and 1 is 100, and that is said.

    Parameters
    ----------
    stated : bool
        Whether the column's heading says that its numbers are in percent.
    """
    if isinstance(value, Share):
        return float(Decimal(repr(float(value))) * 100), False, False
    text = tidy_code(value)
    if text is not None and "%" in text:
        return read_number(text.replace("%", ""))
    number, guessed, unreadable = read_number(value)
    if not stated and 0 < number <= 1:
        return float(Decimal(repr(number)) * 100), True, unreadable
    return number, guessed, unreadable


def _looks_like_a_range(text: str) -> bool:
    return re.search(r"\d\s*[-~至到]", text) is not None


def is_tick(value: object) -> bool:
    """Whether a cell is ticked: √ ✓ ✔ 是 Y 1.

    Raises
    ------
    ValueError
        When it is neither a tick nor a cross nor empty.
    """
    word = (tidy_code(value) or "").casefold()
    if word in _TICKS:
        return True
    if word in _CROSSES:
        return False
    raise ValueError(word)


def read_answer(value: object) -> bool | None:
    """Yes or no, as ``is_tick``; None where the cell is empty or says that nobody knows.

    Raises
    ------
    ValueError
        When it is neither.
    """
    word = (tidy_code(value) or "").casefold()
    return None if word in _UNKNOWN else is_tick(word)


def read_date(value: object) -> dt.date | None:
    """A date out of an Excel date or 2024-06-15, 2024.6.15, 2024/6/15, 2024年6月15日; None where empty.

    Raises
    ------
    ValueError
        When it is something else.
    """
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    text = tidy_code(value)
    if text is None:
        return None
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return dt.date(*(int(part) for part in found.groups()))
