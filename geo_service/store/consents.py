"""Consent rounds: told, withdrawn, listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, text

from geo_service.errors import Conflict, NotFound
from geo_service.store.decisions import Unit
from geo_service.store.queries import query
from geo_service.store.records import close_record, open_record
from geo_service.store.tables import consent_round


@dataclass(frozen=True)
class Answers:
    """What a round was about, and how it went.

    Parameters
    ----------
    form : str or None
        The form of management that was proposed, where one was.
    heads : tuple of int
        Owners, or residents, who agree, and all of them.
    area_m2 : tuple of Decimal
        Floor area (m2) of those who agree, and of all.
    """

    proposal: str
    form: str | None
    began: date
    ended: date
    heads: tuple[int, int]
    area_m2: tuple[Decimal, Decimal]


@dataclass(frozen=True)
class Judgement:
    """Whether a round passes, and by which rule of which profile."""

    profile_key: str
    profile_version: int
    clause: str
    rule: dict[str, Any]
    passes: bool


@dataclass(frozen=True)
class Round:
    """A round as plans ask for it."""

    id: int
    unit_code: str
    form: str | None
    ended: date
    passes: bool
    profile_key: str


def tell_round(
    connection: Connection,
    unit: Unit,
    *,
    answers: Answers,
    judgement: Judgement,
    actor: str,
) -> int:
    """Record a round of a unit; its id."""
    return open_record(
        connection,
        consent_round,
        **unit.columns,
        proposal=answers.proposal,
        form=answers.form,
        began=answers.began,
        ended=answers.ended,
        heads_agree=answers.heads[0],
        heads_all=answers.heads[1],
        area_agree_m2=answers.area_m2[0],
        area_all_m2=answers.area_m2[1],
        profile_key=judgement.profile_key,
        profile_version=judgement.profile_version,
        clause=judgement.clause,
        rule=judgement.rule,
        passes=judgement.passes,
        recorded_by=actor,
    )


def require_round(connection: Connection, round_id: int) -> Round:
    """A round that was not withdrawn.

    Raises
    ------
    NotFound
        No such round in the actor's scope.
    """
    row = connection.execute(
        text(
            "SELECT id, unit_code, form, ended, passes, profile_key FROM consent_round"
            " WHERE id = :id AND upper_inf(recorded)"
        ),
        {"id": round_id},
    ).one_or_none()
    if row is None:
        raise NotFound("consent.unknown", where=str(round_id))
    return Round(*row)


def withdraw_round(connection: Connection, round_id: int) -> None:
    """Take a round back that was told wrongly; it stays as history.

    Raises
    ------
    NotFound
        No such round in the actor's scope.
    Conflict
        A present plan of the unit rests on it.
    """
    plans = text("SELECT 1 FROM compound_plan WHERE consent_round_id = :id AND upper_inf(recorded)")
    if connection.execute(plans, {"id": round_id}).first() is not None:
        raise Conflict("consent.carries_a_plan", where=str(round_id))
    if not close_record(connection, consent_round, round_id):
        raise NotFound("consent.unknown", where=str(round_id))


def rounds_of(connection: Connection, area_code: str) -> Sequence[Row]:
    """Every round of an area; by community and unit."""
    return connection.execute(query("consent_rounds"), {"area": area_code}).all()
