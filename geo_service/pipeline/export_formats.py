"""The formats of exports: how each writes the layers that are asked for.

What draws, and what writes workbooks, is imported by the formats that need it: matplotlib and openpyxl take
fifty megabytes that no other format should.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from geo_service.exchange.exports.arrow import ArrowTable
from geo_service.exchange.exports.delimited import write_csv
from geo_service.exchange.exports.geojson import feature_texts, write_geojson
from geo_service.exchange.exports.parquet import write_geoparquet
from geo_service.exchange.exports.shapefile import ENCODINGS, write_shapefile
from geo_service.exchange.exports.table import ExportTable
from geo_service.exchange.exports.vector import write_flatgeobuf, write_geopackage, write_kml
from geo_service.pipeline.export_reading import Export, Written
from geo_service.pipeline.export_tiles import write_tile_archive
from geo_service.publish.features import count_statement, geojson_statement, rows_statement
from geo_service.publish.model import NO_GEOMETRY, Layer
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
    encodings : tuple of str
        What its texts can be written in.
    holds_gcj02 : bool
        Whether it can hold coordinates in GCJ-02, and say so.
    all_by_default : bool
        Whether it holds every layer the role may read where none is named.
    draws : bool
        Whether it shows shapes alone, and so nothing of a table.
    """

    write: Callable[[Export, Path, str], Written]
    a_file_a_layer: bool = False
    names_parts: bool = False
    fixed_srid: int | None = None
    encodings: tuple[str, ...] = ENCODINGS[:1]
    holds_gcj02: bool = False
    all_by_default: bool = False
    draws: bool = False

    def holds(self, layer: Layer) -> bool:
        """Whether anything of the layer can be in a file of this format."""
        return layer.geometry != NO_GEOMETRY or not self.draws


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
    tables = _of_one_kind(export)
    export.expect(export.layers)
    write_geopackage(scratch / name, [table for _, table in tables])
    export.refuse_empty(export.done)
    return [(scratch / name, layer.name, export.written[table.name]) for layer, table in tables]


def _qgis_project(export: Export, scratch: Path, name: str) -> Written:
    """The project, and beside it the GeoPackage it shows unless it shows the running service."""
    from geo_service.pipeline.export_qgis import check_project, write_on_package, write_on_service

    check_project(export, name)
    project = scratch / name
    if export.service is not None:
        return write_on_service(export, project)
    ordered = replace(export, layers=export.in_draw_order())
    tables = _of_one_kind(ordered)
    ordered.expect(ordered.layers)
    package = project.with_suffix(".gpkg")
    write_geopackage(package, [table for _, table in tables])
    ordered.refuse_empty(ordered.done)
    write_on_package(export, project, tables, package.name)
    return [
        (project, "", 0),
        *((package, layer.name, ordered.written[table.name]) for layer, table in tables),
    ]


def _shapefiles(export: Export, scratch: Path, name: str) -> Written:
    written: Written = []
    tables = _of_one_kind(export)
    export.expect(export.layers)
    for layer, table in tables:
        path = (
            scratch / f"{Path(name).stem + table.name.removeprefix(layer.name) if name else table.name}.shp"
        )
        dictionary, cut = write_shapefile(path, table, encoding=export.encoding)
        for field, texts in cut.items():
            if texts:
                export.remark("texts_cut", layer=table.name, field=field, count=texts)
        # A table has no shapes: its .dbf is all there is.
        main = path if table.has_geometry else path.with_suffix(".dbf")
        written += [(main, layer.name, export.written[table.name]), (dictionary, layer.name, 0)]
    export.refuse_empty(export.done)
    return written


def _of_one_kind(export: Export) -> list[tuple[Layer, ExportTable]]:
    """Each layer as tables of one kind of geometry.

    A Shapefile holds one kind, and of a mixed layer of a GeoPackage desktop programs draw one. A kind that a
    mixed layer has nothing of makes no table; a mixed layer that has nothing at all makes one of areas.
    """
    tables = []
    for layer in export.layers:
        parts = [_WHOLE] if layer.geometry != "any" else _kinds_present(export, layer)
        tables += [(layer, _part_table(export, layer, part)) for part in parts]
    return tables


def _kinds_present(export: Export, layer: Layer) -> list[_Part]:
    present = [
        kind
        for kind in _KINDS
        if read_count(export.connection, count_statement(layer, export.request, dimension=kind.dimension))
    ]
    return present or [_KINDS[-1]]


def _part_table(export: Export, layer: Layer, part: _Part, *, in_order: bool = True) -> ExportTable:
    statement = rows_statement(
        layer, export.request, srid=export.srid, dimension=part.dimension, in_order=in_order
    )
    return export.table(layer, statement, suffix=part.suffix, geometry_type=part.geometry_type)


def _each_layer(
    write: Callable[[Export, Path, Layer], None], suffix: str
) -> Callable[[Export, Path, str], Written]:
    """A format whose file holds one layer, of whatever kinds of geometry."""

    def write_layers(export: Export, scratch: Path, name: str) -> Written:
        export.expect(export.layers)
        written: Written = []
        for layer in export.layers:
            path = scratch / (name or f"{layer.name}.{suffix}")
            write(export, path, layer)
            written.append((path, layer.name, export.written[layer.name]))
        export.refuse_empty(export.done)
        return written

    return write_layers


def _whole(write: Callable[[Path, ExportTable], None]) -> Callable[[Export, Path, Layer], None]:
    return lambda export, path, layer: write(path, _part_table(export, layer, _WHOLE))


def _geojson(export: Export, path: Path, layer: Layer) -> None:
    if export.datum == "gcj02":
        stream = ArrowTable(_part_table(export, layer, _WHOLE))
        write_geojson(path, layer.name, feature_texts(stream, layer.key), is_shifted=True)
        return
    statement = geojson_statement(layer, export.request)
    write_geojson(path, layer.name, (batch.column(0) for batch in export.batches(statement, layer.name)))


def _flatgeobuf(export: Export, path: Path, layer: Layer) -> None:
    table = _part_table(export, layer, _WHOLE)
    write_flatgeobuf(path, table, _part_table(export, layer, _WHOLE, in_order=False))


def _csv(export: Export, path: Path, layer: Layer) -> None:
    write_csv(path, export.readable_table(layer, srid=export.srid), words=_words(export))


def _words(export: Export) -> dict[str, str]:
    return {key: export.word(key) for key in ("total", "yes", "no")}


def _workbook(export: Export, scratch: Path, name: str) -> Written:
    from geo_service.exchange.exports.workbook import write_workbook

    export.expect(export.layers)
    tables = [export.readable_table(layer, srid=None) for layer in export.layers]
    write_workbook(scratch / name, tables, words=_words(export))
    export.refuse_empty(export.done)
    return [(scratch / name, table.name, export.written[table.name]) for table in tables]


def _map_picture(export: Export, scratch: Path, name: str) -> Written:
    from geo_service.pipeline.export_sheets import write_map_picture

    return write_map_picture(export, scratch, name)


def _map_sheets(export: Export, scratch: Path, name: str) -> Written:
    from geo_service.pipeline.export_sheets import write_sheets

    return write_sheets(export, scratch, name)


FORMATS: Mapping[str, Format] = {
    "gpkg": Format(_geopackage, holds_gcj02=True),
    "geojson": Format(
        _each_layer(_geojson, "geojson"), a_file_a_layer=True, fixed_srid=_WGS84_SRID, holds_gcj02=True
    ),
    "shp": Format(_shapefiles, a_file_a_layer=True, names_parts=True, encodings=ENCODINGS, holds_gcj02=True),
    "fgb": Format(_each_layer(_flatgeobuf, "fgb"), a_file_a_layer=True, holds_gcj02=True),
    "parquet": Format(
        _each_layer(_whole(write_geoparquet), "parquet"), a_file_a_layer=True, holds_gcj02=True
    ),
    "kml": Format(
        _each_layer(_whole(write_kml), "kml"), a_file_a_layer=True, fixed_srid=_WGS84_SRID, holds_gcj02=True
    ),
    "csv": Format(_each_layer(_csv, "csv"), a_file_a_layer=True, holds_gcj02=True),
    "xlsx": Format(_workbook, holds_gcj02=True),
    "png": Format(_map_picture, draws=True),
    "pdf": Format(_map_sheets, draws=True),
    "qgz": Format(_qgis_project, all_by_default=True),
    "pmtiles": Format(write_tile_archive, fixed_srid=_WEB_MERCATOR_SRID, all_by_default=True, draws=True),
}

DRAWINGS = ("pdf", "png")
"""Those that are asked for on a paper."""

PROJECTS = ("qgz",)
"""Those that can show the running service."""
