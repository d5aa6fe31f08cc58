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


def said_of_units(
    batch: Batch, kinds: Cells, which: npt.NDArray[np.bool_]
) -> dict[str, Cells | npt.NDArray[np.int64]]:
    """What the chosen rows say of their units, one column a name as the store stages them.

    Parameters
    ----------
    kinds : array of str, shape (n,)
        ``compound`` or ``building``.
    """
    return {
        "unit_kind": kinds[which],
        "unit_code": batch.values["code"][which],
        "community_code": batch.values["community_code"][which],
        "facts": _stated(batch, Place.FACT)[which],
        "details": _stated(batch, Place.DETAIL)[which],
        "source_row": batch.table.rows[which],
    }


def _stated(batch: Batch, place: Place) -> Cells:
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
