"""What is checked of every record that somebody types in: its words and its days."""

from __future__ import annotations

import unicodedata
from datetime import date

from sqlalchemy import Connection

from geo_service.errors import InvalidInput
from geo_service.store import areas

LONGEST_CODE = 64
LONGEST_NAME = 120
LONGEST_REASON = 500
LONGEST_TEXT = 4000

_NO_TEXT = ("Cc", "Cs")


def require_words(words: str, *, where: str, most: int = LONGEST_NAME) -> str:
    """The words without blanks around them.

    Parameters
    ----------
    where : str
        Which entry they are of.
    most : int
        How many characters it may have.

    Raises
    ------
    InvalidInput
        Nothing there, too long, or with characters that are no text.
    """
    words = words.strip()
    if not words:
        raise InvalidInput("record.blank", where=where)
    if len(words) > most:
        raise InvalidInput("record.too_long", where=where, most=most)
    if any(unicodedata.category(sign) in _NO_TEXT and sign not in "\t\r\n" for sign in words):
        raise InvalidInput("record.unreadable", where=where)
    return words


def require_come(connection: Connection, day: date, *, where: str) -> None:
    """Refuse to record today what is to happen later.

    Raises
    ------
    InvalidInput
        The day lies ahead.
    """
    if day > areas.today(connection):
        raise InvalidInput("record.ahead", where=where, given=day)


def require_order(earlier: date, later: date, *, where: str) -> None:
    """Refuse an end before its beginning.

    Raises
    ------
    InvalidInput
        The later day comes first.
    """
    if later < earlier:
        raise InvalidInput("record.backwards", where=where, earlier=earlier, later=later)
