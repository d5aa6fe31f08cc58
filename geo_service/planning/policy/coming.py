"""What a plan asks for in the weeks after a day: turns of its rhythms, duties, ends of phases, rounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from geo_service.planning.policy.conduct import Duty, EvaluationRound, Phase, Rhythm
from geo_service.planning.policy.profile import Profile
from geo_service.planning.policy.rhythms import due_days

AHEAD = timedelta(weeks=6)


@dataclass(frozen=True)
class Due:
    """Something that a plan asks for by the end of a day."""

    day: date
    what: str
    """``meeting``, ``report`` and so on of a rhythm, else ``duty``, ``phase`` (its end) or ``round``."""
    part: Rhythm | Duty | Phase | EvaluationRound

    def as_json(self) -> dict[str, Any]:
        """A line of what is coming up, as the command line and the API print it."""
        return {
            "date": self.day.isoformat(),
            "what": self.what,
            **self.part.model_dump(mode="json", include={"key", "title_zh", "title_en", "section"}),
            "level": getattr(self.part, "level", None),
        }


def coming(profile: Profile, on: date) -> list[Due]:
    """What falls due from ``on`` to six weeks later, the nearest first; of a rhythm its next turn alone."""
    last = on + min(AHEAD, date.max - on)
    found = [due for due in _dated(profile) if on <= due.day <= last]
    found += [
        Due(day, rhythm.kind, rhythm)
        for rhythm in profile.conduct.rhythms
        for day in due_days(rhythm, on, last)[:1]
    ]
    return sorted(found, key=lambda each: (each.day, each.part.key))


def _dated(profile: Profile) -> Iterator[Due]:
    """What falls due once."""
    for duty in profile.conduct.duties:
        if duty.due is not None:
            yield Due(duty.due, "duty", duty)
    for phase in profile.conduct.phases:
        yield Due(phase.ends, "phase", phase)
    for each in profile.scoring.rounds if profile.scoring else ():
        yield Due(each.due, "round", each)
