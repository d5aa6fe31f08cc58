"""Layers as files to take away."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, Response

from geo_service.api.attachments import documented, written_while_awaited
from geo_service.api.deps import AreaQuery, Caller, Configured, Database, Language, OnDate
from geo_service.api.layers import Layers, OptionalPlan
from geo_service.pipeline.exporting import FORMATS, export_layers
from geo_service.progress import Progress

router = APIRouter(tags=["export"])

_LONGEST_LIST = 2_000


@router.get(
    "/api/export",
    summary="Layers of an area as a file",
    response_class=Response,
    responses=documented("gpkg", "geojson", "fgb", "parquet", "kml", "csv", "xlsx", "png", "pdf", "zip"),
)
async def export(
    request: Request,
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
    datum: Annotated[
        str, Query(max_length=16, description="cgcs2000; gcj02 for consumer maps, marked in the file")
    ] = "cgcs2000",
    encoding: Annotated[str, Query(max_length=16, description="Of a Shapefile: utf-8 or gbk")] = "utf-8",
    each: Annotated[
        str | None,
        Query(max_length=16, description="subdistrict or community: a ZIP with a folder for each"),
    ] = None,
) -> FileResponse:
    """The file; a ZIP where the format gives several. Writing it ends when the client hangs up."""

    def write(folder: Path, progress: Progress) -> Path:
        export_layers(
            database,
            caller,
            area_code=area,
            layers=[name.strip() for name in layers.split(",") if name.strip()],
            format=format,
            out=folder / "files",
            on=on,
            crs=crs,
            datum=datum,
            encoding=encoding,
            each=each,
            plan_id=plan,
            language=language,
            layer_set=available,
            progress=progress,
        )
        return _single_file(folder, f"{area}-{format}")

    return await written_while_awaited(request, configured, write)


def _single_file(work: Path, name: str) -> Path:
    files = sorted((work / "files").iterdir())
    if len(files) == 1:
        return files[0]
    archive = work / f"{name}.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as bundle:
        for path in files:
            bundle.write(path, path.name)
            path.unlink()
    return archive
