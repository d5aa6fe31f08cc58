"""The verbs on bulletins: issue the ranking of a month, correct it, read it; never change it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Engine

from geo_service.access import Actor, Role
from geo_service.errors import Conflict, Forbidden, InvalidInput
from geo_service.pipeline.coverage import AREAS, judge, look_up
from geo_service.pipeline.guard import require_writer
from geo_service.planning.coverage import MEASURES, target_figures
from geo_service.planning.policy import Profile
from geo_service.planning.policy.sanctions import possible
from geo_service.planning.ranking import Month, differences, digest, ranking
from geo_service.planning.states import Tally
from geo_service.store import areas, bulletins
from geo_service.store.coverage import tally
from geo_service.store.session import transaction

MONTHLY_RANKING = "monthly_ranking"
OBJECTION_DAYS = 7
MOST_OBJECTION_DAYS = 90
LONGEST_REASON = 500


@dataclass(frozen=True)
class BulletinReport:
    """A bulletin with its corrections."""

    bulletin: bulletins.Bulletin
    corrections: tuple[bulletins.Bulletin, ...]

    def as_json(self) -> dict[str, Any]:
        """The bulletin as the command line and the API print it."""
        return {
            **_as_json(self.bulletin),
            "corrections": [
                {**_as_json(each), "differences": differences(self.bulletin.figures, each.figures)}
                for each in self.corrections
            ],
        }


def issue_bulletin(
    engine: Engine,
    actor: Actor,
    *,
    area_code: str,
    month: str,
    by: str | None = None,
    profile_key: str | None = None,
    objection_days: int = OBJECTION_DAYS,
) -> BulletinReport:
    """Rank the parts of an area at the end of a month, and freeze what was counted.

    Issued within the month, the counts are those of the day of issue.

    Parameters
    ----------
    month : str
        ``2024-10``.
    by : {"community", "subdistrict"}, optional
        What is ranked; the profile's reporting level by default.
    objection_days : int
        How long objections are taken, from the day of issue.

    Raises
    ------
    InvalidInput
        A month that is none, or lies ahead; nothing to rank; as ``measure_coverage``.
    Conflict
        The month's bulletin has been issued: it can only be corrected.
    Forbidden
        The actor's role changes no data.
    """
    require_writer(actor)
    period = Month.parse(month)
    if not 0 <= objection_days <= MOST_OBJECTION_DAYS:
        raise InvalidInput("bulletin.objection_days", where="--objection-days", most=MOST_OBJECTION_DAYS)
    with transaction(engine, actor) as connection:
        today = areas.today(connection)
        if period.first > today:
            raise InvalidInput("bulletin.month_ahead", where=str(period))
        earlier = bulletins.first_of_period(connection, MONTHLY_RANKING, area_code, period.first)
        if earlier is not None:
            raise Conflict("bulletin.issued", where=str(period), id=earlier.id)
        new = _count(connection, actor, area_code, period, min(period.last, today), by, (profile_key, None))
        issued = bulletins.insert_bulletin(
            connection,
            bulletins.NewBulletin(
                **new, corrects=None, reason=None, objections_until=today + timedelta(days=objection_days)
            ),
        )
    return BulletinReport(issued, ())


def correct_bulletin(engine: Engine, actor: Actor, *, bulletin_id: int, reason: str) -> BulletinReport:
    """Add what is known now to a bulletin whose counts have turned out wrong; the bulletin itself stays.

    Raises
    ------
    NotFound
        No such bulletin in the actor's scope.
    InvalidInput
        No reason, a correction of a correction, or counts that are what was told.
    Forbidden
        The actor's role changes no data.
    """
    require_writer(actor)
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise InvalidInput("bulletin.no_reason", where="--reason", most=LONGEST_REASON)
    with transaction(engine, actor) as connection:
        told = bulletins.get_bulletin(connection, bulletin_id)
        if told.corrects is not None:
            raise InvalidInput("bulletin.is_correction", where=str(bulletin_id), id=told.corrects)
        corrections = bulletins.corrections_of(connection, bulletin_id)
        latest = corrections[-1] if corrections else told
        new = _count(
            connection,
            actor,
            told.area_code,
            Month(told.period),
            told.cut_off,
            told.figures["by"],
            (told.profile_key, told.profile_version),
        )
        if not differences(latest.figures, new["figures"]):
            raise InvalidInput("bulletin.nothing_changed", where=str(bulletin_id))
        added = bulletins.insert_bulletin(
            connection,
            bulletins.NewBulletin(
                **new, corrects=told.id, reason=reason, objections_until=told.objections_until
            ),
        )
    return BulletinReport(told, (*corrections, added))


def read_bulletin(engine: Engine, actor: Actor, bulletin_id: int) -> BulletinReport:
    """A bulletin with its corrections.

    Raises
    ------
    NotFound
        No such bulletin in the actor's scope.
    """
    with transaction(engine, actor, read_only=True) as connection:
        told = bulletins.get_bulletin(connection, bulletin_id)
        return BulletinReport(told, tuple(bulletins.corrections_of(connection, bulletin_id)))


def list_bulletins(engine: Engine, actor: Actor, *, area_code: str) -> list[dict[str, Any]]:
    """Bulletins of an area, the latest month first, without their rows.

    Raises
    ------
    NotFound
        No such area in the actor's scope.
    Forbidden
        The actor is a chief.
    """
    if actor.role is Role.CHIEF:
        raise Forbidden("access.outside_scope", where=actor.role.value)
    with transaction(engine, actor, read_only=True) as connection:
        areas.require_area(connection, area_code)
        found = bulletins.list_bulletins(connection, area_code)
    return [{key: value for key, value in _as_json(each).items() if key != "rows"} for each in found]


def _count(
    connection: Connection,
    actor: Actor,
    area_code: str,
    period: Month,
    cut_off: date,
    by: str | None,
    policy: tuple[str | None, int | None],
) -> dict[str, Any]:
    """Everything of a bulletin that is counted."""
    key, version = policy
    area, profile = look_up(
        connection,
        actor,
        area_code=area_code,
        by=by or "community",
        profile_key=key,
        profile_version=version,
        known_by=AREAS,
    )
    if by is None:
        ranks_subdistricts = profile.reporting_level == "subdistrict" and area.kind == "county"
        by = "subdistrict" if ranks_subdistricts else "community"
    days = [period.day_before, cut_off]
    parts = tally(connection, area_code, by=by, days=days)
    whole = tally(connection, area_code, by=None, days=[cut_off])
    figures = _figures(profile, area.name, by, cut_off, parts, whole)
    if not figures["total"]["denominator"]:
        raise InvalidInput("bulletin.nothing_counted", where=f"{area_code} {period}")
    return {
        "kind": MONTHLY_RANKING,
        "area_code": area_code,
        "period": period.first,
        "cut_off": cut_off,
        "profile_key": profile.key,
        "profile_version": profile.version,
        "figures": figures,
        "content_sha256": digest(figures),
        "issued_by": actor.name,
    }


def _figures(
    profile: Profile, area_name: str, by: str, cut_off: date, parts: Tally, whole: Tally
) -> dict[str, Any]:
    """What is frozen, as JSON; ``parts`` has the day before the period and the day of the cut-off."""
    target = profile.target
    measure = MEASURES[target.measure]
    [[total]] = target_figures(target, whole, profile)
    due, ahead = judge(target, whole, profile, cut_off), target.next_after(cut_off)
    counted = target_figures(target, parts, profile)
    figures = {code: of_days for (code, _), of_days in zip(parts.parts, counted, strict=True)}
    ranked = ranking(
        target,
        dict(parts.parts),
        {code: now for code, (_, now) in figures.items()},
        {code: before for code, (before, _) in figures.items()},
        cut_off,
    )
    missed = any(row["meets_due"] is False for row in ranked)
    return {
        "by": by,
        "area_name": area_name,
        "profile": {"title_zh": profile.title_zh, "title_en": profile.title_en},
        "measure": {"key": measure.key, "version": measure.version, "unit": measure.unit},
        "target": {"key": target.key, "title_zh": target.title_zh, "title_en": target.title_en},
        "due": due.as_json() if due else None,
        "next": ahead
        and {
            "date": ahead.date.isoformat(),
            "threshold": ahead.threshold,
            "required": ahead.required(int(total.denominator)),
        },
        "total": total.as_json(),
        "rows": ranked,
        # for a person to decide: what the plan provides for those that miss what is due
        "proposals": [
            sanction.model_dump(mode="json", include={"key", "title_zh", "title_en", "where", "section"})
            for sanction in possible(profile.conduct, "milestone_missed", by, {})
            if missed
        ],
    }


def _as_json(bulletin: bulletins.Bulletin) -> dict[str, Any]:
    return {
        "id": bulletin.id,
        "kind": bulletin.kind,
        "area": bulletin.area_code,
        "month": str(Month(bulletin.period)),
        "cut_off": bulletin.cut_off.isoformat(),
        "profile_key": bulletin.profile_key,
        "profile_version": bulletin.profile_version,
        "corrects": bulletin.corrects,
        "reason": bulletin.reason,
        "objections_until": bulletin.objections_until.isoformat(),
        "issued_by": bulletin.issued_by,
        "issued_at": bulletin.issued_at.isoformat(),
        "content_sha256": bulletin.content_sha256,
        **bulletin.figures,
    }
