"""GeoParquet read into columns and geometries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from geo_service.errors import InvalidInput
from geo_service.exchange.table import Table

# What the specification says a column without a CRS is in.
_WITHOUT_CRS = "OGC:CRS84"


def read_geoparquet(path: Path) -> Table:
    """A GeoParquet file whose geometry is WKB.

    Raises
    ------
    InvalidInput
        When it is damaged, says of no column that it is the geometry, or has it in another encoding.
    """
    try:
        table = pq.read_table(path)
        told = json.loads((table.schema.metadata or {}).get(b"geo", b"{}"))
        primary = told.get("primary_column")
        described = told.get("columns", {}).get(primary, {})
        crs = _crs(described)
        wkb = None if primary is None else table.column(primary)
    except (pa.ArrowException, OSError, ValueError, KeyError, AttributeError, CRSError) as error:
        raise InvalidInput("import.not_readable", where=path.name, suffix=path.suffix) from error
    if wkb is None:
        raise InvalidInput("import.no_geometry", where=path.name)
    if described.get("encoding") != "WKB" or not _is_binary(wkb.type):
        raise InvalidInput("import.not_readable", where=path.name, suffix=path.suffix)
    columns = {
        name: table.column(name).to_numpy()
        for name in table.column_names
        if name != primary and not pa.types.is_nested(table.column(name).type)
    }
    return Table(
        file=path.name,
        columns=columns,
        geometry=shapely.from_wkb(wkb.to_numpy(), on_invalid="ignore"),
        crs=crs,
        rows=np.arange(1, len(table) + 1),
    )


def _is_binary(kind: pa.DataType) -> bool:
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind)


def _crs(described: dict[str, Any]) -> str | None:
    if "crs" not in described:
        return _WITHOUT_CRS
    stated = described["crs"]
    return None if stated is None else CRS.from_user_input(stated).to_wkt()
