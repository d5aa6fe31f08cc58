"""The ``style.json`` of a layer: it reads declared fields alone, and its legend says what is drawn."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from geo_service.publish import expressions
from geo_service.publish.layer_files import Faults, read_words
from geo_service.publish.model import Drawing, Field, LegendEntry, LegendOfField

_FRAGMENT_TYPES = ("fill", "line", "circle")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")

Fields = Mapping[str, Field]
Fragment = dict[str, Any]


def read_drawing(text: str, file: str, fields: Fields, faults: Faults) -> Drawing:
    """The style and its legend, every part of it checked against the fields."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        faults.add(file, "", "not_json", reason=str(error))
        return Drawing()
    document = document if isinstance(document, dict) else {}
    parts: dict[str, list[dict[str, Any]]] = {}
    for part in ("layers", "legend"):
        entries = document.get(part)
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            faults.add(file, part, "not_a_list")
            return Drawing()
        parts[part] = entries
    before = len(faults.found)
    for place, fragment in enumerate(parts["layers"], start=1):
        _check_fragment(fragment, f"layers[{place}]", file, fields, faults)
    legend = [
        _read_entry(entry, f"legend[{place}]", file, fields, faults)
        for place, entry in enumerate(parts["legend"], start=1)
    ]
    drawing = Drawing(tuple(parts["layers"]), tuple(legend))
    if len(faults.found) == before:
        _check_legend(drawing, file, fields, faults)
    return drawing


def _check_fragment(fragment: Fragment, place: str, file: str, fields: Fields, faults: Faults) -> None:
    if not isinstance(fragment.get("id"), str):
        faults.add(file, f"{place}.id", "text_missing", part="id")
    if fragment.get("type") not in _FRAGMENT_TYPES:
        faults.add(file, f"{place}.type", "not_one_of", choices=", ".join(_FRAGMENT_TYPES))
    for setting, value in _settings(fragment):
        where = f"{place}.{setting}"
        for name in sorted(expressions.unknown_operators(value)):
            faults.add(file, where, "operator_unknown", name=name)
        for name in sorted(expressions.fields_used(value)):
            if name not in fields:
                faults.add(file, where, "field_unknown", name=name)
            elif not fields[name].in_tiles:
                faults.add(file, where, "field_not_in_tiles", name=name)
        for name, code in sorted(expressions.codes_named(value)):
            _check_code(name, code, file, where, fields, faults)


def _settings(fragment: Fragment) -> Iterator[tuple[str, Any]]:
    yield "filter", fragment.get("filter")
    for group in ("paint", "layout"):
        for name, value in fragment.get(group, {}).items():
            yield f"{group}.{name}", value


def _check_code(name: str, code: object, file: str, where: str, fields: Fields, faults: Faults) -> None:
    values = fields[name].values if name in fields else {}
    if values and isinstance(code, str) and code not in values:
        faults.add(file, where, "value_unknown", name=name, value=code, known=", ".join(values))


def _read_entry(
    entry: dict[str, Any], place: str, file: str, fields: Fields, faults: Faults
) -> LegendEntry | LegendOfField:
    if "each" in entry:
        for part in ("each", "place"):
            if entry.get(part) not in fields:
                faults.add(file, f"{place}.{part}", "field_unknown", name=entry.get(part))
        return LegendOfField(str(entry["each"]), str(entry.get("place")))
    properties = entry.get("properties", {})
    for name, value in properties.items():
        where = f"{place}.properties.{name}"
        if name not in fields:
            faults.add(file, where, "field_unknown", name=name)
        _check_code(name, value, file, where, fields, faults)
    return LegendEntry(read_words(entry.get("label"), file, f"{place}.label", faults), properties)


def _check_legend(drawing: Drawing, file: str, fields: Fields, faults: Faults) -> None:
    """What the legend shows is drawn, by a rule that reads what the entry says, in a colour."""
    read = {
        name
        for fragment in drawing.style
        for _, value in _settings(fragment)
        for name in expressions.fields_used(value)
    }
    for place, entry in enumerate(drawing.legend, start=1):
        where = f"legend[{place}]"
        if isinstance(entry, LegendOfField):
            if entry.place not in read:
                faults.add(file, f"{where}.place", "legend_unread", name=entry.place)
            continue
        for name in sorted(set(entry.properties) - read):
            faults.add(file, f"{where}.properties.{name}", "legend_unread", name=name)
        if not _colours(drawing, entry.properties):
            faults.add(file, where, "legend_not_drawn")
    shown = [entry.properties for entry in drawing.legend if isinstance(entry, LegendEntry)]
    for properties in shown or [{}]:
        for where, colour in _colours(drawing, properties):
            if not isinstance(colour, str) or not _COLOUR.fullmatch(colour):
                faults.add(file, where, "not_a_colour", given=colour)


def _colours(drawing: Drawing, properties: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Where each fragment that shows such a feature takes its colour from, and the colour."""
    found = []
    for place, fragment in enumerate(drawing.style, start=1):
        name = f"{fragment['type']}-color"
        try:
            if "filter" in fragment and not expressions.evaluate(fragment["filter"], properties):
                continue
            colour = expressions.evaluate(fragment.get("paint", {}).get(name, "#000000"), properties)
        except (TypeError, ValueError, IndexError) as error:
            colour = str(error)
        found.append((f"layers[{place}].paint.{name}", colour))
    return found
