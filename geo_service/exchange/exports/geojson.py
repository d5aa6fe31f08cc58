"""GeoJSON (RFC 7946), streamed: the features arrive as text from PostgreSQL and pass through."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path


def write_geojson(path: Path, name: str, features: Iterable[str]) -> None:
    """Write GeoJSON feature texts, longitude and latitude in degrees, as one feature collection."""
    with path.open("w", encoding="utf-8") as file:
        file.write(f'{{"type":"FeatureCollection","name":{json.dumps(name)},"features":[')
        separator = "\n"
        for feature in features:
            file.write(separator + feature)
            separator = ",\n"
        file.write("\n]}\n")
