"""Maps and zone sheets on paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from geo_service.errors import InvalidInput
from geo_service.pipeline.export_reading import Export, Written
from geo_service.publish.drawing import DrawnLayer, Feature
from geo_service.publish.map_image import MapSheet, draw_map
from geo_service.publish.sheets import ZoneSheet, in_walking_order, write_zone_sheets
from geo_service.store.areas import metric_srid
from geo_service.store.layers import read_extent

_ZONES, _BUILDINGS = "zones", "standalone_buildings"
_AROUND_ZONES = ("walkways", "barriers", "compound_buildings")


def write_map_picture(export: Export, scratch: Path, name: str) -> Written:
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


def write_sheets(export: Export, scratch: Path, name: str) -> Written:
    if [layer.name for layer in export.layers] != [_ZONES]:
        raise InvalidInput("export.zones_missing", where="--layers")
    export.count([(export.layers[0], None)])
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
