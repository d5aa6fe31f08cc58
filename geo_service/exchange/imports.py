"""One call from a file to checked rows."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from geo_service.exchange.checking import Batch, check_table
from geo_service.exchange.field import FileKind
from geo_service.exchange.reading import read_table
from geo_service.progress import Progress


def read_batch(
    kind: FileKind,
    path: Path,
    *,
    layer: str | None,
    mapping: Mapping[str, str],
    crs: str | None,
    datum: str,
    trusted: bool,
    progress: Progress,
) -> Batch:
    """Read and check one GIS or CSV file; the validity of shapes is not checked where they are ``trusted``.

    Raises
    ------
    InvalidInput
        When the file as a whole cannot be used.
    """
    progress("import.reading", 0)
    table = read_table(path, layer=layer, every_layer=kind.name == "areas")
    progress("import.reading", len(table), len(table))
    progress("import.checking", 0, len(table))
    batch = check_table(kind, table, mapping=mapping, crs=crs, datum=datum, trusted=trusted)
    progress("import.checking", len(table), len(table))
    return batch


def sha256_of(path: Path) -> str:
    """The file's hash, by which an import is traced to exactly these bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
