"""GeoJSON (RFC 7946), streamed: the features arrive as text from PostgreSQL and pass through."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa

SEPARATOR = ",\n"


def write_geojson(path: Path, name: str, features: Iterable[pa.StringArray]) -> None:
    """Write GeoJSON feature texts, longitude and latitude in degrees, as one feature collection.

    Parameters
    ----------
    features : iterable of array of str
        Each text begins with ``SEPARATOR``; none is null.
    """
    with path.open("wb") as file:
        file.write(f'{{"type":"FeatureCollection","name":{json.dumps(name)},"features":[\n'.encode())
        surplus = len(SEPARATOR)
        for texts in features:
            if len(texts):
                file.write(_joined(texts)[surplus:])
                surplus = 0
        file.write(b"\n]}\n")


def _joined(texts: pa.StringArray) -> memoryview:
    """All the texts one after the other, as they lie in memory."""
    _, places, letters = texts.buffers()
    offsets = np.frombuffer(places, dtype=np.int32)
    return memoryview(letters)[offsets[texts.offset] : offsets[texts.offset + len(texts)]]
