"""Who manages what, kept bitemporally: what changes closes the earlier record and opens a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date

from sqlalchemy import Connection

from geo_service.planning.policy.part import LAPSED
from geo_service.store.decisions import Unit
from geo_service.store.queries import query
from geo_service.store.records import close_record
from geo_service.store.tables import arrangement


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
    ends : date, optional
        The first day on which something else stands; None where it holds until further notice.
    """

    unit_kind: str
    unit_code: str
    community_code: str
    form: str
    step: str
    starts: date
    dated: bool
    source_row: int
    ends: date | None = None


@dataclass(frozen=True)
class InForce:
    """How a unit is managed on a day.

    Parameters
    ----------
    id : int or None
        Of its own arrangement; None, as form and step, where it has none.
    served : bool
        Whether a zone whose chief is in post serves it.
    """

    id: int | None
    form: str | None
    step: str | None
    is_gov_fallback: bool | None
    served: bool


def changed(
    connection: Connection, arrangements: Sequence[Arrangement], on: date, *, is_past: bool
) -> tuple[list[Arrangement], set[str]]:
    """Those that say something else than is recorded.

    Parameters
    ----------
    on : date
        The day that is spoken of. What a ledger of a later day has said stands.
    is_past : bool
        What begins after ``on`` stands then too, whoever recorded it; otherwise it is corrected.

    Returns
    -------
    new : list of Arrangement
        To be recorded, with the day they end.
    overruled : set of str
        Codes of the units of which a later ledger says otherwise for the day it would begin.
    """
    if not arrangements:
        return [], set()
    spoken = {"on_date": on, "until": on if is_past else date.max}
    rows = connection.execute(query("arrangements_changed"), _arrays(arrangements) | spoken).all()
    ends_of = {(row.unit_kind, row.unit_code): row.ends for row in rows if not row.overruled}
    new = [
        replace(said, ends=ends_of[key])
        for said in arrangements
        if (key := (said.unit_kind, said.unit_code)) in ends_of
    ]
    return new, {row.unit_code for row in rows if row.overruled}


def supersede(connection: Connection, arrangements: Sequence[Arrangement], import_id: int) -> None:
    """Record ``arrangements`` from now on.

    What was recorded for the same units and times is closed, not removed; what it said of the time before
    the new start is recorded again where the new one is another step, for then both were true in turn.
    """
    if not arrangements:
        return
    given = _arrays(arrangements) | {"import_id": import_id}
    given |= {"moment": connection.execute(query("arrangements_moment"), given).scalar_one()}
    for statement in ("arrangements_close", "arrangements_keep_earlier", "arrangements_open"):
        connection.execute(query(statement), given)


def in_force(connection: Connection, unit: Unit, on: date) -> InForce:
    """How a unit is managed on a day."""
    given = {**unit.columns, "on_date": on}
    return InForce(*connection.execute(query("arrangement_in_force"), given).one())


def change_from(
    connection: Connection,
    unit: Unit,
    *,
    form: str,
    step: str,
    starts: date,
    is_gov_fallback: bool,
) -> None:
    """Record a unit's arrangement from a day on, until whatever is recorded to begin later.

    What is recorded for that day is closed, not removed, and recorded again for the time before.
    """
    now = in_force(connection, unit, starts)
    if now.id is not None:
        close_record(connection, arrangement, id=now.id)
        given = {"closed": now.id, "starts": starts}
        connection.execute(query("arrangement_keep_before"), given)
    connection.execute(
        query("arrangement_open_until_next"),
        {
            **unit.columns,
            "form": form,
            "step": step,
            "starts": starts,
            "is_gov_fallback": is_gov_fallback,
        },
    )


def undo_lapse(connection: Connection, unit: Unit, starts: date, ended: int) -> None:
    """Record again what a lapse had ended, until whatever has been recorded to begin since.

    Parameters
    ----------
    ended : int
        Id of the arrangement that the lapse closed.
    """
    _undo(connection, {**unit.columns, "starts": starts, "step": LAPSED, "fallback_only": False}, ended)


def undo_fallback(connection: Connection, unit: Unit, *, step: str, starts: date, ended: int | None) -> None:
    """Record again what a government fallback had ended, as ``undo_lapse``.

    Parameters
    ----------
    ended : int or None
        Id of the arrangement that the fallback closed; None where the unit had none.
    """
    _undo(connection, {**unit.columns, "starts": starts, "step": step, "fallback_only": True}, ended)


def _undo(connection: Connection, given: dict[str, object], ended: int | None) -> None:
    closed = connection.execute(query("arrangement_close_from"), given).one_or_none()
    if closed is None or ended is None:
        return  # something else has been recorded for that day since, or there was nothing before
    span = {"ended": ended, "starts": given["starts"], "ends": closed.ends}
    whole = connection.execute(query("arrangement_restore"), span).one()
    again = {"ended": ended, "starts": whole.starts, "ends": whole.ends}
    connection.execute(query("arrangement_open_again"), again)


def _arrays(arrangements: Sequence[Arrangement]) -> dict[str, list[object]]:
    rows = [asdict(arrangement) for arrangement in arrangements]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    return {
        name if name in ("starts", "ends", "dated") else f"{name}s": column
        for name, column in columns.items()
    }
