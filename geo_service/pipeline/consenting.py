"""The verbs of consent: record what owners were asked and answered, take it back, list it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, Row

from geo_service.access import Actor
from geo_service.errors import InvalidInput
from geo_service.pipeline.guard import require_reader, require_writer
from geo_service.pipeline.policies import find_profile, require_form
from geo_service.pipeline.wording import (
    LONGEST_CODE,
    LONGEST_TEXT,
    require_come,
    require_order,
    require_words,
)
from geo_service.planning.policy import Profile
from geo_service.store import areas, consents
from geo_service.store.decisions import require_unit
from geo_service.store.session import transaction

MOST_HEADS = 1_000_000
MOST_AREA_M2 = 1_000_000_000
MOST_DECIMALS = 6

Tally = tuple[int, int]
AreaTally = tuple[Decimal, Decimal]


def record_round(
    engine: Engine,
    actor: Actor,
    *,
    unit_code: str,
    proposal: str,
    began: date,
    ended: date,
    heads: Tally,
    area_m2: AreaTally,
    form: str | None = None,
    profile_key: str | None = None,
) -> dict[str, Any]:
    """Keep a round of a unit with both its tallies, judged by the profile's rule.

    Parameters
    ----------
    proposal : str
        What was asked: the plan, or the form, that was put to the owners.
    heads : tuple of int
        Owners, or residents, who agree, and all of them.
    area_m2 : tuple of Decimal
        Floor area (m2) of those who agree, and of all.
    form : str, optional
        The form of management that was proposed.

    Raises
    ------
    InvalidInput
        A tally or dates that cannot be, nothing asked, a form the profile does not know, or a profile that
        says nothing of consent.
    NotFound
        No such unit in the actor's scope, or no such profile.
    Conflict
        The same round is there already.
    Forbidden
        The actor's role changes no data.
    """
    require_writer(actor)
    unit_code = require_words(unit_code, where="unit", most=LONGEST_CODE)
    proposal = require_words(proposal, where="proposal", most=LONGEST_TEXT)
    require_order(began, ended, where=unit_code)
    _require_tallies(heads, area_m2)
    with transaction(engine, actor) as connection:
        unit = require_unit(connection, unit_code)
        profile = find_profile(connection, profile_key)
        require_come(connection, ended, where=unit_code)
        judgement = _judge(profile, heads, area_m2)
        if form is not None:
            require_form(profile, form, where=unit_code)
        answers = consents.Answers(proposal, form, began, ended, heads, area_m2)
        number = consents.tell_round(connection, unit, answers=answers, judgement=judgement, actor=actor.name)
    return {
        "id": number,
        "unit": unit.code,
        "community": unit.community_code,
        "proposal": proposal,
        "form": form,
        "began": began.isoformat(),
        "ended": ended.isoformat(),
        **_tallies(heads, area_m2),
        "passes": judgement.passes,
        "profile": profile.key,
        "version": profile.version,
        "rule": judgement.rule,
        "clause": {"plan": profile.title_zh, "section": judgement.clause},
    }


def withdraw_round(engine: Engine, actor: Actor, *, round_id: int) -> dict[str, Any]:
    """Take a round back that was recorded wrongly; it stays as history.

    Raises
    ------
    NotFound
        No such round in the actor's scope.
    Conflict
        A present plan of the unit rests on it.
    Forbidden
        The actor's role changes no data.
    """
    require_writer(actor)
    with transaction(engine, actor) as connection:
        consents.withdraw_round(connection, round_id)
    return {"id": round_id, "withdrawn": True}


def list_rounds(engine: Engine, actor: Actor, *, area_code: str) -> dict[str, Any]:
    """Every round of an area, with how many pass.

    Raises
    ------
    NotFound
        No such area in the actor's scope.
    Forbidden
        The actor reads coverage alone, or one zone alone.
    """
    require_reader(actor)
    with transaction(engine, actor, read_only=True) as connection:
        area = areas.require_area(connection, area_code)
        rows = consents.rounds_of(connection, area_code)
        profiles = {
            cited: find_profile(connection, *cited)
            for cited in {(row.profile_key, row.profile_version) for row in rows}
        }
    rounds = [_as_json(row, profiles[row.profile_key, row.profile_version]) for row in rows]
    passed = sum(each["passes"] for each in rounds)
    return {
        "area": area.code,
        "area_name": area.name,
        "passed": passed,
        "not_passed": len(rounds) - passed,
        "rounds": rounds,
    }


def _require_tallies(heads: Tally, area_m2: AreaTally) -> None:
    for where, (agree, everybody), most in (
        ("heads", heads, MOST_HEADS),
        ("area_m2", area_m2, MOST_AREA_M2),
    ):
        for number in (agree, everybody):
            if not Decimal(number).is_finite() or Decimal(number).as_tuple().exponent < -MOST_DECIMALS:
                raise InvalidInput("consent.not_a_number", where=where, decimals=MOST_DECIMALS)
            if number < 0:
                raise InvalidInput("consent.negative", where=where, given=number)
        if everybody == 0:
            raise InvalidInput("consent.nobody_asked", where=where)
        if agree > everybody:
            raise InvalidInput("consent.more_than_all", where=where, agree=agree, everybody=everybody)
        if everybody > most:
            raise InvalidInput("consent.too_many", where=where, given=everybody, most=most)


def _judge(profile: Profile, heads: Tally, area_m2: AreaTally) -> consents.Judgement:
    rule = profile.consent
    if rule is None:
        raise InvalidInput("consent.no_rule", where=profile.key)
    return consents.Judgement(
        profile.key,
        profile.version,
        rule.section,
        rule.model_dump(mode="json", exclude={"section"}),
        rule.passes(heads=heads, area=area_m2),
    )


def _tallies(heads: Tally, area_m2: AreaTally) -> dict[str, Any]:
    return {
        "heads": {"agree": heads[0], "all": heads[1]},
        "area_m2": {"agree": float(area_m2[0]), "all": float(area_m2[1])},
    }


def _as_json(row: Row, profile: Profile) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.unit_kind,
        "unit": row.unit_code,
        "name": row.name,
        "community": row.community_code,
        "proposal": row.proposal,
        "form": row.form,
        "began": row.began.isoformat(),
        "ended": row.ended.isoformat(),
        **_tallies((row.heads_agree, row.heads_all), (row.area_agree_m2, row.area_all_m2)),
        "passes": row.passes,
        "profile": row.profile_key,
        "version": row.profile_version,
        "rule": row.rule,
        "clause": {"plan": profile.title_zh, "section": row.clause},
        "by": row.recorded_by,
        "at": row.recorded_at.isoformat(),
    }
