"""Areas under areas: parents before children, nobody below the unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo_service.access import WHOLE_DEPLOYMENT
from geo_service.exchange.checking import Batch

_LEVELS = ("county", "subdistrict", "community")


@dataclass(frozen=True)
class KnownArea:
    """An area already in the database: its level and its codes from the root to itself."""

    kind: str
    lineage: list[str]


def resolve_lineages(batch: Batch, known: Mapping[str, KnownArea], scope: str) -> npt.NDArray[np.object_]:
    """The lineage of every row, root first and itself last; None where the row is out.

    Rejected are rows whose parent is neither in the file nor known, or not of a higher level, and rows
    outside ``scope``.
    """
    codes, kinds = batch.values["code"].tolist(), batch.values["kind"].tolist()
    count = len(codes)
    parents = batch.values.get("parent_code", np.full(count, None, dtype=object)).tolist()
    lineages = np.full(count, None, dtype=object)
    settled = dict(known)
    unknown, level, outside = (np.zeros(count, dtype=bool) for _ in range(3))
    still_in = batch.findings.accepted
    levels = np.array([_LEVELS.index(kind) if kind else len(_LEVELS) for kind in kinds])
    for i in np.argsort(levels, kind="stable"):
        if not still_in[i]:
            continue
        parent = settled.get(parents[i]) if parents[i] else None
        if parents[i] and parent is None:
            unknown[i] = True
            continue
        if parent is not None and _LEVELS.index(parent.kind) >= levels[i]:
            level[i] = True
            continue
        lineage = [*(parent.lineage if parent else []), codes[i]]
        if scope != WHOLE_DEPLOYMENT and scope not in lineage:
            outside[i] = True
            continue
        settled[codes[i]] = KnownArea(kinds[i], lineage)
        lineages[i] = lineage
    batch.findings.reject(unknown, "parent_code", "import.parent_unknown", {"code": parents})
    batch.findings.reject(level, "parent_code", "import.parent_level", {"code": parents})
    batch.findings.reject(outside, "code", "import.outside_scope")
    return lineages
