"""What an export wrote."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class ExportedFile:
    """One file written; ``layer`` is empty where a file holds several."""

    path: Path
    layer: str
    features: int
    bytes: int


@dataclass(frozen=True)
class ExportReport:
    """The files written, and what the user should know of them."""

    files: tuple[ExportedFile, ...]
    remarks: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The report as the command line prints it."""
        return {
            "files": [
                {"path": str(file.path), "layer": file.layer, "features": file.features, "bytes": file.bytes}
                for file in self.files
            ],
            "remarks": list(self.remarks),
        }
