"""The verb that follows milestones: count at every month's end, hold against the plan, forecast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Engine

from geo_service.access import Actor
from geo_service.pipeline.coverage import look_up, rows_by
from geo_service.planning.coverage import MEASURES, Figure, total
from geo_service.planning.curve import Curve, days_to_count, follow, ranks
from geo_service.planning.policy import Profile
from geo_service.planning.policy.rhythms import due_days
from geo_service.store.coverage import count_coverage_of_days
from geo_service.store.session import transaction

WEEKS_AHEAD = 6


@dataclass(frozen=True)
class AreaCurve:
    """The curve of one community or sub-district, and its place among them."""

    code: str
    name: str
    rank: int | None
    curve: Curve

    def as_json(self) -> dict[str, Any]:
        """A row of the report."""
        return {"code": self.code, "name": self.name, "rank": self.rank, **self.curve.as_json()}


@dataclass(frozen=True)
class MilestoneReport:
    """Plan and actual of an area, as a whole and by its parts."""

    area_code: str
    area_name: str
    by: str
    on: date
    profile: Profile
    total: Curve
    rows: tuple[AreaCurve, ...]

    def as_json(self) -> dict[str, Any]:
        """The report as the command line and the API print it."""
        target = self.profile.target
        measure = MEASURES[target.measure]
        return {
            "area": self.area_code,
            "area_name": self.area_name,
            "by": self.by,
            "on": self.on.isoformat(),
            "profile": self.profile.citation,
            "target": {
                "key": target.key,
                "title_zh": target.title_zh,
                "title_en": target.title_en,
                "base": target.base,
                "kind": target.kind,
            },
            "measure": {"key": measure.key, "version": measure.version, "unit": measure.unit},
            "total": self.total.as_json(),
            "rows": [row.as_json() for row in self.rows],
            "coming": self._coming(),
        }

    def _coming(self) -> list[dict[str, Any]]:
        """What the plan asks for next: meetings, reports and duties of the coming weeks."""
        last = self.on + min(timedelta(weeks=WEEKS_AHEAD), date.max - self.on)
        conduct = self.profile.conduct
        days = [(day, rhythm) for rhythm in conduct.rhythms for day in due_days(rhythm, self.on, last)[:1]]
        duties = [(duty.due, duty) for duty in conduct.duties if self.on <= duty.due <= last]
        return [
            {
                "date": day.isoformat(),
                **what.model_dump(mode="json", include={"key", "title_zh", "title_en", "section", "level"}),
            }
            for day, what in sorted([*days, *duties], key=lambda each: (each[0], each[1].key))
        ]


def follow_milestones(
    engine: Engine,
    actor: Actor,
    *,
    area_code: str,
    by: str = "community",
    on: date,
    profile_key: str | None = None,
) -> MilestoneReport:
    """Hold what was covered at every month's end up to ``on`` against the profile's first target.

    Raises
    ------
    NotFound, InvalidInput, Forbidden
        As ``measure_coverage``.
    """
    with transaction(engine, actor, read_only=True) as connection:
        area, profile = look_up(connection, actor, area_code=area_code, by=by, profile_key=profile_key)
        days = days_to_count(profile.target, on)
        counted = count_coverage_of_days(
            connection, area_code, days=days, covered_steps=profile.coverage.covered_steps
        )
    measure = profile.target.measure
    names: dict[str, str] = {}
    figures: dict[str, dict[date, Figure]] = {}
    whole: dict[date, Figure] = {}
    for day in days:
        rows = rows_by(by, counted[day])
        whole[day] = total((row.figures for row in rows), [measure])[measure]
        for row in rows:
            names[row.code] = row.name
            figures.setdefault(row.code, {})[day] = row.figures[measure]
    curves = {code: follow(profile.target, known, on) for code, known in figures.items()}
    places = ranks([curve.now for curve in curves.values()])
    return MilestoneReport(
        area_code=area.code,
        area_name=area.name,
        by=by,
        on=on,
        profile=profile,
        total=follow(profile.target, whole, on),
        rows=tuple(
            AreaCurve(code, names[code], place, curve)
            for (code, curve), place in zip(curves.items(), places, strict=True)
        ),
    )
