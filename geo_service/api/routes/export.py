"""Layers as files to take away."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

from geo_service.api.deps import AreaQuery, Caller, Configured, Database, Language, OnDate
from geo_service.api.layers import Layers, OptionalPlan
from geo_service.pipeline.exporting import FORMATS, export_layers

router = APIRouter(tags=["export"])

_LONGEST_LIST = 2_000
_MEDIA_TYPES = {
    ".gpkg": "application/geopackage+sqlite3",
    ".geojson": "application/geo+json",
    ".fgb": "application/flatgeobuf",
    ".parquet": "application/vnd.apache.parquet",
    ".kml": "application/vnd.google-earth.kml+xml",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".png": "image/png",
    ".pdf": "application/pdf",
    ".zip": "application/zip",
}


@router.get(
    "/api/export",
    summary="Layers of an area as a file",
    response_class=Response,
    responses={200: {"content": {media_type: {} for media_type in _MEDIA_TYPES.values()}}},
)
def export(
    area: AreaQuery,
    layers: Annotated[str, Query(max_length=_LONGEST_LIST, description="Layer names, separated by commas")],
    format: Annotated[str, Query(max_length=16, description=", ".join(FORMATS))],
    available: Layers,
    caller: Caller,
    database: Database,
    configured: Configured,
    language: Language,
    on: OnDate,
    plan: OptionalPlan = None,
    crs: Annotated[str | None, Query(max_length=32, description="EPSG code, such as EPSG:4547")] = None,
) -> FileResponse:
    """The file; a ZIP where the format gives several."""
    configured.work_dir.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="geo-service-export-", dir=configured.work_dir))
    try:
        export_layers(
            database,
            caller,
            area_code=area,
            layers=[name.strip() for name in layers.split(",") if name.strip()],
            format=format,
            out=work / "files",
            on=on,
            crs=crs,
            plan_id=plan,
            language=language,
            layer_set=available,
        )
        path = _single_file(work, f"{area}-{format}")
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return FileResponse(
        path,
        media_type=_MEDIA_TYPES.get(path.suffix, "application/octet-stream"),
        filename=path.name,
        headers={"Cache-Control": "private, no-store"},
        background=BackgroundTask(shutil.rmtree, work, ignore_errors=True),
    )


def _single_file(work: Path, name: str) -> Path:
    files = sorted((work / "files").iterdir())
    if len(files) == 1:
        return files[0]
    archive = work / f"{name}.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as bundle:
        for path in files:
            bundle.write(path, path.name)
    return archive
