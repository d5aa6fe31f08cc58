"""The ledger of an area as a workbook, and places for its compounds that have none."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response

from geo_service.api.answers.ledger import UnplacedCompounds
from geo_service.api.attachments import attachment, documented
from geo_service.api.deps import AreaQuery, Configured, Database, OnDate, Reader
from geo_service.pipeline.ledger_export import export_ledger
from geo_service.pipeline.unplaced import offer_places

router = APIRouter(prefix="/api/ledger", tags=["ledger"])


@router.get(
    "",
    summary="The ledger of an area on a date: a workbook with one sheet a community",
    response_class=Response,
    responses=documented("xlsx"),
)
def read_ledger(
    area: AreaQuery, engine: Database, caller: Reader, configured: Configured, on: OnDate
) -> FileResponse:
    """The workbook, which can be imported again without loss."""
    return attachment(
        configured,
        f"ledger-{on.isoformat()}.xlsx",
        lambda out: export_ledger(engine, caller, area_code=area, on=on, out=out),
    )


@router.get(
    "/places",
    summary="Compounds that the map does not show, and what they may be on it",
    response_model=UnplacedCompounds,
)
def read_places(area: AreaQuery, engine: Database, caller: Reader) -> dict[str, Any]:
    """Candidates by name and address, best first; nothing is merged."""
    return offer_places(engine, caller, area_code=area)
