"""An export under way: what is asked, the rows of its layers, and how far it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as _attribute
from functools import partial
from pathlib import Path

import pyarrow as pa
from sqlalchemy import Connection

from geo_service import messages
from geo_service.access import Actor
from geo_service.errors import InvalidInput
from geo_service.exchange.exports.shifted import shifted_points
from geo_service.exchange.exports.table import ExportField, ExportTable, Rows
from geo_service.pipeline.sheet_choice import SheetChoice
from geo_service.progress import Progress, is_watched
from geo_service.publish.features import count_statement, rows_statement
from geo_service.publish.model import NO_GEOMETRY, Layer, LayerSet
from geo_service.publish.qgis_style import qgis_style
from geo_service.publish.statements import LayerRequest, Statement
from geo_service.store.layers import read_count, stream_rows
from geo_service.store.record_batches import BatchReader

Written = list[tuple[Path, str, int]]
"""Path, layer and number of features of every file written."""

_GEOMETRY_TYPES = {
    "polygon": "MultiPolygon",
    "line": "MultiLineString",
    "point": "Point",
    "any": "Unknown",
    NO_GEOMETRY: "None",
}
GEOMETRY_KINDS = {"MultiPolygon": "polygon", "MultiLineString": "line", "Point": "point"}


@dataclass
class Export:
    """What is asked, and how far it is."""

    connection: Connection
    reader: BatchReader
    actor: Actor
    area_name: str
    request: LayerRequest
    layers: list[Layer]
    available: LayerSet
    srid: int
    language: str
    map_review_no: str | None
    progress: Progress
    datum: str = "cgcs2000"
    encoding: str = "utf-8"
    may_be_empty: bool = False
    total: int | None = None
    written: Counter[str] = _attribute(default_factory=Counter)
    remarks: list[str] = _attribute(default_factory=list)
    sheet: SheetChoice = _attribute(default_factory=SheetChoice)
    service: str | None = None

    def count(self, parts: Sequence[tuple[Layer, int | None]]) -> list[int]:
        """Rows of each layer, or of its geometries of one dimension, noted as the work ahead.

        Raises
        ------
        InvalidInput
            When there are none at all.
        """
        counts = [
            read_count(self.connection, count_statement(layer, self.request, dimension=dimension))
            for layer, dimension in parts
        ]
        self.total = sum(counts)
        if self.total == 0:
            raise self._nothing()
        self.progress("export.layer", 0, self.total)
        return counts

    def expect(self, layers: Sequence[Layer]) -> None:
        """Count the work ahead if anybody watches: it takes a third as long as the work itself."""
        if is_watched(self.progress):
            self.total = sum(
                read_count(self.connection, count_statement(layer, self.request)) for layer in layers
            )
            self.progress("export.layer", 0, self.total)

    def refuse_empty(self, rows: int) -> None:
        """Refuse to give a file of nothing, where one must not be.

        Raises
        ------
        InvalidInput
        """
        if rows == 0 and not self.may_be_empty:
            raise self._nothing()

    def _nothing(self) -> InvalidInput:
        names = ", ".join(layer.name for layer in self.layers)
        where = self.request.area or ""
        return InvalidInput("export.empty", where=where, on=self.request.on.isoformat(), layers=names)

    def remark(self, key: str, **values: object) -> None:
        """Tell the user something about the files, beside the files."""
        self.remarks.append(messages.text(f"export.{key}", self.language, **values))

    @property
    def done(self) -> int:
        """Rows behind us, of all tables."""
        return self.written.total()

    def rows(self, statement: Statement, name: str = "") -> Rows:
        """The rows in chunks, each reported and counted under ``name``."""
        self.written[name] = 0
        for rows in stream_rows(self.connection, statement):
            yield rows
            self._advance(name, len(rows))

    def _centred_rows(self, statement: Statement, name: str, longitude_at: int) -> Rows:
        for rows in self.rows(statement, name):
            yield shifted_points(rows, longitude_at) if self.datum == "gcj02" else rows

    def batches(self, statement: Statement, name: str = "") -> Iterator[pa.RecordBatch]:
        """The same as Arrow batches."""
        self.written[name] = 0
        for batch in self.reader.stream(statement):
            yield batch
            self._advance(name, batch.num_rows)

    def _advance(self, name: str, count: int) -> None:
        self.written[name] += count
        self.progress("export.layer", self.done, self.total)

    def in_draw_order(self) -> list[Layer]:
        """The chosen layers and those that label them, the first under all the others."""
        return list(self.available.with_labels(self.layers).readable_by(self.actor.role))

    def table(
        self,
        layer: Layer,
        statement: Statement,
        *,
        suffix: str = "",
        geometry_type: str | None = None,
    ) -> ExportTable:
        """The layer on its way to a file."""
        fields = [
            ExportField(
                name=field.name,
                title=field.title.in_language(self.language),
                type=field.type,
                unit=field.unit,
                values={code: words.in_language(self.language) for code, words in field.values.items()},
                total=field.total,
                ratio=field.ratio,
            )
            for field in layer.fields
        ]
        name = layer.name + suffix
        return ExportTable(
            name=name,
            # A GeoPackage wants titles of its own for all its layers.
            title=layer.title.in_language(self.language) + (self.word(f"part{suffix}") if suffix else ""),
            description=layer.description.in_language(self.language),
            fields=fields,
            geometry_type=geometry_type or _GEOMETRY_TYPES[layer.geometry],
            srid=self.srid,
            rows=partial(self.rows, statement, name),
            batches=partial(self.batches, statement, name),
            qgis_style=self._qgis_style(layer, geometry_type or _GEOMETRY_TYPES[layer.geometry]),
            datum=self.datum,
        )

    def readable_table(self, layer: Layer, *, srid: int | None) -> ExportTable:
        """The layer on its way to a table people read: the centre after the fields, if that says where.

        Parameters
        ----------
        srid : int, optional
            EPSG code of the geometry at the end of each row; None for none.
        """
        centred = layer.centre_in_tables
        statement = rows_statement(layer, self.request, srid=srid, centre=centred)
        table = self.table(layer, statement)
        if not centred:
            return table
        suffix = "（GCJ-02）" if table.is_shifted else ""
        centre = [ExportField(key, self.word(key) + suffix, "degree") for key in ("longitude", "latitude")]
        rows = partial(self._centred_rows, statement, table.name, len(table.fields))
        return replace(table, fields=[*table.fields, *centre], rows=rows)

    def _qgis_style(self, layer: Layer, geometry_type: str) -> str:
        if geometry_type == "Unknown":
            return ""
        return qgis_style(layer, GEOMETRY_KINDS.get(geometry_type), language=self.language)

    def word(self, key: str) -> str:
        return messages.text(f"export.{key}", self.language)

    def sheet_word(self, key: str, **values: object) -> str:
        return messages.text(f"sheet.{key}", self.language, **values)
