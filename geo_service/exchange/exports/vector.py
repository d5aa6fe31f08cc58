"""GeoPackage, Shapefile, FlatGeobuf and KML, streamed to GDAL as Arrow batches: memory holds one batch."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyogrio import write_arrow
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from geo_service.errors import Unavailable
from geo_service.exchange.exports.arrow import GEOMETRY_COLUMN, ArrowTable
from geo_service.exchange.exports.qgis import add_styles
from geo_service.exchange.exports.table import ExportField, ExportTable

SHAPEFILE_NAME_LENGTH = 10
# What ArcGIS Pro 3 and QGIS 3.22 (Debian 12) open without a warning; GDAL would write 1.4.
GEOPACKAGE_VERSION = "1.3"


def write_geopackage(path: Path, tables: Sequence[ExportTable]) -> None:
    """All tables as layers of one GeoPackage, with their titles, descriptions and styles.

    Raises
    ------
    Unavailable
        When GDAL cannot write the file.
    """
    for table in tables:
        _write(
            path,
            table,
            [field.name for field in table.fields],
            driver="GPKG",
            layer=table.name,
            dataset_options={"VERSION": GEOPACKAGE_VERSION},
            layer_options={"IDENTIFIER": table.title, "DESCRIPTION": table.description},
        )
    add_styles(path, tables)


def write_shapefile(path: Path, table: ExportTable) -> Path:
    """One table as a Shapefile in UTF-8 (with .cpg), and the dictionary of its shortened field names.

    Returns
    -------
    Path
        The dictionary, a CSV that Excel opens: short name, name, title, unit.
    """
    names = short_names([field.name for field in table.fields])
    single_parted = {"geometry_type": table.geometry_type.removeprefix("Multi")} if table.has_geometry else {}
    _write(path, table, names, driver="ESRI Shapefile", encoding="UTF-8", **single_parted)
    dictionary = path.with_name(f"{path.stem}_fields.csv")
    with dictionary.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["field", "name", "title", "unit", "values"])
        for short, field in zip(names, table.fields, strict=True):
            writer.writerow([short, field.name, field.title, field.unit, _coded(field)])
    return dictionary


def _coded(field: ExportField) -> str:
    return "; ".join(f"{code} = {label}" for code, label in field.values.items())


def short_names(names: Sequence[str]) -> list[str]:
    """Distinct names of at most 10 ASCII characters, as a dBase table needs them.

    >>> short_names(["households", "households_covered", "households_rate"])
    ['households', 'househol_1', 'househol_2']
    """
    taken: list[str] = []
    for name in names:
        short, number = name[:SHAPEFILE_NAME_LENGTH], 0
        while short in taken:
            number += 1
            suffix = f"_{number}"
            short = name[: SHAPEFILE_NAME_LENGTH - len(suffix)] + suffix
        taken.append(short)
    return taken


def write_flatgeobuf(path: Path, table: ExportTable, *, indexed: bool) -> None:
    """One table as FlatGeobuf.

    Parameters
    ----------
    indexed : bool
        Write its spatial index, which takes that every row has a geometry.

    Raises
    ------
    Unavailable
        When GDAL cannot write the file.
    """
    names = [field.name for field in table.fields]
    options = {"TITLE": table.title, "SPATIAL_INDEX": "YES" if indexed else "NO"}
    _write(path, table, names, driver="FlatGeobuf", layer=table.name, layer_options=options)


def write_kml(path: Path, table: ExportTable) -> None:
    """One table as KML, in longitude and latitude of WGS 84.

    Raises
    ------
    Unavailable
        When GDAL cannot write the file.
    """
    names = [field.name for field in table.fields]
    _write(path, table, names, driver="KML", layer=table.name)


def _write(path: Path, table: ExportTable, names: Sequence[str], **options: Any) -> None:
    stream = ArrowTable(table, names)
    kind = {"geometry_type": None, "geometry_name": None, "crs": None}
    if table.has_geometry:
        kind = {
            "geometry_type": table.geometry_type,
            "geometry_name": GEOMETRY_COLUMN,
            "crs": f"EPSG:{table.srid}",
        }
    try:
        write_arrow(
            pa.RecordBatchReader.from_batches(stream.schema, iter(stream)),
            path,
            **{**kind, **options},
        )
    except (DataSourceError, DataLayerError, FeatureError, RuntimeError) as error:
        # GDAL only says that the stream broke; what broke it is what the user should hear.
        if stream.broken_by is not None:
            raise stream.broken_by from None
        raise Unavailable("export.not_written", where=str(path.name), reason=str(error)) from error
