"""Receipts of reports: entered, entered anew, and read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, text

from geo_service.store.queries import query


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
    connection.execute(query("receipt_close"), vars(receipt))
    # clock_timestamp: a second entry in the transaction of the first would else end where it begins
    connection.execute(
        text(
            "INSERT INTO report_receipt (area_code, profile_key, rhythm, period, received_on, recorded_by,"
            " recorded) VALUES (:area_code, :profile_key, :rhythm, :period, :received_on, :recorded_by,"
            " tstzrange(clock_timestamp(), NULL))"
        ),
        vars(receipt),
    )


def received_days(
    connection: Connection, area_code: str, *, profile_key: str, rhythm: str, period: date, by: date
) -> dict[str, date]:
    """The day on which each unit of an area handed in its report, of those who had by the end of ``by``."""
    rows = connection.execute(
        query("receipts"),
        {"area": area_code, "profile": profile_key, "rhythm": rhythm, "period": period, "by": by},
    )
    return {row.area_code: row.received_on for row in rows}
