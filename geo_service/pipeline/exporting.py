"""The verb that exports layers of an area to files other programs open."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import shapely
from sqlalchemy import Connection, Engine

from geo_service import messages
from geo_service.access import Actor
from geo_service.errors import InvalidInput
from geo_service.exchange.exports.geojson import write_geojson
from geo_service.exchange.exports.staging import staged
from geo_service.exchange.exports.table import ExportField, ExportTable, Rows
from geo_service.exchange.exports.vector import write_geopackage, write_shapefile
from geo_service.exchange.exports.workbook import write_workbook
from geo_service.pipeline.policies import by_policy
from geo_service.progress import Progress, silent
from geo_service.publish.drawing import DrawnLayer, Feature
from geo_service.publish.features import geojson_statement, rows_statement
from geo_service.publish.load import load_layers
from geo_service.publish.map_image import MapSheet, draw_map
from geo_service.publish.model import Layer, LayerSet
from geo_service.publish.sheets import ZoneSheet, in_walking_order, write_zone_sheets
from geo_service.publish.statements import LayerRequest, Statement
from geo_service.resources import layers_dir
from geo_service.store.areas import metric_srid, require_area, today
from geo_service.store.layers import count_rows, crs_is_known, read_extent, stream_rows
from geo_service.store.session import transaction

STORAGE_SRID = 4490
WGS84_SRID = 4326
_GEOMETRY_TYPES = {
    "polygon": "MultiPolygon",
    "line": "MultiLineString",
    "point": "Point",
    "any": "Unknown",
}
# A Shapefile holds one kind of geometry: suffix of the file, dimension, OGR's name.
_PARTS = (("_point", 0, "Point"), ("_line", 1, "MultiLineString"), ("_area", 2, "MultiPolygon"))
# A code is the user's own and may hold anything.
_NOT_IN_FILE_NAMES = re.compile(r"[^\w.-]")
_ZONES, _BUILDINGS = "zones", "standalone_buildings"
_AROUND_ZONES = ("walkways", "barriers", "compound_buildings")


@dataclass(frozen=True)
class ExportedFile:
    """One file written; ``layer`` is empty where a file holds several."""

    path: Path
    layer: str
    features: int
    bytes: int


@dataclass(frozen=True)
class ExportReport:
    """The files written."""

    files: tuple[ExportedFile, ...]

    def as_json(self) -> dict[str, Any]:
        """The report as the command line prints it."""
        return {
            "files": [
                {"path": str(file.path), "layer": file.layer, "features": file.features, "bytes": file.bytes}
                for file in self.files
            ]
        }


def export_layers(
    engine: Engine,
    actor: Actor,
    *,
    area_code: str,
    layers: Sequence[str],
    format: str,
    out: Path,
    on: date | None = None,
    crs: str | None = None,
    plan_id: int | None = None,
    language: str = messages.DEFAULT_LANGUAGE,
    map_review_no: str | None = None,
    layer_set: LayerSet | None = None,
    progress: Progress = silent,
) -> ExportReport:
    """Write layers of an area to files.

    Parameters
    ----------
    layers : sequence of str
        Layer names. ``pdf`` writes zone sheets and needs ``zones`` alone.
    format : str
        One of ``FORMATS``.
    out : Path
        The file; a folder where the format gives several files or the path has no suffix. Files of the same
        name are replaced once the new ones are complete.
    on : date, optional
        The day the layers show; today by default.
    crs : str, optional
        EPSG code of the coordinates for gpkg and shp; EPSG:4490 by default.
    plan_id : int, optional
        Show this plan's zones instead of the published ones.
    map_review_no : str, optional
        审图号 for png and pdf; without one they bear the internal mark.
    layer_set : LayerSet, optional
        The layers to choose from; those that ship by default.

    Raises
    ------
    InvalidInput, NotFound, Forbidden
        For an unknown format, CRS, layer or area, a layer not for this role, or nothing to export.
    Unavailable
        When the disk is full, or the machine lacks a Chinese typeface for a drawing.
    """
    if format not in FORMATS:
        raise InvalidInput("export.unknown_format", where=format, format=format, known=", ".join(FORMATS))
    available = layer_set or load_layers(layers_dir())
    if not layers:
        known = ", ".join(layer.name for layer in available.readable_by(actor.role))
        raise InvalidInput("export.no_layers", where="--layers", known=known)
    chosen = [available.get(name, actor.role) for name in dict.fromkeys(layers)]
    with transaction(engine, actor, read_only=True) as connection:
        area = require_area(connection, area_code)
        export = _Export(
            connection=connection,
            actor=actor,
            area_name=area.name,
            request=by_policy(connection, LayerRequest(on or today(connection), area_code, plan_id)),
            layers=chosen,
            available=available,
            srid=_srid(connection, crs, format),
            language=language,
            map_review_no=map_review_no,
            progress=progress,
        )
        folder, name = _destination(out, format, area_code, len(chosen))
        with staged(folder) as scratch:
            written = FORMATS[format](export, scratch, name)
    return ExportReport(
        tuple(
            ExportedFile(folder / path.name, layer, features, (folder / path.name).stat().st_size)
            for path, layer, features in written
        )
    )


def _srid(connection: Connection, crs: str | None, format: str) -> int:
    fixed = WGS84_SRID if format == "geojson" else None
    if crs is None:
        return fixed or STORAGE_SRID
    digits = crs.strip().upper().removeprefix("EPSG:")
    is_code = digits.isascii() and digits.isdecimal() and len(digits) <= 6
    if not (is_code and crs_is_known(connection, int(digits))):
        raise InvalidInput("export.crs_unreadable", where="--crs", crs=crs)
    if fixed and int(digits) != fixed:
        raise InvalidInput("export.crs_not_for_format", where="--crs", crs=crs, format=format)
    return int(digits)


def _destination(out: Path, format: str, area_code: str, layer_count: int) -> tuple[Path, str]:
    """The folder, and the file name in it; the name is empty where every layer names its own file."""
    several = format == "shp" or (format == "geojson" and layer_count > 1)
    is_folder = out.is_dir() or not out.suffix
    if format in ("shp", "geojson") and (is_folder or several):
        single_named = format == "shp" and layer_count == 1 and not is_folder
        return (out.parent, out.name) if single_named else (out, "")
    return (
        (out, f"{_NOT_IN_FILE_NAMES.sub('_', area_code)}.{format}") if is_folder else (out.parent, out.name)
    )


Written = list[tuple[Path, str, int]]


@dataclass
class _Export:
    """One export under way: what is asked, and how far it is."""

    connection: Connection
    actor: Actor
    area_name: str
    request: LayerRequest
    layers: list[Layer]
    available: LayerSet
    srid: int
    language: str
    map_review_no: str | None
    progress: Progress
    done: int = 0
    total: int = 0

    def count(self, statements: Sequence[Statement]) -> list[int]:
        """Rows of each statement, noted as the work ahead.

        Raises
        ------
        InvalidInput
            When there are none at all.
        """
        counts = [count_rows(self.connection, statement) for statement in statements]
        self.total = sum(counts)
        if self.total == 0:
            names = ", ".join(layer.name for layer in self.layers)
            where = self.request.area or ""
            raise InvalidInput("export.empty", where=where, on=self.request.on.isoformat(), layers=names)
        self.progress("export.layer", 0, self.total)
        return counts

    def read(self, statement: Statement) -> Rows:
        """The rows in chunks, each reported."""
        for rows in stream_rows(self.connection, statement):
            yield rows
            self.done += len(rows)
            self.progress("export.layer", self.done, self.total)

    def features(self, layer: Layer, srid: int) -> list[Feature]:
        """Every row of a layer for drawing, in the CRS of ``srid``."""
        names = [field.name for field in layer.fields]
        found = []
        for rows in stream_rows(self.connection, rows_statement(layer, self.request, srid=srid)):
            shapes = shapely.from_wkb([None if row[-1] is None else bytes(row[-1]) for row in rows])
            found += [
                Feature(dict(zip(names, row, strict=False)), shape)
                for row, shape in zip(rows, shapes, strict=True)
            ]
        return found

    def table(
        self,
        layer: Layer,
        statement: Statement,
        *,
        suffix: str = "",
        geometry_type: str | None = None,
        extra: Sequence[ExportField] = (),
    ) -> ExportTable:
        """The layer on its way to a file."""
        fields = [
            ExportField(
                name=field.name,
                title=field.title.in_language(self.language),
                type=field.type,
                unit=field.unit,
                values={code: words.in_language(self.language) for code, words in field.values.items()},
                total=field.total,
                ratio=field.ratio,
            )
            for field in layer.fields
        ]
        return ExportTable(
            name=layer.name + suffix,
            # A GeoPackage wants titles of its own for all its layers.
            title=layer.title.in_language(self.language) + (self.word(f"part{suffix}") if suffix else ""),
            description=layer.description.in_language(self.language),
            fields=[*fields, *extra],
            geometry_type=geometry_type or _GEOMETRY_TYPES[layer.geometry],
            srid=self.srid,
            read=partial(self.read, statement),
        )

    def word(self, key: str) -> str:
        return messages.text(f"export.{key}", self.language)


def _geopackage(export: _Export, scratch: Path, name: str) -> Written:
    parts = _of_one_kind(export)
    write_geopackage(scratch / name, [table for _, table, _ in parts])
    return [(scratch / name, layer.name, count) for layer, _, count in parts]


def _shapefiles(export: _Export, scratch: Path, name: str) -> Written:
    written: Written = []
    for layer, table, count in _of_one_kind(export):
        path = (
            scratch / f"{Path(name).stem + table.name.removeprefix(layer.name) if name else table.name}.shp"
        )
        dictionary = write_shapefile(path, table)
        written += [(path, layer.name, count), (dictionary, layer.name, 0)]
    return written


def _of_one_kind(export: _Export) -> list[tuple[Layer, ExportTable, int]]:
    """Each layer as tables of one kind of geometry, with their rows counted.

    A Shapefile holds one kind, and of a mixed layer of a GeoPackage desktop programs draw one.
    """
    parts = [part for layer in export.layers for part in _split(export, layer)]
    counts = export.count([statement for _, statement, _ in parts])
    # A part of a mixed layer that has nothing of its kind would be an empty layer of a made-up type.
    return [
        (layer, table, count)
        for (layer, _, table), count in zip(parts, counts, strict=True)
        if count or layer.geometry != "any"
    ]


def _split(export: _Export, layer: Layer) -> Iterator[tuple[Layer, Statement, ExportTable]]:
    if layer.geometry != "any":
        statement = rows_statement(layer, export.request, srid=export.srid)
        yield layer, statement, export.table(layer, statement)
        return
    for suffix, dimension, geometry_type in _PARTS:
        statement = rows_statement(layer, export.request, srid=export.srid, dimension=dimension)
        yield layer, statement, export.table(layer, statement, suffix=suffix, geometry_type=geometry_type)


def _geojson(export: _Export, scratch: Path, name: str) -> Written:
    statements = [geojson_statement(layer, export.request) for layer in export.layers]
    counts = export.count(statements)
    written: Written = []
    for layer, statement, count in zip(export.layers, statements, counts, strict=True):
        path = scratch / (name or f"{layer.name}.geojson")
        write_geojson(path, layer.name, (row[0] for rows in export.read(statement) for row in rows))
        written.append((path, layer.name, count))
    return written


def _workbook(export: _Export, scratch: Path, name: str) -> Written:
    statements = [rows_statement(layer, export.request, srid=None) for layer in export.layers]
    counts = export.count(statements)
    centre = [ExportField(key, export.word(key), "degree") for key in ("longitude", "latitude")]
    tables = [
        export.table(layer, statement, extra=centre if layer.centre_in_tables else ())
        for layer, statement in zip(export.layers, statements, strict=True)
    ]
    write_workbook(scratch / name, tables, words={key: export.word(key) for key in ("total", "yes", "no")})
    return [(scratch / name, layer.name, count) for layer, count in zip(export.layers, counts, strict=True)]


def _map(export: _Export, scratch: Path, name: str) -> Written:
    srid = metric_srid(export.connection)
    drawn: list[DrawnLayer] = []
    # Drawn in the map's order, whatever order they were asked in.
    ordered = export.available.with_labels(export.layers).readable_by(export.actor.role)
    for done, layer in enumerate(ordered):
        export.progress("export.layer", done, len(ordered))
        drawn.append(DrawnLayer(layer, export.features(layer, srid)))
    area_code = export.request.area or ""
    sheet = MapSheet(
        area_name=export.area_name,
        on=export.request.on,
        extent=read_extent(export.connection, area_code, srid),
        language=export.language,
        map_review_no=export.map_review_no,
    )
    draw_map(scratch / name, sheet, drawn)
    return [(scratch / name, "", sum(len(one.features) for one in drawn))]


def _zone_sheets(export: _Export, scratch: Path, name: str) -> Written:
    if [layer.name for layer in export.layers] != [_ZONES]:
        raise InvalidInput("export.zones_missing", where="--layers")
    export.count([rows_statement(export.layers[0], export.request, srid=STORAGE_SRID)])
    srid = metric_srid(export.connection)
    zones = export.features(export.layers[0], srid)
    members: dict[str, list[Feature]] = {}
    for building in export.features(export.available.get(_BUILDINGS, export.actor.role), srid):
        members.setdefault(building.properties["zone_code"], []).append(building)
    readable = export.available.readable_by(export.actor.role)
    around = [
        DrawnLayer(layer, export.features(layer, srid)) for layer in readable if layer.name in _AROUND_ZONES
    ]

    def sheets() -> Iterator[ZoneSheet]:
        for done, zone in enumerate(zones):
            export.progress("export.layer", done, len(zones))
            yield ZoneSheet(zone, in_walking_order(members.get(zone.properties["code"], [])), around)

    pages = write_zone_sheets(
        scratch / name,
        sheets(),
        on=export.request.on,
        language=export.language,
        map_review_no=export.map_review_no,
    )
    return [(scratch / name, _ZONES, pages)]


FORMATS = {
    "gpkg": _geopackage,
    "geojson": _geojson,
    "shp": _shapefiles,
    "xlsx": _workbook,
    "png": _map,
    "pdf": _zone_sheets,
}
