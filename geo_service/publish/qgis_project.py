"""A QGIS project: layers in the map's order with their styles, words and scales, and a page to print.

Written for QGIS 3.22, which Debian 12 has; later ones read it too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from xml.etree import ElementTree as xml

from pyproj import CRS

from geo_service import messages
from geo_service.publish.drawing import Extent
from geo_service.publish.model import Layer
from geo_service.publish.qgis_layout import print_layout
from geo_service.publish.qgis_style import VERSION, style_elements, symbol_by_feature
from geo_service.publish.tiles import WORLD_M

TILES_PROVIDER = "vectortile"
_GEOMETRY_TYPES = {"polygon": "Polygon", "line": "Line", "point": "Point", None: "No geometry"}
_DIMENSIONS = {"point": "0", "line": "1", "polygon": "2"}
_PIXEL_M = 0.0254 / 96  # CSS pixels
_TILE_PIXELS = 512


@dataclass(frozen=True)
class ProjectLayer:
    """One layer of the project.

    Parameters
    ----------
    layer : Layer
    name : str
        Unique in the project.
    title : str
    geometry : str, optional
        ``polygon``, ``line`` or ``point``; None for a table without places.
    provider, source : str
        QGIS's words for where the rows come from.
    srid : int
        EPSG code of the rows.
    """

    layer: Layer
    name: str
    title: str
    geometry: str | None
    provider: str
    source: str
    srid: int

    @property
    def id(self) -> str:
        """QGIS takes a short one for none at all and makes its own."""
        return f"geo_service_{self.name}"

    @property
    def group(self) -> str | None:
        """The group of the layer tree it belongs to."""
        if self.provider == TILES_PROVIDER:
            return None if self.layer.geometry == "any" else "tiles"
        if self.geometry is None:
            return "tables"
        if self.layer.label_field:
            return "labels"
        return "statistics" if any(field.ratio for field in self.layer.fields) else None


@dataclass(frozen=True)
class ProjectSheet:
    """What the project says besides its layers.

    Parameters
    ----------
    title : str
    srid : int
        EPSG code of the map's CRS, in metres.
    extent : tuple of float
        West, south, east and north of the area in it.
    latitude : float
        Of the area's middle, in degrees.
    notes : sequence of str
        The day the layers show, the mark, the datum.
    """

    title: str
    srid: int
    extent: Extent
    latitude: float
    notes: Sequence[str]


def qgis_project(layers: Sequence[ProjectLayer], sheet: ProjectSheet, *, language: str) -> str:
    """The project's XML.

    Parameters
    ----------
    layers : sequence of ProjectLayer
        In draw order, the first under all the others.
    """
    root = xml.Element("qgis", version=VERSION, projectname=sheet.title)
    _texts(root, {"title": sheet.title})
    xml.SubElement(root, "projectCrs").append(_crs(sheet.srid))
    root.append(_tree(layers, language))
    root.append(_canvas(sheet))
    described = xml.SubElement(root, "projectlayers")
    described.extend(_layer(one, sheet.latitude, language) for one in layers)
    root.append(_properties())
    root.append(_view(sheet))
    metadata = xml.SubElement(root, "projectMetadata")
    _texts(metadata, {"title": sheet.title, "abstract": "\n".join(sheet.notes)})
    shown = _shown(layers)
    explained = {one.id: one.title for one in reversed(layers) if one in shown and one.layer.legend}
    layouts = xml.SubElement(root, "Layouts")
    layouts.append(
        print_layout(sheet.title, sheet.extent, sheet.notes, _crs(sheet.srid), explained, language=language)
    )
    xml.indent(root)
    return "<!DOCTYPE qgis>\n" + xml.tostring(root, encoding="unicode")


def _texts(parent: xml.Element, texts: dict[str, object]) -> None:
    for name, words in texts.items():
        xml.SubElement(parent, name).text = str(words)


def _crs(srid: int) -> xml.Element:
    element = xml.Element("spatialrefsys")
    described = CRS.from_epsg(srid)
    _texts(
        element,
        {
            "wkt": described.to_wkt(),
            "srid": srid,
            "authid": f"EPSG:{srid}",
            "description": described.name,
            "geographicflag": str(described.is_geographic).lower(),
        },
    )
    return element


def _shown(layers: Sequence[ProjectLayer]) -> list[ProjectLayer]:
    """What is switched on as the project opens: no tiles beside features, no statistics under other areas."""
    shown = [one for one in layers if one.group not in ("tiles", "statistics") and one.layer.on_by_default]
    statistics = [one for one in layers if one.group == "statistics"]
    if statistics and not any(
        one.geometry == "polygon" and layers.index(one) > layers.index(statistics[-1]) for one in shown
    ):
        shown.append(statistics[-1])
    return shown


def _tree(layers: Sequence[ProjectLayer], language: str) -> xml.Element:
    """The first line of the tree is drawn over all others; neighbours of one kind share a group."""
    root = xml.Element("layer-tree-group")
    shown = _shown(layers)
    for group, members in groupby(reversed(layers), key=lambda one: one.group):
        inside = list(members)
        parent = root
        if group is not None:
            parent = _group(root, group, language, shown=any(one in shown for one in inside))
        for one in inside:
            xml.SubElement(
                parent,
                "layer-tree-layer",
                id=one.id,
                name=one.title,
                checked=_checked(one in shown),
                expanded="0",
            )
    return root


def _checked(shown: bool) -> str:
    return "Qt::Checked" if shown else "Qt::Unchecked"


def _group(root: xml.Element, group: str, language: str, *, shown: bool) -> xml.Element:
    exclusive = {"mutually-exclusive": "1", "mutually-exclusive-child": "0"} if group == "statistics" else {}
    return xml.SubElement(
        root,
        "layer-tree-group",
        {
            "name": messages.text(f"qgis_project.{group}", language),
            "checked": _checked(shown),
            "expanded": "1" if shown else "0",
            **exclusive,
        },
    )


def _canvas(sheet: ProjectSheet) -> xml.Element:
    canvas = xml.Element("mapcanvas", name="theMapCanvas")
    _texts(canvas, {"units": "meters"})
    _texts(xml.SubElement(canvas, "extent"), _sides(sheet.extent))
    _texts(canvas, {"rotation": 0})
    xml.SubElement(canvas, "destinationsrs").append(_crs(sheet.srid))
    return canvas


def _sides(extent: Extent) -> dict[str, object]:
    return dict(zip(("xmin", "ymin", "xmax", "ymax"), extent, strict=True))


def _view(sheet: ProjectSheet) -> xml.Element:
    view = xml.Element("ProjectViewSettings", UseProjectScales="0")
    sides = {name: str(side) for name, side in _sides(sheet.extent).items()}
    for shown in ("DefaultViewExtent", "PresetFullExtent"):
        xml.SubElement(view, shown, sides).append(_crs(sheet.srid))
    return view


def _properties() -> xml.Element:
    """Paths are taken from where the project lies: both files may be moved together."""
    properties = xml.Element("properties")
    paths = xml.SubElement(properties, "Paths")
    xml.SubElement(paths, "Absolute", type="bool").text = "false"
    projected = xml.SubElement(properties, "SpatialRefSys")
    xml.SubElement(projected, "ProjectionsEnabled", type="int").text = "1"
    return properties


def _layer(one: ProjectLayer, latitude: float, language: str) -> xml.Element:
    as_tiles = one.provider == TILES_PROVIDER
    element = xml.Element(
        "maplayer",
        type="vector-tile" if as_tiles else "vector",
        hasScaleBasedVisibilityFlag="0" if one.geometry is None and not as_tiles else "1",
        minScale=f"{_scale_of(one.layer.minzoom, latitude):.0f}",
        maxScale="0",
    )
    _texts(element, {"id": one.id, "datasource": one.source, "layername": one.title})
    _texts(element, {"abstract": one.layer.description.in_language(language)})
    xml.SubElement(element, "srs").append(_crs(one.srid))
    if as_tiles:
        element.append(_tile_renderer(one))
        return element
    element.set("geometry", _GEOMETRY_TYPES[one.geometry])
    element.set("labelsEnabled", "1" if one.layer.label_field else "0")
    xml.SubElement(element, "provider", encoding="UTF-8").text = one.provider
    element.extend(style_elements(one.layer, one.geometry, language=language))
    return element


def _scale_of(zoom: int, latitude: float) -> float:
    """The denominator of the scale at which the web map has this zoom."""
    return WORLD_M * math.cos(math.radians(latitude)) / (_TILE_PIXELS * 2**zoom) / _PIXEL_M


def _tile_renderer(one: ProjectLayer) -> xml.Element:
    renderer = xml.Element("renderer", type="basic")
    styles = xml.SubElement(renderer, "styles")
    for geometry, symbol in _tile_symbols(one.layer):
        stated = {"name": one.title, "layer": one.layer.name, "geometry": _DIMENSIONS[geometry]}
        every_zoom = {"enabled": "1", "min-zoom": "-1", "max-zoom": "-1"}
        style = xml.SubElement(styles, "style", stated | every_zoom)
        symbol.set("name", "0")
        xml.SubElement(style, "symbols").append(symbol)
    return renderer


def _tile_symbols(layer: Layer) -> Iterable[tuple[str, xml.Element]]:
    kinds = ("polygon", "line", "point") if layer.geometry == "any" else (layer.geometry,)
    for geometry in kinds:
        symbol = symbol_by_feature(layer, geometry)
        if symbol is not None:
            yield geometry, symbol
