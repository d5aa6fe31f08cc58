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
    stream = ArrowTable(table, [field.name for field in table.fields])
    geo = {"geo": json.dumps(_metadata(table))} if table.has_geometry else {}
    described = stream.schema.with_metadata(geo)
    with pq.ParquetWriter(path, described, compression="zstd") as writer:
        for batch in stream:
            writer.write_batch(pa.record_batch(batch.columns, schema=described))


def _metadata(table: ExportTable) -> dict[str, object]:
    kinds = [] if table.geometry_type == "Unknown" else [table.geometry_type]
    column = {"encoding": "WKB", "geometry_types": kinds, "crs": CRS.from_epsg(table.srid).to_json_dict()}
    return {"version": _VERSION, "primary_column": GEOMETRY_COLUMN, "columns": {GEOMETRY_COLUMN: column}}
