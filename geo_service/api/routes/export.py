"""Layers as files to take away."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, Response

from geo_service.api.attachments import documented, written_while_awaited
from geo_service.api.deps import AreaQuery, Caller, Configured, Database, Language, OnDate
from geo_service.api.layers import Layers, OptionalMeasure, OptionalPlan, OptionalTarget
from geo_service.api.routes.collections import root_of
from geo_service.pipeline.exporting import FORMATS, export_layers
from geo_service.pipeline.sheet_choice import ORIENTATIONS, PAPERS, SHEETS, SheetChoice
from geo_service.progress import Progress

router = APIRouter(tags=["export"])

_LONGEST_LIST = 2_000


@router.get(
    "/api/export",
    summary="Layers of an area as a file",
    response_class=Response,
    responses=documented(
        *("gpkg", "geojson", "fgb", "parquet", "kml", "csv", "xlsx", "png", "pdf", "qgz", "pmtiles", "zip")
    ),
)
async def export(
    request: Request,
    area: AreaQuery,
    format: Annotated[str, Query(max_length=16, description=", ".join(FORMATS))],
    available: Layers,
    caller: Caller,
    database: Database,
    configured: Configured,
    language: Language,
    on: OnDate,
    layers: Annotated[
        str,
        Query(max_length=_LONGEST_LIST, description="Layer names, separated by commas; qgz, pmtiles: all"),
    ] = "",
    plan: OptionalPlan = None,
    target: OptionalTarget = None,
    measure: OptionalMeasure = None,
    crs: Annotated[str | None, Query(max_length=32, description="EPSG code, such as EPSG:4547")] = None,
    datum: Annotated[
        str, Query(max_length=16, description="cgcs2000; gcj02 for consumer maps, marked in the file")
    ] = "cgcs2000",
    encoding: Annotated[str, Query(max_length=16, description="Of a Shapefile: utf-8 or gbk")] = "utf-8",
    each: Annotated[
        str | None,
        Query(max_length=16, description="subdistrict or community: a ZIP with a folder for each"),
    ] = None,
    paper: Annotated[str, Query(max_length=16, description=f"Of pdf and png: {', '.join(PAPERS)}")] = "a4",
    orientation: Annotated[
        str | None, Query(max_length=16, description=f"{', '.join(ORIENTATIONS)}; by the area's shape")
    ] = None,
    sheet: Annotated[str | None, Query(max_length=16, description=", ".join(SHEETS))] = None,
    map_review_no: Annotated[
        str | None, Query(max_length=64, description="审图号; the internal mark without one")
    ] = None,
    service: Annotated[
        bool, Query(description="qgz: over this service instead of a GeoPackage beside it")
    ] = False,
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
            target=target,
            measure=measure,
            language=language,
            map_review_no=map_review_no,
            sheet=SheetChoice(paper, orientation, sheet),
            service=root_of(request) if service else None,
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
