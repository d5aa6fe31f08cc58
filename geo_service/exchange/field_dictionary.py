"""The dictionary beside a Shapefile of ours: what its names of ten bytes are short for."""

from __future__ import annotations

import csv
from pathlib import Path

HEADINGS = ("field", "name", "title", "unit", "values", "texts_cut")
_SUFFIX = "_fields.csv"


def dictionary_path(shapefile: Path) -> Path:
    """Where the dictionary of a Shapefile lies."""
    return shapefile.with_name(shapefile.stem + _SUFFIX)


def is_dictionary(path: Path) -> bool:
    """Whether a file is the dictionary of a Shapefile beside it."""
    return path.name.endswith(_SUFFIX) and path.with_name(path.name.removesuffix(_SUFFIX) + ".shp").is_file()


def full_names(shapefile: Path) -> dict[str, str]:
    """Names by short name; none where no dictionary of ours lies beside."""
    try:
        with dictionary_path(shapefile).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error):
        return {}
    return {row["field"]: row["name"] for row in rows if row.get("field") and row.get("name")}
