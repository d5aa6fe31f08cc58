"""A layer's style as QGIS keeps it (QML): the colours, legend and words of ``layers/`` on a desktop.

Written for QGIS 3.22, which Debian 12 has; later ones read it too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as xml

from geo_service.publish.expressions import evaluate
from geo_service.publish.model import Layer, LegendEntry
from geo_service.publish.qgis_expressions import qgis_expression

VERSION = "3.22.16"
_MILLIMETRES_A_PIXEL = 25.4 / 96  # CSS pixels of 1/96 inch
_SYMBOLS = {"polygon": "fill", "line": "line", "point": "marker"}
_DRAWN_ON = {"polygon": ("fill", "line"), "line": ("line",), "point": ("circle",)}
_LABEL_SIZE_POINTS = 9


def qgis_style(layer: Layer, geometry: str | None, *, language: str) -> str:
    """The QML document of a layer.

    Parameters
    ----------
    geometry : {"polygon", "line", "point"}, optional
        The kind of geometry of the table it is for: a mixed layer has a table a kind, a table has none.
    """
    root = xml.Element("qgis", version=VERSION, styleCategories="Symbology|Labeling|Fields|Forms")
    root.extend(style_elements(layer, geometry, language=language))
    return xml.tostring(root, encoding="unicode")


def style_elements(layer: Layer, geometry: str | None, *, language: str) -> list[xml.Element]:
    """What a QML document and a layer of a project both hold: renderer, labels, headings, coded values.

    Parameters
    ----------
    geometry : {"polygon", "line", "point"}, optional
        None for a table without places, which has no renderer.
    """
    drawn = [] if geometry is None else [_renderer(layer, geometry, language)]
    labelled = [] if layer.label_field is None else [_labels(layer.label_field)]
    return [*drawn, *labelled, *_fields(layer, language)]


def symbol_by_feature(layer: Layer, geometry: str) -> xml.Element | None:
    """A symbol that colours every feature by the layer's style itself; None where none is drawn."""
    fragments = [part for part in layer.style if part["type"] in _DRAWN_ON[geometry]]
    properties = layer.legend[0].properties if layer.legend else {}
    return _symbol(geometry, fragments, properties, by_feature=True) if fragments else None


def _renderer(layer: Layer, geometry: str, language: str) -> xml.Element:
    fragments = [part for part in layer.style if part["type"] in _DRAWN_ON[geometry]]
    if not fragments:
        return xml.Element("renderer-v2", type="nullSymbol")
    renderer = xml.Element("renderer-v2", type="RuleRenderer", symbollevels="0", forceraster="0")
    rules = xml.SubElement(renderer, "rules", key="all")
    symbols = xml.SubElement(renderer, "symbols")
    for number, (rule, symbol) in enumerate(_classes(layer, fragments, geometry, language)):
        xml.SubElement(rules, "rule", key=f"rule{number}", symbol=str(number), **rule)
        symbol.set("name", str(number))
        symbols.append(symbol)
    return renderer


def _classes(
    layer: Layer, fragments: Sequence[Mapping[str, Any]], geometry: str, language: str
) -> Iterator[tuple[dict[str, str], xml.Element]]:
    """A rule a line of the legend, and one for all that the legend does not name.

    A feature belongs to the line whose colour the style gives it. Where the legend has one line at most,
    there is one rule that colours every feature by the style itself.
    """
    title = layer.title.in_language(language)
    entries = list(layer.legend) if len(layer.legend) > 1 else []
    for entry in entries:
        yield (
            {"label": entry.label.in_language(language), "filter": _belongs(fragments, entry)},
            _symbol(geometry, fragments, entry.properties),
        )
    label = layer.legend[0].label.in_language(language) if len(layer.legend) == 1 else title
    properties = layer.legend[0].properties if len(layer.legend) == 1 else {}
    yield (
        {"label": "", "filter": "ELSE"} if entries else {"label": label},
        _symbol(geometry, fragments, properties, by_feature=True),
    )


def _belongs(fragments: Sequence[Mapping[str, Any]], entry: LegendEntry) -> str:
    """True for the features that every fragment colours as it colours ``entry``."""
    conditions = []
    for part in fragments:
        colour = _colour(part)
        shown = "filter" not in part or evaluate(part["filter"], entry.properties)
        if isinstance(colour, list) and shown:
            same = qgis_expression(["==", colour, evaluate(colour, entry.properties)])
            conditions.append(same)
    return " AND ".join(conditions) or "TRUE"


def _colour(part: Mapping[str, Any]) -> Any:
    return part.get("paint", {}).get(f"{part['type']}-color", "#000000")


def _symbol(
    geometry: str,
    fragments: Sequence[Mapping[str, Any]],
    properties: Mapping[str, Any],
    *,
    by_feature: bool = False,
) -> xml.Element:
    symbol = xml.Element("symbol", type=_SYMBOLS[geometry], alpha="1", clip_to_extent="1", force_rhr="0")
    for part in fragments:
        if not by_feature and "filter" in part and not evaluate(part["filter"], properties):
            continue
        symbol.append(_SYMBOL_LAYERS[part["type"]](part, properties, by_feature))
    return symbol


def _fill(part: Mapping[str, Any], properties: Mapping[str, Any], by_feature: bool) -> xml.Element:
    opacity = float(evaluate(part.get("paint", {}).get("fill-opacity", 1), properties))
    options = {"color": _rgba(part, properties, opacity), "style": "solid", "outline_style": "no"}
    return _symbol_layer("SimpleFill", options, _by_feature(part, opacity, "fillColor") if by_feature else {})


def _line(part: Mapping[str, Any], properties: Mapping[str, Any], by_feature: bool) -> xml.Element:
    paint = part.get("paint", {})
    width_mm = float(evaluate(paint.get("line-width", 1), properties)) * _MILLIMETRES_A_PIXEL
    options = {
        "line_color": _rgba(part, properties, 1.0),
        "line_width": f"{width_mm:.3f}",
        "line_width_unit": "MM",
        "line_style": "solid",
    }
    if "line-dasharray" in paint:
        dashes = ";".join(f"{float(length) * width_mm:.3f}" for length in paint["line-dasharray"])
        options |= {"use_custom_dash": "1", "customdash": dashes, "customdash_unit": "MM"}
    if not by_feature:
        return _symbol_layer("SimpleLine", options, {})
    stated = _by_feature(part, 1.0, "outlineColor")
    if isinstance(paint.get("line-width"), list):
        stated["outlineWidth"] = f"({qgis_expression(paint['line-width'])}) * {_MILLIMETRES_A_PIXEL:.4f}"
    return _symbol_layer("SimpleLine", options, stated)


def _circle(part: Mapping[str, Any], properties: Mapping[str, Any], by_feature: bool) -> xml.Element:
    paint = part.get("paint", {})
    size_mm = 2 * float(evaluate(paint.get("circle-radius", 5), properties)) * _MILLIMETRES_A_PIXEL
    opacity = float(evaluate(paint.get("circle-opacity", 1), properties))
    options = {
        "name": "circle",
        "color": _rgba(part, properties, opacity),
        "size": f"{size_mm:.3f}",
        "size_unit": "MM",
        "outline_style": "no",
    }
    return _symbol_layer(
        "SimpleMarker", options, _by_feature(part, opacity, "fillColor") if by_feature else {}
    )


_SYMBOL_LAYERS = {"fill": _fill, "line": _line, "circle": _circle}


def _rgba(part: Mapping[str, Any], properties: Mapping[str, Any], opacity: float) -> str:
    colour = str(evaluate(_colour(part), properties)).lstrip("#")
    parts = [int(colour[place : place + 2], 16) for place in (0, 2, 4)]
    return ",".join(map(str, [*parts, round(255 * opacity)]))


def _by_feature(part: Mapping[str, Any], opacity: float, name: str) -> dict[str, str]:
    colour, shown = _colour(part), qgis_expression(part["filter"]) if "filter" in part else None
    properties = {}
    if isinstance(colour, list):
        properties[name] = f"set_color_part({qgis_expression(colour)}, 'alpha', {round(255 * opacity)})"
    if shown is not None:
        properties["enabled"] = shown
    return properties


def _symbol_layer(name: str, options: Mapping[str, str], by_feature: Mapping[str, str]) -> xml.Element:
    layer = xml.Element("layer", {"class": name, "enabled": "1", "locked": "0", "pass": "0"})
    layer.append(_map(None, options))
    if by_feature:
        stated = xml.SubElement(xml.SubElement(layer, "data_defined_properties"), "Option", type="Map")
        xml.SubElement(stated, "Option", name="name", type="QString", value="")
        named = xml.SubElement(stated, "Option", name="properties", type="Map")
        for key, expression in by_feature.items():
            one = xml.SubElement(named, "Option", name=key, type="Map")
            xml.SubElement(one, "Option", name="active", type="bool", value="true")
            xml.SubElement(one, "Option", name="expression", type="QString", value=expression)
            xml.SubElement(one, "Option", name="type", type="int", value="3")
        xml.SubElement(stated, "Option", name="type", type="QString", value="collection")
    return layer


def _map(name: str | None, options: Mapping[str, str]) -> xml.Element:
    element = xml.Element("Option", {"type": "Map"} | ({} if name is None else {"name": name}))
    for key, value in options.items():
        xml.SubElement(element, "Option", name=key, type="QString", value=value)
    return element


def _labels(field: str) -> xml.Element:
    labeling = xml.Element("labeling", type="simple")
    settings = xml.SubElement(labeling, "settings", calloutType="simple")
    style = xml.SubElement(
        settings, "text-style", fieldName=field, isExpression="0", fontSize=str(_LABEL_SIZE_POINTS),
        fontSizeUnit="Point", textColor="40,40,40,255",
    )  # fmt: skip
    xml.SubElement(
        style, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferSizeUnits="MM",
        bufferColor="255,255,255,255",
    )  # fmt: skip
    return labeling


def _fields(layer: Layer, language: str) -> list[xml.Element]:
    """Readable headings, and the words of coded values, for the table and the form of a feature."""
    configuration = xml.Element("fieldConfiguration")
    aliases = xml.Element("aliases")
    for place, field in enumerate(layer.fields):
        title = field.title.in_language(language)
        xml.SubElement(aliases, "alias", index=str(place), field=field.name, name=title)
        if not field.values:
            continue
        widget = xml.SubElement(
            xml.SubElement(configuration, "field", name=field.name), "editWidget", type="ValueMap"
        )
        choices = xml.SubElement(
            xml.SubElement(xml.SubElement(widget, "config"), "Option", type="Map"),
            "Option", name="map", type="List",
        )  # fmt: skip
        choices.extend(
            _map(None, {words.in_language(language): code}) for code, words in field.values.items()
        )
    return [configuration, aliases]
