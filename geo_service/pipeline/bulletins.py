"""The verbs on bulletins: issue one, correct it, object to it, read it; never change it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Engine

from geo_service.access import Actor
from geo_service.errors import Conflict, InvalidInput
from geo_service.pipeline.bulletin_figures import count_figures
from geo_service.pipeline.coverage import AREAS, look_up
from geo_service.pipeline.guard import require_reader_of_counts, require_writer
from geo_service.pipeline.wording import LONGEST_REASON, require_come, require_words
from geo_service.planning.bulletins.frozen import differences, digest
from geo_service.planning.bulletins.kinds import (
    MONTHLY_RANKING,
    OF_UNITS,
    Occasion,
    occasion_of,
    refuse_unknown_days,
)
from geo_service.planning.policy import Profile
from geo_service.planning.policy.rhythms import Month
from geo_service.store import areas, bulletins
from geo_service.store.coverage import first_known_day
from geo_service.store.objections import Objection, insert_objection, objections_to
from geo_service.store.session import transaction

OBJECTION_DAYS = 7
MOST_OBJECTION_DAYS = 90


@dataclass(frozen=True)
class BulletinReport:
    """A bulletin with its corrections, and the objections to it as far as the actor reads them."""

    bulletin: bulletins.Bulletin
    corrections: tuple[bulletins.Bulletin, ...] = ()
    objections: tuple[Objection, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The bulletin as the command line and the API print it."""
        return {
            **_as_json(self.bulletin),
            "corrections": [
                {**_as_json(each), "differences": differences(self.bulletin.figures, each.figures)}
                for each in self.corrections
            ],
            "objections": [each.as_json() for each in self.objections],
        }


def issue_bulletin(
    engine: Engine,
    actor: Actor,
    *,
    area_code: str,
    period: str,
    kind: str = MONTHLY_RANKING,
    by: str | None = None,
    target_key: str | None = None,
    profile_key: str | None = None,
    objection_days: int = OBJECTION_DAYS,
) -> BulletinReport:
    """Count what a bulletin tells at the end of its period, and freeze it.

    Issued before the period's end, the counts are those of the day of issue.

    Parameters
    ----------
    period : str
        A month (``2024-10``), the day of a weekly rhythm (``2020-06-24``), or a round (``final``), as the
        kind has it.
    kind : str
        One the profile provides for; the monthly ranking by default.
    by : {"community", "subdistrict"}, optional
        What is ranked; the profile's reporting level by default.
    target_key : str, optional
        What is ranked by, the profile's first target by default; a bulletin of each may be issued.
    objection_days : int
        How long objections are taken, from the day of issue.

    Raises
    ------
    InvalidInput
        A kind the plan does not provide for; a period that is none, lies ahead, or is over before the plan or
        anything that is known begins; nothing to tell; as ``measure_coverage``.
    Conflict
        The period's bulletin, by this target, has been issued: it can only be corrected.
    Forbidden
        The actor's role changes no data.
    """
    require_writer(actor)
    if not 0 <= objection_days <= MOST_OBJECTION_DAYS:
        raise InvalidInput("bulletin.objection_days", where="--objection-days", most=MOST_OBJECTION_DAYS)
    with transaction(engine, actor) as connection:
        today = areas.today(connection)
        area, profile, by = _look_up(connection, actor, area_code, by, (profile_key, None))
        occasion = occasion_of(kind, profile, period, target_key)
        if occasion.begins > today:
            raise InvalidInput("bulletin.period_ahead", where=occasion.named)
        refuse_unknown_days(occasion, profile, first_known_day(connection, area_code))
        ranked_by = occasion.target.key if occasion.target else None
        earlier = bulletins.first_of_period(connection, kind, area_code, occasion.period, ranked_by)
        if earlier is not None:
            raise Conflict("bulletin.issued", where=occasion.named, id=earlier.id)
        cut_off = min(occasion.cut_off, today)
        issued = bulletins.insert_bulletin(
            connection,
            bulletins.NewBulletin(
                **_count(connection, actor, area, profile, occasion, by, (cut_off, today)),
                corrects=None,
                reason=None,
                objections_until=today + timedelta(days=objection_days),
            ),
        )
    return BulletinReport(issued)


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
    require_words(reason, where="--reason", most=LONGEST_REASON)
    with transaction(engine, actor) as connection:
        told = bulletins.get_bulletin(connection, bulletin_id)
        if told.corrects is not None:
            raise InvalidInput("bulletin.is_correction", where=str(bulletin_id), id=told.corrects)
        corrections = bulletins.corrections_of(connection, bulletin_id)
        latest = corrections[-1] if corrections else told
        new = _count_again(connection, actor, told)
        if not differences(latest.figures, new["figures"]):
            raise InvalidInput("bulletin.nothing_changed", where=str(bulletin_id))
        bulletins.insert_bulletin(
            connection,
            bulletins.NewBulletin(
                **new, corrects=told.id, reason=reason, objections_until=told.objections_until
            ),
        )
        return _beside(connection, told)


def read_bulletin(engine: Engine, actor: Actor, bulletin_id: int) -> BulletinReport:
    """A bulletin with its corrections and the objections to it.

    Raises
    ------
    NotFound
        No such bulletin in the actor's scope.
    """
    with transaction(engine, actor, read_only=True) as connection:
        return _beside(connection, bulletins.get_bulletin(connection, bulletin_id))


def object_to_bulletin(
    engine: Engine, actor: Actor, *, bulletin_id: int, objector: str, wording: str, on: date | None = None
) -> BulletinReport:
    """Record an objection to a bulletin; it stands beside what was told, which a correction may follow.

    Parameters
    ----------
    objector : str
        Who objects.
    wording : str
        What to, and why.
    on : date, optional
        The day it was handed in, today by default.

    Raises
    ------
    InvalidInput
        Nobody, or nothing, or a day on which no objections were taken, or a correction.
    NotFound
        No such bulletin in the actor's scope.
    Forbidden
        The actor's role changes no data.
    """
    require_writer(actor)
    objector = require_words(objector, where="by")
    wording = require_words(wording, where="text", most=LONGEST_REASON)
    with transaction(engine, actor) as connection:
        told = bulletins.get_bulletin(connection, bulletin_id)
        if told.corrects is not None:
            raise InvalidInput("bulletin.is_correction", where=str(bulletin_id), id=told.corrects)
        day = on or areas.today(connection)
        require_come(connection, day, where="--on")
        issued_on = bulletins.issue_day(connection, told)
        if not issued_on <= day <= told.objections_until:
            window = {"first": issued_on.isoformat(), "last": told.objections_until.isoformat()}
            raise InvalidInput("bulletin.objections_closed", where="--on", given=day.isoformat(), **window)
        insert_objection(connection, told, objector=objector, wording=wording, on=day, actor=actor.name)
        return _beside(connection, told)


def _beside(connection: Connection, told: bulletins.Bulletin) -> BulletinReport:
    corrections = bulletins.corrections_of(connection, told.id)
    return BulletinReport(told, tuple(corrections), tuple(objections_to(connection, told.id)))


def list_bulletins(engine: Engine, actor: Actor, *, area_code: str) -> list[dict[str, Any]]:
    """Bulletins of an area, the latest period first, without their rows.

    Raises
    ------
    NotFound
        No such area in the actor's scope.
    Forbidden
        The actor is a chief.
    """
    require_reader_of_counts(actor)
    with transaction(engine, actor, read_only=True) as connection:
        areas.require_area(connection, area_code)
        found = bulletins.list_bulletins(connection, area_code)
    long = ("rows", "areas")
    return [{key: value for key, value in _as_json(each).items() if key not in long} for each in found]


def _look_up(
    connection: Connection,
    actor: Actor,
    area_code: str,
    by: str | None,
    policy: tuple[str | None, int | None],
) -> tuple[areas.AreaName, Profile, str]:
    """The area, the profile, and what is ranked."""
    area, profile = look_up(
        connection,
        actor,
        area_code=area_code,
        by=by or "community",
        profile_key=policy[0],
        profile_version=policy[1],
        known_by=AREAS,
    )
    if by is None:
        ranks_subdistricts = profile.reporting_level == "subdistrict" and area.kind == "county"
        by = "subdistrict" if ranks_subdistricts else "community"
    return area, profile, by


def _count_again(connection: Connection, actor: Actor, told: bulletins.Bulletin) -> dict[str, Any]:
    """What a bulletin would tell by what is known now, of its own days."""
    figures = told.figures
    by = figures.get("ranked") or (None if told.kind in OF_UNITS else figures["by"])
    area, profile, by = _look_up(
        connection, actor, told.area_code, by, (told.profile_key, told.profile_version)
    )
    period, target = figures.get("period") or str(Month(told.period)), figures.get("target")
    occasion = occasion_of(told.kind, profile, period, target and target["key"])
    as_of = figures.get("as_of")
    days = (told.cut_off, date.fromisoformat(as_of) if as_of else told.issued_at.date())
    return _count(connection, actor, area, profile, occasion, by, days)


def _count(
    connection: Connection,
    actor: Actor,
    area: areas.AreaName,
    profile: Profile,
    occasion: Occasion,
    by: str,
    days: tuple[date, date],
) -> dict[str, Any]:
    """Everything of a bulletin that is counted, by the cut-off and by what was known on a day."""
    cut_off, as_of = days
    figures = count_figures(connection, profile, occasion, area, by=by, cut_off=cut_off, as_of=as_of)
    return {
        "kind": occasion.kind,
        "area_code": area.code,
        "period": occasion.period,
        "cut_off": cut_off,
        "profile_key": profile.key,
        "profile_version": profile.version,
        "figures": figures,
        "content_sha256": digest(figures),
        "issued_by": actor.name,
    }


def _as_json(bulletin: bulletins.Bulletin) -> dict[str, Any]:
    month = str(Month(bulletin.period))
    return {
        "id": bulletin.id,
        "kind": bulletin.kind,
        "area": bulletin.area_code,
        "month": month,
        "period": month,  # of a bulletin that does not say itself
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
