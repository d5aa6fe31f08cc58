"""Who manages what, kept bitemporally: what changes closes the earlier record and opens a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import Connection, text

from geo_service.store.queries import query


@dataclass(frozen=True)
class Arrangement:
    """How a unit is managed from a date on.

    Parameters
    ----------
    unit_kind : str
        ``compound`` or ``building``.
    starts : date
    dated : bool
        Whether ``starts`` was stated; an assumed date never contradicts one already recorded.
    """

    unit_kind: str
    unit_code: str
    community_code: str
    form: str
    step: str
    starts: date
    dated: bool
    source_row: int


def today(connection: Connection) -> date:
    """The date in the deployment's time zone."""
    return connection.execute(text("SELECT current_date")).scalar_one()


def changed(connection: Connection, arrangements: Sequence[Arrangement]) -> list[Arrangement]:
    """Those that say something else than what is recorded now."""
    if not arrangements:
        return []
    same = connection.execute(query("arrangements_unchanged"), _arrays(arrangements)).all()
    unchanged = {(kind, code) for kind, code in same}
    return [a for a in arrangements if (a.unit_kind, a.unit_code) not in unchanged]


def supersede(connection: Connection, arrangements: Sequence[Arrangement], import_id: int) -> None:
    """Record ``arrangements`` from now on.

    What was recorded for the same units and times is closed, not removed; what it said of the time before
    the new start is recorded again where the new one is another step, for then both were true in turn.
    """
    if not arrangements:
        return
    given = _arrays(arrangements) | {"import_id": import_id}
    for statement in ("arrangements_close", "arrangements_keep_earlier", "arrangements_open"):
        connection.execute(query(statement), given)


def _arrays(arrangements: Sequence[Arrangement]) -> dict[str, list[object]]:
    rows = [asdict(arrangement) for arrangement in arrangements]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    return {name if name in ("starts", "dated") else f"{name}s": column for name, column in columns.items()}
