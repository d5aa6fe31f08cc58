"""The verbs of evaluation: score a unit's sheet of marks, and list a round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine

from geo_service.access import Actor
from geo_service.errors import InvalidInput
from geo_service.pipeline.guard import require_reader, require_writer
from geo_service.pipeline.policies import find_profile
from geo_service.planning.policy import Profile
from geo_service.planning.policy.conduct import Scoring
from geo_service.planning.policy.part import Fact
from geo_service.planning.policy.scoring import score
from geo_service.store import areas, evaluations
from geo_service.store.session import transaction


def evaluate_unit(
    engine: Engine,
    actor: Actor,
    *,
    unit_code: str,
    round: str,
    marks: Mapping[str, Decimal],
    not_applicable: Sequence[str] = (),
    profile_key: str | None = None,
) -> dict[str, Any]:
    """Score one unit in a round; an earlier sheet of the round stays as history.

    Coverage is not touched: what is covered need not be compliant, nor the other way round.

    Parameters
    ----------
    round : str
        Key of one of the profile's rounds.
    marks : mapping
        By indicator, out of the full mark.
    not_applicable : sequence of str
        Indicators the unit has nothing of; only those the plan ties to a facility can be left out.

    Raises
    ------
    InvalidInput
        No such round, a sheet with a hole or a wrong mark, or a profile without scoring.
    NotFound
        No such unit in the actor's scope, or no such profile.
    Forbidden
        The actor's role changes no data.
    """
    require_writer(actor)
    with transaction(engine, actor) as connection:
        profile, scoring = _scoring_of(connection, profile_key, round)
        result = score(scoring, marks, _facts(scoring, not_applicable))
        community = evaluations.write_sheet(
            connection,
            unit_code,
            profile=(profile.key, profile.version),
            round=round,
            marks=marks,
            left_out=result.left_out,
            total=result.shown,
            passes=result.passes,
            actor=actor.name,
        )
    return {
        "unit": unit_code,
        "community": community,
        "profile": profile.key,
        "version": profile.version,
        "round": round,
        "total": float(result.shown),
        "pass_mark": scoring.pass_mark,
        "passes": result.passes,
        "left_out": list(result.left_out),
    }


def list_round(
    engine: Engine, actor: Actor, *, area_code: str, round: str, profile_key: str | None = None
) -> dict[str, Any]:
    """Every unit of the baseline in a round: compliant, not compliant, or not scored yet.

    Raises
    ------
    InvalidInput
        No such round, or a profile without scoring.
    NotFound
        No such area in the actor's scope, or no such profile.
    Forbidden
        The actor reads coverage alone, or one zone alone.
    """
    require_reader(actor)
    with transaction(engine, actor, read_only=True) as connection:
        area = areas.require_area(connection, area_code)
        profile, scoring = _scoring_of(connection, profile_key, round)
        rows = evaluations.sheets_of(connection, area_code, profile_key=profile.key, round=round)
        communities = areas.areas_inside(connection, area_code, "community")
    titles = {"key", "title_zh", "title_en"}
    units = [
        {
            "kind": row.kind,
            "code": row.code,
            "name": row.name,
            "community": row.community_code,
            "community_name": communities[row.community_code],
            "total": None if row.total is None else float(row.total),
            "passes": row.passes,
            "left_out": row.left_out or [],
            "marks": row.marks,
            "by": row.evaluated_by,
            "at": row.evaluated_at and row.evaluated_at.isoformat(),
        }
        for row in rows
    ]
    return {
        "area": area.code,
        "area_name": area.name,
        "profile": profile.citation,
        "round": round,
        "round_titles": next(each for each in scoring.rounds if each.key == round).model_dump(include=titles),
        "evaluated": list(scoring.evaluated),
        "indicators": [each.model_dump(include=titles) for each in scoring.indicators],
        "full_mark": scoring.full_mark,
        "pass_mark": scoring.pass_mark,
        "compliant": sum(unit["passes"] is True for unit in units),
        "not_compliant": sum(unit["passes"] is False for unit in units),
        "not_scored": sum(unit["passes"] is None for unit in units),
        "units": units,
    }


def _scoring_of(connection: Connection, profile_key: str | None, round: str) -> tuple[Profile, Scoring]:
    profile = find_profile(connection, profile_key)
    if profile.scoring is None:
        raise InvalidInput("evaluation.no_scoring", where=profile.key)
    rounds = [each.key for each in profile.scoring.rounds]
    if round not in rounds:
        raise InvalidInput("evaluation.unknown_round", where=round[:40], known=", ".join(rounds))
    return profile, profile.scoring


def _facts(scoring: Scoring, not_applicable: Sequence[str]) -> dict[Fact, bool]:
    """What has to be so for just these indicators not to apply."""
    tied = {indicator.key: indicator.where for indicator in scoring.indicators if indicator.where}
    facts: dict[Fact, bool] = {}
    for key in not_applicable:
        if key not in tied:
            raise InvalidInput("evaluation.always_applies", where=key[:40], known=", ".join(tied))
        facts.update({fact: not wanted for fact, wanted in tied[key].items()})
    return facts
