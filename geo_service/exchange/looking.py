"""What a file seems to hold, before anybody says what it is: columns, samples, kinds it may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from geo_service.exchange import values
from geo_service.exchange.coordinates import datum_stated, read_crs
from geo_service.exchange.field import Field, FileKind, Shape, ValueType, guessed_columns
from geo_service.exchange.ledger import read_ledger
from geo_service.exchange.reading import joined, read_table
from geo_service.exchange.table import Column, Table

WORKBOOK_SUFFIX = ".xlsx"
_SAMPLES = 3
_LONGEST_SAMPLE = 60
_WORDS_LOOKED_AT = 200
# GEOS numbers: point, line string, linear ring, polygon, and the first, second and fourth of many.
_TYPES = {
    Shape.POINT: (0, 4),
    Shape.LINE: (1, 2, 5),
    Shape.POLYGON: (3, 6),
    Shape.LINE_OR_POLYGON: (1, 2, 3, 5, 6),
}


@dataclass(frozen=True)
class SeenColumn:
    """A column of the file, with its first few different values as they stand."""

    name: str
    samples: list[str]


@dataclass(frozen=True)
class SeenKind:
    """A kind the file may be.

    Parameters
    ----------
    name : str
    guessed : mapping of str to str
        Field to column.
    lacking : list of str
        Required fields that no column is known for.
    fits : bool
        Whether the shapes, and the words of the columns, are such as the kind has.
    fields : tuple of Field
    """

    name: str
    guessed: Mapping[str, str]
    lacking: list[str]
    fits: bool
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Look:
    """What there is to see of a file.

    Parameters
    ----------
    layers : list of str
        Empty where the format knows none.
    row_count : int
    columns : list of SeenColumn
    kinds : list of SeenKind
        Likeliest first.
    crs : str or None
        The name of the CRS that the file states.
    datum : str or None
        The datum that this name gives away.
    has_places : bool
        Whether rows have geometry.
    """

    layers: list[str]
    row_count: int
    columns: list[SeenColumn]
    kinds: list[SeenKind]
    crs: str | None
    datum: str | None
    has_places: bool


def look_into(path: Path, *, layer: str | None, kinds: Sequence[FileKind], ledger: FileKind) -> Look:
    """Look into a file, or into one layer of it.

    Raises
    ------
    InvalidInput
        When it cannot be read.
    """
    if path.suffix.lower() == WORKBOOK_SUFFIX:
        sheets = read_ledger(path, sheet=layer).sheets
        table = joined([sheet.table for sheet in sheets], [sheet.name for sheet in sheets])
        return _look(table, [sheet.name for sheet in sheets], [ledger])
    table = read_table(path, layer=layer, every_layer=True)
    layers = [] if table.layers is None else list(dict.fromkeys(table.layers.tolist()))
    return _look(table, layers, kinds)


def _look(table: Table, layers: list[str], kinds: Sequence[FileKind]) -> Look:
    crs = None if table.crs is None else read_crs(table.crs, where=table.file)
    has_places = table.geometry is not None and not shapely.is_missing(table.geometry).all()
    seen = [_seen_kind(kind, table, layers) for kind in kinds]
    seen.sort(key=lambda kind: (not kind.fits, len(kind.lacking), -len(set(kind.guessed.values()))))
    return Look(
        layers=layers,
        row_count=len(table),
        columns=[SeenColumn(name, _samples(cells)) for name, cells in table.columns.items()],
        kinds=seen,
        crs=None if crs is None else crs.name,
        datum=None if crs is None else datum_stated(crs),
        has_places=has_places,
    )


def _seen_kind(kind: FileKind, table: Table, layers: list[str]) -> SeenKind:
    guessed = guessed_columns(kind, table.columns)
    lacking = [field.name for field in kind.fields if field.required and field.name not in guessed]
    if kind.name == "areas" and len(layers) > 1 and lacking == ["kind"]:
        lacking = []  # a file with one layer a level says the level by the layer's name
    return SeenKind(kind.name, guessed, lacking, _fits(kind, table, guessed), kind.fields)


def _fits(kind: FileKind, table: Table, guessed: Mapping[str, str]) -> bool:
    if table.geometry is None or shapely.is_missing(table.geometry).all():
        if kind.geometry_required:
            return False
    else:
        types = shapely.get_type_id(table.geometry)
        fitting = np.isin(types, _TYPES[kind.shape]).sum()
        if fitting * 2 <= (types >= 0).sum():
            return False
    chosen = (f for f in kind.fields if f.required and f.type is ValueType.CHOICE and f.name in guessed)
    return all(_speaks(field, table.columns[guessed[field.name]]) for field in chosen)


def _speaks(field: Field, cells: Column) -> bool:
    """Whether most of the first words of a column are among the field's choices."""
    words = [w for w in values.texts(cells[:_WORDS_LOOKED_AT], values.tidy_code).tolist() if w]
    known = sum(word in field.choices or word.casefold() in field.choices for word in words)
    return known * 2 > len(words)


def _samples(cells: Column) -> list[str]:
    samples: dict[str, None] = {}
    for cell in cells.tolist():
        text = "" if cell is None or cell != cell else str(cell).strip()
        if text:
            samples[text[:_LONGEST_SAMPLE]] = None
        if len(samples) == _SAMPLES:
            break
    return list(samples)
