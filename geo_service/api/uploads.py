"""Files uploaded once and used several times: an area on disk, bounded, expiring, each actor's own."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from geo_service.access import Actor
from geo_service.errors import InvalidInput, NotFound, Unavailable
from geo_service.settings import Settings

LONGEST_NAME = 100
MOST_UPLOADS = 4
"""Of one actor: the oldest makes room for the next."""
KEPT_S = 2 * 3600
_MOST_AREA_LIMITS = 8
_ABOUT = "about.json"


@dataclass(frozen=True)
class Upload:
    """One uploaded file in its folder."""

    id: str
    folder: Path
    file: Path

    @property
    def bytes(self) -> int:
        """The file's size."""
        return self.file.stat().st_size


def safe_name(name: str) -> str:
    """A client's file name without folders and without signs a file system or a terminal may read otherwise.

    Raises
    ------
    InvalidInput
        When nothing is left, or no extension is.
    """
    last = re.split(r"[/\\]", name)[-1]
    cleaned = re.sub(r"[^\w.()（）-]+", "_", last).lstrip("._")
    stem, dot, extension = cleaned.rpartition(".")
    if not (stem and dot and extension):
        raise InvalidInput("request.file_nameless", where=last[:LONGEST_NAME])
    return f"{stem[: LONGEST_NAME - 20]}.{extension[:10]}"


def keep(settings: Settings, actor: Actor, name: str, content: BinaryIO) -> Upload:
    """Keep an uploaded file for the actor.

    Raises
    ------
    InvalidInput, Unavailable
    """
    file_name = safe_name(name)
    try:
        own = _own_folder(settings, actor)
        _make_room(own, settings.upload_limit_mb * 2**20)
        folder = own / uuid.uuid4().hex
        folder.mkdir(mode=0o700)
        try:
            with (folder / file_name).open("wb") as copy:
                shutil.copyfileobj(content, copy)
            # Written last: a folder without it is no upload yet.
            write_document(folder / _ABOUT, {"file": file_name})
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    except OSError as error:
        raise Unavailable(
            "import.file_trouble", where=file_name, reason=error.strerror or str(error)
        ) from error
    return Upload(folder.name, folder, folder / file_name)


def find(settings: Settings, actor: Actor, upload_id: str) -> Upload:
    """The actor's upload of that id, a hexadecimal UUID.

    Raises
    ------
    NotFound
        When there is none, any more or at all; another's is not told from none.
    """
    folder = _own_folder(settings, actor) / uuid.UUID(upload_id).hex
    about = read_document(folder / _ABOUT)
    if about is None or _has_expired(folder):
        raise NotFound("request.upload_gone", where=upload_id)
    return Upload(folder.name, folder, folder / about["file"])


def remove(upload: Upload) -> None:
    """Forget an upload."""
    shutil.rmtree(upload.folder, ignore_errors=True)


def write_document(path: Path, document: dict[str, Any]) -> None:
    """Write JSON at once: readers see the whole of it or what was there before."""
    part = path.with_suffix(f".{uuid.uuid4().hex}.part")
    part.write_text(json.dumps(document, ensure_ascii=False, default=str), encoding="utf-8")
    part.replace(path)


def read_document(path: Path) -> dict[str, Any] | None:
    """The JSON there, or None."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def _area(settings: Settings) -> Path:
    area = settings.work_dir / f"geo-service-uploads-{os.geteuid()}"
    area.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A shared temporary folder is anybody's to prepare.
    if area.is_symlink() or area.stat().st_uid != os.geteuid():
        raise Unavailable("import.file_trouble", where=area.name, reason="EPERM")
    return area


def _own_folder(settings: Settings, actor: Actor) -> Path:
    whose = "\n".join((str(settings.home), str(settings.database_url), actor.name, actor.role, actor.scope))
    own = _area(settings) / sha256(whose.encode()).hexdigest()
    own.mkdir(mode=0o700, exist_ok=True)
    return own


def _folders(within: Path) -> Iterator[Path]:
    return (folder for folder in within.iterdir() if folder.is_dir())


def _has_expired(folder: Path) -> bool:
    return time.time() - folder.stat().st_mtime > KEPT_S


def _make_room(own: Path, limit_bytes: int) -> None:
    area = own.parent
    for folder in [each for actor in _folders(area) for each in _folders(actor)]:
        if _has_expired(folder):
            shutil.rmtree(folder, ignore_errors=True)
    newest_first = sorted(_folders(own), key=lambda folder: folder.stat().st_mtime, reverse=True)
    for folder in newest_first[MOST_UPLOADS - 1 :]:
        shutil.rmtree(folder, ignore_errors=True)
    used = sum(file.stat().st_size for file in area.rglob("*") if file.is_file())
    if used > _MOST_AREA_LIMITS * limit_bytes:
        raise Unavailable("request.uploads_full", where="file")
