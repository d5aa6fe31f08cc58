from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.exchange.values import (
    Share,
    is_tick,
    numbers,
    read_date,
    read_number,
    read_percent,
    texts,
    tidy_code,
    tidy_text,
)


@pytest.mark.parametrize(
    ("cell", "number", "guessed"),
    [
        ("120", 120, False),
        (" １２０ ", 120, False),
        ("1，200", 1200, False),
        ("约120户", 120, True),
        (7, 7, False),
        (2.5, 2.5, False),
        (".95", 0.95, False),
        ("约.5", 0.5, True),
        ("1.1万", 11000, True),
        ("约 3 万㎡", 30000, True),
        ("2千", 2000, True),
        ("10215.5㎡", 10215.5, False),
        ("1,200 m²", 1200, False),
        ("约1200m2左右", 1200, True),
    ],
)
def test_numbers_in_all_spellings(cell: object, number: float, guessed: bool) -> None:
    assert read_number(cell) == (number, guessed, False)


@pytest.mark.parametrize("cell", ["一百", "1万2千", "2万亿", "100-120", "3至5", "#REF!", "inf", "nan"])
def test_what_is_no_one_number_is_unreadable(cell: str) -> None:
    assert read_number(cell)[2]


@pytest.mark.parametrize(
    ("cell", "stated", "percent", "guessed"),
    [
        (Share(0.95), True, 95, False),
        (Share(0.07), False, 7, False),
        (Share(1), False, 100, False),
        ("95%", False, 95, False),
        ("９５．５ ％", True, 95.5, False),
        ("1%", False, 1, False),
        ("约0.9%", False, 0.9, True),
        (95, False, 95, False),
        (95, True, 95, False),
        (100, True, 100, False),
        (0, False, 0, False),
        # below a heading with a percent sign a number is what it says, elsewhere 1 and less is a fraction
        (0.95, True, 0.95, False),
        (1, True, 1, False),
        (0.95, False, 95, True),
        ("0.95", False, 95, True),
        (1, False, 100, True),
        (1.5, False, 1.5, False),
    ],
)
def test_percentages_as_cells_show_them(cell: object, stated: bool, percent: float, guessed: bool) -> None:
    assert read_percent(cell, stated=stated) == (percent, guessed, False)


@pytest.mark.parametrize("cell", ["90%-95%", "不详%", True])
def test_what_is_no_percentage_is_unreadable(cell: object) -> None:
    assert read_percent(cell, stated=True)[2]


@pytest.mark.parametrize("cell", [None, "", "  ", math.nan])
def test_an_empty_cell_is_no_number_and_no_fault(cell: object) -> None:
    number, guessed, unreadable = read_number(cell)
    assert (math.isnan(number), guessed, unreadable) == (True, False, False)


@given(st.integers(0, 10**9))
def test_a_count_is_read_alike_as_number_text_and_full_width(count: int) -> None:
    wide = str(count).translate({ord("0") + i: chr(0xFF10 + i) for i in range(10)})
    read = numbers(np.array([count, str(count), wide, f"约{count}户"], dtype=object))
    assert read.values.tolist() == [count] * 4
    assert read.guessed.tolist() == [False, False, False, True]


def test_names_keep_their_brackets_and_codes_do_not() -> None:
    assert tidy_text("　幸福小区（东区）\u200b１号\n") == "幸福小区（东区）1号"
    assert tidy_code("９９０（１）") == "990(1)"
    assert tidy_code(990122100001.0) == "990122100001"


def test_a_plain_column_is_tidied_like_any_other() -> None:
    assert texts(np.array(["b-1", None, "b.2"], dtype=object)).tolist() == ["b-1", None, "b.2"]
    assert texts(np.array(["b-1", "", " x "], dtype=object)).tolist() == ["b-1", None, "x"]


@pytest.mark.parametrize("cell", ["√", "✓", "✔", "是", "Y", "y", 1, "１", True])
def test_ticks(cell: object) -> None:
    assert is_tick(cell)


@pytest.mark.parametrize("cell", [None, "", "否", "×", 0, "N"])
def test_crosses(cell: object) -> None:
    assert not is_tick(cell)


def test_something_else_is_no_tick() -> None:
    with pytest.raises(ValueError, match="也许"):
        is_tick("也许")


@pytest.mark.parametrize(
    "cell",
    [
        dt.datetime(2024, 6, 15, 8),
        dt.date(2024, 6, 15),
        "2024-06-15",
        "2024.6.15",
        "2024/6/15",
        "2024年6月15日",
        "２０２４年６月１５日",
    ],
)
def test_dates_in_all_spellings(cell: object) -> None:
    assert read_date(cell) == dt.date(2024, 6, 15)


@pytest.mark.parametrize("cell", ["六月", "2024-13-01", "2024-02-30", 45000])
def test_what_is_no_date_is_refused(cell: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_date(cell)
