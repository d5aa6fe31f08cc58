"""A file's rows as they stand, before anything is checked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[np.generic]


@dataclass(frozen=True)
class Table:
    """A file's rows as they stand.

    Parameters
    ----------
    file : str
        Its name, for messages.
    columns : dict of str to array, shape (n,)
    geometry : array of shapely geometries, shape (n,), or None
        None entries where a row has none or an unreadable one; None altogether in a file without geometry.
    crs : str or None
        As the file states it.
    rows : array, shape (n,)
        Row numbers as the user counts them, from 1, within the layer.
    layers : array of str, shape (n,), or None
        The layer of each row, where several were read.
    """

    file: str
    columns: dict[str, Column]
    geometry: npt.NDArray[np.object_] | None
    crs: str | None
    rows: npt.NDArray[np.int64]
    layers: npt.NDArray[np.object_] | None = None

    def __len__(self) -> int:
        return len(self.rows)
