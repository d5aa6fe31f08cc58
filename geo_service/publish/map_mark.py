"""What a map says of its review: the number, or the mark of a map that has none."""

from __future__ import annotations

from geo_service import messages

LONGEST_REVIEW_NUMBER = 32
"""Letters of a map review number that the narrowest page shows whole."""


def mark(language: str, map_review_no: str | None) -> str:
    """The map review number, or the mark of a map that has none."""
    if map_review_no:
        return messages.text("sheet.map_review_no", language, number=map_review_no)
    return messages.text("sheet.internal", language)
