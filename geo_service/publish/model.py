"""A layer as data: what ``layers/<name>/`` says, checked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as _attribute
from typing import Any

from geo_service.access import Role
from geo_service.errors import Forbidden, InvalidInput, NotFound

NO_GEOMETRY = "none"
"""A layer that is a table: its rows are listed and exported, and not drawn."""
GEOMETRIES = ("point", "line", "polygon", "any", NO_GEOMETRY)
GEOMETRY_COLUMNS = {"geom": 4490, "geom_3857": 3857}
"""What a query gives beside its fields, each with its CRS as an EPSG code."""
FIELD_TYPES = ("text", "integer", "number", "boolean", "date")
POLICY_PARAMETERS = ("covered_states", "base_states", "type_fact", "type_keys", "targets")
"""Filled in by the deployment's policy profile, not by who asks."""
ASKED_PARAMETERS = ("area", "on", "plan", "target")
PARAMETERS = (*ASKED_PARAMETERS, "communities", *POLICY_PARAMETERS)
ITEMS_PARAMETERS = frozenset(
    {
        "area", "on", "datetime", "plan", "target", "f", "lang", "bbox", "bbox-crs", "crs", "limit",
        "after", "before", "filter", "filter-lang", "filter-crs", "count",
    }
)  # fmt: skip
"""What a request for features says beside ``field=value``: no field can be filtered by under such a name."""


@dataclass(frozen=True)
class Words:
    """A text in both languages."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """The text in ``"zh"`` or ``"en"``."""
        return self.en if language == "en" else self.zh

    def as_json(self) -> dict[str, str]:
        """As the catalogue writes it."""
        return {"zh": self.zh, "en": self.en}


@dataclass(frozen=True)
class Field:
    """One column of a layer.

    Parameters
    ----------
    name : str
        Column name in the query.
    title : Words
    type : str
        One of ``FIELD_TYPES``.
    unit : str
        Symbol of the unit, empty for counts and texts.
    values : mapping of str to Words
        Readable names of coded values.
    values_of : str
        Name of the list they come from, where layers share it; a deployment may have words of its own.
    in_tiles : bool
        False keeps the field out of vector tiles.
    total : bool
        True sums the field in the totals row of a table.
    ratio : tuple of (str, str), optional
        Numerator and denominator fields: a rate, shown as a percentage.
    """

    name: str
    title: Words
    type: str
    unit: str = ""
    values: Mapping[str, Words] = _attribute(default_factory=dict)
    in_tiles: bool = True
    total: bool = False
    ratio: tuple[str, str] | None = None
    values_of: str = ""

    def shown(self, value: Any, language: str) -> Any:
        """A coded value in words; any other value as it is."""
        words = self.values.get(value) if isinstance(value, str) else None
        return words.in_language(language) if words else value


@dataclass(frozen=True)
class LegendEntry:
    """One line of the legend; its colour is the style's own for a feature with ``properties``."""

    label: Words
    properties: Mapping[str, Any]

    def entries(self, layer: Layer) -> tuple[LegendEntry, ...]:
        """Itself."""
        return (self,)


@dataclass(frozen=True)
class LegendOfField:
    """A line of the legend for each value that a field has words for, in their order.

    Parameters
    ----------
    field : str
    place : str
        The field that says where in that order a feature's value stands, from 1.
    """

    field: str
    place: str

    def entries(self, layer: Layer) -> tuple[LegendEntry, ...]:
        """One line a value, by the words the layer has now."""
        values = layer.field(self.field).values
        return tuple(
            LegendEntry(words, {self.field: code, self.place: place})
            for place, (code, words) in enumerate(values.items(), start=1)
        )


@dataclass(frozen=True)
class Drawing:
    """How the features are drawn.

    Parameters
    ----------
    style : tuple of dict
        MapLibre layers without sources, drawn in order.
    legend : tuple of LegendEntry or LegendOfField
    """

    style: tuple[dict[str, Any], ...] = ()
    legend: tuple[LegendEntry | LegendOfField, ...] = ()


@dataclass(frozen=True)
class Layer:
    """One folder of ``layers/``, checked.

    Parameters
    ----------
    name : str
        The folder's name.
    geometry : str
        One of ``GEOMETRIES``.
    key : str
        The field that is unique and orders items, for paging.
    minzoom, maxzoom : int
        Zooms with tiles of their own; beyond ``maxzoom`` the client enlarges.
    parameters : tuple of str
        What the query may be asked with, out of ``PARAMETERS``.
    roles : tuple of Role
        Who may read it; rows obey row-level security besides.
    small_features : bool
        True for features much smaller than a tile, such as buildings: tiles are then made without clipping.
    label_field : str, optional
        The field a label layer writes on the map.
    label_of : str, optional
        The layer whose features a label layer names.
    centre_in_tables : bool
        True adds the centre's longitude and latitude to spreadsheets.
    query : str
        One SELECT of the declared fields and, unless it is a table, ``geom`` (EPSG:4490) and ``geom_3857``.
    where : str
        A condition on its rows; empty for all of them.
    drawings : mapping of str to Drawing
        By the measure that colours the features; one of the name ``""`` where there is no choice.
    measures : mapping of str to Words
        What the features can be coloured by, the usual one first.
    measure : str
        The one that is drawn.
    target : str
        The one of ``targets`` that is drawn; the first where it is empty.
    rows_of : str
        The layer whose rows it draws otherwise; its own name where the rows are its own.
    group : str, optional
        The heading that it stands under in a list of layers.
    covers : str
        The ground it colours: of layers that say the same a map shows one at a time.
    on_by_default : bool
        Whether a map shows it before anybody has chosen.
    """

    name: str
    title: Words
    description: Words
    geometry: str
    key: str
    minzoom: int
    maxzoom: int
    parameters: tuple[str, ...]
    roles: tuple[Role, ...]
    fields: tuple[Field, ...]
    query: str
    drawings: Mapping[str, Drawing]
    rows_of: str
    measures: Mapping[str, Words] = _attribute(default_factory=dict)
    measure: str = ""
    target: str = ""
    where: str = ""
    group: str | None = None
    covers: str = ""
    on_by_default: bool = True
    small_features: bool = False
    label_field: str | None = None
    label_of: str | None = None
    centre_in_tables: bool = False

    def field(self, name: str) -> Field:
        """The declared field of that name."""
        return next(field for field in self.fields if field.name == name)

    @property
    def sql(self) -> str:
        """One SELECT of the layer's rows with both geometry columns, empty ones where it is a table."""
        if self.geometry != NO_GEOMETRY and not self.where:
            return self.query
        chosen = "whole.*"
        if self.geometry == NO_GEOMETRY:
            columns = [f"whole.{field.name}" for field in self.fields]
            empty = [f"NULL::geometry(Geometry, {srid}) AS {name}" for name, srid in GEOMETRY_COLUMNS.items()]
            chosen = ", ".join([*columns, *empty])
        condition = f"\nWHERE {self.where}" if self.where else ""
        return f"SELECT {chosen}\nFROM ({self.query}\n) AS whole{condition}"

    @property
    def has_tiles(self) -> bool:
        """False for a table."""
        return self.geometry != NO_GEOMETRY

    @property
    def style(self) -> tuple[dict[str, Any], ...]:
        """MapLibre layers without sources, drawn in order."""
        return self.drawings[self.measure].style

    @property
    def legend(self) -> tuple[LegendEntry, ...]:
        """One entry a class."""
        return tuple(entry for part in self.drawings[self.measure].legend for entry in part.entries(self))

    @property
    def targets(self) -> Mapping[str, Words]:
        """What ``target`` can be asked for, in the profile's order; empty where it is not asked for."""
        fields = self.fields if "target" in self.parameters else ()
        return next((field.values for field in fields if field.values_of == "targets"), {})

    @property
    def choice(self) -> Words | None:
        """What it is coloured by, where there is a choice."""
        if self.measures:
            return self.measures[self.measure]
        targets = self.targets
        return targets[self.target or next(iter(targets))] if len(targets) > 1 else None

    def by_measure(self, measure: str | None) -> Layer:
        """The layer coloured by ``measure``, if it can be; else as it is."""
        return replace(self, measure=measure) if measure in self.measures else self

    def worded(self, words: Mapping[str, Mapping[str, Words]]) -> Layer:
        """The layer with the words of these lists instead of those that its folder has."""
        return replace(
            self,
            fields=tuple(
                replace(field, values=words.get(field.values_of, field.values)) for field in self.fields
            ),
        )

    @property
    def tile_fields(self) -> tuple[Field, ...]:
        """The fields vector tiles carry."""
        return tuple(field for field in self.fields if field.in_tiles)


@dataclass(frozen=True)
class LayerSet:
    """All layers in draw order: the first is drawn first, under the others.

    Parameters
    ----------
    layers : tuple of Layer
    groups : mapping of str to Words
        Headings of a list of layers, in their order.
    """

    layers: tuple[Layer, ...]
    groups: Mapping[str, Words] = _attribute(default_factory=dict)

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)

    def __len__(self) -> int:
        return len(self.layers)

    def get(self, name: str, role: Role | None = None) -> Layer:
        """The layer ``name``, if ``role`` may read it.

        Raises
        ------
        NotFound
            When there is no such layer; the sentence lists those there are.
        Forbidden
            When the layer is not for this role.
        """
        layer = next((layer for layer in self.layers if layer.name == name), None)
        if layer is None:
            raise NotFound("layers.unknown", where=name, layer=name, known=", ".join(x.name for x in self))
        if role is not None and role not in layer.roles:
            raise Forbidden("layers.not_for_role", where=name, layer=name, role=role.value)
        return layer

    def with_labels(self, chosen: Collection[Layer]) -> LayerSet:
        """The chosen layers and those that label them, in draw order."""
        names = {layer.name for layer in chosen}
        return self._of(layer for layer in self.layers if layer.name in names or layer.label_of in names)

    def only(self, names: Iterable[str]) -> LayerSet:
        """The layers of these names, in draw order.

        Raises
        ------
        NotFound
            When there is no such layer.
        """
        asked = {self.get(name).name for name in names}
        return self._of(layer for layer in self.layers if layer.name in asked)

    def readable_by(self, role: Role) -> LayerSet:
        """The layers ``role`` may read."""
        return self._of(layer for layer in self.layers if role in layer.roles)

    def worded(self, words: Mapping[str, Mapping[str, Words]]) -> LayerSet:
        """The layers with the words of these lists instead of those that their folders have."""
        return self._of(layer.worded(words) for layer in self.layers)

    def by_measure(self, measure: str | None) -> LayerSet:
        """The layers, those that can be coloured by ``measure``.

        Raises
        ------
        InvalidInput
            When no layer can; the sentence lists what they can be coloured by.
        """
        known = {key for layer in self.layers for key in layer.measures}
        if measure is not None and measure not in known:
            raise InvalidInput(
                "layers.measure_unknown", where="measure", given=measure, known=", ".join(sorted(known))
            )
        return self._of(layer.by_measure(measure) for layer in self.layers)

    def by_target(self, target: str | None) -> LayerSet:
        """The layers, those that know ``target`` coloured by it."""
        return self._of(
            replace(layer, target=target) if target in layer.targets else layer for layer in self.layers
        )

    def _of(self, layers: Iterable[Layer]) -> LayerSet:
        return replace(self, layers=tuple(layers))
