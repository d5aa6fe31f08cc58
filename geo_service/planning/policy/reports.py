"""What a unit reports by a rhythm of its plan: which report, of which period, and whether it came in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from geo_service.errors import InvalidInput
from geo_service.planning.policy.conduct import Rhythm
from geo_service.planning.policy.profile import Profile
from geo_service.planning.policy.rhythms import RhythmPeriod, is_late


class Punctuality(StrEnum):
    """How a report stands."""

    ON_TIME = "on_time"
    LATE = "late"
    MISSING = "missing"
    """Due, and not there."""
    PENDING = "pending"
    """Not there, and not due yet."""


@dataclass(frozen=True)
class ReportState:
    """The report that one unit owes for one turn of a rhythm.

    Parameters
    ----------
    received : date, optional
        The day it was handed in; None while it has not been.
    as_of : date
        The day by whose end this is so.
    """

    period: RhythmPeriod
    received: date | None
    as_of: date

    @property
    def punctuality(self) -> Punctuality:
        """On time, late, missing or not due yet."""
        late = is_late(self.period.due, self.received, self.as_of)
        if self.received is not None:
            return Punctuality.LATE if late else Punctuality.ON_TIME
        return Punctuality.MISSING if late else Punctuality.PENDING

    @property
    def days_late(self) -> int:
        """Whole days after the due day; of a missing report, up to ``as_of``."""
        return max(0, ((self.received or self.as_of) - self.period.due).days)

    def as_json(self) -> dict[str, Any]:
        """The state as bulletins, the command line and the API print it."""
        return {
            "rhythm": self.period.rhythm.key,
            "due": self.period.due.isoformat(),
            "received_on": self.received and self.received.isoformat(),
            "state": self.punctuality.value,
            "days_late": self.days_late,
        }


def report_rhythms(profile: Profile) -> list[Rhythm]:
    """Rhythms by which a plan has units report; what is reported only as needed is never late."""
    return [rhythm for rhythm in profile.conduct.rhythms if rhythm.kind == "report" and rhythm.every]


def find_report_rhythm(profile: Profile, key: str | None) -> Rhythm:
    """A rhythm of reports by its key, the first by default.

    Raises
    ------
    InvalidInput
        The plan asks for no report, or for none of that key.
    """
    rhythms = report_rhythms(profile)
    if not rhythms:
        raise InvalidInput("report.none_in_plan", where=profile.key)
    for rhythm in rhythms:
        if key in (None, rhythm.key):
            return rhythm
    known = ", ".join(rhythm.key for rhythm in rhythms)
    raise InvalidInput("report.unknown_rhythm", where=str(key)[:40], known=known)
