"""A file uploaded once, looked into, previewed, tried and imported, as the import page does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from shapely.geometry import mapping as as_geojson
from starlette.datastructures import UploadFile

from geo_service.api import import_jobs, uploads
from geo_service.api.answers.imports import Datum, Kind
from geo_service.api.answers.uploads import (
    ColumnSeen,
    FieldSeen,
    FileSeen,
    ImportState,
    KeptFile,
    KindSeen,
    Placement,
    PlacesSeen,
)
from geo_service.api.deps import Caller, Configured, Database, Language
from geo_service.api.uploads import Upload
from geo_service.errors import Forbidden, InvalidInput
from geo_service.pipeline import ImportOptions, look_into_file, preview_places

router = APIRouter(prefix="/api/uploads", tags=["imports"])

Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")]
Source = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f]*$")]
Layer = Annotated[Line | None, Query(description="One layer or sheet of several; all of them when missing")]
_DEGREE_DIGITS = 6


class ImportOrder(BaseModel):
    """How to import an upload; ``mapping`` is field to column, to ``=value``, or to nothing: not read."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    layer: Line | None = None
    mapping: Annotated[dict[Line, Source], Field(max_length=200)] = {}
    crs: Line | None = None
    datum: Datum = "cgcs2000"
    dry_run: bool = False
    strict: bool = False
    as_of: date | None = None


async def writer(caller: Caller) -> None:
    """Raise ``Forbidden`` before anything is read of those who may not write."""
    if not caller.may_write:
        raise Forbidden("access.outside_scope", where=caller.role.value)


async def received_file(request: Request, _: Annotated[None, Depends(writer)]) -> AsyncIterator[UploadFile]:
    """The body's one file.

    Raises
    ------
    Forbidden, InvalidInput
    """
    async with request.form(max_files=1, max_fields=1) as fields:
        file = fields.get("file")
        if not isinstance(file, UploadFile):
            raise InvalidInput("request.no_file", where="file")
        yield file


def named_upload(
    upload_id: Annotated[str, Path(pattern="^[0-9a-f]{32}$")],
    _: Annotated[None, Depends(writer)],
    settings: Configured,
    caller: Caller,
) -> Upload:
    """The caller's upload of the path.

    Raises
    ------
    Forbidden, NotFound
    """
    return uploads.find(settings, caller, upload_id)


Named = Annotated[Upload, Depends(named_upload)]

_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


@router.post("", status_code=201, summary="Upload a file to look into and import", openapi_extra=_BODY)
def upload_file(
    file: Annotated[UploadFile, Depends(received_file)], settings: Configured, caller: Caller
) -> KeptFile:
    """The file is kept for two hours, and at most four of a caller: the oldest makes room."""
    kept = uploads.keep(settings, caller, file.filename or "", file.file)
    return KeptFile(id=kept.id, file=kept.file.name, bytes=kept.bytes)


@router.get("/{upload_id}", summary="What an upload seems to hold")
def look_into_upload(upload: Named, engine: Database, caller: Caller, layer: Layer = None) -> FileSeen:
    """Layers, columns with samples, the kinds it may be with the columns guessed for them, the CRS."""
    seen = look_into_file(engine, caller, upload.file, layer=layer)
    return FileSeen(
        id=upload.id,
        file=upload.file.name,
        bytes=upload.bytes,
        layers=seen.layers,
        rows=seen.row_count,
        columns=[ColumnSeen(**asdict(column)) for column in seen.columns],
        kinds=[
            KindSeen(
                name=kind.name,
                fits=kind.fits,
                lacking=kind.lacking,
                fields=[
                    FieldSeen(
                        name=field.name,
                        title_zh=field.aliases[0] if field.aliases else field.name,
                        title_en=field.name.replace("_", " ").capitalize(),
                        required=field.required,
                        column=kind.guessed.get(field.name),
                    )
                    for field in kind.fields
                ],
            )
            for kind in seen.kinds
        ],
        crs=seen.crs,
        datum=seen.datum,
        has_places=seen.has_places,
    )


@router.get("/{upload_id}/places", summary="Where an upload's places would come to lie, by datum")
def preview_upload(
    upload: Named,
    engine: Database,
    caller: Caller,
    layer: Layer = None,
    crs: Annotated[Line | None, Query(description="Over what the file states, e.g. EPSG:4490")] = None,
) -> PlacesSeen:
    """At most 400 places as each datum puts them, and the outlines of the communities around."""
    seen = preview_places(engine, caller, upload.file, layer=layer, crs=crs)
    return PlacesSeen(
        crs=seen.crs,
        crs_assumed=seen.crs_assumed,
        rows=seen.row_count,
        sampled=seen.sampled,
        placements=[
            Placement(
                datum=placed.datum,
                points=placed.points.round(_DEGREE_DIGITS).tolist(),
                inside=placed.inside,
                shift_m=round(placed.shift_m, 1),
            )
            for placed in seen.placements
        ],
        suggested=seen.suggested,
        communities={
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "properties": {"code": code}, "geometry": as_geojson(outline)}
                for code, outline in zip(seen.codes.tolist(), seen.outlines, strict=True)
            ],
        },
    )


@router.put(
    "/{upload_id}/import",
    status_code=202,
    summary="Start to import an upload, or try it",
    response_model_exclude_unset=True,
)
def start_import(
    upload: Named,
    order: ImportOrder,
    engine: Database,
    caller: Caller,
    settings: Configured,
    language: Language,
) -> ImportState:
    """It runs on whether or not anybody waits; GET tells how far it is, DELETE stops it."""
    options = ImportOptions(**order.model_dump(exclude={"kind"}), metric_crs=settings.metric_crs)
    import_jobs.start(engine, caller, upload, kind=order.kind, options=options)
    return _state_of(upload, language)


@router.get(
    "/{upload_id}/import", summary="How far the import of an upload is", response_model_exclude_unset=True
)
def follow_import(upload: Named, language: Language) -> ImportState:
    """Its stage while it runs, its report when it is done, its problem when it failed."""
    return _state_of(upload, language)


@router.delete(
    "/{upload_id}/import",
    status_code=202,
    summary="Stop the import of an upload",
    response_model_exclude_unset=True,
)
def stop_import(upload: Named, language: Language) -> ImportState:
    """It stops at its next step and writes nothing; what is done stays done."""
    import_jobs.cancel(upload)
    return _state_of(upload, language)


@router.delete("/{upload_id}", status_code=204, summary="Forget an upload")
def forget_upload(upload: Named) -> Response:
    """Its bytes are deleted at once."""
    uploads.remove(upload)
    return Response(status_code=204)


def _state_of(upload: Upload, language: str) -> ImportState:
    told = import_jobs.state_of(upload, language)
    return ImportState(**{name: told.get(name) for name in ImportState.model_fields})
