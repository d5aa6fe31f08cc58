"""The verb that measures coverage: count, sum up, judge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine

from geo_service.access import Actor, Role
from geo_service.errors import Forbidden, InvalidInput
from geo_service.pipeline.policies import find_profile
from geo_service.planning.coverage import MEASURES, Figures, Judgement, Measure, milestone_json, total
from geo_service.planning.policy import Profile
from geo_service.store import areas
from geo_service.store.coverage import CommunityCounts, count_coverage
from geo_service.store.session import transaction

BY = ("community", "subdistrict")


@dataclass(frozen=True)
class CoverageRow:
    """The figures of one community or sub-district."""

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
    profile: Profile
    measures: tuple[Measure, ...]
    rows: tuple[CoverageRow, ...]
    total: Figures
    judgement: Judgement | None

    def as_json(self) -> dict[str, Any]:
        """The report as the command line and the API print it."""
        return {
            "area": self.area_code,
            "area_name": self.area_name,
            "by": self.by,
            "on": self.on.isoformat(),
            "profile": self.profile.citation,
            "measures": [measure.describe(self.profile) for measure in self.measures],
            "rows": [
                {"code": row.code, "name": row.name, "figures": self._shown(row.figures)} for row in self.rows
            ],
            "total": self._shown(self.total),
            "milestone": self.judgement.as_json() if self.judgement else None,
            "milestones": [
                milestone_json(milestone, self.profile.title_zh) for milestone in self.profile.milestones
            ],
        }

    def _shown(self, figures: Figures) -> dict[str, Any]:
        return {measure.key: figures[measure.key].as_json() for measure in self.measures}


def measure_coverage(
    engine: Engine,
    actor: Actor,
    *,
    area_code: str,
    by: str = "community",
    on: date,
    measure: str | None = None,
    profile_key: str | None = None,
) -> CoverageReport:
    """Count what is covered in an area at the end of a day, past or to come.

    The milestone is the latest one due by then, judged by the profile's own measure, whatever ``measure``
    shows.

    Parameters
    ----------
    by : {"community", "subdistrict"}
        What one row of the report is.
    measure : str, optional
        Show this measure alone.
    profile_key : str, optional
        The policy profile; the deployment's by default.

    Raises
    ------
    NotFound
        Unknown profile, or no such area in the actor's scope.
    InvalidInput
        Unknown ``by`` or ``measure``, a community by sub-district, or a profile whose target counts what
        the database does not hold yet.
    Forbidden
        The actor is a chief.
    """
    if measure is not None and measure not in MEASURES:
        raise InvalidInput(
            "coverage.unknown_measure", where="--measure", given=measure, known=", ".join(MEASURES)
        )
    with transaction(engine, actor, read_only=True) as connection:
        area, profile = look_up(connection, actor, area_code=area_code, by=by, profile_key=profile_key)
        counts = count_coverage(connection, area_code, on=on, covered_steps=profile.coverage.covered_steps)
    figures = total((community.figures for community in counts), MEASURES)
    milestone, judged_by = profile.milestone_on(on), profile.target.measure
    return CoverageReport(
        area_code=area.code,
        area_name=area.name,
        by=by,
        on=on,
        profile=profile,
        measures=(MEASURES[measure],) if measure else tuple(MEASURES.values()),
        rows=rows_by(by, counts),
        total=figures,
        judgement=(
            Judgement(milestone, judged_by, figures[judged_by], profile.title_zh) if milestone else None
        ),
    )


def look_up(
    connection: Connection,
    actor: Actor,
    *,
    area_code: str,
    by: str,
    profile_key: str | None,
    profile_version: int | None = None,
) -> tuple[areas.AreaName, Profile]:
    """The area and the profile a coverage figure is asked for.

    Raises
    ------
    NotFound, InvalidInput, Forbidden
        As ``measure_coverage``.
    """
    if actor.role is Role.CHIEF:
        raise Forbidden("access.outside_scope", where=actor.role.value)
    if by not in BY:
        raise InvalidInput("coverage.unknown_by", where="--by", given=by)
    area = areas.require_area(connection, area_code)
    if by == "subdistrict" and area.kind == "community":
        raise InvalidInput("coverage.community_by_subdistrict", where=area_code)
    profile = find_profile(connection, profile_key, profile_version)
    target = profile.target
    if (target.counts, target.base) != ("covered", "unmanaged_baseline") or target.where:
        # rather than judge it by other counts: the ledger does not hold yet what it asks for
        raise InvalidInput("coverage.not_counted", where=profile.key, target=target.key)
    return area, profile


def rows_by(by: str, counts: list[CommunityCounts]) -> tuple[CoverageRow, ...]:
    """One row a community, or one a sub-district with its communities summed; by code."""
    if by == "community":
        return tuple(CoverageRow(each.code, each.name, each.figures) for each in counts)
    names = {community.subdistrict_code: community.subdistrict_name for community in counts}
    parts: dict[str, list[Figures]] = {code: [] for code in sorted(names)}
    for community in counts:
        parts[community.subdistrict_code].append(community.figures)
    return tuple(CoverageRow(code, names[code], total(figures, MEASURES)) for code, figures in parts.items())
