"""Filters in CQL2 (OGC 21-065r2) over a layer's fields, as conditions in SQL with bound values.

The text is read by the ``cql2`` library into the standard's own JSON form; what is here checks that form
against the layer and writes it as SQL. Nothing a caller wrote enters the SQL: fields are named as the layer
declares them, operators out of the tables below, and every value is bound.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import cql2
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geo_service.errors import InvalidInput
from geo_service.publish.crs import (
    CRS84,
    STORED_SRID,
    ReferenceSystem,
    box_areas,
    check_geometry,
    mercator_bounds,
)
from geo_service.publish.model import Layer
from geo_service.publish.statements import Statement

LANGUAGES = ("cql2-text", "cql2-json")
GEOMETRY = "geom"
"""What filters call the geometry; no field of a layer may have this name."""
LONGEST = {"cql2-text": 2_000, "cql2-json": 8_000}
# The time to refuse a wrong text doubles with every pair of parentheses around the fault.
DEEPEST_PARENTHESES = 8
DEEPEST = 20

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"")
_PLACE = re.compile(r"--> \d+:(\d+)")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", re.ASCII)
_COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
_SPATIAL = {
    "s_intersects": "ST_Intersects",
    "s_disjoint": "ST_Disjoint",
    "s_equals": "ST_Equals",
    "s_touches": "ST_Touches",
    "s_within": "ST_Within",
    "s_overlaps": "ST_Overlaps",
    "s_crosses": "ST_Crosses",
    "s_contains": "ST_Contains",
}
_OF_COLLECTIONS = frozenset({"s_intersects", "s_disjoint"})
_KINDS = {"text": "text", "integer": "number", "number": "number", "boolean": "boolean", "date": "date"}
_SQL_TYPES = {"text": "text", "number": "float8", "boolean": "boolean", "date": "date"}


def filter_condition(layer: Layer, given: str, language: str, system: ReferenceSystem = CRS84) -> Statement:
    """What a row must meet by a filter.

    Parameters
    ----------
    language : str
        One of ``LANGUAGES``.
    system : ReferenceSystem
        The CRS of the coordinates in the filter.

    Raises
    ------
    InvalidInput
        When the filter is malformed, too long or too deep, names what the layer has not, or compares what
        cannot be compared.
    """
    return _Translation(layer, "filter", system).condition_of(_read(given, language))


def field_condition(layer: Layer, name: str, given: str) -> Statement:
    """What a row must meet by ``name=given`` in the address.

    Raises
    ------
    InvalidInput
        When the text is no value of that field.
    """
    kind = _KINDS[layer.field(name).type]
    value: Any = given
    if kind == "date":
        value = {"date": given}
    elif kind == "boolean":
        value = {"true": True, "false": False}.get(given)
    elif kind == "number":
        value = float(given) if _NUMBER.fullmatch(given) else None
    if value is None:
        raise InvalidInput("filter.bad_value", where=name, field=name, given=given[:40])
    return _Translation(layer, name, CRS84).condition_of({"op": "=", "args": [{"property": name}, value]})


def _read(given: str, language: str) -> Any:
    if language not in LANGUAGES:
        raise InvalidInput(
            "filter.language_unknown", where="filter-lang", given=language, known=", ".join(LANGUAGES)
        )
    if len(given) > LONGEST[language]:
        raise InvalidInput("filter.too_long", where="filter", most=LONGEST[language])
    try:
        if language == "cql2-json":
            return cql2.parse_json(given).to_json()
        _check_parentheses(given)
        return cql2.parse_text(given).to_json()
    except cql2.ParseError as error:
        raise _malformed(error) from error


def _check_parentheses(given: str) -> None:
    depth = 0
    for character in _QUOTED.sub("", given):
        depth += (character == "(") - (character == ")")
        if depth < 0:
            break
        if depth > DEEPEST_PARENTHESES:
            raise InvalidInput("filter.too_deep", where="filter", most=DEEPEST_PARENTHESES)
    if depth:
        raise InvalidInput("filter.parentheses", where="filter")


def _malformed(error: cql2.ParseError) -> InvalidInput:
    place = _PLACE.search(str(error))
    if place:
        return InvalidInput("filter.malformed_at", where="filter", place=place[1])
    if "recursion" in str(error):
        return InvalidInput("filter.too_deep", where="filter", most=DEEPEST)
    return InvalidInput("filter.malformed", where="filter")


@dataclass(frozen=True)
class _Term:
    """A piece of SQL, the kind of its values, and the geometry where it is one that was written out."""

    sql: str
    kind: str
    literal: BaseGeometry | str | None = None


class _Translation:
    """One filter on its way to SQL: the layer it is of, and the values bound so far."""

    def __init__(self, layer: Layer, where: str, system: ReferenceSystem) -> None:
        self.layer = layer
        self.where = where
        self.system = system
        self.values: dict[str, Any] = {}

    def condition_of(self, node: Any) -> Statement:
        return Statement(self._condition(node, 0), self.values)

    def _refusal(self, key: str, **values: object) -> InvalidInput:
        return InvalidInput(f"filter.{key}", where=self.where, **values)

    def _bind(self, value: Any) -> str:
        name = f"{self.where}_{len(self.values)}"
        self.values[name] = value
        return name

    def _condition(self, node: Any, depth: int) -> str:
        term = self._term(node, depth)
        if term.kind != "boolean":
            raise self._refusal("not_a_condition")
        return term.sql

    def _term(self, node: Any, depth: int) -> _Term:
        if depth > DEEPEST:
            raise self._refusal("too_deep", most=DEEPEST)
        if isinstance(node, bool):
            return self._value(node, "boolean")
        if isinstance(node, (int, float)):
            if not math.isfinite(node):
                raise self._refusal("malformed")
            return self._value(float(node), "number")
        if isinstance(node, str):
            if "\0" in node:
                raise self._refusal("malformed")
            return self._value(node, "text")
        if not isinstance(node, dict):
            raise self._refusal("malformed")
        if "op" in node:
            return self._operation(node["op"].lower(), node.get("args"), depth)
        if "property" in node:
            return self._field(node["property"])
        if "date" in node:
            return self._date(node["date"])
        if "bbox" in node or "type" in node:
            return self._geometry(node)
        raise self._refusal("unsupported", given=", ".join(sorted(node)))

    def _value(self, value: Any, kind: str) -> _Term:
        literal = value if kind == "text" else None
        return _Term(f"CAST(:{self._bind(value)} AS {_SQL_TYPES[kind]})", kind, literal)

    def _field(self, name: str) -> _Term:
        has_geometry = self.layer.geometry != "none"
        if name == GEOMETRY and has_geometry:
            return _Term("source.geom", "geometry")
        for field in self.layer.fields:
            if field.name == name:
                return _Term(f"source.{field.name}", _KINDS[field.type])
        known = ", ".join([*(field.name for field in self.layer.fields), *([GEOMETRY] * has_geometry)])
        raise self._refusal("unknown_field", given=name[:40], known=known)

    def _date(self, given: object) -> _Term:
        try:
            return self._value(date.fromisoformat(str(given)), "date")
        except ValueError as error:
            raise self._refusal("bad_date", given=str(given)[:40]) from error

    def _geometry(self, node: dict[str, Any]) -> _Term:
        if "bbox" in node:
            numbers = [number for number in node["bbox"] if isinstance(number, float)]
            areas = box_areas(numbers, self.system, where=self.where, given=str(node["bbox"])[:80])
            geometry = shapely.union_all(areas)
        else:
            try:
                geometry = shapely.force_2d(shape(node))
            except (shapely.errors.ShapelyError, ValueError, TypeError, AttributeError) as error:
                raise self._refusal("bad_geometry", reason=str(error)[:80]) from error
            geometry = self.system.to_longitude_latitude(geometry)
        fault = check_geometry(geometry)
        if fault is not None:
            raise self._refusal("bad_geometry", reason=fault)
        name = self._bind(shapely.to_wkb(geometry))
        return _Term(f"ST_GeomFromWKB(:{name}, {STORED_SRID})", "geometry", geometry)

    def _operation(self, operator: str, given: Any, depth: int) -> _Term:
        writer = _WRITERS.get(operator)
        if writer is None:
            raise self._refusal("unsupported", given=operator[:40])
        if not isinstance(given, list):
            raise self._refusal("malformed")
        return writer(self, operator, given, depth + 1)

    def _arguments(self, given: Sequence[Any], count: int, depth: int) -> list[_Term]:
        if len(given) != count:
            raise self._refusal("malformed")
        return [self._term(argument, depth) for argument in given]

    def _of_one_kind(self, terms: Sequence[_Term], *, ordered: bool) -> None:
        kinds = {term.kind for term in terms}
        if len(kinds) > 1:
            raise self._refusal("kinds_differ", kinds=", ".join(sorted(kinds)))
        if kinds & ({"geometry", "boolean"} if ordered else {"geometry"}):
            raise self._refusal("kind_unfit", kind=terms[0].kind)

    def _junction(self, operator: str, given: list[Any], depth: int) -> _Term:
        if len(given) < 2:
            raise self._refusal("malformed")
        parts = [self._condition(argument, depth) for argument in given]
        return _Term(f"({f' {operator.upper()} '.join(parts)})", "boolean")

    def _not(self, operator: str, given: list[Any], depth: int) -> _Term:
        if len(given) != 1:
            raise self._refusal("malformed")
        return _Term(f"(NOT {self._condition(given[0], depth)})", "boolean")

    def _comparison(self, operator: str, given: list[Any], depth: int) -> _Term:
        left, right = self._arguments(given, 2, depth)
        self._of_one_kind((left, right), ordered=operator not in ("=", "<>"))
        return _Term(f"({left.sql} {operator} {right.sql})", "boolean")

    def _between(self, operator: str, given: list[Any], depth: int) -> _Term:
        terms = self._arguments(given, 3, depth)
        self._of_one_kind(terms, ordered=True)
        value, low, high = terms
        return _Term(f"({value.sql} BETWEEN {low.sql} AND {high.sql})", "boolean")

    def _in(self, operator: str, given: list[Any], depth: int) -> _Term:
        if len(given) != 2 or not isinstance(given[1], list) or not given[1]:
            raise self._refusal("malformed")
        terms = [self._term(argument, depth) for argument in (given[0], *given[1])]
        self._of_one_kind(terms, ordered=False)
        return _Term(f"({terms[0].sql} IN ({', '.join(term.sql for term in terms[1:])}))", "boolean")

    def _is_null(self, operator: str, given: list[Any], depth: int) -> _Term:
        (term,) = self._arguments(given, 1, depth)
        return _Term(f"({term.sql} IS NULL)", "boolean")

    def _like(self, operator: str, given: list[Any], depth: int) -> _Term:
        value, pattern = self._arguments(given, 2, depth)
        self._of_one_kind((value, pattern), ordered=True)
        if value.kind != "text":
            raise self._refusal("kind_unfit", kind=value.kind)
        if not isinstance(pattern.literal, str) or re.search(r"(?<!\\)(\\\\)*\\$", pattern.literal):
            raise self._refusal("bad_pattern")
        return _Term(f"({value.sql} LIKE {pattern.sql})", "boolean")

    def _casei(self, operator: str, given: list[Any], depth: int) -> _Term:
        (term,) = self._arguments(given, 1, depth)
        if term.kind != "text":
            raise self._refusal("kind_unfit", kind=term.kind)
        return _Term(f"lower({term.sql})", "text", term.literal)

    def _spatial(self, operator: str, given: list[Any], depth: int) -> _Term:
        left, right = self._arguments(given, 2, depth)
        if {left.kind, right.kind} != {"geometry"}:
            raise self._refusal("kinds_differ", kinds=f"{left.kind}, {right.kind}")
        written_out = [term.literal for term in (left, right) if isinstance(term.literal, BaseGeometry)]
        if operator not in _OF_COLLECTIONS and any(g.geom_type == "GeometryCollection" for g in written_out):
            raise self._refusal("collection_unfit", given=operator.upper())
        sql = f"{_SPATIAL[operator]}({left.sql}, {right.sql})"
        if operator != "s_disjoint" and len(written_out) == 1:
            sql = f"({self._nearby(written_out[0])} AND {sql})"
        return _Term(sql, "boolean")

    def _nearby(self, geometry: BaseGeometry) -> str:
        """What the index answers before the geometries are compared."""
        bounds = ", ".join(f":{self._bind(side)}" for side in mercator_bounds(geometry))
        return f"source.geom_3857 && ST_MakeEnvelope({bounds}, 3857)"


_Writer = Callable[[_Translation, str, list[Any], int], _Term]
_WRITERS: dict[str, _Writer] = {
    "and": _Translation._junction,
    "or": _Translation._junction,
    "not": _Translation._not,
    "between": _Translation._between,
    "in": _Translation._in,
    "isnull": _Translation._is_null,
    "like": _Translation._like,
    "casei": _Translation._casei,
    **dict.fromkeys(_COMPARISONS, _Translation._comparison),
    **dict.fromkeys(_SPATIAL, _Translation._spatial),
}
