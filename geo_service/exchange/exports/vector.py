"""GeoPackage, FlatGeobuf and KML, streamed to GDAL as Arrow batches: memory holds a few of them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pyarrow as pa
from pyogrio import write_arrow
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from geo_service.errors import Unavailable
from geo_service.exchange.exports.arrow import GEOMETRY_COLUMN, ArrowTable
from geo_service.exchange.exports.qgis import add_styles
from geo_service.exchange.exports.staging import is_full
from geo_service.exchange.exports.table import ExportTable

# What ArcGIS Pro 3 and QGIS 3.22 (Debian 12) open without a warning; GDAL would write 1.4.
GEOPACKAGE_VERSION = "1.3"
_KML_DOCUMENT, _KML_END = b'<Document id="root_doc">\n', b"</kml>"


class _Unplaced(Exception):
    """A row without a geometry."""


def write_geopackage(path: Path, tables: Sequence[ExportTable]) -> None:
    """All tables as layers of one GeoPackage, with their titles, descriptions and styles.

    Raises
    ------
    Unavailable
        When GDAL cannot write the file.
    """
    for table in tables:
        write_by_gdal(
            path,
            ArrowTable(table),
            driver="GPKG",
            layer=table.name,
            dataset_options={"VERSION": GEOPACKAGE_VERSION},
            layer_options={"IDENTIFIER": table.title, "DESCRIPTION": table.described},
            layer_metadata={"DATUM": "GCJ-02"} if table.is_shifted else None,
        )
    add_styles(path, tables)


def write_flatgeobuf(path: Path, table: ExportTable, unordered: ExportTable) -> None:
    """One table as FlatGeobuf, with its spatial index where every row has a geometry.

    Parameters
    ----------
    unordered : ExportTable
        The same table in any order, since the index gives the rows its own.

    Raises
    ------
    Unavailable
        When GDAL cannot write the file.
    """
    try:
        _write_flatgeobuf(path, unordered if table.has_geometry else table, indexed=table.has_geometry)
    except _Unplaced:
        # Whether a row is without a place only the rows say: to ask before would be to read them twice.
        path.unlink(missing_ok=True)
        _write_flatgeobuf(path, table, indexed=False)


def _write_flatgeobuf(path: Path, table: ExportTable, *, indexed: bool) -> None:
    options = {"TITLE": table.title, "DESCRIPTION": table.described}
    write_by_gdal(
        path,
        _Placed(table) if indexed else ArrowTable(table),
        driver="FlatGeobuf",
        layer=table.name,
        layer_options={**options, "SPATIAL_INDEX": "YES" if indexed else "NO"},
    )


def write_kml(path: Path, table: ExportTable) -> None:
    """One table as KML, in longitude and latitude of WGS 84; shifted ones are described as such.

    Raises
    ------
    Unavailable
        When GDAL cannot write the file, or the disk took a part of it only.
    """
    stream = ArrowTable(table)
    # KML knows no CRS but WGS 84.
    plain = path.with_name(f".{path.name}") if table.is_shifted else path
    write_by_gdal(plain, stream, driver="KML", layer=table.name, crs="EPSG:4326")
    with plain.open("rb") as file:
        # GDAL's KML writer does not ask whether its words reached the disk.
        file.seek(max(-20, -plain.stat().st_size), os.SEEK_END)
        if _KML_END not in file.read():
            raise Unavailable("export.disk_full", where=path.name)
    if table.is_shifted:
        _describe_kml(plain, path, table.described)


def _describe_kml(plain: Path, described: Path, words: str) -> None:
    note = f"<description>{escape(words)}</description>\n".encode()
    with plain.open("rb") as source, described.open("wb") as file:
        for line in source:
            file.write(line)
            if line == _KML_DOCUMENT:
                file.write(note)
                break
        shutil.copyfileobj(source, file)
    plain.unlink()


class _Placed(ArrowTable):
    """A table whose every row must have a geometry."""

    def _fitting(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        if self.table.has_geometry and batch.columns[-1].null_count:
            raise _Unplaced
        return super()._fitting(batch)


def write_by_gdal(path: Path, stream: ArrowTable, **options: Any) -> None:
    """A stream written by one of GDAL's drivers.

    Raises
    ------
    Unavailable
        When GDAL cannot write the file.
    """
    table = stream.table
    shape: dict[str, Any] = {"geometry_type": None, "geometry_name": None, "crs": None}
    if table.has_geometry:
        shape = {
            "geometry_type": table.geometry_type,
            "geometry_name": GEOMETRY_COLUMN,
            "crs": table.crs,
        }
    with closing(iter(stream)) as batches:
        try:
            write_arrow(
                pa.RecordBatchReader.from_batches(stream.schema, batches),
                path,
                **{**shape, **options},
            )
        except (DataSourceError, DataLayerError, FeatureError, RuntimeError, pa.ArrowException) as error:
            # GDAL only says that the stream broke; what broke it is what the user should hear.
            if stream.broken_by is not None:
                raise stream.broken_by from None
            if is_full(path.parent):
                raise Unavailable("export.disk_full", where=path.name) from error
            raise Unavailable("export.not_written", where=path.name, reason=str(error)) from error
