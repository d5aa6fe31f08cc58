"""Imports that run on after their request: what they have come to stands on disk, for any process to read.

The lock tells a running import from one whose server is gone; it dies with the process that holds it.
"""

from __future__ import annotations

import fcntl
import logging
import threading
from io import TextIOWrapper
from typing import Any

from sqlalchemy import Engine

from geo_service import messages
from geo_service.access import Actor
from geo_service.api.errors import problem_document, status_of
from geo_service.api.uploads import Upload, read_document, write_document
from geo_service.errors import Cancelled, Conflict, GeoServiceError, Unavailable
from geo_service.pipeline import ImportOptions, import_file

_STATE, _LOCK, _CANCEL = "import.json", "import.lock", "import.cancel"
_log = logging.getLogger(__name__)


def start(engine: Engine, actor: Actor, upload: Upload, *, kind: str, options: ImportOptions) -> None:
    """Start to import the upload.

    Raises
    ------
    Conflict
        When it is being imported already.
    """
    lock = _locked(upload, fcntl.LOCK_EX)
    if lock is None:
        raise Conflict("request.import_running", where=upload.file.name)
    (upload.folder / _CANCEL).unlink(missing_ok=True)
    asked = {"kind": kind, "dry_run": options.dry_run}
    write_document(upload.folder / _STATE, {**asked, "state": "running", "stage": "import.reading"})
    threading.Thread(
        target=_run, args=(engine, actor, upload, kind, options, asked, lock), daemon=True
    ).start()


def cancel(upload: Upload) -> None:
    """Stop the import at its next step; nothing is written then."""
    (upload.folder / _CANCEL).touch()


def state_of(upload: Upload, language: str) -> dict[str, Any]:
    """How far the import is; with its report when it is done, with its problem when it failed."""
    running = _is_running(upload)
    # Read after the lock: once that is free, what the import wrote last stands there.
    state = read_document(upload.folder / _STATE) or {"state": "none"}
    if state["state"] == "running" and not running:
        lost = Unavailable("request.import_lost", where=upload.file.name)
        state |= {"state": "failed", "problem": _in_both_languages(lost)}
    if "problem" in state:
        state["problem"] = state["problem"][language]
    return state


def _locked(upload: Upload, how: int) -> TextIOWrapper | None:
    lock = (upload.folder / _LOCK).open("a")
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def _is_running(upload: Upload) -> bool:
    lock = _locked(upload, fcntl.LOCK_SH)
    if lock is None:
        return True
    lock.close()
    return False


def _run(
    engine: Engine,
    actor: Actor,
    upload: Upload,
    kind: str,
    options: ImportOptions,
    asked: dict[str, Any],
    lock: TextIOWrapper,
) -> None:
    def progress(stage: str, done: int, total: int | None = None) -> None:
        if (upload.folder / _CANCEL).exists():
            raise Cancelled("request.import_cancelled", where=upload.file.name)
        write_document(
            upload.folder / _STATE,
            {**asked, "state": "running", "stage": stage, "done": done, "total": total},
        )

    with lock:
        try:
            report = import_file(
                engine, actor, kind=kind, path=upload.file, options=options, progress=progress
            )
            outcome = {"state": "done", "report": report.as_json()}
        except GeoServiceError as error:
            outcome = {"state": "failed", "problem": _in_both_languages(error)}
        except Exception:  # noqa: BLE001 - whatever it was, the page must learn of the end
            _log.exception("the import of an upload failed")
            outcome = {"state": "failed", "problem": _in_both_languages(Unavailable("request.our_fault"))}
        _settle(upload, {**asked, **outcome})


def _settle(upload: Upload, state: dict[str, Any]) -> None:
    try:
        write_document(upload.folder / _STATE, state)
    except OSError:
        # Removed by its owner or the disk is full; the database says what was imported.
        _log.warning("the outcome of an import could not be kept", exc_info=True)


def _in_both_languages(error: GeoServiceError) -> dict[str, Any]:
    return {language: problem_document(error, status_of(error), language) for language in messages.LANGUAGES}
