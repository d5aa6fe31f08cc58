"""An independent judge of divisions, and every division there is; it shares no code with the engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import networkx as nx
import numpy as np

from geo_service.planning.zoning import ZoningProblem


def graph_of(problem: ZoningProblem) -> nx.Graph:
    """The neighbours of the problem."""
    graph = nx.Graph()
    graph.add_nodes_from(range(problem.buildings))
    for building in range(problem.buildings):
        start, end = problem.neighbour_starts[building : building + 2]
        graph.add_edges_from((building, other) for other in problem.neighbours[start:end].tolist())
    return graph


def broken_rules(problem: ZoningProblem, labels: np.ndarray, zones: Sequence[int]) -> list[str]:
    """Everything wrong with ``labels`` as a division into just ``zones``; empty when all rules hold."""
    graph, rules = graph_of(problem), problem.rules
    wrong = [] if set(labels.tolist()) <= set(zones) else ["a building is in no zone asked for"]
    for zone in zones:
        members = np.flatnonzero(labels == zone)
        load = int(problem.loads[members].sum())
        if not len(members):
            wrong.append(f"zone {zone} is empty")
        elif not problem.limits.lo <= load <= problem.limits.hi:
            wrong.append(f"zone {zone} has {load}")
        elif problem.connected and not nx.is_connected(graph.subgraph(members.tolist())):
            wrong.append(f"zone {zone} is in pieces")
    wrong += [
        f"{one} and {other} are parted" for one, other in rules.together if labels[one] != labels[other]
    ]
    wrong += [f"{one} and {other} are together" for one, other in rules.apart if labels[one] == labels[other]]
    if len(rules.stay):
        wrong += [
            f"{each} has not stayed"
            for each in np.flatnonzero(rules.stay >= 0)
            if labels[each] != rules.stay[each]
        ]
    earlier = problem.earlier
    if (
        earlier is not None
        and earlier.most_changes is not None
        and changes(problem, labels) > earlier.most_changes
    ):
        wrong.append("too many have changed zone")
    return wrong


def changes(problem: ZoningProblem, labels: np.ndarray) -> int:
    """Buildings that had a zone and are in another one."""
    assert problem.earlier is not None
    before = problem.earlier.zone_of
    return int(((before >= 0) & (before != labels)).sum())


def objective_m(problem: ZoningProblem, labels: np.ndarray, zones: Sequence[int]) -> float:
    """The objective by its definition."""
    points, aims = problem.positions_m, problem.aims
    apart = problem.distances_m
    if apart is None:
        apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    weights = np.ones(problem.buildings) if problem.weights is None else problem.weights
    target = problem.loads.sum() / len(zones) if aims.target is None else aims.target
    total = 0.0 if problem.earlier is None else problem.earlier.change_cost_m * changes(problem, labels)
    for zone in zones:
        members = np.flatnonzero(labels == zone)
        centres_m = problem.rules.centres_m
        if zone < len(centres_m) and not np.isnan(centres_m[zone, 0]):
            total += (weights[members] * np.hypot(*(points[members] - centres_m[zone]).T)).sum()
        else:
            total += (apart[np.ix_(members, members)].astype(float) * weights[members]).sum(axis=1).min()
        total += aims.balance_m * abs(problem.loads[members].sum() - target)
    borders = sum(labels[one] != labels[other] for one, other in graph_of(problem).edges)
    return float(total + aims.compactness_m * borders)


def divisions(problem: ZoningProblem, zones: Sequence[int]) -> Iterator[np.ndarray]:
    """Every division within the rules. For a handful of buildings."""
    labels = np.array(list(product(zones, repeat=problem.buildings)))
    loads = np.stack([(labels == zone) @ problem.loads for zone in zones])
    within = ((loads >= problem.limits.lo) & (loads <= problem.limits.hi)).all(axis=0)
    return (each for each in labels[within] if not broken_rules(problem, each, zones))
