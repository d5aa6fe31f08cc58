"""GIS and CSV files read into columns and geometries, whole and unchecked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyogrio
import pyogrio.raw
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from geo_service.errors import InvalidInput
from geo_service.exchange.archives import unpacked
from geo_service.exchange.coordinates import GCJ02_WKT
from geo_service.exchange.field_dictionary import full_names
from geo_service.exchange.reading_csv import read_csv
from geo_service.exchange.reading_parquet import read_geoparquet
from geo_service.exchange.table import Table

GIS_SUFFIXES = frozenset({".gpkg", ".shp", ".geojson", ".json", ".fgb", ".kml"})
READABLE_SUFFIXES = GIS_SUFFIXES | {".csv", ".parquet"}

_SQLITE = b"SQLite format 3\x00"
# What a file says it is must be what it is: GDAL would otherwise follow, say, a VRT to other files.
_FIRST_BYTES = {".gpkg": _SQLITE, ".fgb": b"fgb", ".shp": b"\x00\x00\x27\x0a", ".kml": b"<", ".json": b"{"}
_FIRST_BYTES[".geojson"] = _FIRST_BYTES[".json"]
_IS_TEXT = frozenset({".geojson", ".json", ".kml"})

_GENERAL_WAY = "OGR_FLATGEOBUF_STREAM_BASE_IMPL"

# What GDAL calls the geometry of a format that has no name for it.
_UNNAMED_GEOMETRY = "wkb_geometry"

_BEFORE_FEATURES = re.compile(rb'"features"|<Schema|<Folder|<Placemark')

# What the KML driver adds to every feature.
_KML_OWN = frozenset(
    (
        *("id", "description", "timestamp", "begin", "end", "altitudeMode", "tessellate", "extrude"),
        *("visibility", "drawOrder", "icon"),
    )
)


def check_present(path: Path) -> None:
    """Refuse a path that is no file, or a file without a byte.

    Raises
    ------
    InvalidInput
    """
    if path.is_dir():
        raise InvalidInput("import.is_folder", where=str(path))
    try:
        empty = path.stat().st_size == 0
    except OSError as error:
        raise InvalidInput("import.file_missing", where=str(path)) from error
    if empty:
        raise InvalidInput("import.file_empty", where=path.name)


def read_table(path: Path, *, layer: str | None = None, every_layer: bool = False) -> Table:
    """Read a GPKG, SHP, GeoJSON, FGB, KML, GeoParquet or CSV file, or a zip with one of them.

    Parameters
    ----------
    layer : str, optional
        Which layer of a file that has several.
    every_layer : bool
        Read all the layers into one table when ``layer`` is not named.

    Raises
    ------
    InvalidInput
        When there is no such file, it is of another kind, damaged, empty, or has several layers.
    """
    check_present(path)
    suffix = path.suffix.lower()
    if suffix == ".zip":
        with unpacked(path, READABLE_SUFFIXES) as inner:
            return read_table(inner, layer=layer, every_layer=every_layer)
    if suffix == ".csv":
        table = read_csv(path)
    elif suffix == ".parquet":
        table = read_geoparquet(path)
    elif suffix in GIS_SUFFIXES:
        table = _read_gis(path, suffix, layer, every_layer)
    else:
        raise InvalidInput(
            "import.suffix_unknown", where=path.name, suffixes=" ".join(sorted(READABLE_SUFFIXES | {".zip"}))
        )
    if not len(table):
        raise InvalidInput("import.no_rows", where=path.name)
    return table


def _read_gis(path: Path, suffix: str, layer: str | None, every_layer: bool) -> Table:
    with path.open("rb") as file:
        head = file.read(2048)
    if suffix in _IS_TEXT:
        head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith(_FIRST_BYTES[suffix]):
        raise InvalidInput("import.not_readable", where=path.name, suffix=suffix)
    try:
        present = [
            str(name) for name, geometry_type in pyogrio.list_layers(path) if geometry_type is not None
        ]
        chosen = _chosen_layers(path, present, layer, every_layer)
        table = joined([_read_layer(path, name, suffix) for name in chosen], chosen)
    except (
        DataSourceError,
        DataLayerError,
        FeatureError,
        FieldError,
        GeometryError,
        UnicodeDecodeError,
    ) as error:
        raise InvalidInput("import.not_readable", where=path.name, suffix=suffix) from error
    # GeoJSON and KML have no place for a CRS: only their head can say that they are shifted.
    shifted = suffix in _IS_TEXT and b"GCJ-02" in _BEFORE_FEATURES.split(head)[0]
    return replace(table, crs=GCJ02_WKT) if shifted else table


def _chosen_layers(path: Path, present: list[str], layer: str | None, every_layer: bool) -> list[str]:
    if not present:
        raise InvalidInput("import.no_geometry", where=path.name)
    if layer is not None:
        if layer not in present:
            raise InvalidInput(
                "import.layer_unknown", where=path.name, layer=layer, layers=", ".join(present)
            )
        return [layer]
    if len(present) > 1 and not every_layer:
        raise InvalidInput("import.layer_needed", where=path.name, layers=", ".join(present))
    return present


def _read_layer(path: Path, layer: str, suffix: str) -> Table:
    encoding = _shapefile_encoding(path) if suffix == ".shp" else None
    meta, arrow = _read_arrow(path, layer=layer, encoding=encoding)
    columns = {name: arrow.column(name).to_numpy() for name in arrow.column_names}
    if suffix == ".shp":
        names = full_names(path)
        columns = {names.get(name, name): column for name, column in columns.items()}
    wkb = columns.pop(meta["geometry_name"] or _UNNAMED_GEOMETRY)
    if suffix == ".kml":
        columns = {name: column for name, column in columns.items() if name not in _KML_OWN}
    return Table(
        file=path.name,
        columns=columns,
        geometry=shapely.from_wkb(wkb, on_invalid="ignore"),
        crs=meta["crs"],
        rows=np.arange(1, len(wkb) + 1),
    )


def _read_arrow(path: Path, **options: str | None) -> tuple[dict[str, Any], pa.Table]:
    """What pyogrio reads; by GDAL's general way where that of FlatGeobuf trips over a missing geometry."""
    meta, arrow = pyogrio.raw.read_arrow(path, **options)
    try:
        arrow.validate(full=True)
    except pa.ArrowInvalid:
        pyogrio.set_gdal_config_options({_GENERAL_WAY: "YES"})
        try:
            return pyogrio.raw.read_arrow(path, **options)
        finally:
            pyogrio.set_gdal_config_options({_GENERAL_WAY: None})
    return meta, arrow


def _shapefile_encoding(path: Path) -> str | None:
    """None where a .cpg says it; otherwise UTF-8 when every byte of the table is, or else GB 18030."""
    if any(path.with_suffix(suffix).exists() for suffix in (".cpg", ".CPG")):
        return None
    table = next((p for p in (path.with_suffix(".dbf"), path.with_suffix(".DBF")) if p.exists()), None)
    if table is None:
        return None
    with table.open("rb") as file:
        header_bytes = int.from_bytes(file.read(10)[8:10], "little")
        file.seek(0)
        # Field names sit among binary bytes in the header; a name is eleven bytes of each 32.
        header = file.read(header_bytes)
        names = b" ".join(header[i : i + 11].split(b"\x00")[0] for i in range(32, len(header) - 1, 32))
        return "UTF-8" if _is_utf8(names) and _is_utf8(file.read()) else "GB18030"


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def joined(tables: Sequence[Table], layers: Sequence[str]) -> Table:
    """Several layers as one table; a column that a layer lacks is empty there.

    Raises
    ------
    InvalidInput
        When their coordinate systems differ.
    """
    if len(tables) == 1:
        return tables[0]
    if len({table.crs for table in tables}) > 1:
        raise InvalidInput("import.layers_differ_in_crs", where=tables[0].file)
    names = dict.fromkeys(name for table in tables for name in table.columns)
    geometries = [table.geometry for table in tables if table.geometry is not None]
    return Table(
        file=tables[0].file,
        columns={name: np.concatenate([_column_of(table, name) for table in tables]) for name in names},
        geometry=np.concatenate(geometries) if geometries else None,
        crs=tables[0].crs,
        rows=np.concatenate([table.rows for table in tables]),
        layers=np.repeat(np.array(layers, dtype=object), [len(table) for table in tables]),
    )


def _column_of(table: Table, name: str) -> npt.NDArray[np.object_]:
    column = table.columns.get(name)
    return np.full(len(table), None, dtype=object) if column is None else column.astype(object)
