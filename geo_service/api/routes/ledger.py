"""The ledger of an area as a workbook, and places for its compounds that have none."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

from geo_service.api.deps import AreaQuery, Configured, Database, OnDate, Reader
from geo_service.pipeline.ledger_export import export_ledger
from geo_service.pipeline.unplaced import offer_places

router = APIRouter(prefix="/api/ledger", tags=["ledger"])

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get(
    "",
    summary="The ledger of an area on a date: a workbook with one sheet a community",
    response_class=Response,
    responses={200: {"content": {_XLSX: {}}}},
)
def read_ledger(
    area: AreaQuery, engine: Database, caller: Reader, configured: Configured, on: OnDate
) -> FileResponse:
    """The workbook, which can be imported again without loss."""
    configured.work_dir.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="geo-service-ledger-", dir=configured.work_dir))
    try:
        path = export_ledger(engine, caller, area_code=area, on=on, out=work / "ledger.xlsx").path
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return FileResponse(
        path,
        media_type=_XLSX,
        filename=f"ledger-{on.isoformat()}.xlsx",
        headers={"Cache-Control": "private, no-store"},
        background=BackgroundTask(shutil.rmtree, work, ignore_errors=True),
    )


@router.get("/places", summary="Compounds that the map does not show, and what they may be on it")
def read_places(area: AreaQuery, engine: Database, caller: Reader) -> dict[str, Any]:
    """Candidates by name and address, best first; nothing is merged."""
    return offer_places(engine, caller, area_code=area)
