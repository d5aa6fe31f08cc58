"""The verbs on reports that units owe by their plan: receive one, and list who reported and who did not."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine

from geo_service.access import Actor
from geo_service.errors import InvalidInput
from geo_service.pipeline.guard import require_reader, require_writer
from geo_service.pipeline.policies import find_profile
from geo_service.planning.policy import Profile
from geo_service.planning.policy.reports import ReportState, find_report_rhythm
from geo_service.planning.policy.rhythms import RhythmPeriod, period_on, read_period
from geo_service.store import areas, receipts
from geo_service.store.session import transaction


def receive_report(
    engine: Engine,
    actor: Actor,
    *,
    area_code: str,
    period: str,
    rhythm: str | None = None,
    on: date | None = None,
    profile_key: str | None = None,
) -> dict[str, Any]:
    """Enter that a unit handed in its report; an earlier entry of the period stays as history.

    Parameters
    ----------
    period : str
        ``2017-11`` of a monthly rhythm, the due day of any other.
    rhythm : str, optional
        Key of one of the profile's rhythms of reports, the first by default.
    on : date, optional
        The day it was handed in, today by default.

    Raises
    ------
    InvalidInput
        No such rhythm or period, a unit of which the plan asks no report, or a day that cannot be.
    NotFound
        No such area in the actor's scope, or no such profile.
    Forbidden
        The actor's role changes no data.
    """
    require_writer(actor)
    with transaction(engine, actor) as connection:
        area = areas.require_area(connection, area_code)
        profile = find_profile(connection, profile_key)
        asked = find_report_rhythm(profile, rhythm)
        if area.kind != asked.level:
            raise InvalidInput(f"report.asked_of_{asked.level}", where=area_code)
        turn = read_period(asked, period)
        today = areas.today(connection)
        received = on or today
        _check_day(turn, received, today)
        receipts.write_receipt(
            connection,
            receipts.Receipt(area_code, profile.key, asked.key, turn.first, received, actor.name),
        )
    return {
        "area": area.code,
        "area_name": area.name,
        **_turn_json(profile, turn),
        **ReportState(turn, received, today).as_json(),
    }


def list_reports(
    engine: Engine,
    actor: Actor,
    *,
    area_code: str,
    period: str | None = None,
    rhythm: str | None = None,
    profile_key: str | None = None,
) -> dict[str, Any]:
    """Every unit that owes a report for a period: on time, late by how many days, missing, or not due yet.

    Parameters
    ----------
    period : str, optional
        The present one by default.

    Raises
    ------
    InvalidInput
        No such rhythm or period.
    NotFound
        No such area in the actor's scope, or no such profile.
    Forbidden
        The actor reads coverage alone, or one zone alone.
    """
    require_reader(actor)
    with transaction(engine, actor, read_only=True) as connection:
        area = areas.require_area(connection, area_code)
        profile = find_profile(connection, profile_key)
        asked = find_report_rhythm(profile, rhythm)
        today = areas.today(connection)
        turn = period_on(asked, today) if period is None else read_period(asked, period)
        names = areas.areas_inside(connection, area_code, asked.level)
        states = report_states(connection, profile, turn, area_code, as_of=today)
    rows = [
        {"code": code, "name": name, **states.get(code, ReportState(turn, None, today)).as_json()}
        for code, name in names.items()
    ]
    return {"area": area.code, "area_name": area.name, **_turn_json(profile, turn), "rows": rows}


def report_states(
    connection: Connection, profile: Profile, turn: RhythmPeriod, area_code: str, *, as_of: date
) -> dict[str, ReportState]:
    """How the report of each unit in an area stands that had handed it in by the end of ``as_of``."""
    days = receipts.received_days(
        connection, area_code, profile_key=profile.key, rhythm=turn.rhythm.key, period=turn.first, by=as_of
    )
    return {code: ReportState(turn, day, as_of) for code, day in days.items()}


def _check_day(turn: RhythmPeriod, received: date, today: date) -> None:
    if turn.first > today:
        raise InvalidInput("report.period_ahead", where=turn.named)
    if received > today:
        raise InvalidInput("report.day_ahead", where="--on", given=received.isoformat())
    if received < turn.first:
        raise InvalidInput(
            "report.before_period", where="--on", given=received.isoformat(), first=turn.first.isoformat()
        )


def _turn_json(profile: Profile, turn: RhythmPeriod) -> dict[str, Any]:
    return {
        "profile": profile.citation,
        "report": turn.rhythm.model_dump(
            mode="json", include={"key", "title_zh", "title_en", "section", "level"}
        ),
        "period": turn.named,
        "due": turn.due.isoformat(),
    }
