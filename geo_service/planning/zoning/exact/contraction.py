"""Buildings that share a zone in every division there can be, taken together: less to search and prove."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise

import networkx as nx
import numpy as np

from geo_service.planning.model import Counts
from geo_service.planning.zoning.problem import NOWHERE, Metres, ZoningProblem


@dataclass(frozen=True)
class Contraction:
    """Groups of buildings, each connected, their graph and the rules that are left.

    Parameters
    ----------
    group_of : Counts, shape (n,)
        Group of each building, 0 .. g - 1.
    loads : Counts, shape (g,)
    starts, neighbours : Counts
        Compressed rows over the groups. Where zones need not hang together, every other group.
    apart, bound : Counts, shape (m, 2)
        Pairs of groups that must not, or must, share a zone.
    contradictory : bool
        Two buildings must share a zone and must not.
    """

    group_of: Counts
    loads: Counts
    starts: Counts
    neighbours: Counts
    apart: Counts
    bound: Counts
    contradictory: bool


def contract(problem: ZoningProblem) -> Contraction:
    """Join neighbours that ``together`` or ``stay`` join, and what hangs by one group and is too light.

    Where taking one group out leaves a piece lighter than the lower limit, no zone fits inside the piece, so
    that all of it is in the zone of that group.
    """
    stay = problem.rules.stay
    held = [np.flatnonzero(stay == zone).tolist() for zone in np.unique(stay[stay != NOWHERE])]
    together = problem.rules.together.tolist() + [
        list(pair) for members in held for pair in pairwise(members)
    ]
    apart = problem.rules.apart.tolist() + [[one[0], other[0]] for one, other in combinations(held, 2)]
    rules = nx.utils.UnionFind(range(problem.buildings))
    for pair in together:
        rules.union(*pair)
    owners = np.repeat(np.arange(problem.buildings), np.diff(problem.neighbour_starts))
    links = np.column_stack([owners, problem.neighbours])
    joined = nx.utils.UnionFind(range(problem.buildings))
    for one, other in links.tolist() if problem.connected else together:
        if rules[one] == rules[other]:
            joined.union(one, other)
    if problem.connected:
        while _joined_pendants(joined, links, problem.loads, problem.limits.lo):
            pass
    group_of = _numbers(joined, problem.buildings)
    loads = np.bincount(group_of, weights=problem.loads).astype(np.int64)
    starts, neighbours = _rows(group_of[links], len(loads), connected=problem.connected)
    return Contraction(
        group_of,
        loads,
        starts,
        neighbours,
        apart=group_of[_as_pairs(apart)],
        bound=_different(group_of[_as_pairs(together)]),
        contradictory=any(rules[one] == rules[other] or joined[one] == joined[other] for one, other in apart),
    )


def _as_pairs(pairs: list[list[int]]) -> Counts:
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _different(pairs: Counts) -> Counts:
    kept: Counts = pairs[pairs[:, 0] != pairs[:, 1]]
    return kept


def _joined_pendants(joined: nx.utils.UnionFind, links: Counts, loads: Counts, lowest: int) -> bool:
    """Join once all pieces lighter than ``lowest`` that hang by one group; whether there were any."""
    group_of = _numbers(joined, len(loads))
    graph = nx.Graph(group_of[links].tolist())
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    held: Metres = np.bincount(group_of, weights=loads).astype(np.float64)
    first_of = np.unique(group_of, return_index=True)[1]
    found = False
    for joint, piece in _light_pieces(graph, held, lowest):
        joined.union(int(first_of[joint]), *(int(first_of[group]) for group in piece))
        found = True
    return found


def _light_pieces(graph: nx.Graph, held: Metres, lowest: int) -> Iterator[tuple[int, set[int]]]:
    """Groups whose removal leaves a piece lighter than ``lowest``, with the piece; by the block-cut tree."""
    blocks = [frozenset(block) for block in nx.biconnected_components(graph)]
    joints = set(nx.articulation_points(graph))
    tree = nx.Graph()
    tree.add_edges_from((joint, block) for block in blocks for joint in block & joints)
    for root in [next(iter(part)) for part in nx.connected_components(tree)]:
        parent_of = dict(nx.bfs_predecessors(tree, root))
        order = [root, *parent_of]
        below = {node: _own_load(node, joints, held) for node in order}
        for node in reversed(order[1:]):
            below[parent_of[node]] += below[node]
        for node, parent in parent_of.items():
            if node in joints and below[root] - below[node] < lowest:
                yield node, _groups_beyond(tree, parent, node) - {node}
            if parent in joints and below[node] < lowest:
                yield parent, _groups_beyond(tree, node, parent) - {parent}


def _own_load(node: int | frozenset[int], joints: set[int], held: Metres) -> float:
    """Load of a joint, or of those in a block that are no joints."""
    groups = node - joints if isinstance(node, frozenset) else [node]
    return float(sum(held[group] for group in groups))


def _groups_beyond(tree: nx.Graph, block: frozenset[int], joint: int) -> set[int]:
    """All groups of the branch of the tree that hangs on ``joint`` by ``block``."""
    seen: set[int | frozenset[int]] = {joint, block}
    waiting: list[int | frozenset[int]] = [block]
    groups: set[int] = set()
    while waiting:
        node = waiting.pop()
        groups |= node if isinstance(node, frozenset) else {node}
        fresh = [other for other in tree[node] if other not in seen]
        seen.update(fresh)
        waiting += fresh
    return groups


def _numbers(joined: nx.utils.UnionFind, buildings: int) -> Counts:
    leaders = np.array([joined[building] for building in range(buildings)])
    numbers: Counts = np.unique(leaders, return_inverse=True)[1].astype(np.int64)
    return numbers


def _rows(links: Counts, groups: int, *, connected: bool) -> tuple[Counts, Counts]:
    if not connected:
        links = np.argwhere(~np.eye(groups, dtype=np.bool_))
    links = np.unique(links[links[:, 0] != links[:, 1]], axis=0)
    starts = np.searchsorted(links[:, 0], np.arange(groups + 1)).astype(np.int64)
    return starts, np.ascontiguousarray(links[:, 1], dtype=np.int64)
