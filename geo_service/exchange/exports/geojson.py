"""GeoJSON (RFC 7946), streamed: the features arrive as text from PostgreSQL and pass through."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from geo_service.exchange.exports.shifted import GCJ02_MARK

DECIMALS = 8
SEPARATOR = ",\n"


def write_geojson(
    path: Path, name: str, features: Iterable[pa.StringArray], *, is_shifted: bool = False
) -> None:
    """Write GeoJSON feature texts, longitude and latitude in degrees, as one feature collection.

    Parameters
    ----------
    features : iterable of array of str
        Each text begins with ``SEPARATOR``; none is null.
    is_shifted : bool
        The coordinates are in GCJ-02: the file says so, and that its CRS is not the one GeoJSON implies.
    """
    marks = {"datum": "GCJ-02", "description": GCJ02_MARK, "crs": None} if is_shifted else {}
    head = json.dumps({"type": "FeatureCollection", "name": name, **marks}, ensure_ascii=False)
    with path.open("wb") as file:
        file.write(f'{head.removesuffix("}")}, "features":[\n'.encode())
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


def feature_texts(batches: Iterable[pa.RecordBatch], key: str) -> Iterator[pa.StringArray]:
    """The texts of features whose geometry, WKB in the last column, is not PostgreSQL's own."""
    for batch in batches:
        shapes = shapely.orient_polygons(shapely.from_wkb(batch.column(-1).to_numpy(zero_copy_only=False)))
        places = shapely.to_geojson(shapely.transform(shapes, lambda points: points.round(DECIMALS)))
        rows = batch.drop_columns([batch.schema.names[-1]]).to_pylist()
        yield pa.array(
            [
                f'{SEPARATOR}{{"type":"Feature","id":{_json(row[key])},"geometry":{place or "null"},'
                f'"properties":{_json(row)}}}'
                for row, place in zip(rows, places.tolist(), strict=True)
            ],
            pa.string(),
        )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
