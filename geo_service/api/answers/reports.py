"""Reports that units owe by their plan."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from geo_service.api.answers.answer import Answer, Citation, Day, Titled


class AskedReport(Titled):
    """What the plan has units report."""

    section: str
    level: str


class Punctuality(Answer):
    """How a report stands."""

    rhythm: str
    due: Day
    received_on: Day | None
    state: Literal["on_time", "late", "missing", "pending"]
    days_late: int = Field(description="Of a missing report up to today")


class ReceivedReport(Punctuality):
    """A report that was handed in."""

    area: str
    area_name: str
    profile: Citation
    report: AskedReport
    period: str


class ReportRow(Punctuality):
    """How the report of one unit stands."""

    code: str
    name: str


class Reports(Answer):
    """Every unit that owes a report for a period."""

    area: str
    area_name: str
    profile: Citation
    report: AskedReport
    period: str
    due: Day
    rows: list[ReportRow]
