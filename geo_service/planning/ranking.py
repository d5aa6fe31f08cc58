"""The monthly ranking: places by exact rate, change since the month before, and what is still missing."""

from __future__ import annotations

import hashlib
import json
import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from geo_service.errors import InvalidInput
from geo_service.planning.coverage import Figure, plain
from geo_service.planning.curve import ranks
from geo_service.planning.policy import Milestone, Target

EARLIEST_YEAR = 1900


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
            raise InvalidInput("bulletin.bad_month", where="--month", given=written[:40])
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


def ranking(
    target: Target,
    names: Mapping[str, str],
    now: Mapping[str, Figure],
    before: Mapping[str, Figure],
    on: date,
) -> list[dict[str, Any]]:
    """Rows of a ranking, the best first, as JSON.

    Parameters
    ----------
    names, now, before : mapping
        Name, counts of the day and counts at the end of the month before, by area code.
    on : date
        The day the counts hold for.
    """
    due, ahead = target.milestone_on(on), target.next_after(on)
    places = ranks(list(now.values()))
    rows = [
        {
            "rank": place,
            "code": code,
            "name": names[code],
            **now[code].as_json(),
            "change": plain(now[code].numerator - before[code].numerator) if code in before else None,
            "meets_due": _meets(due, now[code]),
            "gap_to_next": _gap(ahead, now[code]),
        }
        for code, place in zip(now, places, strict=True)
    ]
    return sorted(rows, key=lambda row: (row["rank"] is None, row["rank"], row["code"]))


def _meets(due: Milestone | None, figure: Figure) -> bool | None:
    if due is None or not figure.denominator:
        return None
    return due.reached(figure.numerator, figure.denominator)


def _gap(ahead: Milestone | None, figure: Figure) -> int | float | None:
    if ahead is None or not figure.denominator:
        return None
    return plain(max(0, ahead.required(int(figure.denominator)) - figure.numerator))


def digest(figures: Mapping[str, Any]) -> str:
    """SHA-256 of figures in one canonical spelling, so that anybody can check that nothing was changed."""
    spelled = json.dumps(figures, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(spelled.encode("utf-8")).hexdigest()


def differences(told: Mapping[str, Any], known: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Areas, and the whole, whose counts are not what was told; what was and what is."""
    was = {row["code"]: row for row in told["rows"]}
    now = {row["code"]: row for row in known["rows"]}
    found = [
        {"code": code, "name": (now.get(code) or was[code])["name"], **_pair(was.get(code), now.get(code))}
        for code in sorted({*was, *now})
    ]
    found.append({"code": None, "name": None, **_pair(told["total"], known["total"])})
    return [each for each in found if each["told"] != each["known"]]


def _pair(told: Mapping[str, Any] | None, known: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"told": _counts(told), "known": _counts(known)}


def _counts(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if row is None else {key: row[key] for key in ("numerator", "denominator")}
