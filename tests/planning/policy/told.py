"""What a profile says, part by part, as rows that can be written beside the plan's own text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from geo_service.planning.policy import Profile
from geo_service.planning.policy.part import Part

Row = tuple[Any, ...]


def _plan(profile: Profile) -> list[Row]:
    return [(profile.title_zh, _day(profile.issued), profile.document_no, profile.reporting_level)]


def _coverage(profile: Profile) -> list[Row]:
    rule = profile.coverage
    return [(rule.measure, rule.base, rule.covered_from, *_marks(rule), rule.section)]


def _milestones(profile: Profile) -> list[Row]:
    """Of each target its head, then a row for every day."""
    rows: list[Row] = []
    for target in profile.targets:
        head = (target.counts, target.measure, target.base, dict(target.where), target.kind, target.level)
        rows.append((target.title_zh, *head, *_marks(target)))
        for each in target.milestones:
            wanted = f"{each.percent}%" if each.count is None else each.count
            rows.append((_day(each.date), wanted, *_marks(each), each.section))
    return rows


def _types(profile: Profile) -> list[Row]:
    types = profile.management.types
    if types is None:
        return []
    standalone = [("standalone", types.standalone)] if types.standalone else []
    options = [(each.key, each.title_zh, each.section) for each in types.options]
    return [(types.fact,), *standalone, *options]


def _bands(profile: Profile) -> list[Row]:
    return [(each.key, each.at_least, each.at_most, each.section) for each in profile.management.bands]


def _forms(profile: Profile) -> list[Row]:
    return [
        (each.form, *(name for name in ("never_covers", "is_fallback") if getattr(each, name)),
         *_marks(each), each.section)
        for each in profile.management.forms
    ]  # fmt: skip


def _rules(profile: Profile) -> list[Row]:
    """To whom it applies, the forms in their order, what is said of them, and the clause."""
    management = profile.management
    rows: list[Row] = [("precedence", *management.precedence, *_marks(management))]
    for rule in management.rules:
        applies = rule.band or ", ".join(rule.types) or rule.basis
        said = [name for name in ("is_open", "is_transition") if getattr(rule, name)]
        by = [f"by {', '.join(rule.arranged_by)}"] if rule.arranged_by else []
        rows.append((applies, dict(rule.where), list(rule.forms), *said, *by, *_marks(rule), rule.section))
    return rows


def _consent(profile: Profile) -> list[Row]:
    rule = profile.consent
    if rule is None:
        return []
    inclusive = "inclusive" if rule.inclusive else "strict"
    return [(rule.who, rule.tally, rule.percent, inclusive, *_marks(rule), rule.section)]


def _scoring(profile: Profile) -> list[Row]:
    rule = profile.scoring
    if rule is None:
        return []
    weights = ["weights are ours"] if rule.weights_are_default else []
    marks = (rule.full_mark, rule.pass_mark, rule.judged_on, rule.not_applicable)
    return [
        (*marks, ", ".join(rule.evaluated), *weights, *_marks(rule), rule.section),
        *((each.title_zh, each.weight, dict(each.where), each.section) for each in rule.indicators),
        *((each.title_zh, _day(each.due), each.is_final, each.section) for each in rule.rounds),
    ]


def _phases(profile: Profile) -> list[Row]:
    return [
        (each.title_zh, _day(each.begins), _day(each.ends), *_marks(each), each.section)
        for each in profile.conduct.phases
    ]


def _duties(profile: Profile) -> list[Row]:
    return [
        (each.title_zh, each.level, _day(each.due), *_marks(each), each.section)
        for each in profile.conduct.duties
    ]


def _rhythms(profile: Profile) -> list[Row]:
    """Kind, how often, on which day, from when to when, whom it falls to."""
    return [
        (each.title_zh, each.kind, each.every, each.weekday or each.day_of_month,
         (_day(each.begins), _day(each.ends)), each.level, *_marks(each), each.section)
        for each in profile.conduct.rhythms
    ]  # fmt: skip


def _sanctions(profile: Profile) -> list[Row]:
    return [
        (each.title_zh, each.on, dict(each.where), each.against, *_marks(each), each.section)
        for each in profile.conduct.sanctions
    ]


def _parties(profile: Profile) -> list[Row]:
    return [(each.title_zh, each.role, each.section) for each in profile.conduct.parties]


def _service(profile: Profile) -> list[Row]:
    return [
        (each.title_zh, each.indicator, each.every and (each.times, each.every), dict(each.where),
         each.section)
        for each in profile.conduct.service
    ]  # fmt: skip


def _checklist(profile: Profile) -> list[Row]:
    return [(each.title_zh, each.section) for each in profile.conduct.checklist]


def _day(day: date | None) -> str | None:
    return day and day.isoformat()


def _marks(part: Part) -> list[str]:
    """What of a part is this service's reading and not the plan's word."""
    readings = getattr(part, "readings", ())
    whole = ["ours"] if getattr(part, "is_default", False) else []
    return [*whole, *([f"ours: {', '.join(readings)}"] if readings else [])]


PARTS: Mapping[str, Callable[[Profile], list[Row]]] = {
    "plan": _plan,
    "coverage": _coverage,
    "milestones": _milestones,
    "types": _types,
    "bands": _bands,
    "forms": _forms,
    "rules": _rules,
    "consent": _consent,
    "scoring": _scoring,
    "phases": _phases,
    "duties": _duties,
    "rhythms": _rhythms,
    "sanctions": _sanctions,
    "parties": _parties,
    "service": _service,
    "checklist": _checklist,
}
