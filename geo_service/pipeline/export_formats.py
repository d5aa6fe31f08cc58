"""The formats of exports: how each writes the layers that are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from geo_service.exchange.exports.geojson import write_geojson
from geo_service.exchange.exports.parquet import write_geoparquet
from geo_service.exchange.exports.table import ExportField, ExportTable
from geo_service.exchange.exports.vector import (
    write_flatgeobuf,
    write_geopackage,
    write_kml,
    write_shapefile,
)
from geo_service.exchange.exports.workbook import write_workbook
from geo_service.pipeline.export_qgis import check_project, write_on_package, write_on_service
from geo_service.pipeline.export_reading import Export, Written
from geo_service.pipeline.export_sheets import write_map_picture, write_sheets
from geo_service.pipeline.export_tiles import write_tile_archive
from geo_service.publish.features import count_statement, geojson_statement, rows_statement
from geo_service.publish.model import Layer
from geo_service.store.layers import read_count

STORAGE_SRID = 4490
_WGS84_SRID = 4326
_WEB_MERCATOR_SRID = 3857


@dataclass(frozen=True)
class Format:
    """One format.

    Parameters
    ----------
    write : callable
        Writes into a scratch folder; the name is empty where every layer names its own file. Returns path,
        layer and number of features of every file.
    a_file_a_layer : bool
        Whether several layers are several files.
    names_parts : bool
        Whether one layer can be several files.
    fixed_srid : int, optional
        The only CRS it can hold.
    all_by_default : bool
        Whether it holds every layer the role may read where none is named.
    """

    write: Callable[[Export, Path, str], Written]
    a_file_a_layer: bool = False
    names_parts: bool = False
    fixed_srid: int | None = None
    all_by_default: bool = False


@dataclass(frozen=True)
class _Part:
    """What of a layer goes into one table: all of it, or its geometries of one dimension."""

    suffix: str = ""
    dimension: int | None = None
    geometry_type: str | None = None


_WHOLE = _Part()
_KINDS = (
    _Part("_point", 0, "Point"),
    _Part("_line", 1, "MultiLineString"),
    _Part("_area", 2, "MultiPolygon"),
)


def _geopackage(export: Export, scratch: Path, name: str) -> Written:
    parts = _of_one_kind(export)
    write_geopackage(scratch / name, [table for _, table, _ in parts])
    return [(scratch / name, layer.name, count) for layer, _, count in parts]


def _qgis_project(export: Export, scratch: Path, name: str) -> Written:
    """The project, and beside it the GeoPackage it shows unless it shows the running service."""
    check_project(export, name)
    project = scratch / name
    if export.service is not None:
        return write_on_service(export, project)
    parts = _of_one_kind(replace(export, layers=export.in_draw_order()))
    package = project.with_suffix(".gpkg")
    write_geopackage(package, [table for _, table, _ in parts])
    write_on_package(export, project, [(layer, table) for layer, table, _ in parts], package.name)
    return [(project, "", 0), *((package, layer.name, count) for layer, _, count in parts)]


def _shapefiles(export: Export, scratch: Path, name: str) -> Written:
    written: Written = []
    for layer, table, count in _of_one_kind(export):
        path = (
            scratch / f"{Path(name).stem + table.name.removeprefix(layer.name) if name else table.name}.shp"
        )
        dictionary = write_shapefile(path, table)
        written += [(path, layer.name, count), (dictionary, layer.name, 0)]
    return written


def _of_one_kind(export: Export) -> list[tuple[Layer, ExportTable, int]]:
    """Each layer as tables of one kind of geometry, with their rows counted.

    A Shapefile holds one kind, and of a mixed layer of a GeoPackage desktop programs draw one.
    """
    parts = [(layer, part) for layer in export.layers for part in _parts(layer)]
    counts = export.count([(layer, part.dimension) for layer, part in parts])
    # A part of a mixed layer that has nothing of its kind would be an empty layer of a made-up type.
    return [
        (layer, _part_table(export, layer, part), count)
        for (layer, part), count in zip(parts, counts, strict=True)
        if count or layer.geometry != "any"
    ]


def _parts(layer: Layer) -> Sequence[_Part]:
    return _KINDS if layer.geometry == "any" else (_WHOLE,)


def _part_table(export: Export, layer: Layer, part: _Part) -> ExportTable:
    statement = rows_statement(layer, export.request, srid=export.srid, dimension=part.dimension)
    return export.table(layer, statement, suffix=part.suffix, geometry_type=part.geometry_type)


def _each_layer(
    write: Callable[[Path, ExportTable], None], suffix: str
) -> Callable[[Export, Path, str], Written]:
    """A format whose file holds one layer, of whatever kinds of geometry."""

    def write_layers(export: Export, scratch: Path, name: str) -> Written:
        counts = export.count([(layer, None) for layer in export.layers])
        written: Written = []
        for layer, count in zip(export.layers, counts, strict=True):
            path = scratch / (name or f"{layer.name}.{suffix}")
            write(path, _part_table(export, layer, _WHOLE))
            written.append((path, layer.name, count))
        return written

    return write_layers


def _flatgeobuf(export: Export, scratch: Path, name: str) -> Written:
    """An index is of places: a layer with rows that have none goes without."""
    unplaced = {
        layer.name: read_count(export.connection, count_statement(layer, export.request, unplaced=True))
        for layer in export.layers
    }

    def write(path: Path, table: ExportTable) -> None:
        write_flatgeobuf(path, table, indexed=unplaced[table.name] == 0)

    return _each_layer(write, "fgb")(export, scratch, name)


def _geojson(export: Export, scratch: Path, name: str) -> Written:
    counts = export.count([(layer, None) for layer in export.layers])
    written: Written = []
    for layer, count in zip(export.layers, counts, strict=True):
        path = scratch / (name or f"{layer.name}.geojson")
        statement = geojson_statement(layer, export.request)
        write_geojson(path, layer.name, (batch.column(0) for batch in export.batches(statement)))
        written.append((path, layer.name, count))
    return written


def _workbook(export: Export, scratch: Path, name: str) -> Written:
    counts = export.count([(layer, None) for layer in export.layers])
    centre = [ExportField(key, export.word(key), "degree") for key in ("longitude", "latitude")]
    tables = [
        export.table(
            layer,
            rows_statement(layer, export.request, srid=None),
            extra=centre if layer.centre_in_tables else (),
        )
        for layer in export.layers
    ]
    write_workbook(scratch / name, tables, words={key: export.word(key) for key in ("total", "yes", "no")})
    return [(scratch / name, layer.name, count) for layer, count in zip(export.layers, counts, strict=True)]


FORMATS: Mapping[str, Format] = {
    "gpkg": Format(_geopackage),
    "geojson": Format(_geojson, a_file_a_layer=True, fixed_srid=_WGS84_SRID),
    "shp": Format(_shapefiles, a_file_a_layer=True, names_parts=True),
    "fgb": Format(_flatgeobuf, a_file_a_layer=True),
    "parquet": Format(_each_layer(write_geoparquet, "parquet"), a_file_a_layer=True),
    "kml": Format(_each_layer(write_kml, "kml"), a_file_a_layer=True, fixed_srid=_WGS84_SRID),
    "xlsx": Format(_workbook),
    "png": Format(write_map_picture),
    "pdf": Format(write_sheets),
    "qgz": Format(_qgis_project, all_by_default=True),
    "pmtiles": Format(write_tile_archive, fixed_srid=_WEB_MERCATOR_SRID, all_by_default=True),
}

DRAWINGS = ("pdf", "png")
"""Those that are asked for on a paper."""

PROJECTS = ("qgz",)
"""Those that can show the running service."""
