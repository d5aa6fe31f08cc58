"""What a bulletin tells, counted: a ranking of areas, or the results of a round of evaluation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from geo_service.errors import InvalidInput
from geo_service.pipeline.reports import report_states
from geo_service.planning.bulletins.kinds import OF_UNITS, PUBLIC_NOTICE, Occasion
from geo_service.planning.coverage import judge, measure_of, target_figures, target_states
from geo_service.planning.policy import Profile, Target
from geo_service.planning.policy.conduct import Scoring
from geo_service.planning.policy.reports import ReportState, report_rhythms
from geo_service.planning.policy.rhythms import due_days, period_on
from geo_service.planning.policy.sanctions import proposals
from geo_service.planning.ranking import AnsweredFor, occasions_of, ranking, with_conduct, with_uncovered
from geo_service.planning.states import Tally
from geo_service.store import areas, evaluations, responsible_units
from geo_service.store.coverage import load_states, tally

_TITLES = {"key", "title_zh", "title_en", "section"}


def count_figures(
    connection: Connection,
    profile: Profile,
    occasion: Occasion,
    area: areas.AreaName,
    *,
    by: str,
    cut_off: date,
    as_of: date,
) -> dict[str, Any]:
    """Everything of a bulletin that is frozen, as JSON.

    Parameters
    ----------
    by : str
        What is ranked.
    cut_off : date
        By the end of which is counted.
    as_of : date
        Reports handed in later are not known to the bulletin.

    Raises
    ------
    InvalidInput
        Nothing to rank, or no unit scored.
    """
    about = {
        "area_name": area.name,
        "profile": {"title_zh": profile.title_zh, "title_en": profile.title_en},
        "period": occasion.named,
        "as_of": as_of.isoformat(),
    }
    if occasion.kind in OF_UNITS:
        return {**about, **_results(connection, profile, occasion, area, by, cut_off)}
    return {**about, **_ranked(connection, profile, occasion, area, by, cut_off, as_of)}


def _ranked(
    connection: Connection,
    profile: Profile,
    occasion: Occasion,
    area: areas.AreaName,
    by: str,
    cut_off: date,
    as_of: date,
) -> dict[str, Any]:
    assert occasion.before is not None
    assert occasion.target is not None
    figures = _counts(connection, profile, occasion.target, area, by, (occasion.before, cut_off))
    rows = with_conduct(
        figures.pop("rows"),
        profile,
        by,
        _reports(connection, profile, occasion, area.code, by, as_of),
        areas.civilized_units(connection, area.code),
    )
    missed = [row["code"] for row in rows if row["meets_due"] is False]
    answered = _answered_for(connection, profile, occasion.target, area.code, missed, cut_off)
    answering = with_uncovered(answered, profile)
    departments = _of_departments(profile, rows)
    each_proposed = [*departments, *(each for row in (*rows, *answering) for each in row["proposals"])]
    proposed = {each["key"]: each for each in each_proposed}
    provided = [sanction.key for sanction in profile.conduct.sanctions]
    return {
        **figures,
        "rhythm": occasion.rhythm and occasion.rhythm.model_dump(mode="json", include=_TITLES),
        "rows": rows,
        "responsible_units": answering,
        # for a person to decide: what the plan provides for those that miss what is due, or report late
        "proposals": sorted(proposed.values(), key=lambda each: provided.index(each["key"])),
    }


def _of_departments(profile: Profile, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the plan provides for against departments, none of which is ranked: whose it is, people say."""
    missed = any(row["meets_due"] is False for row in rows)
    late = any(report["state"] in ("late", "missing") for row in rows for report in row["reports"])
    return proposals(profile.conduct, occasions_of(missed=missed, late=late), "department", {})


def _answered_for(
    connection: Connection,
    profile: Profile,
    target: Target,
    area_code: str,
    missed: Sequence[str],
    on: date,
) -> list[AnsweredFor]:
    """Units in the areas that missed a milestone, as far as somebody answers for them and they count."""
    if not missed:
        return []
    units = responsible_units.answered_for(connection, area_code, missed, on)
    states = load_states(connection, {unit.state_id for unit in units})
    counted, chosen = target_states(target, states, profile)
    return [
        AnsweredFor(unit.code, unit.name, bool(counted[place]))
        for unit in units
        if chosen[place := states.places[unit.state_id]]
    ]


def _counts(
    connection: Connection,
    profile: Profile,
    target: Target,
    area: areas.AreaName,
    by: str,
    days: tuple[date, date],
) -> dict[str, Any]:
    """Counts of an area and its parts at the end of the later day, and what changed since the earlier."""
    before, cut_off = days
    parts = tally(connection, area.code, by=by, days=[before, cut_off])
    whole = tally(connection, area.code, by=None, days=[cut_off])
    [[total]] = target_figures(target, whole, profile)
    if not total.denominator:
        raise InvalidInput("bulletin.nothing_counted", where=f"{area.code} {cut_off}")
    due, ahead = judge(target, whole, profile, cut_off), target.next_after(cut_off)
    return {
        "by": by,
        "measure": measure_of(target).describe(profile),
        "target": {"key": target.key, "title_zh": target.title_zh, "title_en": target.title_en},
        "due": due.as_json() if due else None,
        "next": ahead
        and {
            "date": ahead.date.isoformat(),
            "threshold": ahead.threshold,
            "required": ahead.required(int(total.denominator)),
        },
        "total": total.as_json(),
        "rows": _rows(profile, target, parts, cut_off),
    }


def _rows(profile: Profile, target: Target, parts: Tally, cut_off: date) -> list[dict[str, Any]]:
    counted = target_figures(target, parts, profile)
    figures = {code: of_days for (code, _), of_days in zip(parts.parts, counted, strict=True)}
    return ranking(
        target,
        dict(parts.parts),
        {code: now for code, (_, now) in figures.items()},
        {code: before for code, (before, _) in figures.items()},
        cut_off,
    )


def _reports(
    connection: Connection, profile: Profile, occasion: Occasion, area_code: str, by: str, as_of: date
) -> dict[str, list[ReportState]]:
    """The reports that every ranked unit owed since the bulletin before."""
    assert occasion.before is not None
    owed: dict[str, list[ReportState]] = {}
    for rhythm in report_rhythms(profile):
        if rhythm.level != by:
            continue
        for due in due_days(rhythm, occasion.before + timedelta(days=1), occasion.cut_off):
            turn = period_on(rhythm, due)
            known = report_states(connection, profile, turn, area_code, as_of=as_of)
            for code in areas.areas_inside(connection, area_code, by):
                owed.setdefault(code, []).append(known.get(code, ReportState(turn, None, as_of)))
    return owed


def _results(
    connection: Connection,
    profile: Profile,
    occasion: Occasion,
    area: areas.AreaName,
    by: str,
    cut_off: date,
) -> dict[str, Any]:
    """Scores of a round: the list of every unit, or the notice of those that comply and of the coverage."""
    scoring, round = profile.scoring, occasion.round
    assert scoring is not None
    assert round is not None
    sheets = evaluations.sheets_of(connection, area.code, profile_key=profile.key, round=round.key)
    rows = _scored(scoring, sheets, areas.areas_inside(connection, area.code, "community"))
    total = {
        "compliant": sum(row["passes"] is True for row in rows),
        "not_compliant": sum(row["passes"] is False for row in rows),
        "not_scored": sum(row["passes"] is None for row in rows),
    }
    if total["not_scored"] == len(rows):
        raise InvalidInput("bulletin.nothing_scored", where=f"{area.code} {round.key}")
    results = {
        "by": "unit",
        "round": round.model_dump(mode="json", include={*_TITLES, "due", "is_final"}),
        "pass_mark": scoring.pass_mark,
        "full_mark": scoring.full_mark,
        "total": total,
        "rows": rows,
        "proposals": [],
    }
    if occasion.kind != PUBLIC_NOTICE:
        return results
    assert occasion.target is not None
    counts = _counts(connection, profile, occasion.target, area, by, (cut_off, cut_off))
    return {
        **results,
        "rows": [row for row in results["rows"] if row["passes"]],
        "total": {**total, **counts["total"]},
        "ranked": by,
        "areas": [{key: row[key] for key in _NOTICED} for row in counts["rows"]],
        **{key: counts[key] for key in ("measure", "target", "due")},
    }


def _scored(scoring: Scoring, sheets: Iterable[Row], communities: Mapping[str, str]) -> list[dict[str, Any]]:
    """A row a unit, the best first."""
    rows = [
        {
            "code": sheet.code,
            "name": sheet.name or sheet.code,
            "kind": sheet.kind,
            "community": communities[sheet.community_code],
            "score": None if sheet.total is None else float(sheet.total),
            "passes": sheet.passes,
            "left_out": _left_out(scoring, sheet.left_out or []),
        }
        for sheet in sheets
    ]
    return sorted(rows, key=_best_first)


_NOTICED = ("code", "name", "numerator", "denominator", "rate", "meets_due")


def _left_out(scoring: Scoring, keys: list[str]) -> list[dict[str, str]]:
    return [
        {"key": each.key, "title_zh": each.title_zh, "title_en": each.title_en}
        for each in scoring.indicators
        if each.key in keys
    ]


def _best_first(row: dict[str, Any]) -> tuple[bool, bool, float, str]:
    """Compliant ones by score, then those that are not, then those not scored yet."""
    return row["passes"] is None, row["passes"] is False, -(row["score"] or 0), row["code"]
