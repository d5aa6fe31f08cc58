"""Read ``layers/`` and check it: every fault is named with its file and field."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from geo_service.access import Role
from geo_service.publish.layer_fields import WordLists, read_fields
from geo_service.publish.layer_files import (
    NAME,
    Faults,
    check_entries,
    read_flag,
    read_text,
    read_toml,
    read_word_list,
    read_words,
)
from geo_service.publish.layer_style import read_drawing
from geo_service.publish.model import (
    GEOMETRIES,
    GEOMETRY_COLUMNS,
    NO_GEOMETRY,
    PARAMETERS,
    Drawing,
    Field,
    Layer,
    LayerSet,
    Words,
)

MAX_ZOOM = 22
_OF_ROWS = ("key", "parameters", "fields")
"""What a layer that draws the rows of another takes from it, and may not say itself."""
_LIKE_ROWS = (
    "geometry", "minzoom", "maxzoom", "roles", "group", "covers", "small_features", "centre_in_tables",
)  # fmt: skip
"""What it takes from it where it does not say otherwise."""
_ENTRIES = (
    "title", "description", *_OF_ROWS, *_LIKE_ROWS,
    "rows_of", "where", "measures", "on_by_default", "label_field", "label_of",
)  # fmt: skip
# Comments and string literals; then a bound parameter that is not part of a ::cast.
_NOT_CODE = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
_BOUND = re.compile(r"(?<![:\w]):([a-z_]\w*)")
_MEASURE = "{measure}"
"""Stands in a style for the measure that it colours by."""


def load_layers(folder: Path) -> LayerSet:
    """Read every layer of ``folder`` in the order of its ``map.toml``.

    A folder that ``map.toml`` does not list is drawn last, on top. Words that several layers share are in
    ``words.toml``.

    Raises
    ------
    InvalidInput
        With one entry of ``details`` a fault: file, field and sentence.
    """
    faults = Faults()
    present = sorted(path.parent.name for path in folder.glob("*/layer.toml"))
    document = read_toml(folder / "map.toml", "map.toml", faults)
    check_entries(document, ("layers", "groups"), "map.toml", "", faults)
    order = _order(document.get("layers", []), present, faults)
    groups = read_word_list(document.get("groups", {}), "map.toml", "groups", faults)
    words = _word_lists(folder, faults)
    layers = [_LayerFolder(folder / name, words, groups, faults).read() for name in order]
    for layer in layers:
        if layer is not None and layer.label_of is not None and layer.label_of not in present:
            faults.add(f"{layer.name}/layer.toml", "label_of", "layer_unknown", name=layer.label_of)
    faults.raise_if_any(folder)
    return LayerSet(tuple(layer for layer in layers if layer is not None), groups)


def compare_columns(layer: Layer, columns: Mapping[str, str], faults: Faults) -> None:
    """Note where the columns a query really gives, by name and kind, differ from the fields declared."""
    file = f"{layer.rows_of}/query.sql"
    for field in layer.fields:
        if field.name not in columns:
            faults.add(file, field.name, "column_missing", name=field.name)
        elif columns[field.name] != field.type:
            faults.add(file, field.name, "column_type", declared=field.type, found=columns[field.name])
    declared = {field.name for field in layer.fields}
    for name in columns:
        if name not in declared and name not in GEOMETRY_COLUMNS:
            faults.add(file, name, "column_undeclared", name=name)
    for name in GEOMETRY_COLUMNS if layer.geometry != NO_GEOMETRY else ():
        if name not in columns:
            faults.add(file, name, "column_missing", name=name)


_KINDS = {
    "point": {"POINT"},
    "line": {"LINESTRING", "MULTILINESTRING"},
    "polygon": {"POLYGON", "MULTIPOLYGON"},
}


def compare_shapes(layer: Layer, shapes: Iterable[Sequence[Any]], faults: Faults) -> None:
    """Note where the kinds of geometry that rows really have, and their CRS, differ from those declared.

    Parameters
    ----------
    shapes : iterable of rows
        PostGIS's name of the kind, and the SRID, of ``geom`` and of ``geom_3857``; how many have them.
    """
    file = f"{layer.rows_of}/query.sql"
    for *row, _ in shapes:
        for (column, expected), kind, srid in zip(GEOMETRY_COLUMNS.items(), row[::2], row[1::2], strict=True):
            if kind is None:
                continue
            if layer.geometry in _KINDS and kind not in _KINDS[layer.geometry]:
                faults.add(file, column, "geometry_kind", declared=layer.geometry, found=kind)
            if srid != expected:
                faults.add(file, column, "geometry_srid", expected=expected, found=srid)


def _order(listed: object, present: Sequence[str], faults: Faults) -> list[str]:
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        faults.add("map.toml", "layers", "not_a_list")
        listed = []
    for name in listed:
        if name not in present:
            faults.add("map.toml", "layers", "folder_missing", name=name)
        if listed.count(name) > 1:
            faults.add("map.toml", "layers", "listed_twice", name=name)
    first = [name for name in dict.fromkeys(listed) if name in present]
    return first + [name for name in present if name not in first]


def _word_lists(folder: Path, faults: Faults) -> WordLists:
    if not (folder / "words.toml").exists():
        return {}
    document = read_toml(folder / "words.toml", "words.toml", faults)
    return {name: read_word_list(entry, "words.toml", name, faults) for name, entry in document.items()}


class _LayerFolder:
    """One folder of ``layers/`` on its way to a layer."""

    def __init__(self, folder: Path, words: WordLists, groups: Collection[str], faults: Faults) -> None:
        self.folder = folder
        self.file = f"{folder.name}/layer.toml"
        self.words = words
        self.groups = groups
        self.faults = faults

    def read(self) -> Layer | None:
        """The layer; None where anything is wrong with it."""
        before = len(self.faults.found)
        if not NAME.fullmatch(self.folder.name):
            self.faults.add(self.file, "name", "bad_name", name=self.folder.name)
        own = read_toml(self.folder / "layer.toml", self.file, self.faults)
        if not own:
            return None
        check_entries(own, _ENTRIES, self.file, "", self.faults)
        rows_of, document = self._with_rows(own)
        layer = self._layer(rows_of, document)
        return layer if len(self.faults.found) == before else None

    def _with_rows(self, own: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """The layer whose rows these are, and the document with what is said there."""
        rows_of = own.get("rows_of")
        if rows_of is None:
            return self.folder.name, own
        source = self.folder.parent / str(rows_of)
        if not NAME.fullmatch(str(rows_of)) or not (source / "layer.toml").is_file():
            self.faults.add(self.file, "rows_of", "layer_unknown", name=rows_of)
            return self.folder.name, own
        for entry in sorted(set(own) & set(_OF_ROWS)):
            self.faults.add(self.file, entry, "rows_are_of", name=rows_of)
        if (self.folder / "query.sql").exists():
            self.faults.add(f"{self.folder.name}/query.sql", "", "rows_are_of", name=rows_of)
        other = read_toml(source / "layer.toml", f"{rows_of}/layer.toml", self.faults)
        if "rows_of" in other:
            self.faults.add(self.file, "rows_of", "rows_of_rows", name=rows_of)
        taken = {name: other[name] for name in (*_OF_ROWS, *_LIKE_ROWS) if name in other}
        return str(rows_of), {**taken, **own}

    def _layer(self, rows_of: str, document: dict[str, Any]) -> Layer:
        file, faults = self.file, self.faults
        rows_file = f"{rows_of}/layer.toml"
        fields = read_fields(document.get("fields"), self.words, rows_file, faults)
        names = {field.name: field for field in fields}
        parameters = self._subset(document, "parameters", PARAMETERS, rows_file)
        if "area" not in parameters:
            faults.add(rows_file, "parameters", "area_missing")
        roles = self._subset(document, "roles", [role.value for role in Role], file)
        geometry = self._one_of(document, "geometry", GEOMETRIES)
        group = self._one_of(document, "group", tuple(self.groups)) if "group" in document else None
        measures = read_word_list(document.get("measures", {}), file, "measures", faults)
        for entry in ("key", "label_field"):
            named = document.get(entry)
            if (entry == "key" or named is not None) and named not in names:
                faults.add(rows_file if entry == "key" else file, entry, "field_unknown", name=named)
        minzoom, maxzoom = self._zooms(document) if geometry != NO_GEOMETRY else (0, 0)
        return Layer(
            name=self.folder.name,
            title=read_words(document.get("title"), file, "title", faults),
            description=read_words(document.get("description"), file, "description", faults),
            geometry=geometry,
            key=str(document.get("key")),
            minzoom=minzoom,
            maxzoom=maxzoom,
            parameters=tuple(parameters),
            roles=tuple(Role(role) for role in roles),
            fields=tuple(fields),
            query=self._query(rows_of, parameters),
            drawings=self._drawings(geometry, names, measures),
            rows_of=rows_of,
            where=self._condition(document),
            measures=measures,
            measure=next(iter(measures), ""),
            group=group,
            covers=str(document.get("covers", rows_of)),
            on_by_default=self._flag(document, "on_by_default", default=True),
            small_features=self._flag(document, "small_features"),
            label_field=document.get("label_field"),
            label_of=document.get("label_of"),
            centre_in_tables=self._flag(document, "centre_in_tables") and geometry != NO_GEOMETRY,
        )

    def _flag(self, document: dict[str, Any], entry: str, *, default: bool = False) -> bool:
        return read_flag(document, entry, self.file, self.faults, default=default)

    def _one_of(self, document: dict[str, Any], entry: str, choices: Sequence[str]) -> str:
        given = document.get(entry)
        if given not in choices:
            self.faults.add(self.file, entry, "not_one_of", choices=", ".join(choices))
        return str(given)

    def _subset(self, document: dict[str, Any], entry: str, choices: Sequence[str], file: str) -> list[str]:
        given = document.get(entry)
        if not isinstance(given, list) or any(name not in choices for name in given):
            self.faults.add(file, entry, "not_among", choices=", ".join(choices))
            return []
        return given

    def _zooms(self, document: dict[str, Any]) -> tuple[int, int]:
        minzoom, maxzoom = document.get("minzoom"), document.get("maxzoom")
        for entry, zoom in (("minzoom", minzoom), ("maxzoom", maxzoom)):
            if type(zoom) is not int or not 0 <= zoom <= MAX_ZOOM:
                self.faults.add(self.file, entry, "zoom_range", most=MAX_ZOOM)
                return 0, 0
        if minzoom > maxzoom:
            self.faults.add(self.file, "minzoom", "zoom_order", minzoom=minzoom, maxzoom=maxzoom)
        return minzoom, maxzoom

    def _query(self, rows_of: str, parameters: list[str]) -> str:
        file, faults = f"{rows_of}/query.sql", self.faults
        path = self.folder.parent / rows_of / "query.sql"
        sql = read_text(path, file, faults).strip().removesuffix(";").strip()
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

    def _condition(self, document: dict[str, Any]) -> str:
        where = document.get("where", "TRUE")
        code = _NOT_CODE.sub(" ", str(where))
        if not isinstance(where, str) or not where.strip() or ";" in code or _BOUND.search(code):
            self.faults.add(self.file, "where", "not_a_condition")
        return str(where) if "where" in document else ""

    def _drawings(
        self, geometry: str, fields: Mapping[str, Field], measures: Mapping[str, Words]
    ) -> dict[str, Drawing]:
        """One drawing a measure; none of a table, which has nothing to draw."""
        if geometry == NO_GEOMETRY:
            return {"": Drawing()}
        file = f"{self.folder.name}/style.json"
        text = read_text(self.folder / "style.json", file, self.faults)
        if not text:
            return {"": Drawing()}
        if measures and _MEASURE not in text:
            self.faults.add(file, "", "measure_unread", name=_MEASURE)
        return {
            measure: read_drawing(text.replace(_MEASURE, measure), file, fields, self.faults)
            for measure in measures or [""]
        }
