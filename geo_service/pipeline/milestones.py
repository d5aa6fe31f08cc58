"""The verb that follows milestones: count at every month's end, hold against the plan, forecast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine

from geo_service.access import Actor
from geo_service.pipeline.coverage import AREAS, look_up, target_json
from geo_service.planning.coverage import measure_of, target_figures
from geo_service.planning.curve import Curve, days_to_count, follow, ranks
from geo_service.planning.policy import Profile, Target
from geo_service.planning.policy.coming import coming
from geo_service.store.coverage import Known, tally
from geo_service.store.session import transaction


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
    known: Known
    profile: Profile
    target: Target
    total: Curve
    rows: tuple[AreaCurve, ...]

    def as_json(self) -> dict[str, Any]:
        """The report as the command line and the API print it."""
        return {
            "area": self.area_code,
            "area_name": self.area_name,
            "by": self.by,
            "on": self.on.isoformat(),
            "known": self.known.isoformat() if self.known else None,
            "profile": self.profile.citation,
            "target": target_json(self.target),
            "targets": [target_json(each) for each in self.profile.targets],
            "measure": measure_of(self.target).describe(self.profile),
            "total": self.total.as_json(),
            "rows": [row.as_json() for row in self.rows],
            "coming": [each.as_json() for each in coming(self.profile, self.on)],
        }


def follow_milestones(
    engine: Engine,
    actor: Actor,
    *,
    area_code: str,
    by: str = "community",
    on: date,
    known: datetime | None = None,
    target_key: str | None = None,
    profile_key: str | None = None,
) -> MilestoneReport:
    """Hold what was counted at every month's end up to ``on`` against one of the profile's targets.

    Parameters
    ----------
    target_key : str, optional
        The profile's first target by default.

    Raises
    ------
    NotFound, InvalidInput, Forbidden
        As ``measure_coverage``; InvalidInput also for an unknown target.
    """
    with transaction(engine, actor, read_only=True) as connection:
        area, profile = look_up(
            connection, actor, area_code=area_code, by=by, profile_key=profile_key, known_by=AREAS
        )
        target = profile.find_target(target_key)
        days = days_to_count(target, on)
        whole = tally(connection, area_code, by=None, days=days, known=known)
        parts = tally(connection, area_code, by=by, days=days, known=known)
    curves = [
        follow(target, dict(zip(days, figures, strict=True)), on)
        for figures in target_figures(target, parts, profile)
    ]
    places = ranks([curve.now for curve in curves])
    [total] = target_figures(target, whole, profile)
    return MilestoneReport(
        area_code=area.code,
        area_name=area.name,
        by=by,
        on=on,
        known=known,
        profile=profile,
        target=target,
        total=follow(target, dict(zip(days, total, strict=True)), on),
        rows=tuple(
            AreaCurve(code, name, place, curve)
            for (code, name), place, curve in zip(parts.parts, places, curves, strict=True)
        ),
    )
