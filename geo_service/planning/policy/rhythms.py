"""On which days a rhythm falls due, which period each of them closes, and whether something came in time."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from geo_service.errors import InvalidInput
from geo_service.planning.policy.conduct import Rhythm

EARLIEST_YEAR = 1900
_DAYS_A_WEEK = timedelta(days=7)
_OPTION = "--period"  # whatever is read here was given as


@dataclass(frozen=True)
class Month:
    """A calendar month."""

    first: date

    @classmethod
    def parse(cls, written: str) -> Month:
        """A month written as ``2024-10``.

        Raises
        ------
        InvalidInput
            When it is none.
        """
        parts = re.fullmatch(r"(\d{4})-(\d{2})", written.strip())
        if parts is None or not (1 <= int(parts[2]) <= 12 and int(parts[1]) >= EARLIEST_YEAR):
            raise InvalidInput("bulletin.bad_month", where=_OPTION, given=written[:40])
        return cls(date(int(parts[1]), int(parts[2]), 1))

    @property
    def last(self) -> date:
        """Its last day."""
        return self.first.replace(day=monthrange(self.first.year, self.first.month)[1])

    @property
    def day_before(self) -> date:
        """The last day of the month before."""
        return self.first - timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"


@dataclass(frozen=True)
class RhythmPeriod:
    """One turn of a rhythm.

    Parameters
    ----------
    first : date
        The first day of the days it is about.
    due : date
        By the end of which it falls due.
    """

    rhythm: Rhythm
    first: date
    due: date

    @property
    def named(self) -> str:
        """``2017-11`` of a monthly rhythm, the due day of any other."""
        return str(Month(self.first)) if self.rhythm.every == "month" else self.due.isoformat()

    @property
    def due_before(self) -> date:
        """The day on which the turn before would fall due, whether or not the rhythm had begun by then."""
        if self.rhythm.every == "month":
            earlier = Month(Month(self.first).day_before.replace(day=1))
            return _due_in(self.rhythm, earlier)
        return self.first - timedelta(days=1)


def due_days(rhythm: Rhythm, first: date, last: date) -> list[date]:
    """Days of a rhythm from ``first`` to ``last``, both included, none before it begins or after it ends.

    A weekly rhythm falls on its weekday, else on Sundays; a monthly one on its day, or on the last of a month
    that has no such day, and without a day on the last; half-yearly and yearly ones on the last of June and
    December; one that comes back only when it is needed on none. A plan that says "by the 26th" is kept to
    the letter when that is a Sunday.
    """
    first = max(first, rhythm.begins or first)
    last = min(last, rhythm.ends or last)
    days = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
    return [day for day in days if _falls_on(rhythm, day)]


def read_period(rhythm: Rhythm, written: str) -> RhythmPeriod:
    """One turn of a rhythm: ``2017-11`` of a monthly one, the due day of any other.

    Raises
    ------
    InvalidInput
        When it is none, is over before the rhythm begins, or falls due after its end; the nearest due days
        are named.
    """
    if rhythm.every == "month":
        month = Month.parse(written)
        period = RhythmPeriod(rhythm, month.first, _due_in(rhythm, month))
        if rhythm.begins and period.due < rhythm.begins:
            raise InvalidInput("report.before_rhythm", where=_OPTION, begins=rhythm.begins.isoformat())
        if rhythm.ends and period.due > rhythm.ends:
            raise InvalidInput("report.after_rhythm", where=_OPTION, ends=rhythm.ends.isoformat())
        return period
    due = _read_day(written)
    if not due_days(rhythm, due, due):
        nearest = ", ".join(day.isoformat() for day in _nearest(rhythm, due))
        raise InvalidInput("report.not_a_due_day", where=_OPTION, given=due.isoformat(), nearest=nearest)
    return RhythmPeriod(rhythm, _first_of(rhythm, due), due)


def period_on(rhythm: Rhythm, day: date) -> RhythmPeriod:
    """The latest turn of a rhythm that has begun by ``day``."""
    if rhythm.every == "month":
        month = Month(day.replace(day=1))
        return RhythmPeriod(rhythm, month.first, _due_in(rhythm, month))
    due = next(ahead for ahead in (day + timedelta(days=n) for n in range(366)) if _falls_on(rhythm, ahead))
    return RhythmPeriod(rhythm, _first_of(rhythm, due), due)


def is_late(due: date, reported: date | None, today: date) -> bool:
    """Whether what was due by the end of a day came after it, or is still missing after it."""
    return (reported or today) > due


def _falls_on(rhythm: Rhythm, day: date) -> bool:
    if rhythm.every is None:
        return False
    if rhythm.every == "day":
        return True
    if rhythm.every == "week":
        return day.isoweekday() == (rhythm.weekday or 7)
    if rhythm.every == "month":
        return day == _due_in(rhythm, Month(day.replace(day=1)))
    months = (6, 12) if rhythm.every == "half_year" else (12,)
    return day.month in months and day == Month(day.replace(day=1)).last


def _due_in(rhythm: Rhythm, month: Month) -> date:
    return month.first.replace(day=min(rhythm.day_of_month or month.last.day, month.last.day))


def _first_of(rhythm: Rhythm, due: date) -> date:
    """The first of the days that a turn due on ``due`` is about."""
    if rhythm.every == "day":
        return due
    if rhythm.every == "week":
        return due - _DAYS_A_WEEK + timedelta(days=1)
    return due.replace(month=1 if rhythm.every == "year" else due.month - 5, day=1)


def _nearest(rhythm: Rhythm, day: date) -> Iterable[date]:
    """The due days nearest to ``day`` on either side."""
    earlier = min(max(day, date(EARLIEST_YEAR, 1, 1)), rhythm.ends or day)
    around = due_days(rhythm, earlier - timedelta(days=366), earlier)[-1:]
    later = max(day, rhythm.begins or day)
    return [*around, *due_days(rhythm, later, later + timedelta(days=366))[:1]]


def _read_day(written: str) -> date:
    try:
        day = date.fromisoformat(written.strip())
    except ValueError as error:
        raise InvalidInput("command.bad_date", where=_OPTION, given=written[:40]) from error
    if not EARLIEST_YEAR <= day.year < date.max.year:
        raise InvalidInput("command.bad_date", where=_OPTION, given=written[:40])
    return day
