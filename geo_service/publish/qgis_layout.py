"""The page to print of a QGIS project: A4 across, with title, map, legend, scale bar, north arrow, notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as xml

from geo_service import messages
from geo_service.publish.drawing import Extent, grown, round_length

# QGIS's own numbers of what lies on a page.
_PAGE, _MAP, _PICTURE, _LABEL, _LEGEND, _SCALE_BAR = 65638, 65639, 65640, 65641, 65642, 65646
_MAP_ID = "{6d61700a-0000-4000-8000-000000000001}"
_CENTRED, _LEFT, _RIGHT, _MIDDLE = "4", "1", "2", "128"
_WIDTH_MM, _HEIGHT_MM = 297, 210
_MAP_BOX = (10, 24, 212, 172)
_LEGEND_BOX = (226, 24, 62, 172)
_LEGEND_POINTS = {"title": 12, "group": 9, "subgroup": 8, "symbol": 7, "symbolLabel": 7}
# One of those that come with QGIS.
_NORTH_ARROW = "arrows/NorthArrow_02.svg"


def print_layout(
    title: str,
    extent: Extent,
    notes: Sequence[str],
    crs: xml.Element,
    explained: Mapping[str, str],
    *,
    language: str,
) -> xml.Element:
    """The layout, named by the title.

    Parameters
    ----------
    extent : tuple of float
        What the map shows at least, in metres of ``crs``.
    notes : sequence of str
        The mark first, then what stands below the map.
    crs : Element
        ``spatialrefsys`` of the map.
    explained : mapping of str to str
        Ids and titles of the layers of the legend, from its top.
    """
    layout = xml.Element("Layout", name=title, units="mm", printResolution="300")
    pages = xml.SubElement(layout, "PageCollection")
    pages.append(_item(_PAGE, (0, 0, _WIDTH_MM, _HEIGHT_MM)))
    left, top, width, height = _MAP_BOX
    shown = grown(extent, 0.03, width / height)
    layout.append(_map(shown, crs))
    layout.append(_label(title, (left, 8, width, 12), points=18, align=_LEFT))
    layout.append(_label(notes[0], (_LEGEND_BOX[0], 8, _LEGEND_BOX[2], 12), points=11, align=_RIGHT))
    layout.append(_label("　".join(notes[1:]), (left, 199, 277, 6), points=8, align=_LEFT))
    layout.append(_legend(messages.text("sheet.legend", language), explained))
    layout.append(_scale_bar((left + 4, top + height - 16, 80, 12), (shown[2] - shown[0]) / 10))
    north = (left + width - 16, top + 3, 13, 13)
    layout.append(_item(_PICTURE, north, file=_NORTH_ARROW, mode="2", mapUuid=_MAP_ID, northMode="0"))
    return layout


def _item(kind: int, box: Sequence[float], **stated: str) -> xml.Element:
    x, y, width, height = box
    place = f"{x},{y},mm"
    return xml.Element(
        "LayoutItem",
        {
            "type": str(kind),
            "position": place,
            "positionOnPage": place,
            "size": f"{width},{height},mm",
            "referencePoint": "0",
            "visibility": "1",
            "opacity": "1",
            "background": "false",
            "frame": "false",
            **stated,
        },
    )


def _map(extent: Extent, crs: xml.Element) -> xml.Element:
    item = _item(
        _MAP,
        _MAP_BOX,
        uuid=_MAP_ID,
        frame="true",
        background="true",
        keepLayerSet="false",
        followPreset="false",
    )
    item.append(crs)
    sides = zip(("xmin", "ymin", "xmax", "ymax"), map(str, extent), strict=True)
    xml.SubElement(item, "Extent", dict(sides))
    return item


def _label(words: str, box: Sequence[float], *, points: int, align: str) -> xml.Element:
    item = _item(
        _LABEL, box, labelText=words, halign=align, valign=_MIDDLE, htmlState="0", marginX="0", marginY="0"
    )
    xml.SubElement(item, "LabelFont", description=f"Sans Serif,{points},-1,5,50,0,0,0,0,0")
    return item


def _legend(title: str, explained: Mapping[str, str]) -> xml.Element:
    """Of each layer the classes that the map shows."""
    item = _item(
        _LEGEND, _LEGEND_BOX, title=title, map_uuid=_MAP_ID, resizeToContents="1", columnCount="1",
        symbolWidth="6", symbolHeight="3.2", boxSpace="1", titleAlignment="1", legendFilterByMap="1",
    )  # fmt: skip
    tree = xml.SubElement(item, "layer-tree-group")
    for identifier, words in explained.items():
        xml.SubElement(
            tree, "layer-tree-layer", id=identifier, name=words, checked="Qt::Checked", expanded="1"
        )
    styles = xml.SubElement(item, "styles")
    for name, points in _LEGEND_POINTS.items():
        style = xml.SubElement(
            styles, "style", name=name, marginTop="1.2", marginBottom="0.6", marginLeft="1.5"
        )
        xml.SubElement(style, "styleFont", description=f"Sans Serif,{points},-1,5,50,0,0,0,0,0")
    return item


def _scale_bar(box: Sequence[float], half_at_most_m: float) -> xml.Element:
    half = round_length(half_at_most_m)
    in_kilometres = half >= 1000
    item = _item(
        _SCALE_BAR, box, mapUuid=_MAP_ID, style="Single Box", numSegments="2", numSegmentsLeft="0",
        unitType="kilometers" if in_kilometres else "meters", unitLabel="km" if in_kilometres else "m",
        numUnitsPerSegment=f"{half / 1000 if in_kilometres else half:g}", numMapUnitsPerScaleBarUnit="1",
        height="2", background="true", boxContentSpace="1.5",
    )  # fmt: skip
    xml.SubElement(item, "text-style", fontSize="8", fontSizeUnit="Point", textColor="0,0,0,255")
    return item
