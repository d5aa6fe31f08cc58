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
    "pdf": "application/pdf",
    "png": "image/png",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
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
    configured.work_dir.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="geo-service-attachment-", dir=configured.work_dir))
    try:
        write(work / name)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return FileResponse(
        work / name,
        media_type=MEDIA_TYPES[name.rpartition(".")[2]],
        filename=name,
        headers={"Cache-Control": "private, no-store"},
        background=BackgroundTask(shutil.rmtree, work, ignore_errors=True),
    )


def documented(*formats: str) -> dict[int | str, dict[str, object]]:
    """What the OpenAPI document says of such an answer."""
    return {200: {"content": {MEDIA_TYPES[format]: {} for format in formats}}}
