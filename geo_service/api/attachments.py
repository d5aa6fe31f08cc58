"""Answers that are files: written aside, sent, and gone."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from threading import Event

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse
from starlette.types import Receive, Scope, Send

from geo_service.errors import Cancelled
from geo_service.progress import Progress, Unwatched
from geo_service.settings import Settings

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "fgb": "application/flatgeobuf",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
    "kml": "application/vnd.google-earth.kml+xml",
    "parquet": "application/vnd.apache.parquet",
    "pdf": "application/pdf",
    "pmtiles": "application/vnd.pmtiles",
    "png": "image/png",
    "qgz": "application/x-qgis-project",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}


def attachment(configured: Settings, name: str, write: Callable[[Path], object]) -> FileResponse:
    """A file to take away.

    Parameters
    ----------
    name : str
        What it is called; its suffix says what it is.
    write : callable
        Writes it at the path given.
    """

    def write_there(folder: Path) -> Path:
        write(folder / name)
        return folder / name

    return written_aside(configured, write_there)


def written_aside(configured: Settings, write: Callable[[Path], Path]) -> FileResponse:
    """A file to take away that names itself.

    Parameters
    ----------
    write : callable
        Writes into the folder given, which goes when the answer is sent; returns the file to send.
    """
    configured.work_dir.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="geo-service-attachment-", dir=configured.work_dir))
    try:
        path = write(work)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return _Attachment(
        path,
        work,
        media_type=MEDIA_TYPES.get(path.suffix.removeprefix("."), "application/octet-stream"),
        filename=path.name,
        headers={"Cache-Control": "private, no-store", "Accept-Ranges": "none"},
    )


async def written_while_awaited(
    request: Request, configured: Settings, write: Callable[[Path, Progress], Path]
) -> FileResponse:
    """As ``written_aside``, but given up when the client hangs up.

    Parameters
    ----------
    write : callable
        Is given the folder, and a progress that stops it once nobody waits for the file.
    """
    gone = Event()

    def check() -> None:
        if gone.is_set():
            raise Cancelled("command.cancelled")

    async def listen() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        gone.set()

    listening = asyncio.create_task(listen())
    try:
        return await run_in_threadpool(
            written_aside, configured, lambda folder: write(folder, Unwatched(check))
        )
    finally:
        listening.cancel()


class _Attachment(FileResponse):
    """A file whose folder goes when it is sent, or when nobody takes it any more."""

    def __init__(self, path: Path, work: Path, **options: object) -> None:
        super().__init__(path, **options)  # type: ignore[arg-type]
        self.work = work

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            # At once and without waiting: a request that is cancelled waits for nothing more.
            shutil.rmtree(self.work, ignore_errors=True)


def documented(*formats: str) -> dict[int | str, dict[str, object]]:
    """What the OpenAPI document says of such an answer."""
    return {200: {"content": {MEDIA_TYPES[format]: {} for format in formats}}}
