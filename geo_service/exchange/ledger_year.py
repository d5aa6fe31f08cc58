"""The year that a ledger's sheet says it is of, in the lines above its header or in its name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from openpyxl.utils import get_column_letter

from geo_service.exchange import values
from geo_service.exchange.field import header_key
from geo_service.exchange.sheets import Sheet

_CHINESE_DIGITS = str.maketrans("〇○◯零o一二三四五六七八九", "00000123456789")
# A year of building, as in 2000年底前建成, and one with nothing that makes it a year, are no year of a sheet.
_YEAR = re.compile(
    r"(?<!\d)((?:19|20)\d\d)"
    r"(?:(?=年(?![底末]?[以之]?[前后]|建))|(?=[-—–~至./]\d)|(?=(?:0[1-9]|1[0-2])[0-3]\d(?!\d))"
    r"|(?=台账)|(?<=台账\d{4})(?!\d))"
)
_YEAR_ALONE = re.compile(r"(?:19|20)\d\d")
# When a form was filled in or printed: often in the year after the one it is of.
_FILLED_IN = re.compile(r"(填表|填报|填写|制表|打印|上报|报送)(日期|时间)")


@dataclass(frozen=True)
class StatedYear:
    """What a sheet says.

    Parameters
    ----------
    cell : str
        Where it stands, as ``A1``; empty where it is the sheet's name.
    words : str
        As they are written.
    first, last : int
        The same but for a stretch of years.
    """

    cell: str
    words: str
    first: int
    last: int


def stated_years(sheet: Sheet, top: int) -> Iterator[StatedYear]:
    """The year in the first line that names one above the header in row ``top``, and that in the name."""
    title = next((year for year in _in_lines(sheet, top) if year), None)
    for year in (title, _read(sheet.name, "")):
        if year is not None:
            yield year


def _in_lines(sheet: Sheet, top: int) -> Iterator[StatedYear | None]:
    for row, cells in enumerate(sheet.rows[: top - 1], 1):
        for column, cell in enumerate(cells, 1):
            if isinstance(cell, str) and not _FILLED_IN.search(header_key(cell)):
                yield _read(cell, f"{get_column_letter(column)}{row}")


def _read(text: str, cell: str) -> StatedYear | None:
    key = header_key(text).translate(_CHINESE_DIGITS)
    found = [key] if _YEAR_ALONE.fullmatch(key) else _YEAR.findall(key)
    years = [int(year) for year in found]
    return StatedYear(cell, values.tidy_text(text) or "", min(years), max(years)) if years else None
