"""``bench``: the search on problems of the literature."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo_service.cli.invocation import JsonOption, answer
from geo_service.cli.outcome import INFEASIBLE
from geo_service.cli.terminal import show_facts
from geo_service.errors import Infeasible, InvalidInput

if TYPE_CHECKING:
    from geo_service.exchange.cpmp import MedianInstance

app = typer.Typer(help="标准算例 · Problems of the literature.", no_args_is_help=True)


@app.command()
def cpmp(
    file: Annotated[Path, typer.Argument(help="算例文件 · Instance file.")],
    seconds: Annotated[float, typer.Option(help="求解时限（秒） · Time to search.")] = 10.0,
    seed: Annotated[int, typer.Option(min=0, help="随机种子 · Seed.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """求解一个带容量 p-中位算例 · Solve a capacitated p-median instance."""
    from geo_service.exchange.cpmp import read_cpmp

    if not 0 < seconds < math.inf:
        raise InvalidInput("cpmp.no_seconds", where="--seconds")
    instance = read_cpmp(file)
    _refuse_impossible(instance)
    document = _solve(instance, seconds, seed)
    answer(document, as_json=as_json, show=_show)
    if not document["feasible"]:
        raise typer.Exit(INFEASIBLE)


def _refuse_impossible(instance: MedianInstance) -> None:
    total, room = int(instance.loads.sum()), instance.medians * instance.capacity
    if total > room:
        raise Infeasible("cpmp.too_little_room", where=instance.name, total=total, room=room)
    heaviest = int(instance.loads.max())
    if heaviest > instance.capacity:
        raise Infeasible(
            "cpmp.point_too_heavy",
            where=instance.name,
            point=int(instance.loads.argmax()) + 1,
            demand=heaviest,
            capacity=instance.capacity,
        )


def _solve(instance: MedianInstance, seconds: float, seed: int) -> dict[str, Any]:
    """The answer, its cost and feasibility counted anew from the file's numbers."""
    import numpy as np

    from geo_service.planning.zoning.p_median import solve_p_median

    # Compiles the search, or loads it compiled, before the clock starts; the second time all of it runs.
    grid = np.argwhere(np.ones((6, 5))).astype(np.float64)
    for _ in range(2):
        solve_p_median(grid, np.ones(len(grid), np.int64), 10, 3, seed=1, seconds=0.3)
    started = time.perf_counter()
    result = solve_p_median(
        instance.positions, instance.loads, instance.capacity, instance.medians, seed=seed, seconds=seconds
    )
    elapsed = time.perf_counter() - started
    assignment = result.medoids[result.labels]
    return {
        "instance": instance.name,
        "n": len(instance.loads),
        "p": instance.medians,
        "objective": instance.cost(assignment),
        "seconds": round(elapsed, 3),
        "seed": seed,
        "feasible": instance.is_feasible(assignment),
        "assignment": assignment.tolist(),
        "medians": np.unique(assignment).tolist(),
    }


def _show(document: dict[str, Any]) -> None:
    facts = {key: document[key] for key in ("instance", "n", "p", "seed", "seconds", "feasible")}
    medians = " ".join(str(point) for point in document["medians"])
    show_facts({**facts, "objective": f"{document['objective']:,.2f}", "medians": medians})
