"""Walks over instances of TSPLIB: length over the proven optimum, and time, beside networkx's heuristics."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import networkx as nx
import numpy as np
from networkx.algorithms import approximation

from geo_service.planning.patrol import walking_order
from tests.planning.test_patrol import OPTIMA, instance, straight

SEEDS = range(5)


def ours(metres: np.ndarray, seed: int) -> float:
    """What zones are drawn and edited with."""
    return walking_order(np.zeros((len(metres), 2)), distances_m=metres, seed=seed).length_m


def of_networkx(heuristic: Callable[..., list[int]], metres: np.ndarray, seed: int) -> float:
    """A heuristic that begins with a greedy walk; Christofides' needs no beginning."""
    graph = nx.from_numpy_array(metres)
    given = {} if heuristic is approximation.christofides else {"init_cycle": "greedy", "seed": seed}
    cycle = heuristic(graph, **given)
    return float(sum(metres[one, other] for one, other in pairwise(cycle)))


ENGINES = {
    "ours": ours,
    "networkx threshold accepting": partial(of_networkx, approximation.threshold_accepting_tsp),
    "networkx simulated annealing": partial(of_networkx, approximation.simulated_annealing_tsp),
    "networkx Christofides": partial(of_networkx, approximation.christofides),
}


def main() -> None:
    """Print a line for each."""
    matrices = {name: np.floor(straight(instance(name)) + 0.5) for name in OPTIMA}
    print(
        f"{'mean of ' + str(len(OPTIMA)) + ' instances':32}{'over the optimum %':>20}{'worst %':>9}{'ms':>9}"
    )
    for name, engine in ENGINES.items():
        engine(matrices["eil51"], 1)  # compiled before the clock runs
        gaps, spent_s = [], 0.0
        for instance_name, metres in matrices.items():
            for seed in SEEDS:
                begun = time.process_time()
                length = engine(metres, seed)
                spent_s += time.process_time() - begun
                gaps.append(100 * (length / OPTIMA[instance_name] - 1))
        print(f"{name:32}{np.mean(gaps):20.2f}{max(gaps):9.2f}{1000 * spent_s / len(gaps):9.1f}")


if __name__ == "__main__":
    main()
