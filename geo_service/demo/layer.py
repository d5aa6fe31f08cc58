"""A layer of the demo county: named columns and one geometry a row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[np.generic]


@dataclass(frozen=True)
class Layer:
    """A table with geometry.

    Parameters
    ----------
    name : str
    columns : dict of str to array, shape (n,)
        By the header a county would write.
    geometry : array of shapely geometries, shape (n,)
    """

    name: str
    columns: dict[str, Column]
    geometry: npt.NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.geometry)


def objects(values: list) -> npt.NDArray[np.object_]:
    """A one-dimensional object array, whatever the values are."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def layer(name: str, headers: tuple[str, ...], rows: list[tuple], geometry: list) -> Layer:
    """A layer from rows; whole numbers, measures and texts each get their own column type."""
    columns = {}
    for header, values in zip(headers, zip(*rows, strict=True), strict=True):
        kinds = {type(value) for value in values}
        typed = np.array(values) if kinds <= {int} or kinds <= {float} else objects(list(values))
        columns[header] = typed
    return Layer(name, columns, objects(geometry))
