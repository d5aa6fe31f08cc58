"""A ranking: places by exact rate, what changed, what is missing, whose report is late, what may follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from geo_service.planning.coverage import Figure, plain
from geo_service.planning.curve import ranks
from geo_service.planning.policy import Milestone, Profile, Target
from geo_service.planning.policy.part import Fact
from geo_service.planning.policy.reports import Punctuality, ReportState
from geo_service.planning.policy.sanctions import proposals


def ranking(
    target: Target,
    names: Mapping[str, str],
    now: Mapping[str, Figure],
    before: Mapping[str, Figure],
    on: date,
) -> list[dict[str, Any]]:
    """Places of a ranking, the best first, as JSON.

    Parameters
    ----------
    names, now, before : mapping
        Name, counts of the day and counts of the earlier day that change is told from, by area code.
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


def with_conduct(
    rows: Sequence[Mapping[str, Any]],
    profile: Profile,
    by: str,
    reports: Mapping[str, Sequence[ReportState]],
    civilized: Mapping[str, bool],
) -> list[dict[str, Any]]:
    """Rows of a ranking with the reports each unit owed, and what its plan provides where it failed.

    Parameters
    ----------
    by : str
        The level that is ranked.
    reports : mapping
        By area code; nothing where none is owed.
    civilized : mapping
        Whether a unit is a civilized unit, by area code, where that is known.
    """
    told = []
    for row in rows:
        owed = reports.get(row["code"], ())
        late = any(each.punctuality in (Punctuality.LATE, Punctuality.MISSING) for each in owed)
        occasions = occasions_of(missed=row["meets_due"] is False, late=late)
        known = civilized.get(row["code"])
        facts: dict[Fact, bool] = {} if known is None else {"is_civilized_unit": known}
        told.append(
            {
                **row,
                "is_civilized_unit": known,
                "reports": [each.as_json() for each in owed],
                "proposals": proposals(profile.conduct, occasions, by, facts),
            }
        )
    return told


def occasions_of(*, missed: bool, late: bool = False) -> list[str]:
    """What a plan may provide for.

    No count says whether work was passive: where something was missed, a person decides whether it was.
    """
    happened = {"milestone_missed": missed, "report_late": late, "passive_work": missed or late}
    return [occasion for occasion, holds in happened.items() if holds]


def with_uncovered(units: Iterable[AnsweredFor], profile: Profile) -> list[dict[str, Any]]:
    """Responsible units with management units still uncovered where a milestone was missed, as JSON.

    Those with the most of them first; nothing where the plan provides for nothing against them.
    """
    proposed = proposals(profile.conduct, occasions_of(missed=True), "responsible_unit", {})
    counts: dict[tuple[str, str], tuple[int, int]] = {}
    for unit in units if proposed else ():
        answers = (unit.code or unit.name, unit.name)
        covered, whole = counts.get(answers, (0, 0))
        counts[answers] = (covered + int(unit.is_covered), whole + 1)
    rows = [
        {"code": code, "name": name, **Figure(covered, whole).as_json(), "proposals": proposed}
        for (code, name), (covered, whole) in counts.items()
        if covered < whole
    ]
    return sorted(rows, key=lambda row: (row["numerator"] - row["denominator"], row["code"]))


@dataclass(frozen=True)
class AnsweredFor:
    """A management unit that is to be covered, and the responsible unit that answers for it.

    Parameters
    ----------
    code : str or None
        None where the ledger names what is on no register.
    """

    code: str | None
    name: str
    is_covered: bool
