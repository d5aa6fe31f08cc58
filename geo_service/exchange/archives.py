"""Zip files taken apart with suspicion: what they claim to hold is checked before anything is unpacked."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath

from geo_service.errors import InvalidInput
from geo_service.exchange.field_dictionary import is_dictionary

LARGEST_UNPACKED_BYTES = 1_000_000_000
_MOST_MEMBERS = 10_000


def check_archive(archive: zipfile.ZipFile, *, where: str) -> None:
    """Refuse an archive that claims too much or reaches out of its folder.

    Raises
    ------
    InvalidInput
    """
    members = archive.infolist()
    claimed = sum(member.file_size for member in members)
    if claimed >= LARGEST_UNPACKED_BYTES or len(members) > _MOST_MEMBERS:
        raise InvalidInput(
            "import.archive_too_large",
            where=where,
            megabytes=claimed // 1_000_000,
            limit=LARGEST_UNPACKED_BYTES // 1_000_000,
        )
    for member in members:
        posix, windows = PurePosixPath(member.filename), PureWindowsPath(member.filename)
        if (
            posix.is_absolute()
            or windows.is_absolute()
            or windows.drive
            or ".." in (*posix.parts, *windows.parts)
        ):
            raise InvalidInput("import.archive_path", where=where, member=member.filename)


@contextmanager
def unpacked(path: Path, readable: frozenset[str]) -> Iterator[Path]:
    """The one file of a readable suffix inside the zip at ``path``, unpacked while the context lasts.

    Raises
    ------
    InvalidInput
        When it is no zip, is unsafe, or holds none or several readable files.
    """
    with tempfile.TemporaryDirectory(prefix="geo-service-") as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                check_archive(archive, where=path.name)
                archive.extractall(folder)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
            raise InvalidInput("import.not_readable", where=path.name, suffix=path.suffix) from error
        found = sorted(
            path
            for path in Path(folder).rglob("*")
            if path.suffix.lower() in readable and path.is_file() and not is_dictionary(path)
        )
        if len(found) != 1:
            raise InvalidInput(
                "import.archive_ambiguous", where=path.name, files=", ".join(p.name for p in found) or "-"
            )
        yield found[0]
