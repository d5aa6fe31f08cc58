"""Zones drawn as ASCII pictures: problems for the solver without any land.

Each word is a building, the letter of its zone and its load; ``?7`` has no zone yet and ``..`` is empty
ground. Words stand 30 m apart; buildings side by side or above each other are neighbours.
"""

from __future__ import annotations

import networkx as nx
import numpy as np

from geo_service.planning.model import LoadRange
from geo_service.planning.zoning import Earlier, ZoningProblem
from geo_service.planning.zoning.problem import NOWHERE

SPACING_M = 30.0


def draw_division(picture: str, limits: LoadRange, **more: object) -> ZoningProblem:
    """The problem of a picture, with the zones drawn as the earlier ones; buildings in reading order."""
    words = [line.split() for line in picture.strip().splitlines()]
    places = {
        (column, row): word
        for row, line in enumerate(words)
        for column, word in enumerate(line)
        if word != ".."
    }
    graph = nx.Graph()
    graph.add_nodes_from(places)
    graph.add_edges_from(
        (place, other)
        for place in places
        for other in ((place[0] + 1, place[1]), (place[0], place[1] + 1))
        if other in places
    )
    zone_of = [NOWHERE if word[0] == "?" else ord(word[0]) - ord("A") for word in places.values()]
    loads = [int(word[1:]) for word in places.values()]
    return problem_on(graph, loads, limits, earlier=Earlier(np.array(zone_of)), **more)


def problem_on(graph: nx.Graph, loads: list[int], limits: LoadRange, **more: object) -> ZoningProblem:
    """A problem on a graph whose nodes are (column, row), in the order of its nodes."""
    number = {node: place for place, node in enumerate(graph)}
    rows = [sorted(number[other] for other in graph[node]) for node in graph]
    return ZoningProblem(
        positions_m=np.array(list(graph), dtype=float).reshape(-1, 2) * SPACING_M,
        loads=np.array(loads, dtype=np.int64),
        neighbour_starts=np.cumsum([0, *map(len, rows)]).astype(np.int64),
        neighbours=np.array([other for row in rows for other in row], dtype=np.int64),
        limits=limits,
        **more,
    )
