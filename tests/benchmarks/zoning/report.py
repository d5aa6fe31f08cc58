"""The run as tables for people and as one JSON document for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks.zoning.comparison import Row
from tests.benchmarks.zoning.cpmp import Instance
from tests.benchmarks.zoning.promptness import Wait
from tests.benchmarks.zoning.requirements import Findings, Verdict

ENGINE_HEADINGS = (
    "engine", "zones", "over", "max / mean off %", "torn", "barrier/community", "distance m", "CPU s", "MB"
)  # fmt: skip
INSTANCE_HEADINGS = ("instance", "n", "p", "median objective", "best known", "gap %", "seconds", "seeds")


def workload_table(rows: Iterable[Row]) -> str:
    """One line an engine; those without an answer say why."""
    return _table(ENGINE_HEADINGS, [_engine_cells(row) for row in rows])


def _engine_cells(row: Row) -> list[str]:
    if row.measures is None:
        return [row.engine, row.note]
    measures, cost = row.measures, row.cost
    unassigned = f" ({measures.unassigned} buildings in none)" if measures.unassigned else ""
    return [
        row.engine,
        f"{measures.zones}{unassigned}",
        str(measures.over_capacity),
        f"{measures.max_deviation_percent:.1f} / {measures.mean_deviation_percent:.1f}",
        str(measures.disconnected),
        f"{measures.cross_barrier} / {measures.cross_community}",
        f"{measures.distance_m:,.0f}",
        f"{cost['seconds']:.1f}",
        f"{cost['memory_mb']:,.0f}",
    ]


def cpmp_table(instances: Iterable[Instance]) -> str:
    """One line an instance tried."""
    return _table(
        INSTANCE_HEADINGS,
        [
            [
                each.path.stem,
                str(each.n),
                str(each.p),
                f"{each.objective:,.2f}",
                f"{each.best_known:,.2f}",
                f"{each.gap_percent:.3f}",
                f"{max(attempt.seconds for attempt in each.attempts):.1f}",
                str(len(each.attempts)),
            ]
            for each in instances
            if each.attempts
        ],
    )


def surprises(instances: Iterable[Instance]) -> list[str]:
    """Answers that are wrong, and answers below a best-known value that the independent checker confirms."""
    lines = []
    for instance in instances:
        for attempt in instance.attempts:
            lines += [f"{instance.path.stem}, seed {attempt.seed}: {fault}" for fault in attempt.faults]
        for attempt in instance.below_best_known:
            name = f"{instance.path.stem}, seed {attempt.seed}"
            lines.append(
                f"{name}: {attempt.objective:,.4f} is below the best-known {instance.best_known:,.2f}; "
                "the independent checker confirms it"
            )
    return lines


def verdict_table(verdicts: Iterable[Verdict]) -> str:
    """Each required figure beside its limit."""
    return _table(
        ("required", "found", "at most", ""),
        [
            [each.what, f"{each.value:,.6g}", f"{each.limit:,.6g}", "ok" if each.met else "missed"]
            for each in verdicts
        ],
    )


def waits_table(waits: Iterable[Wait]) -> str:
    """One line a kind of answer."""
    return _table(
        ("answer", "buildings", "median ms", "longest ms"),
        [
            [each.what, f"{each.n:,}", f"{each.milliseconds:.1f}", f"{each.longest_milliseconds:.1f}"]
            for each in waits
        ],
    )


def write_json(path: Path, found: Findings) -> None:
    """Write what is known so far; a run that is ended early leaves a whole document."""
    unanswered = [row for row in found.rows if row.measures is None]
    document = {
        "cpmp": [each.as_json() for each in found.instances if each.attempts],
        "workload": [row.as_json() for row in found.rows if row.measures is not None],
        "without_answer": [{"engine": row.engine, "n": row.n, "reason": row.note} for row in unanswered],
        "promptness": [asdict(wait) for wait in found.waits],
        "required": [
            {"what": each.what, "value": each.value, "at_most": each.limit, "met": each.met}
            for each in found.verdicts()
        ],
    }
    draft = path.with_name(path.name + ".part")
    draft.write_text(json.dumps(_without_infinities(document), indent=1), encoding="utf-8")
    draft.replace(path)


def _without_infinities(value: object) -> object:
    """JSON has no infinity and no NaN: null."""
    if isinstance(value, dict):
        return {key: _without_infinities(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_without_infinities(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell; a row of two cells under more headings runs on."""
    full = [headings, *(row for row in rows if len(row) == len(headings))]
    short = [row[0] for row in rows if len(row) < len(headings)]
    widths = [max(len(row[column]) for row in full) for column in range(len(headings))]
    widths[0] = max([widths[0], *map(len, short)])
    lines = []
    for row in [headings, ["-" * width for width in widths], *rows]:
        cells = [row[0].ljust(widths[0])]
        cells += (
            [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
            if len(row) == len(headings)
            else list(row[1:])
        )
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
