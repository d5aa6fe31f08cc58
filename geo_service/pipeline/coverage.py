"""The verb that measures coverage: count, sum up, judge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine

from geo_service import messages
from geo_service.access import Actor, Role
from geo_service.errors import InvalidInput
from geo_service.pipeline.guard import require_reader_of_counts
from geo_service.pipeline.policies import find_profile
from geo_service.planning.coverage import (
    MEASURES,
    Figures,
    Judgement,
    Measure,
    judge,
    milestone_json,
)
from geo_service.planning.policy import Profile, Target
from geo_service.planning.states import Tally
from geo_service.store import areas
from geo_service.store.coverage import Known, Lapse, PublishedPlan, new_lapses, published_plans, tally
from geo_service.store.session import transaction

AREAS = ("community", "subdistrict")
TRAITS = ("type", "class", "form", "responsible_unit")
BY = (*AREAS, *TRAITS)


@dataclass(frozen=True)
class CoverageRow:
    """The figures of one community or sub-district, or of one type, class, form or responsible unit."""

    code: str
    name: str
    figures: Figures


@dataclass(frozen=True)
class CoverageReport:
    """Coverage of an area on a date, with the rules the figures follow."""

    area_code: str
    area_name: str
    by: str
    on: date
    known: Known
    profile: Profile
    measures: tuple[Measure, ...]
    rows: tuple[CoverageRow, ...]
    total: Figures
    judgement: Judgement | None
    targets: tuple[tuple[Target, Judgement | None], ...]
    newly_lapsed: tuple[Lapse, ...] | None
    unknown_forms: tuple[tuple[str, int], ...]
    plans: tuple[PublishedPlan, ...]

    def as_json(self) -> dict[str, Any]:
        """The report as the command line and the API print it."""
        return {
            "area": self.area_code,
            "area_name": self.area_name,
            "by": self.by,
            "on": self.on.isoformat(),
            "known": self.known.isoformat() if self.known else None,
            "profile": self.profile.citation,
            "plans": [
                {"id": plan.id, "revision": plan.revision, "communities": plan.communities}
                for plan in self.plans
            ],
            "measures": [measure.describe(self.profile) for measure in self.measures],
            "rows": [
                {"code": row.code, "name": row.name, "figures": self._shown(row.figures)} for row in self.rows
            ],
            "total": self._shown(self.total),
            "milestone": self.judgement.as_json() if self.judgement else None,
            "milestones": [
                milestone_json(milestone, self.profile.title_zh) for milestone in self.profile.milestones
            ],
            "targets": [
                {
                    **target_json(target),
                    "milestone": judgement.as_json() if judgement else None,
                }
                for target, judgement in self.targets
            ],
            "unknown_forms": [
                {"form": form, "name": messages.text(f"form.{form}", missing=form), "units": units}
                for form, units in self.unknown_forms
            ],
            "newly_lapsed": None
            if self.newly_lapsed is None
            else [
                {
                    "kind": lapse.kind,
                    "code": lapse.code,
                    "name": lapse.name,
                    "community": lapse.community_code,
                    "on": lapse.lapsed_on.isoformat(),
                }
                for lapse in self.newly_lapsed
            ],
        }

    def _shown(self, figures: Figures) -> dict[str, Any]:
        return {measure.key: figures[measure.key].as_json() for measure in self.measures}


def target_json(target: Target) -> dict[str, Any]:
    """What a target is about."""
    return {
        "key": target.key,
        "title_zh": target.title_zh,
        "title_en": target.title_en,
        "counts": target.counts,
        "base": target.base,
        "where": dict(target.where),
        "kind": target.kind,
        "level": target.level,
    }


def measure_coverage(
    engine: Engine,
    actor: Actor,
    *,
    area_code: str,
    by: str = "community",
    on: date,
    known: datetime | None = None,
    measure: str | None = None,
    profile_key: str | None = None,
    language: str = messages.DEFAULT_LANGUAGE,
) -> CoverageReport:
    """Count what is covered in an area at the end of a day, past or to come.

    ``plans`` are the plans of zones in force on that day, as far as the actor reads plans;
    ``unknown_forms`` counts units in service in forms that the profile does not name: they are not covered;
    ``newly_lapsed`` names the units that lost their management in the month of the day, up to it; None for
    whoever reads counts alone.

    The milestone is the latest one due by then, judged by the profile's own target, whatever ``measure``
    shows; ``targets`` has one of each target.

    Parameters
    ----------
    by : {"community", "subdistrict", "type", "class", "form", "responsible_unit"}
        What one row of the report is.
    known : datetime, optional
        Count what was known at this moment; now by default.
    measure : str, optional
        Show this measure alone.
    profile_key : str, optional
        The policy profile; the deployment's by default.
    language : str
        Of the names of types, classes and forms; areas and responsible units have the names they were given.

    Raises
    ------
    NotFound
        Unknown profile, or no such area in the actor's scope.
    InvalidInput
        Unknown ``by`` or ``measure``, or a community by sub-district.
    Forbidden
        The actor is a chief.
    """
    if measure is not None and measure not in MEASURES:
        raise InvalidInput(
            "coverage.unknown_measure", where="--measure", given=measure, known=", ".join(MEASURES)
        )
    with transaction(engine, actor, read_only=True) as connection:
        area, profile = look_up(connection, actor, area_code=area_code, by=by, profile_key=profile_key)
        counted = tally(connection, area_code, by=None, days=[on], known=known)
        parts = (
            tally(connection, area_code, by=by, days=[on], known=known)
            if by in AREAS
            else named(counted.split(_labels(counted, by, profile)), by, profile, language)
        )
        plans = published_plans(connection, area_code, on)
        lapses = (
            # counts are for every reader, single units are not
            None
            if actor.role is Role.VIEWER
            else new_lapses(
                connection, area_code, counted.states, first=on.replace(day=1), last=on, known=known
            )
        )
    shown = (MEASURES[measure],) if measure else tuple(MEASURES.values())
    targets = tuple((target, judge(target, counted, profile, on)) for target in profile.targets)
    return CoverageReport(
        area_code=area.code,
        area_name=area.name,
        by=by,
        on=on,
        known=known,
        profile=profile,
        measures=shown,
        rows=rows_of(parts, shown, profile),
        total=rows_of(counted, shown, profile)[0].figures,
        judgement=targets[0][1],
        targets=targets,
        newly_lapsed=None if lapses is None else tuple(lapses),
        unknown_forms=unknown_forms(counted, profile),
        plans=tuple(plans),
    )


def unknown_forms(counted: Tally, profile: Profile) -> tuple[tuple[str, int], ...]:
    """Units of the base in service in forms that the plan does not name, by form: none of them is covered."""
    states = counted.states
    apart = states.in_unknown_form(profile) & (states.in_base(profile.coverage.base) == 1)
    by_form = counted.split(np.array([state.form or "" for state in states.items], dtype=str))
    units = by_form.sums("units", apart)[:, 0].tolist()
    return tuple((form, count) for (form, _), count in zip(by_form.parts, units, strict=True) if count)


def rows_of(counted: Tally, measures: tuple[Measure, ...], profile: Profile) -> tuple[CoverageRow, ...]:
    """One row a part of a tally of one day, by every measure."""
    figures = {measure.key: measure.figures(counted, profile) for measure in measures}
    return tuple(
        CoverageRow(code, name, dict(zip(figures, of_part, strict=True)))
        for (code, name), of_part in zip(counted.parts, zip(*figures.values(), strict=True), strict=True)
    )


def named(parts: Tally, by: str, profile: Profile, language: str) -> Tally:
    """Parts by what units have in common, with the names the plan or the catalogue gives them."""
    options = profile.management.types.options if profile.management.types and by == "type" else ()
    titles = {option.key: option.title_en if language == "en" else option.title_zh for option in options}

    def name(code: str) -> str:
        if not code:
            return messages.text("coverage.not_said", language)
        return titles.get(code) or messages.text(f"{by}.{code}", language, missing=code)

    return replace(parts, parts=tuple((code, name(code)) for code, _ in parts.parts))


def _labels(counted: Tally, by: str, profile: Profile) -> np.ndarray:
    states = counted.states
    if by == "type":
        return states.types(profile.management.types)
    attribute = {"class": "implementation_class"}.get(by, by)
    return np.array([getattr(state, attribute) or "" for state in states.items], dtype=str)


def look_up(
    connection: Connection,
    actor: Actor,
    *,
    area_code: str,
    by: str,
    profile_key: str | None,
    profile_version: int | None = None,
    known_by: tuple[str, ...] = BY,
) -> tuple[areas.AreaName, Profile]:
    """The area and the profile a coverage figure is asked for.

    Raises
    ------
    NotFound, InvalidInput, Forbidden
        As ``measure_coverage``.
    """
    require_reader_of_counts(actor)
    if by not in known_by:
        raise InvalidInput("coverage.unknown_by", where="--by", given=by, known=", ".join(known_by))
    area = areas.require_area(connection, area_code)
    if by == "subdistrict" and area.kind == "community":
        raise InvalidInput("coverage.community_by_subdistrict", where=area_code)
    return area, find_profile(connection, profile_key, profile_version)
