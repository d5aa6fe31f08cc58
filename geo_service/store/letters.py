"""Target letters: signed, withdrawn, listed beside those who have none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import Connection, Row, text

from geo_service.errors import NotFound
from geo_service.store.queries import query
from geo_service.store.records import close_record, open_record
from geo_service.store.tables import target_letter


@dataclass(frozen=True)
class Letter:
    """What an area promises the one above it: a percentage, or a number of units, by a day."""

    giver_code: str
    taker_code: str
    signed_on: date
    due_on: date
    target_percent: int | None
    target_count: int | None
    document_no: str


def lies_above(connection: Connection, above: str, below: str) -> bool:
    """Whether one area lies above another, at whatever distance."""
    return connection.execute(
        text(
            "SELECT EXISTS (SELECT FROM area WHERE code = :below AND code <> :above"
            " AND lineage @> ARRAY[CAST(:above AS text)])"
        ),
        {"above": above, "below": below},
    ).scalar_one()


def sign_letter(connection: Connection, letter: Letter, actor: str) -> int:
    """Record a letter; its id."""
    return open_record(connection, target_letter, **asdict(letter), recorded_by=actor)


def withdraw_letter(connection: Connection, letter_id: int) -> None:
    """Take a letter back that was recorded wrongly; it stays as history.

    Raises
    ------
    NotFound
        No such letter given in the actor's scope.
    """
    if not close_record(connection, target_letter, id=letter_id):
        raise NotFound("letter.unknown", where=str(letter_id))


def letters_of(connection: Connection, area_code: str) -> Sequence[Row]:
    """Every sub-district and community of an area, one row a letter, or one without."""
    return connection.execute(query("target_letters"), {"area": area_code}).all()
