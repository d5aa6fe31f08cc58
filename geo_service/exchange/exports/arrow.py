"""A table on its way to a file as Arrow batches of one schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from geo_service.exchange.exports.table import ExportTable

GEOMETRY_COLUMN = "geom"
_TYPES = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}


class ArrowTable:
    """The table's batches, every column as its field says; remembers the error that ended them.

    Parameters
    ----------
    names : sequence of str
        What the file calls the fields.
    """

    def __init__(self, table: ExportTable, names: Sequence[str]) -> None:
        self.table = table
        self.schema = pa.schema(
            [
                *((name, _TYPES[field.type]) for name, field in zip(names, table.fields, strict=True)),
                *([(GEOMETRY_COLUMN, pa.binary())] if table.has_geometry else []),
            ]
        )
        self.broken_by: Exception | None = None

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        try:
            for batch in self.table.batches():
                columns = [
                    column.cast(kind.type)
                    for column, kind in zip(batch.columns, self.schema, strict=self.table.has_geometry)
                ]
                yield pa.record_batch(columns, schema=self.schema)
        except Exception as error:
            self.broken_by = error
            raise
