"""Whole-array functions on every core: shapely lets go of the interpreter's lock while it works."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

# Below this a thread costs more than it saves.
_FEWEST = 4_096


def spread(function: Callable[..., npt.NDArray[Any]], *arrays: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """``function(*arrays)``, element by element, worked out in slices side by side.

    Parameters
    ----------
    function : callable
        Elementwise over arrays of one length.
    """
    cores = os.cpu_count() or 1
    if len(arrays[0]) < _FEWEST or cores == 1:
        return function(*arrays)
    slices = zip(*(np.array_split(array, cores) for array in arrays), strict=True)
    with ThreadPoolExecutor(cores) as pool:
        return np.concatenate(list(pool.map(lambda pieces: function(*pieces), slices)))


def pairs(tree: shapely.STRtree, geometry: npt.NDArray[np.object_], predicate: str) -> npt.NDArray[np.int64]:
    """``tree.query(geometry, predicate)``, with the geometries dealt out to the cores.

    Returns
    -------
    array, shape (2, m)
        Indices into ``geometry`` and into the tree, in the order of ``tree.query``.
    """
    cores = os.cpu_count() or 1
    shares = np.array_split(np.arange(len(geometry)), cores)
    with ThreadPoolExecutor(cores) as pool:
        found = list(pool.map(lambda share: tree.query(geometry[share], predicate=predicate), shares))
    return np.hstack([[share[outer], inner] for share, (outer, inner) in zip(shares, found, strict=True)])
