"""Files uploaded and imported, as the command line imports them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from starlette.datastructures import UploadFile

from geo_service.api.answers.imports import Datum, ImportReport, Kind
from geo_service.api.deps import Caller, Configured, Database
from geo_service.api.uploads import safe_name
from geo_service.errors import Forbidden, InvalidInput
from geo_service.pipeline import ImportOptions, import_file

router = APIRouter(prefix="/api/imports", tags=["imports"])

MOST_FIELDS = 200

Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")]
Mapped = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f=]+=[^\x00-\x1f]+$")]
Matched = Annotated[
    str, StringConstraints(max_length=200, pattern=r"^([^\x00-\x1f]{1,31}!)?[0-9]{1,7}=[^\x00-\x1f=]+$")
]


class ImportForm(BaseModel):
    """What goes with the file; ``map`` is ``field=column``, ``match`` ``sheet!row=code``; both repeatable."""

    model_config = ConfigDict(extra="forbid")

    layer: Line | None = None
    map: list[Mapped] = []
    crs: Line | None = None
    datum: Datum = "cgcs2000"
    dry_run: bool = False
    strict: bool = False
    as_of: Annotated[
        date | None, Field(description="Day the file speaks of, of the year its title names; default today")
    ] = None
    match: list[Matched] = []


@dataclass(frozen=True)
class Received:
    """A request's file and fields."""

    file: UploadFile
    form: ImportForm


async def received(request: Request, caller: Caller) -> AsyncIterator[Received]:
    """Read the body, but not before the caller is known to be one who may write.

    Raises
    ------
    Forbidden, InvalidInput, RequestValidationError
    """
    if not caller.may_write:
        raise Forbidden("access.outside_scope", where=caller.role.value)
    async with request.form(max_files=1, max_fields=MOST_FIELDS) as fields:
        file = fields.get("file")
        if not isinstance(file, UploadFile):
            raise InvalidInput("request.no_file", where="file")
        given = {name: fields[name] for name in fields if name not in ("file", "map", "match")}
        lists = {name: fields.getlist(name) for name in ("map", "match")}
        try:
            form = ImportForm.model_validate({**given, **lists})
        except ValidationError as error:
            raise RequestValidationError(error.errors()) from error
        yield Received(file, form)


_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        **ImportForm.model_json_schema()["properties"],
                    },
                }
            }
        },
    }
}


@router.post(
    "/{kind}",
    summary="Import a file; a shapefile comes as a zip",
    response_model=ImportReport,
    response_model_exclude_unset=True,
    openapi_extra=_BODY,
)
def import_upload(
    kind: Kind,
    upload: Annotated[Received, Depends(received)],
    engine: Database,
    caller: Caller,
    settings: Configured,
) -> dict[str, Any]:
    """All valid rows land and every refused one is listed; with ``strict`` all or none."""
    form = upload.form
    options = ImportOptions(
        layer=form.layer,
        mapping=dict(entry.split("=", 1) for entry in form.map),
        crs=form.crs,
        datum=form.datum,
        dry_run=form.dry_run,
        strict=form.strict,
        as_of=form.as_of,
        matches=_matches(form.match),
        metric_crs=settings.metric_crs,
    )
    with tempfile.TemporaryDirectory(prefix="geo-service-upload-", dir=settings.work_dir) as folder:
        path = Path(folder) / safe_name(upload.file.filename or "")
        with path.open("wb") as copy:
            shutil.copyfileobj(upload.file.file, copy)
        report = import_file(engine, caller, kind=kind, path=path, options=options)
    return report.as_json()


def _matches(entries: list[str]) -> dict[tuple[str | None, int], str]:
    matches = {}
    for entry in entries:
        place, _, code = entry.rpartition("=")
        sheet, _, row = place.rpartition("!")
        matches[sheet or None, int(row)] = code
    return matches
