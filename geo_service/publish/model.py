"""A layer as data: what ``layers/<name>/`` says, checked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as _attribute
from typing import Any

from geo_service.access import Role
from geo_service.errors import Forbidden, NotFound

GEOMETRIES = ("point", "line", "polygon", "any")
FIELD_TYPES = ("text", "integer", "number", "boolean", "date")
PARAMETERS = ("area", "on", "plan", "covered_states", "base_states")
POLICY_PARAMETERS = ("covered_states", "base_states")
"""Filled in by the deployment's policy profile, not by who asks."""


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

    def shown(self, value: Any, language: str) -> Any:
        """A coded value in words; any other value as it is."""
        words = self.values.get(value) if isinstance(value, str) else None
        return words.in_language(language) if words else value


@dataclass(frozen=True)
class LegendEntry:
    """One line of the legend; its colour is the style's own for a feature with ``properties``."""

    label: Words
    properties: Mapping[str, Any]


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
    sql : str
        One SELECT of the declared fields, ``geom`` (EPSG:4490) and ``geom_3857``.
    style : tuple of dict
        MapLibre layers without sources, drawn in order.
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
    sql: str
    style: tuple[dict[str, Any], ...]
    legend: tuple[LegendEntry, ...]
    small_features: bool = False
    label_field: str | None = None
    label_of: str | None = None
    centre_in_tables: bool = False

    def field(self, name: str) -> Field:
        """The declared field of that name."""
        return next(field for field in self.fields if field.name == name)

    @property
    def tile_fields(self) -> tuple[Field, ...]:
        """The fields vector tiles carry."""
        return tuple(field for field in self.fields if field.in_tiles)


@dataclass(frozen=True)
class LayerSet:
    """All layers in draw order: the first is drawn first, under the others."""

    layers: tuple[Layer, ...]

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
        return LayerSet(
            tuple(layer for layer in self.layers if layer.name in names or layer.label_of in names)
        )

    def readable_by(self, role: Role) -> LayerSet:
        """The layers ``role`` may read."""
        return LayerSet(tuple(layer for layer in self.layers if role in layer.roles))
