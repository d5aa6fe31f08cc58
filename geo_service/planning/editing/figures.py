"""Figures of many zones together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo_service.planning.editing.division import Division
from geo_service.planning.model import LoadRange
from geo_service.planning.zoning.community.ground import Ground

BINS_WITHIN = 4
"""The limits are so many bins wide; as many lie below them and above, the outermost open."""


@dataclass(frozen=True)
class Histogram:
    """How many zones have which load.

    Parameters
    ----------
    edges : tuple of int
        Bin ``i`` holds loads from ``edges[i]`` to below ``edges[i + 1]``; the first and the last hold all
        that is beyond, too.
    counts : tuple of int
        One fewer than the edges.
    """

    edges: tuple[int, ...]
    counts: tuple[int, ...]


def load_histogram(loads: Sequence[int], limits: LoadRange) -> Histogram:
    """The loads of zones in bins of about a quarter of the limits; no bin lies across a limit."""
    loads_within = limits.hi + 1 - limits.lo
    width = max(1, -(-loads_within // BINS_WITHIN))
    steps = np.arange(BINS_WITHIN + 1)
    below, above = limits.lo - width * steps, limits.hi + 1 + width * steps
    edges = np.unique(
        np.concatenate([np.maximum(below, 0), limits.lo + loads_within * steps // BINS_WITHIN, above])
    )
    places = np.searchsorted(edges, np.asarray(loads, dtype=np.int64), side="right") - 1
    counts = np.bincount(np.clip(places, 0, len(edges) - 2), minlength=len(edges) - 1)
    return Histogram(tuple(edges.tolist()), tuple(counts.tolist()))


def border_pairs(ground: Ground, division: Division) -> int:
    """Pairs of neighbouring buildings in different zones, or one of them in none."""
    starts, neighbours = ground.adjacency.starts, ground.adjacency.neighbours
    owners = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    return int((division.zone_of[owners] != division.zone_of[neighbours]).sum()) // 2


def imbalance(loads: Sequence[int]) -> float:
    """Summed difference of loads from their mean."""
    return float(np.abs(np.asarray(loads) - np.mean(loads)).sum()) if len(loads) else 0.0
