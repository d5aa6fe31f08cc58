"""Receipts of reports: entered, entered anew, and read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import Connection

from geo_service.store.queries import query
from geo_service.store.records import close_record, open_record
from geo_service.store.tables import report_receipt


@dataclass(frozen=True)
class Receipt:
    """A report that a unit handed in.

    Parameters
    ----------
    period : date
        The first day of the period it is about.
    """

    area_code: str
    profile_key: str
    rhythm: str
    period: date
    received_on: date
    recorded_by: str


def write_receipt(connection: Connection, receipt: Receipt) -> None:
    """Keep a receipt in place of an earlier one of the same period, which stays as history."""
    about = ("area_code", "profile_key", "rhythm", "period")
    close_record(connection, report_receipt, **{column: getattr(receipt, column) for column in about})
    open_record(connection, report_receipt, **asdict(receipt))


def received_days(
    connection: Connection, area_code: str, *, profile_key: str, rhythm: str, period: date, by: date
) -> dict[str, date]:
    """The day on which each unit of an area handed in its report, of those who had by the end of ``by``."""
    rows = connection.execute(
        query("receipts"),
        {"area": area_code, "profile": profile_key, "rhythm": rhythm, "period": period, "by": by},
    )
    return {row.area_code: row.received_on for row in rows}
