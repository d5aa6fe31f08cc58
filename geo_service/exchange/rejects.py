"""The rejects file: the rejected rows as they stood, and why, ready to be mended and imported again."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from geo_service.exchange.findings import ImportFinding, reasons_by_row
from geo_service.exchange.reading import Table

_ROW, _LAYER, _REASON = "行号", "图层", "reason_zh"


def rejects_file(
    folder: Path | None, source: Path, table: Table, findings: Sequence[ImportFinding]
) -> str | None:
    """Write ``<stem>.rejects.csv`` (UTF-8 with BOM, as Excel wants it) into ``folder``.

    Every rejected row stands there with its original columns, its row number and all the reasons.

    Returns
    -------
    str or None
        The file's path; None where there is no folder or nothing was rejected.
    """
    reasons = reasons_by_row(findings, "zh")
    if folder is None or not reasons:
        return None
    layers = [None] * len(table) if table.layers is None else table.layers.tolist()
    columns = list(table.columns.values())
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{source.stem}.rejects.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([_LAYER, _ROW, *table.columns, _REASON])
        for i, key in enumerate(zip(layers, table.rows.tolist(), strict=True)):
            if key in reasons:
                writer.writerow([key[0] or "", key[1], *(column[i] for column in columns), reasons[key]])
    return str(path)
