"""The verbs on target letters (目标管理责任书): sign, take back, list with who has none."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Engine, Row

from geo_service.access import Actor
from geo_service.errors import InvalidInput
from geo_service.pipeline.guard import require_reader, require_writer
from geo_service.pipeline.wording import LONGEST_CODE, require_come, require_order, require_words
from geo_service.store import areas, letters
from geo_service.store.session import transaction

MOST_UNITS = 1_000_000


def sign_letter(
    engine: Engine,
    actor: Actor,
    *,
    giver_code: str,
    taker_code: str,
    signed_on: date,
    due_on: date,
    document_no: str,
    target_percent: int | None = None,
    target_count: int | None = None,
) -> dict[str, Any]:
    """Record what an area has promised the one above it.

    Parameters
    ----------
    target_percent, target_count : int, optional
        What is to be covered by ``due_on``: a percentage, or a number of management units. Just one of them.

    Raises
    ------
    InvalidInput
        The giver is not above the taker, not just one target or an impossible one, or impossible days.
    NotFound
        No such area in the actor's scope.
    Conflict
        The same letter is there already.
    Forbidden
        The actor's role changes no data.
    """
    require_writer(actor)
    giver_code = require_words(giver_code, where="giver", most=LONGEST_CODE)
    taker_code = require_words(taker_code, where="taker", most=LONGEST_CODE)
    document_no = require_words(document_no, where="document_no")
    _require_target(target_percent, target_count, where=taker_code)
    require_order(signed_on, due_on, where=taker_code)
    with transaction(engine, actor) as connection:
        giver = areas.require_area(connection, giver_code)
        taker = areas.require_area(connection, taker_code)
        require_come(connection, signed_on, where=taker_code)
        if not letters.lies_above(connection, giver.code, taker.code):
            raise InvalidInput("letter.giver_not_above", where=taker.name, giver=giver.name)
        letter = letters.Letter(
            giver.code, taker.code, signed_on, due_on, target_percent, target_count, document_no
        )
        number = letters.sign_letter(connection, letter, actor.name)
    return {
        "id": number,
        "giver": giver.code,
        "giver_name": giver.name,
        "taker": taker.code,
        "taker_name": taker.name,
        "signed_on": signed_on.isoformat(),
        "due_on": due_on.isoformat(),
        "target_percent": target_percent,
        "target_count": target_count,
        "document_no": document_no,
    }


def withdraw_letter(engine: Engine, actor: Actor, *, letter_id: int) -> dict[str, Any]:
    """Take a letter back that was recorded wrongly; it stays as history.

    Raises
    ------
    NotFound
        No such letter given in the actor's scope.
    Forbidden
        The actor's role changes no data.
    """
    require_writer(actor)
    with transaction(engine, actor) as connection:
        letters.withdraw_letter(connection, letter_id)
    return {"id": letter_id, "withdrawn": True}


def list_letters(engine: Engine, actor: Actor, *, area_code: str) -> dict[str, Any]:
    """Every sub-district and community of an area with its letters, and who has none.

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
        rows = letters.letters_of(connection, area_code)
    takers: dict[str, dict[str, Any]] = {}
    for row in rows:
        taker = takers.setdefault(
            row.code, {"code": row.code, "kind": row.kind, "name": row.name, "letters": []}
        )
        if row.id is not None:
            taker["letters"].append(_as_json(row))
    return {
        "area": area.code,
        "area_name": area.name,
        "takers": list(takers.values()),
        "without": [code for code, taker in takers.items() if not taker["letters"]],
    }


def _require_target(percent: int | None, count: int | None, *, where: str) -> None:
    if (percent is None) == (count is None):
        raise InvalidInput("letter.percent_or_count", where=where)
    if percent is not None and not 1 <= percent <= 100:
        raise InvalidInput("letter.target_outside", where=where, given=percent, most=100)
    if count is not None and not 1 <= count <= MOST_UNITS:
        raise InvalidInput("letter.target_outside", where=where, given=count, most=MOST_UNITS)


def _as_json(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "giver": row.giver_code,
        "giver_name": row.giver_name,
        "signed_on": row.signed_on.isoformat(),
        "due_on": row.due_on.isoformat(),
        "target_percent": row.target_percent,
        "target_count": row.target_count,
        "document_no": row.document_no,
        "by": row.recorded_by,
        "at": row.recorded_at.isoformat(),
    }
