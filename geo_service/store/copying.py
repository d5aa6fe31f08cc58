"""COPY into a table: columns of numbers, words and geometries as one stream of text."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial

import numpy as np
import numpy.typing as npt
import psycopg2
import shapely
from shapely import GeometryType
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from geo_service.store.tables import STORAGE_SRID

Column = npt.NDArray[np.generic]

_ROWS_A_CHUNK = 8_000
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_into(connection: Connection, table: str, columns: Mapping[str, Column]) -> None:
    """COPY ``columns`` into ``table``.

    Parameters
    ----------
    columns : mapping of str to array, shape (n,)
        Number columns hold floats with NaN for null; object columns str, bool, list of str or geometries in
        the storage CRS, with None for null.
    """
    names = ", ".join(f'"{name}"' for name in columns)
    cursor = connection.connection.cursor()
    try:
        with ThreadPoolExecutor(1) as writer:
            stream = _Stream(_chunks(columns), writer)
            cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", stream, size=_READ_BYTES)
    except psycopg2.Error as error:
        # COPY goes past SQLAlchemy, which would have wrapped this for session.translated.
        raise DBAPIError.instance("COPY", None, error, psycopg2.Error) from error
    finally:
        cursor.close()


_READ_BYTES = 1 << 20


class _Stream(io.RawIOBase):
    """Chunks as the file psycopg2 reads: the next is written while the server takes in the last."""

    def __init__(self, chunks: Iterator[bytes], writer: Executor) -> None:
        self._write_next = partial(writer.submit, next, chunks, b"")
        self._next = self._write_next()
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes, none at the end."""
        if not self._rest:
            self._rest = self._next.result()
            self._next = self._write_next()
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken


def _chunks(columns: Mapping[str, Column]) -> Iterator[bytes]:
    count = len(next(iter(columns.values())))
    for start in range(0, count, _ROWS_A_CHUNK):
        cells = [_cells(column[start : start + _ROWS_A_CHUNK]) for column in columns.values()]
        lines = "\n".join(map("\t".join, zip(*cells, strict=True)))
        yield f"{lines}\n".encode()


def _cells(column: Column) -> list[str]:
    """One column in COPY's text format."""
    if column.dtype.kind == "f":
        whole = np.nan_to_num(column) % 1 == 0
        written = column.astype(object) if not whole.all() else np.nan_to_num(column).astype(np.int64)
        return _with_nulls(list(map(str, written.tolist())), np.isnan(column))
    if column.dtype.kind in "iu":
        return list(map(str, column.tolist()))
    absent = column == None  # noqa: E711 - elementwise
    first = next(iter(column[~absent]), None)
    if isinstance(first, list):
        return _with_nulls([_array(value) for value in column.tolist()], absent)
    if shapely.is_geometry(first):
        return _with_nulls(_written_geometries(column), absent)
    words = column.tolist()
    if absent.any() or not isinstance(first, str):
        words = ["" if word is None else str(word) for word in words]
    whole = "".join(words)
    if any(character in whole for character in "\\\t\n\r"):
        words = [word.translate(_ESCAPES) for word in words]
    return _with_nulls(words, absent)


def _with_nulls(words: list[str], absent: npt.NDArray[np.bool_]) -> list[str]:
    for i in np.flatnonzero(absent):
        words[i] = "\\N"
    return words


def _array(words: Sequence[str] | None) -> str:
    quoted = ('"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' for word in words or ())
    return ("{" + ",".join(quoted) + "}").translate(_ESCAPES)


def _written_geometries(column: Column) -> list[str]:
    """Extended WKB in hexadecimal, single polygons and lines wrapped as multi ones."""
    kinds = shapely.get_type_id(column)
    if int(kinds[0]) in _MULTI and (kinds == kinds[0]).all():
        # A collection's head before the part's own bytes: a tenth of the cost of making collections.
        head = _head(_MULTI[int(kinds[0])])
        return [head + wkb.hex() for wkb in shapely.to_wkb(column, byte_order=1).tolist()]
    for kind, collect in _COLLECT.items():
        which = np.flatnonzero(kinds == kind)
        if len(which):
            column = column.copy()
            column[which] = collect(column[which], indices=np.arange(len(which)))
    written = shapely.to_wkb(shapely.set_srid(column, STORAGE_SRID), include_srid=True)
    return ["" if wkb is None else wkb.hex() for wkb in written.tolist()]


_COLLECT = {
    int(GeometryType.LINESTRING): shapely.multilinestrings,
    int(GeometryType.POLYGON): shapely.multipolygons,
}
_MULTI = {
    int(GeometryType.LINESTRING): int(GeometryType.MULTILINESTRING),
    int(GeometryType.POLYGON): int(GeometryType.MULTIPOLYGON),
}
_LITTLE_ENDIAN = b"\x01"
_HAS_SRID = 0x20000000


def _head(kind: int) -> str:
    """Of an extended WKB collection with one part."""
    return (_LITTLE_ENDIAN + struct.pack("<III", kind | _HAS_SRID, STORAGE_SRID, 1)).hex()
