"""Files are written aside and renamed when complete, so that nothing half-written bears a final name."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from geo_service.errors import InvalidInput, Unavailable

_FULL = (errno.ENOSPC, errno.EDQUOT)
# Less room than this and a write that failed has failed for want of it.
_NO_ROOM_BYTES = 2**20


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """A scratch folder beside the results; its files move into ``folder`` when the block ends well.

    Files of the same names are replaced, all of them or none. On any error the scratch folder vanishes;
    nothing else changes.

    Raises
    ------
    InvalidInput
        When ``folder`` cannot be made or written to, holds a folder by the name of a result, or another
        program has a GeoPackage open that would be replaced.
    Unavailable
        When the disk is full.
    """
    was_there = folder.is_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".export-", dir=folder))
    except OSError as error:
        raise refusal(error, folder) from error
    try:
        yield scratch
        complete = sorted(scratch.iterdir())
        for path in complete:
            if (folder / path.name).is_dir():
                raise InvalidInput("export.folder_in_the_way", where=str(folder / path.name))
        _move(complete, folder)
    except OSError as error:
        raise refusal(error, folder) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        if not was_there and not any(folder.iterdir()):
            folder.rmdir()


def is_full(folder: Path) -> bool:
    """Whether the disk of ``folder`` has no room left."""
    return shutil.disk_usage(folder).free < _NO_ROOM_BYTES


def _move(paths: Sequence[Path], folder: Path) -> None:
    for path in paths:
        log = folder / f"{path.name}-wal"
        # SQLite would play what is left in the old file's log into the new one.
        if path.suffix == ".gpkg" and log.exists() and log.stat().st_size:
            raise InvalidInput("qgis_project.file_in_use", where=str(folder / path.name))
    moved: list[tuple[Path, Path | None]] = []
    try:
        for path in paths:
            target = folder / path.name
            kept = _kept(target, path.with_name(f"{path.name}.earlier"))
            os.replace(path, target)
            moved.append((target, kept))
    except OSError:
        for target, kept in moved:
            if kept is None:
                target.unlink()
            else:
                os.replace(kept, target)
        raise


def _kept(target: Path, aside: Path) -> Path | None:
    """A second name for what is to be replaced; None where there is nothing."""
    if not target.is_file():
        return None
    try:
        os.link(target, aside)
    except OSError:  # some file systems give a file one name only
        shutil.copyfile(target, aside)
    return aside


def refusal(error: OSError, place: Path) -> InvalidInput | Unavailable:
    """The operating system's refusal in our own words."""
    if error.errno in _FULL:
        return Unavailable("export.disk_full", where=str(place))
    return InvalidInput("export.folder_unwritable", where=str(place), reason=error.strerror or str(error))
