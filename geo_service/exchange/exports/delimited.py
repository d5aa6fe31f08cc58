"""CSV as clerks and GIS both read it: UTF-8 with BOM, readable headings and words, the geometry as WKT.

The last column is named as GDAL, and so QGIS, expects it: ``_WKT_EPSG_4490`` says its CRS, too.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import shapely

from geo_service.exchange.exports.shifted import shifted
from geo_service.exchange.exports.table import ExportField, ExportTable
from geo_service.exchange.formulas import guarded


def write_csv(path: Path, table: ExportTable, *, words: Mapping[str, str]) -> None:
    """One table, whose rows end with the geometry as WKB.

    Parameters
    ----------
    words : mapping
        ``yes`` and ``no`` in the reader's language.
    """
    has_geometry = table.has_geometry
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        headings = [field.heading for field in table.fields]
        writer.writerow([*headings, *([_geometry_heading(table)] if has_geometry else [])])
        for rows in table.rows():
            places = _well_known_texts(table, [row[-1] for row in rows]) if has_geometry else []
            for number, row in enumerate(rows):
                cells = [_cell(field, value, words) for field, value in zip(table.fields, row, strict=False)]
                writer.writerow([*cells, *places[number : number + 1]])


def _geometry_heading(table: ExportTable) -> str:
    return "_WKT_GCJ02" if table.is_shifted else f"_WKT_EPSG_{table.srid}"


def _well_known_texts(table: ExportTable, geometries: list[Any]) -> list[str | None]:
    wkb = pa.array([None if one is None else bytes(one) for one in geometries], pa.binary())
    if table.is_shifted:
        wkb = shifted(wkb)
    # With every digit: who reads the file back has the same geometry.
    shapes = shapely.from_wkb(wkb.to_numpy(zero_copy_only=False))
    return shapely.to_wkt(shapes, rounding_precision=-1).tolist()


def _cell(field: ExportField, value: Any, words: Mapping[str, str]) -> Any:
    if isinstance(value, bool):
        return words["yes" if value else "no"]
    if isinstance(value, str):
        return guarded(field.values.get(value, value))
    return value.isoformat() if isinstance(value, date) else value
