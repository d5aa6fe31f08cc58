"""Answers that are files: written aside, sent, and gone."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

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
    return FileResponse(
        path,
        media_type=MEDIA_TYPES.get(path.suffix.removeprefix("."), "application/octet-stream"),
        filename=path.name,
        headers={"Cache-Control": "private, no-store"},
        background=BackgroundTask(shutil.rmtree, work, ignore_errors=True),
    )


def documented(*formats: str) -> dict[int | str, dict[str, object]]:
    """What the OpenAPI document says of such an answer."""
    return {200: {"content": {MEDIA_TYPES[format]: {} for format in formats}}}
