"""On which days a rhythm falls due, and whether something came in time."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from geo_service.planning.policy.conduct import Rhythm


def due_days(rhythm: Rhythm, first: date, last: date) -> list[date]:
    """Days of a rhythm from ``first`` to ``last``, both included, none before it begins.

    A weekly rhythm falls on its weekday, else on Sundays; a monthly one on its day, or on the last of a month
    that has no such day, and without a day on the last; half-yearly and yearly ones on the last of June and
    December. A plan that says "by the 26th" is kept to the letter when that is a Sunday.
    """
    first = max(first, rhythm.begins) if rhythm.begins else first
    days = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
    return [day for day in days if _falls_on(rhythm, day)]


def _falls_on(rhythm: Rhythm, day: date) -> bool:
    length = monthrange(day.year, day.month)[1]
    if rhythm.every == "day":
        return True
    if rhythm.every == "week":
        return day.isoweekday() == (rhythm.weekday or 7)
    if rhythm.every == "month":
        return day.day == min(rhythm.day_of_month or length, length)
    months = (6, 12) if rhythm.every == "half_year" else (12,)
    return day.month in months and day.day == length


def is_late(due: date, reported: date | None, today: date) -> bool:
    """Whether what was due by the end of a day came after it, or is still missing after it."""
    return (reported or today) > due
