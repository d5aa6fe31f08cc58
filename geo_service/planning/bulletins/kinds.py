"""The kinds of bulletin, which of them a plan's rhythms and rounds provide for, and what each is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from geo_service.errors import InvalidInput
from geo_service.planning.policy import Profile, Target
from geo_service.planning.policy.conduct import EvaluationRound, Rhythm
from geo_service.planning.policy.reports import report_rhythms
from geo_service.planning.policy.rhythms import Month, read_period

MONTHLY_RANKING = "monthly_ranking"
WEEKLY_SHEET = "weekly_sheet"
MONTHLY_REPORT = "monthly_report"
EVALUATION_LIST = "evaluation_list"
PUBLIC_NOTICE = "public_notice"
OF_UNITS = (EVALUATION_LIST, PUBLIC_NOTICE)
"""Kinds whose rows are management units; those of the others are communities or sub-districts."""


@dataclass(frozen=True)
class Occasion:
    """What one bulletin is about.

    Parameters
    ----------
    period : date
        The day it is filed under.
    named : str
        How people name the period: ``2017-11``, ``2020-06-24``, ``final``.
    begins : date
        Before this day there is nothing to tell.
    cut_off : date
        By the end of which is counted.
    before : date, optional
        The day since whose end change is counted.
    target : Target, optional
        What is ranked by; None where nothing is ranked.
    """

    kind: str
    period: date
    named: str
    begins: date
    cut_off: date
    before: date | None = None
    rhythm: Rhythm | None = None
    round: EvaluationRound | None = None
    target: Target | None = None


def possible_kinds(profile: Profile) -> tuple[str, ...]:
    """Kinds that a plan provides for; every plan has targets to rank by."""
    return tuple(kind for kind, basis in _BASIS.items() if basis(profile))


def occasion_of(kind: str, profile: Profile, written: str, target_key: str | None = None) -> Occasion:
    """The occasion of a kind that somebody asks for.

    Parameters
    ----------
    written : str
        A month, the day of a weekly rhythm, or the key of a round.
    target_key : str, optional
        What is ranked by, the profile's first target by default.

    Raises
    ------
    InvalidInput
        No such kind, one the plan does not provide for, no period of it, or no such target.
    """
    if kind not in _READERS:
        raise InvalidInput(
            "bulletin.unknown_kind", where="--kind", given=kind[:40], known=", ".join(_READERS)
        )
    if not _BASIS[kind](profile):
        possible = ", ".join(possible_kinds(profile))
        raise InvalidInput("bulletin.kind_not_in_plan", where=profile.key, kind=kind, possible=possible)
    occasion = _READERS[kind](profile, written)
    if kind != EVALUATION_LIST:
        return replace(occasion, target=profile.find_target(target_key))
    if target_key is not None:
        raise InvalidInput("bulletin.nothing_ranked", where="--target", kind=kind)
    return occasion


def refuse_unknown_days(occasion: Occasion, profile: Profile, first_known: date | None) -> None:
    """Refuse an occasion that is over before there is anything to count.

    What a ledger first sees is taken to have held before, so that counts of any earlier day can be had. They
    are told from the day on that the plan itself speaks of: its base was fixed by then, and what was surveyed
    later is dated back to it. A plan without a date fixes no base, and nothing is told of the time before the
    first day that anything is known of. Results of a round are told as soon as there are any.

    Parameters
    ----------
    first_known : date, optional
        The first day that a file about the area speaks of, or on which it lets something begin.

    Raises
    ------
    InvalidInput
    """
    if occasion.kind in OF_UNITS:
        return
    begins = profile.begins_on
    if begins is not None and occasion.cut_off < begins:
        raise InvalidInput("bulletin.before_plan", where=occasion.named, begins=begins.isoformat())
    if profile.baseline_on is None and first_known is not None and occasion.cut_off < first_known:
        raise InvalidInput("bulletin.before_data", where=occasion.named, first=first_known.isoformat())


def _month(profile: Profile, written: str) -> Occasion:
    month = Month.parse(written)
    return Occasion(MONTHLY_RANKING, month.first, str(month), month.first, month.last, month.day_before)


def _week(profile: Profile, written: str) -> Occasion:
    rhythm = _weekly(profile)[0]
    turn = read_period(rhythm, written)
    return Occasion(WEEKLY_SHEET, turn.due, turn.named, turn.due, turn.due, turn.due_before, rhythm)


def _report(profile: Profile, written: str) -> Occasion:
    rhythm = _monthly_reports(profile)[0]
    turn = read_period(rhythm, written)
    return Occasion(MONTHLY_REPORT, turn.first, turn.named, turn.first, turn.due, turn.due_before, rhythm)


def _evaluation(profile: Profile, written: str) -> Occasion:
    return _of_round(EVALUATION_LIST, _rounds(profile), written)


def _notice(profile: Profile, written: str) -> Occasion:
    return _of_round(PUBLIC_NOTICE, _final_rounds(profile), written)


def _of_round(kind: str, rounds: list[EvaluationRound], written: str) -> Occasion:
    for each in rounds:
        if each.key == written.strip():
            # scored is whenever the inspectors come: before the last day of the round, too
            return Occasion(kind, each.due, each.key, date.min, each.due, round=each)
    known = ", ".join(each.key for each in rounds)
    raise InvalidInput("bulletin.unknown_round", where="--period", given=written[:40], known=known)


def _weekly(profile: Profile) -> list[Rhythm]:
    return [rhythm for rhythm in profile.conduct.rhythms if rhythm.every == "week"]


def _monthly_reports(profile: Profile) -> list[Rhythm]:
    return [rhythm for rhythm in report_rhythms(profile) if rhythm.every == "month"]


def _rounds(profile: Profile) -> list[EvaluationRound]:
    return list(profile.scoring.rounds) if profile.scoring else []


def _final_rounds(profile: Profile) -> list[EvaluationRound]:
    return [each for each in _rounds(profile) if each.is_final]


_BASIS: Mapping[str, Callable[[Profile], object]] = {
    MONTHLY_RANKING: lambda profile: profile.targets,
    WEEKLY_SHEET: _weekly,
    MONTHLY_REPORT: _monthly_reports,
    EVALUATION_LIST: _rounds,
    PUBLIC_NOTICE: _final_rounds,
}
_READERS: Mapping[str, Callable[[Profile, str], Occasion]] = {
    MONTHLY_RANKING: _month,
    WEEKLY_SHEET: _week,
    MONTHLY_REPORT: _report,
    EVALUATION_LIST: _evaluation,
    PUBLIC_NOTICE: _notice,
}
