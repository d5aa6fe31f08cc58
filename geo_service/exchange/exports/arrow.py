"""A table on its way to a file as Arrow batches of one schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa

from geo_service.exchange.exports.shifted import shifted
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
    names : sequence of str, optional
        What the file calls the fields; by default their own names.
    fitted : callable, optional
        Fits a column of texts, given by the field's name, to what the format can hold.
    """

    def __init__(
        self,
        table: ExportTable,
        names: Sequence[str] | None = None,
        fitted: Callable[[str, pa.StringArray], pa.StringArray] | None = None,
    ) -> None:
        self.table = table
        self.fitted = fitted
        names = names or [field.name for field in table.fields]
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
                yield self._fitting(batch)
        except Exception as error:
            self.broken_by = error
            raise

    def _fitting(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        columns = [column.cast(kind.type) for column, kind in zip(batch.columns, self.schema, strict=False)]
        if self.fitted is not None:
            for place, field in enumerate(self.table.fields):
                if field.type == "text":
                    columns[place] = self.fitted(field.name, columns[place])
        if self.table.is_shifted:
            columns[-1] = shifted(columns[-1])
        return pa.record_batch(columns, schema=self.schema)
