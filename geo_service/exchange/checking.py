"""From a table as it stands to checked values: every row is accepted, repaired, warned about or rejected."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from geo_service.errors import InvalidInput
from geo_service.exchange import values
from geo_service.exchange.coordinates import ToStorage, datum_stated, read_crs
from geo_service.exchange.field import CONSTANT, Field, FileKind, Shape, ValueType, header_key, match_columns
from geo_service.exchange.findings import Findings
from geo_service.exchange.reading import Table
from geo_service.exchange.shapes import check_shapes, same_footprints

Values = npt.NDArray[np.generic]

_YEARS = (1800, 2100)
_PHONE_DIGITS = (5, 20)
_LONGEST_TEXT = 1_000


@dataclass
class Batch:
    """The rows of one file, checked field by field.

    Parameters
    ----------
    kind : FileKind
    table : Table
        The rows as they stood, for the rejects file.
    values : dict of str to array, shape (n,)
        By field; text columns hold str or None, number columns float with NaN where empty. Only fields the
        file has.
    geometry : array, shape (n,)
        EPSG:4490, longitude first; None where there is none.
    findings : Findings
    to_storage : ToStorage or None
        How the geometry came to EPSG:4490; None where the file has none.
    """

    kind: FileKind
    table: Table
    values: dict[str, Values]
    geometry: npt.NDArray[np.object_]
    findings: Findings
    to_storage: ToStorage | None


def check_table(
    kind: FileKind, table: Table, *, mapping: Mapping[str, str], crs: str | None, datum: str, trusted: bool
) -> Batch:
    """Check every row of ``table`` on its own; what needs the database comes later.

    Parameters
    ----------
    trusted : bool
        Whether polygons are taken for valid, and for no two the same.

    Raises
    ------
    InvalidInput
        When the file as a whole cannot be used: no CRS, swapped axes, missing columns, no fitting geometry.
    """
    findings = Findings(table.rows, table.layers)
    mapping = _with_layer_kind(kind, table, mapping)
    sources = match_columns(kind, table.columns, mapping, where=table.file)
    if kind.name == "buildings" and "household_count" not in sources:
        # Allowed, since a ledger may bring the counts; but more often a column's name went unrecognised.
        findings.remark(
            "household_count", "import.no_household_column", columns=", ".join(table.columns) or "-"
        )
    fields = {f.name: f for f in kind.fields}
    checked = {
        name: check_column(fields[name], _cells(table, source), findings) for name, source in sources.items()
    }
    _fill_subdistrict_kind(kind, table, sources, checked)
    geometry, to_storage = _stored_geometry(kind, table, crs, datum, trusted, findings)
    batch = Batch(kind, table, checked, geometry, findings, to_storage)
    _refuse_repeated_codes(batch)
    if not trusted:
        _warn_of_same_footprints(batch)
    return batch


def _with_layer_kind(kind: FileKind, table: Table, mapping: Mapping[str, str]) -> Mapping[str, str]:
    # A file with one layer a level often says the level nowhere else.
    if kind.name != "areas" or table.layers is None:
        return mapping
    try:
        match_columns(kind, table.columns, mapping, where=table.file)
    except InvalidInput as error:
        if error.values.get("first") != "kind":
            raise
        table.columns["kind"] = table.layers
    return mapping


def _cells(table: Table, source: str) -> Values:
    if source in table.columns:
        return table.columns[source]
    return np.full(len(table), source.removeprefix(CONSTANT), dtype=object)


def check_column(field: Field, cells: Values, findings: Findings, *, heading: str = "") -> Values:
    """One column read as its field says, with what is wrong in it told to ``findings``.

    Parameters
    ----------
    heading : str
        What stands above the column: whether its numbers are in percent, it may say.

    Returns
    -------
    array, shape (n,)
        Floats with NaN where empty for numbers, otherwise objects with None where empty.
    """
    if field.type in (ValueType.COUNT, ValueType.NUMBER, ValueType.YEAR):
        return _checked_numbers(field, cells, values.numbers(cells), findings)
    if field.type is ValueType.PERCENT:
        return _checked_percents(field, cells, heading, findings)
    if field.type is ValueType.DATE:
        return _checked_cells(field, cells, findings, values.read_date, "import.not_a_date")
    if field.type is ValueType.ANSWER:
        return _checked_cells(field, cells, findings, values.read_answer, "import.not_an_answer")
    if field.type is ValueType.OPTIONS:
        return _checked_cells(field, cells, findings, _option_reader(field), "import.option_unknown")
    column = values.texts(cells, values.tidy_text if field.type is ValueType.TEXT else values.tidy_code)
    empty = column == None  # noqa: E711 - elementwise
    if field.required:
        findings.reject(empty, field.name, "import.value_missing")
    if field.type is ValueType.CHOICE:
        return _checked_choices(field, column, empty, findings)
    if field.type is ValueType.PHONE:
        return _checked_phones(field, column, findings)
    if max(map(len, filter(None, column.tolist())), default=0) > _LONGEST_TEXT:
        long = np.array([len(text or "") > _LONGEST_TEXT for text in column.tolist()], dtype=bool)
        findings.reject(long, field.name, "import.text_too_long")
    return column


def _checked_percents(field: Field, cells: Values, heading: str, findings: Findings) -> Values:
    stated = "%" in header_key(heading)
    percent = _checked_numbers(field, cells, values.percents(cells, stated=stated), findings)
    if stated:
        # Who writes 0.95 below a percent sign may have meant 95 of a hundred all the same.
        plain = np.array([isinstance(c, int | float) and not isinstance(c, values.Share) for c in cells])
        small = plain & (percent > 0) & (percent < 1)
        findings.warn(small, field.name, "import.percent_small", {"value": cells})
    return percent


def _checked_numbers(field: Field, cells: Values, read: values.Numbers, findings: Findings) -> Values:
    number = read.values
    shown = {"value": cells}
    findings.reject(read.unreadable, field.name, "import.not_a_number", shown)
    if field.type is ValueType.YEAR:
        number = np.where(number == 0, np.nan, number)
        findings.reject(
            (number < _YEARS[0]) | (number > _YEARS[1]), field.name, "import.year_implausible", shown
        )
    else:
        findings.reject(number < 0, field.name, "import.negative", shown)
        findings.reject(number > field.largest, field.name, "import.too_large", shown)
    if field.type in (ValueType.COUNT, ValueType.YEAR):
        broken = ~np.isnan(number) & ~np.isinf(number) & (np.mod(number, 1.0) != 0)
        findings.reject(broken, field.name, "import.not_whole", shown)
    if read.guessed.any():
        findings.warn(
            read.guessed, field.name, "import.number_guessed", {"value": cells, "number": _plain(number)}
        )
    if field.default is None:
        return number
    empty = np.isnan(number)
    if field.name == "household_count":
        findings.warn(empty & ~read.unreadable, field.name, "import.households_empty")
    return np.where(empty, float(field.default), number)


def _plain(number: npt.NDArray[np.float64]) -> list[str]:
    return [f"{value:.12g}" for value in number.tolist()]


def _checked_choices(field: Field, column: Values, empty: Values, findings: Findings) -> Values:
    stored = np.array([_chosen(field, word) for word in column.tolist()], dtype=object)
    unknown = ~empty & (stored == None)  # noqa: E711 - elementwise
    choices = ", ".join(field.choices)
    findings.reject(
        unknown, field.name, "import.choice_unknown", {"value": column, "choices": [choices] * len(column)}
    )
    if field.default is not None:
        stored[empty] = field.default
    return stored


def _chosen(field: Field, word: str | None) -> str | None:
    # "Trunk road" is how an English export writes trunk_road.
    written = word and field.choices.get(word)
    return written or (field.choices.get(word.casefold().replace(" ", "_")) if word else None)


def _checked_cells(
    field: Field, cells: Values, findings: Findings, read: Callable[[object], object], fault: str
) -> Values:
    """Cells read one by one; None where empty."""
    column = np.full(len(cells), None, dtype=object)
    unreadable = np.zeros(len(cells), dtype=bool)
    for i, cell in enumerate(cells.tolist()):
        try:
            column[i] = read(cell)
        except ValueError:
            unreadable[i] = True
    shown: dict[str, object] = {"value": cells}
    if field.choices:
        shown["choices"] = [", ".join(field.choices)] * len(cells)
    findings.reject(unreadable, field.name, fault, shown)
    return column


def _option_reader(field: Field) -> Callable[[object], list[str] | None]:
    known = {header_key(word): option for word, option in field.choices.items()}

    def read(cell: object) -> list[str] | None:
        words = re.split("[、,，;；/+ ]", values.tidy_code(cell) or "")
        keys = [header_key(word) for word in words if word]
        if any(key not in known for key in keys):
            raise ValueError(cell)
        return sorted({known[key] for key in keys}) or None

    return read


def _checked_phones(field: Field, column: Values, findings: Findings) -> Values:
    least, most = _PHONE_DIGITS
    odd = np.array(
        [
            text is not None and not least <= sum(c.isdigit() for c in text) <= most
            for text in column.tolist()
        ],
        dtype=bool,
    )
    findings.reject(odd, field.name, "import.phone_odd")
    return column


def _fill_subdistrict_kind(
    kind: FileKind, table: Table, sources: Mapping[str, str], checked: dict[str, Values]
) -> None:
    """街道 or 镇 as the level says which kind of sub-district it is, where no column says it."""
    if kind.name != "areas":
        return
    words = values.texts(_cells(table, sources["kind"]), values.tidy_code)
    of = next(f for f in kind.fields if f.name == "subdistrict_kind")
    stated = checked.get("subdistrict_kind", np.full(len(table), None, dtype=object))
    filled = np.array(
        [given or _chosen(of, word) for given, word in zip(stated, words, strict=True)], dtype=object
    )
    filled[checked["kind"] != "subdistrict"] = None
    checked["subdistrict_kind"] = filled


def _stored_geometry(
    kind: FileKind, table: Table, crs: str | None, datum: str, trusted: bool, findings: Findings
) -> tuple[npt.NDArray[np.object_], ToStorage | None]:
    if table.geometry is None:
        if kind.geometry_required:
            raise InvalidInput("import.no_geometry", where=table.file)
        return np.full(len(table), None, dtype=object), None
    file_crs = _file_crs(table, crs, datum, findings)
    to_storage = ToStorage(file_crs, datum_stated(file_crs) or datum)
    refuse_swapped(table, to_storage)
    moved = to_storage.geometries(_flat(table.geometry))
    geometry = check_shapes(moved, kind.shape, kind.geometry_required, trusted, findings)
    if kind.geometry_required and not shapely.is_missing(moved).all():
        wrong = [e for e in findings.entries if e.key == "import.geometry_wrong_type"]
        if len(wrong) == len(table):
            raise InvalidInput(
                "import.all_wrong_type",
                where=table.file,
                kind=kind.name,
                found=wrong[0].values["found"],
                wanted=kind.shape,
            )
    return geometry, to_storage


def _flat(geometry: Values) -> Values:
    return shapely.force_2d(geometry) if shapely.has_z(geometry).any() else geometry


def _file_crs(table: Table, crs: str | None, datum: str, findings: Findings) -> CRS:
    if crs is not None:
        chosen = read_crs(crs, where="--crs")
        if table.crs is not None and not chosen.equals(
            read_crs(table.crs, where=table.file), ignore_axis_order=True
        ):
            findings.remark("geometry", "import.crs_overridden", crs=chosen.name, stated=table.crs[:60])
        return chosen
    if table.crs is not None:
        return read_crs(table.crs, where=table.file)
    if datum != "cgcs2000":
        # Who names a web-map datum has said that these are degrees.
        return CRS.from_epsg(4490)
    raise InvalidInput("import.crs_missing", where=table.file)


def refuse_swapped(table: Table, to_storage: ToStorage) -> None:
    """Refuse latitudes beyond 90 that would be longitudes, or degrees that are no degrees at all.

    Raises
    ------
    InvalidInput
    """
    if not to_storage.crs.is_geographic:
        return
    west, south, east, north = shapely.bounds(table.geometry).T
    known = np.isfinite(west + south + east + north)
    swapped = (
        known & ((np.abs(north) > 90) | (np.abs(south) > 90)) & (np.abs(north) <= 180) & (np.abs(east) <= 90)
    )
    if swapped.sum() * 2 > known.sum():
        raise InvalidInput("import.axes_swapped", where=table.file)
    beyond = known & ~swapped & ((np.abs(east) > 180) | (np.abs(north) > 180))
    if beyond.sum() * 2 > known.sum():
        i = int(np.flatnonzero(beyond)[0])
        raise InvalidInput(
            "import.not_degrees", where=table.file, x=round(float(west[i]), 2), y=round(float(south[i]), 2)
        )


def _refuse_repeated_codes(batch: Batch) -> None:
    findings, rows = batch.findings, batch.table.rows
    codes = batch.values["code"].tolist()
    if len(set(codes)) == len(codes):
        return
    first: dict[str, int] = {}
    repeated = np.zeros(len(rows), dtype=bool)
    first_row = np.zeros(len(rows), dtype=np.int64)
    for i, code in enumerate(codes):
        if code is None:
            continue
        earlier = first.setdefault(code, i)
        if earlier != i:
            repeated[i] = True
            first_row[i] = rows[earlier]
    findings.reject(
        repeated, "code", "import.code_repeated", {"code": batch.values["code"], "first": first_row.tolist()}
    )


def _warn_of_same_footprints(batch: Batch) -> None:
    if batch.kind.shape is not Shape.POLYGON:
        return
    geometry = np.where(batch.findings.accepted, batch.geometry, None)
    first = same_footprints(geometry)
    same = first != np.arange(len(first))
    if batch.kind.name == "areas":
        # A county of one town has the town's border: only areas of one level repeat each other.
        same &= batch.values["kind"] == batch.values["kind"][first]
    shown = {"first": batch.table.rows[first].tolist(), "code": batch.values["code"][first]}
    batch.findings.warn(same, "geometry", "import.geometry_repeated", shown)
