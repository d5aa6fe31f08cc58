"""A field of a file: how a cell of it is read, the headers it goes by, and where its values are kept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from geo_service.errors import InvalidInput

CONSTANT = "="
"""A mapping whose source starts with this gives every row that value: ``kind`` from ``=community``."""

UNREAD = ""
"""A mapping to this leaves the field unread, whatever the headers suggest."""

_SHAPEFILE_NAME_BYTES = 10


class ValueType(StrEnum):
    """How a cell is read."""

    CODE = "code"
    TEXT = "text"
    COUNT = "count"
    NUMBER = "number"
    PERCENT = "percent"
    YEAR = "year"
    CHOICE = "choice"
    PHONE = "phone"
    DATE = "date"
    ANSWER = "answer"
    OPTIONS = "options"


class Place(StrEnum):
    """Where a value is kept."""

    COLUMN = "column"
    """A column of the unit's own table."""
    FACT = "fact"
    """What the rules of a plan ask about, with the days it held."""
    DETAIL = "detail"
    """What the ledger says besides, with the days it held."""


class Shape(StrEnum):
    """The family of geometry a kind needs."""

    POLYGON = "polygon"
    LINE = "line"
    LINE_OR_POLYGON = "line_or_polygon"
    POINT = "point"


@dataclass(frozen=True)
class Field:
    """One field of a kind of file.

    Parameters
    ----------
    name : str
        Identifier; also the name of the database column.
    type : ValueType
    aliases : tuple of str
        Headers it goes by besides its identifier.
    required : bool
        Whether a file without it, or a row with an empty cell, is refused.
    largest : float
        Values above are taken for slips of the pen and refused.
    choices : mapping
        What a cell may say, in any language, to the value stored.
    default : str or float, optional
        What an empty cell of the column stands for.
    place : Place
    group : str, optional
        The merged header above one column an option, one of them ticked, or several of ``OPTIONS``.
    """

    name: str
    type: ValueType = ValueType.TEXT
    aliases: tuple[str, ...] = ()
    required: bool = False
    largest: float = float("inf")
    choices: Mapping[str, str] = field(default_factory=dict)
    default: str | float | None = None
    place: Place = Place.COLUMN
    group: str | None = None


@dataclass(frozen=True)
class FileKind:
    """A kind of file the import knows."""

    name: str
    fields: tuple[Field, ...]
    shape: Shape
    geometry_required: bool = True


def choices(**stored: str) -> dict[str, str]:
    """What a cell may say, to the value stored: the value itself and every word given for it."""
    return {word: value for value, words in stored.items() for word in (value, *words.split())}


def header_key(header: object) -> str:
    """A header as it is compared: NFKC, no spaces, no case."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(header))).casefold()


def guessed_columns(kind: FileKind, columns: Iterable[str]) -> dict[str, str]:
    """The column that each field of ``kind`` seems to be read from; a field without one is left out.

    A column is known by the field's identifier, then by its aliases; shapefiles cut names at 10 bytes, so an
    identifier cut there counts too.
    """
    by_key = {header_key(column): column for column in reversed(list(columns))}
    guessed = {}
    for each in kind.fields:
        # "Compound code" as a heading is the identifier in words.
        in_words = each.name.replace("_", "")
        names = (each.name, each.name[:_SHAPEFILE_NAME_BYTES], in_words, *each.aliases)
        found = next((by_key[key] for key in map(header_key, names) if key in by_key), None)
        if found is not None:
            guessed[each.name] = found
    return guessed


def match_columns(
    kind: FileKind, columns: Iterable[str], mapping: Mapping[str, str], *, where: str
) -> dict[str, str]:
    """The column, or ``=constant``, that each field of ``kind`` is read from.

    ``mapping`` wins, ``UNREAD`` in it too; otherwise see ``guessed_columns``.

    Raises
    ------
    InvalidInput
        When ``mapping`` names an unknown field or column, or a required field has no column.
    """
    columns = list(columns)
    known = {f.name: f for f in kind.fields}
    sources: dict[str, str] = {}
    for name, source in mapping.items():
        if name not in known:
            raise InvalidInput("import.field_unknown", where=where, field=name, fields=", ".join(known))
        if source not in (*columns, UNREAD) and not source.startswith(CONSTANT):
            raise InvalidInput(
                "import.column_unknown", where=where, column=source, columns=", ".join(columns) or "-"
            )
        sources[name] = source
    sources = {**guessed_columns(kind, columns), **sources}
    sources = {f.name: sources[f.name] for f in kind.fields if sources.get(f.name, UNREAD) != UNREAD}
    lacking = [f.name for f in kind.fields if f.required and f.name not in sources]
    if lacking:
        raise InvalidInput(
            "import.columns_missing",
            where=where,
            kind=kind.name,
            fields=", ".join(f"{name} ({'/'.join(known[name].aliases)})" for name in lacking),
            columns=", ".join(columns) or "-",
            first=lacking[0],
        )
    return sources
