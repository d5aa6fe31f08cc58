"""A QGIS project of an area's layers, against a GeoPackage beside it or against the running service."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

from geo_service.errors import InvalidInput
from geo_service.exchange.exports.table import ExportTable
from geo_service.pipeline.export_reading import GEOMETRY_KINDS, Export, Written
from geo_service.publish.map_mark import mark
from geo_service.publish.model import Layer
from geo_service.publish.qgis_project import TILES_PROVIDER, ProjectLayer, ProjectSheet, qgis_project
from geo_service.store.areas import metric_srid, today
from geo_service.store.layers import read_extent

SUFFIX = ".qgz"
_STORAGE_SRID, _WGS84_SRID, _WEB_MERCATOR_SRID = 4490, 4326, 3857
_FEATURES_A_PAGE = 1_000
_MADE = (1980, 1, 1, 0, 0, 0)


def check_project(export: Export, name: str) -> None:
    """Refuse what could not be a project.

    Raises
    ------
    InvalidInput
        When QGIS would not know the file or not find the package beside it, or the service's address is none.
    """
    if Path(name).suffix.lower() != SUFFIX:
        raise InvalidInput("qgis_project.suffix", where=name)
    if export.service is None:
        # QGIS takes what follows a bar for the name of a layer; SQLite takes a per cent sign for a coded one.
        if set(name) & set("|%"):
            raise InvalidInput("qgis_project.sign_in_name", where=name)
        return
    parts = urlsplit(export.service)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or "'" in export.service:
        raise InvalidInput("qgis_project.service_unreadable", where="--service", given=export.service)
    if export.srid != _STORAGE_SRID:
        raise InvalidInput("qgis_project.crs_with_service", where="--crs")


def write_on_package(
    export: Export, path: Path, tables: Sequence[tuple[Layer, ExportTable]], package: str
) -> None:
    """The project over ``package``, a GeoPackage of these tables in the same folder."""
    _write(
        export,
        path,
        [
            ProjectLayer(
                layer=layer,
                name=table.name,
                title=table.title,
                geometry=GEOMETRY_KINDS.get(table.geometry_type),
                provider="ogr",
                source=f"./{package}|layername={table.name}",
                srid=table.srid,
            )
            for layer, table in tables
        ],
    )


def write_on_service(export: Export, path: Path) -> Written:
    """The project over the service: features of every layer, and tiles for who looks at wide areas.

    QGIS takes the features of a layer for one kind of geometry, so a mixed layer is there as tiles alone.
    """
    layers = export.in_draw_order()
    features = [_as_features(export, layer) for layer in layers if layer.geometry != "any"]
    placed = {one.layer.name: one for one in features}
    shown = [placed.get(layer.name) or _as_tiles(export, layer) for layer in layers]
    tiles = [_as_tiles(export, layer) for layer in layers if layer.name in placed and layer.style]
    _write(export, path, [*tiles, *shown])
    return [(path, "", 0)]


def _as_features(export: Export, layer: Layer) -> ProjectLayer:
    return ProjectLayer(
        layer=layer,
        name=layer.name,
        title=layer.title.in_language(export.language),
        geometry=None if layer.geometry == "none" else layer.geometry,
        provider="OAPIF",
        # QGIS adds the query to every request it makes there.
        source=(
            f" pageSize='{_FEATURES_A_PAGE}' restrictToRequestBBOX='1' typename='{layer.name}'"
            f" url='{_address(export, '/')}'"
        ),
        srid=_WGS84_SRID,
    )


def _as_tiles(export: Export, layer: Layer) -> ProjectLayer:
    address = _address(export, f"/collections/{layer.name}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}")
    return ProjectLayer(
        layer=layer,
        name=f"{layer.name}_tiles",
        title=layer.title.in_language(export.language),
        geometry=None,
        provider=TILES_PROVIDER,
        source=f"type=xyz&url={quote(address, safe='')}&zmin={layer.minzoom}&zmax={layer.maxzoom}",
        srid=_WEB_MERCATOR_SRID,
    )


def _address(export: Export, path: str) -> str:
    """Of a path of the service, for the area; made for today it shows whatever day it is opened."""
    query = {"area": export.request.area or ""}
    if export.request.on != today(export.connection):
        query["on"] = export.request.on.isoformat()
    if export.request.plan is not None:
        query["plan"] = str(export.request.plan)
    if export.request.target is not None:
        query["target"] = export.request.target
    return f"{(export.service or '').rstrip('/')}{path}?{urlencode(query)}"


def _write(export: Export, path: Path, layers: Sequence[ProjectLayer]) -> None:
    area_code = export.request.area or ""
    srid = metric_srid(export.connection)
    _, south, _, north = read_extent(export.connection, area_code, _STORAGE_SRID)
    sheet = ProjectSheet(
        title=export.sheet_word("map_title", area=export.area_name),
        srid=srid,
        extent=read_extent(export.connection, area_code, srid),
        latitude=(south + north) / 2,
        notes=(
            mark(export.language, export.map_review_no),
            export.sheet_word("data_as_of", date=export.request.on.isoformat()),
            export.sheet_word("datum"),
        ),
    )
    document = qgis_project(layers, sheet, language=export.language)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        # The same layers on the same day are the same file.
        archive.writestr(zipfile.ZipInfo(f"{path.stem}.qgs", _MADE), document, zipfile.ZIP_DEFLATED)
