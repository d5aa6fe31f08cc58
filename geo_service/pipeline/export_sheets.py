"""Maps, atlases and zone sheets on paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import shapely

from geo_service.errors import InvalidInput
from geo_service.pipeline.export_reading import Export, Written
from geo_service.pipeline.sheet_choice import PAPERS
from geo_service.publish.drawing import DrawnLayer, Feature
from geo_service.publish.features import rows_statement
from geo_service.publish.map_sheet import MapSheet, write_map_image, write_map_pages
from geo_service.publish.model import Layer
from geo_service.publish.sheets import ZoneSheet, in_walking_order, write_zone_sheets
from geo_service.store.areas import areas_inside, english_name, metric_srid
from geo_service.store.layers import read_area_shape, stream_rows

_ZONES, _BUILDINGS = "zones", "standalone_buildings"
_AROUND_ZONES = ("walkways", "barriers", "compound_buildings")


def write_map_picture(export: Export, scratch: Path, name: str) -> Written:
    """One map of the area as an image."""
    if export.sheet.kind not in (None, "map"):
        raise InvalidInput("sheet.not_an_image", where="--sheet")
    drawn = _drawn_layers(export)
    write_map_image(scratch / name, _sheet(export, export.request.area or "", export.area_name), drawn)
    return [(scratch / name, "", sum(len(one.features) for one in drawn))]


def write_sheets(export: Export, scratch: Path, name: str) -> Written:
    """A map, an atlas or zone sheets, as asked; of zones alone, zone sheets if nothing is said."""
    only_zones = [layer.name for layer in export.layers] == [_ZONES]
    kind = export.sheet.kind or (_ZONES if only_zones else "map")
    if kind != _ZONES:
        return _write_maps(export, scratch / name, by_community=kind == "atlas")
    if not only_zones:
        raise InvalidInput("export.zones_missing", where="--layers")
    if export.sheet.paper != PAPERS[0] or export.sheet.orientation == "landscape":
        raise InvalidInput("sheet.zones_are_a4", where="--paper")
    return _write_zone_sheets(export, scratch / name)


def _write_maps(export: Export, path: Path, *, by_community: bool) -> Written:
    drawn = _drawn_layers(export)
    area_code = export.request.area or ""

    def sheets() -> Iterator[MapSheet]:
        yield _sheet(export, area_code, export.area_name)
        communities = areas_inside(export.connection, area_code, "community") if by_community else {}
        for done, (code, community) in enumerate(communities.items()):
            export.progress("sheet.page", done, len(communities))
            if code != area_code:
                yield _sheet(export, code, community)

    write_map_pages(path, sheets(), drawn)
    return [(path, "", sum(len(one.features) for one in drawn))]


def _drawn_layers(export: Export) -> list[DrawnLayer]:
    """The layers in the map's order, whatever order they were asked in."""
    srid = metric_srid(export.connection)
    layers = [layer for layer in export.in_draw_order() if layer.geometry != "none"]
    drawn = []
    for done, layer in enumerate(layers):
        export.progress("export.layer", done, len(layers))
        drawn.append(DrawnLayer(layer, _features(export, layer, srid)))
    export.refuse_empty(sum(one.shape is not None for layer in drawn for one in layer.features))
    return drawn


def _features(export: Export, layer: Layer, srid: int) -> list[Feature]:
    """Every row of a layer, in the CRS of ``srid``."""
    names = [field.name for field in layer.fields]
    found = []
    for rows in stream_rows(export.connection, rows_statement(layer, export.request, srid=srid)):
        shapes = shapely.from_wkb([None if row[-1] is None else bytes(row[-1]) for row in rows])
        found += [
            Feature(dict(zip(names, row, strict=False)), shape)
            for row, shape in zip(rows, shapes, strict=True)
        ]
    return found


def _sheet(export: Export, area_code: str, area_name: str) -> MapSheet:
    srid = metric_srid(export.connection)
    outline = shapely.from_wkb(read_area_shape(export.connection, area_code, srid))
    in_english = english_name(export.connection, area_code) if export.language == "en" else None
    return MapSheet(
        area_name=in_english or area_name,
        on=export.request.on,
        extent=outline.bounds,
        outline=outline,
        srid=srid,
        paper=export.sheet.paper,
        orientation=export.sheet.orientation,
        language=export.language,
        map_review_no=export.map_review_no,
    )


def _write_zone_sheets(export: Export, path: Path) -> Written:
    export.count([(export.layers[0], None)])
    srid = metric_srid(export.connection)
    zones = _features(export, export.layers[0], srid)
    members: dict[str, list[Feature]] = {}
    for building in _features(export, export.available.get(_BUILDINGS, export.actor.role), srid):
        members.setdefault(building.properties["zone_code"], []).append(building)
    readable = export.available.readable_by(export.actor.role)
    around = [
        DrawnLayer(layer, _features(export, layer, srid)) for layer in readable if layer.name in _AROUND_ZONES
    ]

    def sheets() -> Iterator[ZoneSheet]:
        for done, zone in enumerate(zones):
            export.progress("export.layer", done, len(zones))
            yield ZoneSheet(zone, in_walking_order(members.get(zone.properties["code"], [])), around)

    pages = write_zone_sheets(
        path, sheets(), on=export.request.on, language=export.language, map_review_no=export.map_review_no
    )
    return [(path, _ZONES, pages)]
