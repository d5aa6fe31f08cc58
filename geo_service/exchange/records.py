"""What the rows of a file say of their units besides the units' own columns, as the database keeps it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt

from geo_service.exchange.checking import Batch
from geo_service.exchange.field import Place

Cells = npt.NDArray[np.object_]


def own_columns(batch: Batch) -> list[str]:
    """Fields of the batch that are columns of the unit's table."""
    kept_elsewhere = {field.name for field in batch.kind.fields if field.place is not Place.COLUMN}
    return [name for name in batch.values if name not in kept_elsewhere]


def says_more(batch: Batch) -> bool:
    """Whether the file has any column that is kept besides the units' own."""
    return len(own_columns(batch)) < len(batch.values)


def stated(batch: Batch, place: Place) -> Cells:
    """One JSON object a row with the facts, or details, that the row states; an empty cell says nothing."""
    names = [f.name for f in batch.kind.fields if f.place is place and f.name in batch.values]
    rows: list[dict[str, Any]] = [{} for _ in range(len(batch.table))]
    for name in names:
        for row, value in zip(rows, batch.values[name].tolist(), strict=True):
            if value is not None and value == value:  # NaN is not equal to itself
                row[name] = int(value) if isinstance(value, float) and value.is_integer() else value
    out = np.empty(len(rows), dtype=object)
    out[:] = [json.dumps(row, ensure_ascii=False, sort_keys=True) for row in rows]
    return out
