"""A first division: zones grown together from seeds spread over the buildings."""

from __future__ import annotations

import heapq
import itertools
from collections import deque

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from geo_service.planning.model import Counts
from geo_service.planning.zoning.problem import NOWHERE, ZoningProblem


def start_labels(problem: ZoningProblem, zones: int, random: np.random.Generator) -> Counts:
    """A division into ``zones`` non-empty zones that keeps what must stay and what must be together.

    The earlier zones are kept where there are any, but the heaviest are sown anew where others would be
    left empty. Where zones must hang together, each is connected, unless the rules tear it. Loads and parted
    pairs are left to the search.

    Returns
    -------
    Counts, shape (n,)
    """
    blocks = _blocks(problem)
    labels = _given_labels(problem, zones, blocks)
    _make_room(problem, labels, zones, blocks)
    held = np.bincount(labels[labels >= 0], minlength=zones)
    seeds = _spread_seeds(problem, labels, blocks, int((held == 0).sum()), random)
    for zone, seed in zip(np.flatnonzero(held == 0).tolist(), seeds, strict=False):
        labels[blocks.get(seed, [seed])] = zone
    if problem.connected:
        _grow(problem, labels, zones, blocks)
    else:
        _join_nearest(problem, labels, zones, blocks)
    return labels


def _given_labels(problem: ZoningProblem, zones: int, blocks: dict[int, list[int]]) -> Counts:
    """Labels of the buildings that have a zone before any is drawn; ``NOWHERE`` for the others."""
    labels = np.full(problem.buildings, NOWHERE, dtype=np.int64)
    if problem.earlier is not None:
        before = problem.earlier.zone_of
        known = (before >= 0) & (before < zones)
        labels[known] = before[known]
        _gather(labels, blocks)
        if problem.connected:
            labels = largest_pieces(problem, labels)
    stay = problem.rules.stay
    held = np.flatnonzero(stay >= 0)
    for building in held.tolist():
        labels[blocks.get(building, [building])] = stay[building]
    _gather(labels, blocks)
    labels[held] = stay[held]
    return labels


def _gather(labels: Counts, blocks: dict[int, list[int]]) -> None:
    """Give each block, in place, the zone that most of it has."""
    for members in _distinct(blocks):
        known = labels[members][labels[members] >= 0]
        if len(known):
            labels[members] = np.bincount(known).argmax()


def _make_room(problem: ZoningProblem, labels: Counts, zones: int, blocks: dict[int, list[int]]) -> None:
    """Take from the heaviest zones, in place, all that may move, until each empty zone can have a seed."""
    block_of = np.array([min(blocks.get(building, [building])) for building in range(problem.buildings)])
    held = np.isin(block_of, block_of[np.flatnonzero(problem.rules.stay >= 0)])
    while True:
        placed = labels >= 0
        empty = np.bincount(labels[placed], minlength=zones) == 0
        if len(np.unique(block_of[~placed])) >= empty.sum():
            return
        loose = np.unique(np.column_stack([labels, block_of])[placed & ~held], axis=0)[:, 0]
        # one that holds nothing else needs a seed itself
        spare = np.bincount(loose, minlength=zones) - 1
        spare[np.unique(labels[placed & held])] += 1
        if spare.max() <= 0:
            return
        loads = np.bincount(labels[placed], weights=problem.loads[placed], minlength=zones)
        heaviest = int(np.argmax(np.where(spare > 0, loads, -1.0)))
        labels[(labels == heaviest) & ~held] = NOWHERE


def largest_pieces(problem: ZoningProblem, labels: Counts) -> Counts:
    """``labels`` with only the largest connected piece of each zone kept, the rest ``NOWHERE``."""
    graph = graph_of(problem)
    rows, columns = graph.nonzero()
    same = (labels[rows] == labels[columns]) & (labels[rows] >= 0)
    inside = coo_matrix((np.ones(same.sum()), (rows[same], columns[same])), shape=graph.shape)
    count, piece_of = connected_components(inside, directed=False)
    sizes = np.bincount(piece_of, minlength=count)
    kept = np.full(problem.buildings, NOWHERE, dtype=np.int64)
    for zone in np.unique(labels[labels >= 0]).tolist():
        pieces = np.unique(piece_of[labels == zone])
        largest = pieces[np.argmax(sizes[pieces])]
        kept[(piece_of == largest) & (labels == zone)] = zone
    return kept


def graph_of(problem: ZoningProblem) -> csr_matrix:
    """The neighbours as a sparse matrix."""
    shape = (problem.buildings, problem.buildings)
    ones = np.ones(len(problem.neighbours), dtype=np.int8)
    return csr_matrix((ones, problem.neighbours, problem.neighbour_starts), shape=shape)


def _blocks(problem: ZoningProblem) -> dict[int, list[int]]:
    """Buildings that start in one zone, by each of them: those that must be together, joined by paths."""
    together, stay = problem.rules.together, problem.rules.stay
    pairs = [tuple(pair) for pair in together.tolist()]
    for zone in np.unique(stay[stay >= 0]).tolist() if len(stay) else []:
        staying = np.flatnonzero(stay == zone).tolist()
        pairs += itertools.pairwise(staying)
    group_of: dict[int, list[int]] = {}
    for one, other in pairs:
        first, second = group_of.get(one, [one]), group_of.get(other, [other])
        if first is not second:
            merged = first + [each for each in second if each not in first]
            group_of.update(dict.fromkeys(merged, merged))
    if not problem.connected:
        return group_of
    blocks: dict[int, list[int]] = {}
    taken: set[int] = set(group_of)
    for group in _distinct(group_of):
        homes = set(stay[group].tolist()) - {NOWHERE} if len(stay) else set()
        foreign = np.flatnonzero((stay >= 0) & ~np.isin(stay, list(homes))).tolist() if homes else []
        block = _joined_by_paths(problem, group, (taken | set(foreign)) - set(group))
        taken.update(block)
        blocks.update(dict.fromkeys(block, block))
    return blocks


def _distinct(blocks: dict[int, list[int]]) -> list[list[int]]:
    return list({id(block): block for block in blocks.values()}.values())


def _joined_by_paths(problem: ZoningProblem, group: list[int], closed: set[int]) -> list[int]:
    """The group and, where one is found, the shortest path over free buildings to each of its members."""
    block = [group[0]]
    for wanted in group[1:]:
        came_from: dict[int, int] = dict.fromkeys(block, NOWHERE)
        queue = deque(block)
        while queue and wanted not in came_from:
            building = queue.popleft()
            for neighbour in _neighbours(problem, building):
                if neighbour not in came_from and neighbour not in closed:
                    came_from[neighbour] = building
                    queue.append(neighbour)
        step = wanted
        while step != NOWHERE and step not in block:
            block.append(step)
            step = came_from.get(step, NOWHERE)
    return block


def _neighbours(problem: ZoningProblem, building: int) -> list[int]:
    start, end = problem.neighbour_starts[building : building + 2]
    neighbours: list[int] = problem.neighbours[start:end].tolist()
    return neighbours


def _grow(problem: ZoningProblem, labels: Counts, zones: int, blocks: dict[int, list[int]]) -> None:
    """Give every building a zone in place: the lightest zone takes its nearest free neighbour, in turn."""
    east, north = (axis.tolist() for axis in problem.positions_m.T)
    loads = problem.loads.tolist()
    starts, neighbours = problem.neighbour_starts.tolist(), problem.neighbours.tolist()
    zone_of = labels.tolist()
    first = [-1] * zones
    load = [0] * zones
    fringes: list[list[tuple[float, int]]] = [[] for _ in range(zones)]

    def take(building: int, zone: int) -> None:
        zone_of[building] = zone
        load[zone] += loads[building]
        middle_east, middle_north = east[first[zone]], north[first[zone]]
        for neighbour in neighbours[starts[building] : starts[building + 1]]:
            if zone_of[neighbour] < 0:
                squared = (east[neighbour] - middle_east) ** 2 + (north[neighbour] - middle_north) ** 2
                heapq.heappush(fringes[zone], (squared, neighbour))

    for building, zone in enumerate(labels.tolist()):
        if zone >= 0:
            first[zone] = building if first[zone] < 0 else first[zone]
            take(building, zone)
    turns = [(load[zone], zone) for zone in range(zones)]
    heapq.heapify(turns)
    while turns:
        zone = heapq.heappop(turns)[1]
        fringe = fringes[zone]
        while fringe and zone_of[fringe[0][1]] >= 0:
            heapq.heappop(fringe)
        if fringe:
            building = heapq.heappop(fringe)[1]
            for each in blocks.get(building, [building]):
                take(each, zone)
            heapq.heappush(turns, (load[zone], zone))
    labels[:] = zone_of


def _join_nearest(problem: ZoningProblem, labels: Counts, zones: int, blocks: dict[int, list[int]]) -> None:
    """Give every building the zone of the nearest building that has one, in place."""
    placed = np.flatnonzero(labels >= 0)
    free = np.flatnonzero(labels < 0)
    _, nearest = cKDTree(problem.positions_m[placed]).query(problem.positions_m[free])
    labels[free] = labels[placed[nearest]]
    for members in _distinct(blocks):
        labels[members] = labels[members[0]]


def _spread_seeds(
    problem: ZoningProblem,
    labels: Counts,
    blocks: dict[int, list[int]],
    count: int,
    random: np.random.Generator,
) -> list[int]:
    """Up to ``count`` buildings without a label, far from one another and from the labelled (k-means++).

    No two of one block; fewer than ``count`` where the blocks leave no more.
    """
    positions = problem.positions_m
    unused = labels < 0
    squared = np.full(problem.buildings, np.inf)
    if count and not unused.all():
        squared = np.square(cKDTree(positions[~unused]).query(positions)[0])
    seeds: list[int] = []
    while len(seeds) < count and unused.any():
        chances = np.where(unused, np.minimum(squared, 1e18), 0.0)
        total = chances.sum()
        if total > 0:
            rank = int(np.searchsorted(np.cumsum(chances), random.random() * total, side="right"))
            seed = min(rank, problem.buildings - 1)
        if total <= 0 or not unused[seed]:
            # many on one spot: anywhere among them, for along a row the first ones would crowd its end
            seed = int(random.choice(np.flatnonzero(unused)))
        unused[blocks.get(seed, [seed])] = False
        seeds.append(seed)
        squared = np.minimum(squared, ((positions - positions[seed]) ** 2).sum(axis=1))
    return seeds
