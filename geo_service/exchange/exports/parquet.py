"""GeoParquet 1.1 (OGC): a Parquet file whose metadata says which column is a geometry, and in which CRS."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyproj import CRS

from geo_service.exchange.exports.arrow import GEOMETRY_COLUMN, ArrowTable
from geo_service.exchange.exports.table import ExportTable

_VERSION = "1.1.0"


def write_geoparquet(path: Path, table: ExportTable) -> None:
    """One table as GeoParquet: coordinates always x before y, whatever order the CRS has."""
    stream = ArrowTable(table)
    described = stream.schema.with_metadata(_metadata(table))
    with pq.ParquetWriter(path, described, compression="zstd") as writer:
        for batch in stream:
            writer.write_batch(pa.record_batch(batch.columns, schema=described))


def _metadata(table: ExportTable) -> dict[str, str]:
    kinds = [] if table.geometry_type == "Unknown" else [table.geometry_type]
    crs = CRS.from_user_input(table.crs).to_json_dict()
    column = {"encoding": "WKB", "geometry_types": kinds, "crs": crs}
    geo = {"version": _VERSION, "primary_column": GEOMETRY_COLUMN, "columns": {GEOMETRY_COLUMN: column}}
    told = {"title": table.title, "description": table.described}
    if table.has_geometry:
        told["geo"] = json.dumps(geo)
    return told | ({"datum": "GCJ-02"} if table.is_shifted else {})
