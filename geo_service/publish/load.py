"""Read ``layers/`` and check it: every fault is named with its file and field."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo_service import messages
from geo_service.access import Role
from geo_service.errors import InvalidInput
from geo_service.publish import expressions
from geo_service.publish.model import (
    FIELD_TYPES,
    GEOMETRIES,
    PARAMETERS,
    Field,
    Layer,
    LayerSet,
    LegendEntry,
    Words,
)

MAX_ZOOM = 22
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_FRAGMENT_TYPES = ("fill", "line", "circle")
_GEOMETRY_COLUMNS = ("geom", "geom_3857")
# Comments and string literals; then a bound parameter that is not part of a ::cast.
_NOT_CODE = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
_BOUND = re.compile(r"(?<![:\w]):([a-z_]\w*)")


@dataclass(frozen=True)
class Fault:
    """Something wrong with a layer: the file, the field in it, and the sentence."""

    file: str
    field: str
    key: str
    values: Mapping[str, object]

    def as_json(self) -> dict[str, object]:
        """One entry of the error's details."""
        return {
            "file": self.file,
            "field": self.field,
            "key": self.key,
            "message_zh": messages.text(self.key, "zh", **self.values),
            "message_en": messages.text(self.key, "en", **self.values),
        }


class Faults:
    """The faults of one folder, collected so that all are reported at once."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def add(self, file: str, field: str, key: str, **values: object) -> None:
        """Note one fault; ``key`` is a message under ``layers.fault``."""
        self.found.append(Fault(file, field, f"layers.fault.{key}", values))

    def raise_if_any(self, folder: Path) -> None:
        """Raise InvalidInput naming every fault."""
        if self.found:
            first = self.found[0]
            raise InvalidInput(
                "layers.faulty",
                where=str(folder),
                details=[fault.as_json() for fault in self.found],
                count=len(self.found),
                first=f"{first.file} [{first.field}]",
            )


def load_layers(folder: Path) -> LayerSet:
    """Read every layer of ``folder`` in the order of its ``map.toml``.

    A folder that ``map.toml`` does not list is drawn last, on top.

    Raises
    ------
    InvalidInput
        With one entry of ``details`` a fault: file, field and sentence.
    """
    faults = Faults()
    present = sorted(path.parent.name for path in folder.glob("*/layer.toml"))
    document = _read_toml(folder / "map.toml", "map.toml", faults)
    listed = document.get("layers", [])
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        faults.add("map.toml", "layers", "not_a_list")
        listed = []
    for name in listed:
        if name not in present:
            faults.add("map.toml", "layers", "folder_missing", name=name)
        if listed.count(name) > 1:
            faults.add("map.toml", "layers", "listed_twice", name=name)
    order = [name for name in dict.fromkeys(listed) if name in present]
    order += [name for name in present if name not in order]
    layers = [_read_layer(folder / name, faults) for name in order]
    for layer in layers:
        if layer is not None and layer.label_of is not None and layer.label_of not in present:
            faults.add(f"{layer.name}/layer.toml", "label_of", "layer_unknown", name=layer.label_of)
    faults.raise_if_any(folder)
    return LayerSet(tuple(layer for layer in layers if layer is not None))


def compare_columns(layer: Layer, columns: Mapping[str, str], faults: Faults) -> None:
    """Note where the columns a query really gives, by name and kind, differ from the fields declared."""
    file = f"{layer.name}/query.sql"
    for field in layer.fields:
        if field.name not in columns:
            faults.add(file, field.name, "column_missing", name=field.name)
        elif columns[field.name] != field.type:
            faults.add(file, field.name, "column_type", declared=field.type, found=columns[field.name])
    declared = {field.name for field in layer.fields}
    for name in columns:
        if name not in declared and name not in _GEOMETRY_COLUMNS:
            faults.add(file, name, "column_undeclared", name=name)
    for name in _GEOMETRY_COLUMNS:
        if name not in columns:
            faults.add(file, name, "column_missing", name=name)


def _read_text(path: Path, label: str, faults: Faults) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        faults.add(label, "", "file_missing")
    except (OSError, UnicodeDecodeError) as error:
        faults.add(label, "", "file_unreadable", reason=str(error))
    return ""


def _read_toml(path: Path, label: str, faults: Faults) -> dict[str, Any]:
    try:
        return tomllib.loads(_read_text(path, label, faults))
    except tomllib.TOMLDecodeError as error:
        faults.add(label, "", "not_toml", reason=str(error))
    return {}


def _read_layer(folder: Path, faults: Faults) -> Layer | None:
    before = len(faults.found)
    file = f"{folder.name}/layer.toml"
    if not _NAME.fullmatch(folder.name):
        faults.add(file, "name", "bad_name", name=folder.name)
    document = _read_toml(folder / "layer.toml", file, faults)
    if not document:
        return None
    fields = _read_fields(document.get("fields"), file, faults)
    parameters = _subset(document, "parameters", PARAMETERS, file, faults)
    roles = _subset(document, "roles", [role.value for role in Role], file, faults)
    title = _words(document.get("title"), file, "title", faults)
    description = _words(document.get("description"), file, "description", faults)
    minzoom, maxzoom = _zooms(document, file, faults)
    names = {field.name for field in fields}
    geometry = document.get("geometry")
    if geometry not in GEOMETRIES:
        faults.add(file, "geometry", "not_one_of", choices=", ".join(GEOMETRIES))
    for entry in ("key", "label_field"):
        named = document.get(entry)
        if (entry == "key" or named is not None) and named not in names:
            faults.add(file, entry, "field_unknown", name=named)
    sql = _read_sql(folder, parameters, faults)
    style, legend = _read_style(folder, {field.name: field for field in fields}, faults)
    if len(faults.found) > before:
        return None
    return Layer(
        name=folder.name,
        title=title,
        description=description,
        geometry=geometry,
        key=document["key"],
        minzoom=minzoom,
        maxzoom=maxzoom,
        parameters=tuple(parameters),
        roles=tuple(Role(role) for role in roles),
        fields=tuple(fields),
        sql=sql,
        style=style,
        legend=legend,
        small_features=bool(document.get("small_features", False)),
        label_field=document.get("label_field"),
        label_of=document.get("label_of"),
        centre_in_tables=bool(document.get("centre_in_tables", False)),
    )


def _words(entry: object, file: str, field: str, faults: Faults) -> Words:
    table = entry if isinstance(entry, dict) else {}
    for language in messages.LANGUAGES:
        if not isinstance(table.get(language), str) or not table[language].strip():
            faults.add(file, f"{field}.{language}", "text_missing", part=language)
    return Words(str(table.get("zh", "")), str(table.get("en", "")))


def _subset(document: dict[str, Any], entry: str, choices: Any, file: str, faults: Faults) -> list[str]:
    given = document.get(entry)
    if not isinstance(given, list) or any(name not in choices for name in given):
        faults.add(file, entry, "not_among", choices=", ".join(choices))
        return []
    return given


def _zooms(document: dict[str, Any], file: str, faults: Faults) -> tuple[int, int]:
    minzoom, maxzoom = document.get("minzoom"), document.get("maxzoom")
    for entry, zoom in (("minzoom", minzoom), ("maxzoom", maxzoom)):
        if type(zoom) is not int or not 0 <= zoom <= MAX_ZOOM:
            faults.add(file, entry, "zoom_range", most=MAX_ZOOM)
            return 0, 0
    if minzoom > maxzoom:
        faults.add(file, "minzoom", "zoom_order", minzoom=minzoom, maxzoom=maxzoom)
    return minzoom, maxzoom


def _read_fields(entries: object, file: str, faults: Faults) -> list[Field]:
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        faults.add(file, "fields", "fields_missing")
        return []
    fields: list[Field] = []
    for place, entry in enumerate(entries, start=1):
        name = entry.get("name")
        if not isinstance(name, str) or not _NAME.fullmatch(name) or name in _GEOMETRY_COLUMNS:
            faults.add(file, f"fields[{place}].name", "bad_name", name=name)
            continue
        if any(field.name == name for field in fields):
            faults.add(file, f"fields.{name}", "listed_twice", name=name)
        fields.append(_read_field(name, entry, file, faults))
    names = {field.name for field in fields}
    for field in fields:
        if field.ratio and not names.issuperset(field.ratio):
            faults.add(file, f"fields.{field.name}.ratio", "field_unknown", name=" / ".join(field.ratio))
    return fields


def _read_field(name: str, entry: dict[str, Any], file: str, faults: Faults) -> Field:
    place = f"fields.{name}"
    kind = entry.get("type")
    if kind not in FIELD_TYPES:
        faults.add(file, f"{place}.type", "not_one_of", choices=", ".join(FIELD_TYPES))
    if kind in ("integer", "number") and not isinstance(entry.get("unit"), str):
        faults.add(file, f"{place}.unit", "unit_missing")
    ratio = entry.get("ratio")
    if ratio is not None and (not isinstance(ratio, list) or len(ratio) != 2):
        faults.add(file, f"{place}.ratio", "ratio_pair")
        ratio = None
    values = entry.get("values", {})
    return Field(
        name=name,
        title=_words(entry.get("title"), file, f"{place}.title", faults),
        type=str(kind),
        unit=str(entry.get("unit", "")),
        values={
            code: _words(words, file, f"{place}.values.{code}", faults) for code, words in values.items()
        },
        in_tiles=bool(entry.get("in_tiles", True)),
        total=bool(entry.get("total", False)),
        ratio=(str(ratio[0]), str(ratio[1])) if ratio else None,
    )


def _read_sql(folder: Path, parameters: list[str], faults: Faults) -> str:
    file = f"{folder.name}/query.sql"
    sql = _read_text(folder / "query.sql", file, faults).strip().removesuffix(";").strip()
    if not sql:
        return ""
    code = _NOT_CODE.sub(" ", sql)
    if ";" in code or not re.match(r"\s*(select|with)\b", code, re.IGNORECASE):
        faults.add(file, "", "not_one_select")
    bound = set(_BOUND.findall(code))
    for name in sorted(bound - set(parameters)):
        faults.add(file, name, "parameter_undeclared", name=name)
    for name in sorted(set(parameters) - bound):
        faults.add(file, name, "parameter_unused", name=name)
    return sql


def _read_style(
    folder: Path, fields: dict[str, Field], faults: Faults
) -> tuple[tuple[dict[str, Any], ...], tuple[LegendEntry, ...]]:
    file = f"{folder.name}/style.json"
    text = _read_text(folder / "style.json", file, faults)
    if not text:
        return (), ()
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        faults.add(file, "", "not_json", reason=str(error))
        return (), ()
    fragments = document.get("layers") if isinstance(document, dict) else None
    if not isinstance(fragments, list) or not all(isinstance(fragment, dict) for fragment in fragments):
        faults.add(file, "layers", "not_a_list")
        return (), ()
    for place, fragment in enumerate(fragments, start=1):
        _check_fragment(fragment, f"layers[{place}]", file, fields, faults)
    legend = []
    for place, entry in enumerate(document.get("legend", []), start=1):
        properties = entry.get("properties", {})
        for name in properties:
            if name not in fields:
                faults.add(file, f"legend[{place}].properties.{name}", "field_unknown", name=name)
        legend.append(
            LegendEntry(_words(entry.get("label"), file, f"legend[{place}].label", faults), properties)
        )
    return tuple(fragments), tuple(legend)


def _check_fragment(
    fragment: dict[str, Any], place: str, file: str, fields: dict[str, Field], faults: Faults
) -> None:
    if not isinstance(fragment.get("id"), str):
        faults.add(file, f"{place}.id", "text_missing", part="id")
    if fragment.get("type") not in _FRAGMENT_TYPES:
        faults.add(file, f"{place}.type", "not_one_of", choices=", ".join(_FRAGMENT_TYPES))
    settings = [(f"{place}.filter", fragment.get("filter"))]
    for group in ("paint", "layout"):
        settings += [(f"{place}.{group}.{name}", value) for name, value in fragment.get(group, {}).items()]
    for where, value in settings:
        for name in sorted(expressions.unknown_operators(value)):
            faults.add(file, where, "operator_unknown", name=name)
        for name in sorted(expressions.fields_used(value)):
            if name not in fields:
                faults.add(file, where, "field_unknown", name=name)
            elif not fields[name].in_tiles:
                faults.add(file, where, "field_not_in_tiles", name=name)
