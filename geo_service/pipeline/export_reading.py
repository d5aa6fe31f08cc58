"""An export under way: what is asked, the rows of its layers, and how far it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pyarrow as pa
import shapely
from sqlalchemy import Connection

from geo_service import messages
from geo_service.access import Actor
from geo_service.errors import InvalidInput
from geo_service.exchange.exports.table import ExportField, ExportTable, Rows
from geo_service.pipeline.sheet_choice import SheetChoice
from geo_service.progress import Progress
from geo_service.publish.drawing import Feature
from geo_service.publish.features import count_statement, rows_statement
from geo_service.publish.model import Layer, LayerSet
from geo_service.publish.qgis_style import qgis_style
from geo_service.publish.statements import LayerRequest, Statement
from geo_service.store.layers import read_count, stream_rows
from geo_service.store.record_batches import stream_batches

Written = list[tuple[Path, str, int]]
"""Path, layer and number of features of every file written."""

_GEOMETRY_TYPES = {
    "polygon": "MultiPolygon",
    "line": "MultiLineString",
    "point": "Point",
    "any": "Unknown",
}
GEOMETRY_KINDS = {"MultiPolygon": "polygon", "MultiLineString": "line", "Point": "point"}


@dataclass
class Export:
    """What is asked, and how far it is."""

    connection: Connection
    actor: Actor
    area_name: str
    request: LayerRequest
    layers: list[Layer]
    available: LayerSet
    srid: int
    language: str
    map_review_no: str | None
    progress: Progress
    sheet: SheetChoice = field(default_factory=SheetChoice)
    service: str | None = None
    done: int = 0
    total: int = 0

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
            names = ", ".join(layer.name for layer in self.layers)
            where = self.request.area or ""
            raise InvalidInput("export.empty", where=where, on=self.request.on.isoformat(), layers=names)
        self.progress("export.layer", 0, self.total)
        return counts

    def rows(self, statement: Statement) -> Rows:
        """The rows in chunks, each reported."""
        for rows in stream_rows(self.connection, statement):
            yield rows
            self._advance(len(rows))

    def batches(self, statement: Statement) -> Iterator[pa.RecordBatch]:
        """The same as Arrow batches."""
        for batch in stream_batches(self.connection, self.actor, statement):
            yield batch
            self._advance(batch.num_rows)

    def _advance(self, count: int) -> None:
        self.done += count
        self.progress("export.layer", self.done, self.total)

    def in_draw_order(self) -> list[Layer]:
        """The chosen layers and those that label them, the first under all the others."""
        return list(self.available.with_labels(self.layers).readable_by(self.actor.role))

    def features(self, layer: Layer, srid: int) -> list[Feature]:
        """Every row of a layer for drawing, in the CRS of ``srid``."""
        names = [field.name for field in layer.fields]
        found = []
        for rows in stream_rows(self.connection, rows_statement(layer, self.request, srid=srid)):
            shapes = shapely.from_wkb([None if row[-1] is None else bytes(row[-1]) for row in rows])
            found += [
                Feature(dict(zip(names, row, strict=False)), shape)
                for row, shape in zip(rows, shapes, strict=True)
            ]
        return found

    def table(
        self,
        layer: Layer,
        statement: Statement,
        *,
        suffix: str = "",
        geometry_type: str | None = None,
        extra: Sequence[ExportField] = (),
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
        return ExportTable(
            name=layer.name + suffix,
            # A GeoPackage wants titles of its own for all its layers.
            title=layer.title.in_language(self.language) + (self.word(f"part{suffix}") if suffix else ""),
            description=layer.description.in_language(self.language),
            fields=[*fields, *extra],
            geometry_type=geometry_type or _GEOMETRY_TYPES[layer.geometry],
            srid=self.srid,
            rows=partial(self.rows, statement),
            batches=partial(self.batches, statement),
            qgis_style=self._qgis_style(layer, geometry_type or _GEOMETRY_TYPES[layer.geometry]),
        )

    def _qgis_style(self, layer: Layer, geometry_type: str) -> str:
        kind = GEOMETRY_KINDS.get(geometry_type)
        return "" if kind is None else qgis_style(layer, kind, language=self.language)

    def word(self, key: str) -> str:
        return messages.text(f"export.{key}", self.language)

    def sheet_word(self, key: str, **values: object) -> str:
        return messages.text(f"sheet.{key}", self.language, **values)
