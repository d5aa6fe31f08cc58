"""Reports that units owe by their plan: received, and listed."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from geo_service.api.answers.reports import ReceivedReport, Reports
from geo_service.api.deps import LONGEST_CODE, AreaQuery, Caller, Database
from geo_service.api.records import Record
from geo_service.api.routes.policies import ProfileQuery
from geo_service.pipeline import reports

router = APIRouter(prefix="/api", tags=["reporting"])

_PERIOD = "2017-11 of a monthly rhythm, the due day of any other"
_RHYTHM = "Key of one of the profile's rhythms of reports; the first when missing"
LONGEST_KEY = 40


class NewReceipt(Record):
    """A report that a unit handed in."""

    area: Annotated[str, Field(min_length=1, max_length=LONGEST_CODE)]
    period: Annotated[str, Field(max_length=LONGEST_KEY, description=_PERIOD)]
    rhythm: Annotated[str | None, Field(max_length=LONGEST_KEY, description=_RHYTHM)] = None
    on: Annotated[date | None, Field(description="The day it was handed in; today when missing")] = None
    profile: Annotated[str | None, Field(max_length=LONGEST_KEY)] = None


@router.get("/reports", summary="Who reported for a period, and who did not", response_model=Reports)
def list_reports(
    area: AreaQuery,
    engine: Database,
    caller: Caller,
    period: Annotated[str | None, Query(max_length=LONGEST_KEY, description=_PERIOD)] = None,
    rhythm: Annotated[str | None, Query(max_length=LONGEST_KEY, description=_RHYTHM)] = None,
    profile: ProfileQuery = None,
) -> dict[str, Any]:
    """On time, late by how many days, missing, or not due yet; of the present period when none is given."""
    return reports.list_reports(
        engine, caller, area_code=area, period=period, rhythm=rhythm, profile_key=profile
    )


@router.post(
    "/reports", status_code=201, summary="Enter that a report was handed in", response_model=ReceivedReport
)
def receive_report(receipt: NewReceipt, engine: Database, caller: Caller) -> dict[str, Any]:
    """An earlier entry of the period stays as history."""
    return reports.receive_report(
        engine,
        caller,
        area_code=receipt.area,
        period=receipt.period,
        rhythm=receipt.rhythm,
        on=receipt.on,
        profile_key=receipt.profile,
    )
