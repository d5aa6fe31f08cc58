"""Shifts and swaps around an earlier plan, each with its exact price."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geo_service.planning.compiled import allocation_free
from geo_service.planning.zoning.problem import Metres
from geo_service.planning.zoning.rebalance.ground import (
    Division,
    Ground,
    changes_in,
    count_pieces,
    distance,
    distance_to_centre,
    put,
)
from geo_service.planning.zoning.search.partition import excess


class Prices(NamedTuple):
    """In metres: of a changed building, and of a unit of load outside the limits.

    ``piece_load`` is the load that a piece too many, or two buildings together that must be apart, stand for.
    """

    change_m: float
    load_m: float
    piece_load: float


class Sums(NamedTuple):
    """Weighted distances (m): ``members``, each building to all of its zone; ``costs``, zones to centres."""

    members: Metres
    costs: Metres


@allocation_free
def try_step(
    ground: Ground,
    division: Division,
    sums: Sums,
    prices: Prices,
    unit: int,
    zone: int,
    swapped: int,
    room: int,
    bound: float,
) -> tuple[int, float, float]:
    """Shift ``unit`` to ``zone``, ``swapped`` (-1: none) taking its place, if that costs at most ``bound``.

    No more than ``room`` changes may be added.

    Returns
    -------
    changes, metres, violation
        By which they grew; violation is infinite when the move was not made.
    """
    refused = (0, 0.0, np.inf)
    old = division.labels[ground.members[ground.member_starts[unit]]]
    more = changes_in(ground, unit, zone) - changes_in(ground, unit, old)
    load = ground.loads[unit]
    if swapped >= 0:
        more += changes_in(ground, swapped, old) - changes_in(ground, swapped, zone)
        load -= ground.loads[swapped]
    elif division.sizes[old] <= ground.member_starts[unit + 1] - ground.member_starts[unit]:
        return refused
    if more > room and more > 0:
        return refused
    worse = float(
        excess(division.loads[old] - load, ground.lowest, ground.highest)
        - excess(division.loads[old], ground.lowest, ground.highest)
        + excess(division.loads[zone] + load, ground.lowest, ground.highest)
        - excess(division.loads[zone], ground.lowest, ground.highest)
    )
    metres = ground.balance_m * (
        abs(division.loads[old] - load - ground.target)
        - abs(division.loads[old] - ground.target)
        + abs(division.loads[zone] + load - ground.target)
        - abs(division.loads[zone] - ground.target)
    )
    before = sums.costs[old] + sums.costs[zone]
    pieces = division.pieces[old] + division.pieces[zone]
    gain = prices.piece_load * (pieces - 2 + len(ground.apart))
    if prices.change_m * more + metres + prices.load_m * (worse - gain) - before > bound:
        return refused
    metres += ground.compactness_m * _move(ground, division, sums, unit, zone)
    conflicts = _conflicts(ground, division, unit, zone) - _conflicts(ground, division, unit, old)
    if swapped >= 0:
        metres += ground.compactness_m * _move(ground, division, sums, swapped, old)
        conflicts += _conflicts(ground, division, swapped, old) - _conflicts(ground, division, swapped, zone)
    _recost(ground, division, sums, old)
    _recost(ground, division, sums, zone)
    metres += sums.costs[old] + sums.costs[zone] - before
    worse += prices.piece_load * conflicts
    gain = prices.piece_load * (pieces - 2)
    if prices.change_m * more + metres + prices.load_m * (worse - gain) <= bound:
        old_pieces, zone_pieces = division.pieces[old], division.pieces[zone]
        division.pieces[old] = count_pieces(ground, division, old)
        division.pieces[zone] = count_pieces(ground, division, zone)
        worse += prices.piece_load * (division.pieces[old] + division.pieces[zone] - pieces)
        if prices.change_m * more + metres + prices.load_m * worse <= bound:
            return more, metres, worse
        division.pieces[old], division.pieces[zone] = old_pieces, zone_pieces
    _take_back(ground, division, sums, unit, old, swapped, zone)
    return refused


@allocation_free
def undo_step(
    ground: Ground, division: Division, sums: Sums, unit: int, old: int, swapped: int, zone: int
) -> None:
    """Take back a step made from ``old`` to ``zone``."""
    _take_back(ground, division, sums, unit, old, swapped, zone)
    division.pieces[old] = count_pieces(ground, division, old)
    division.pieces[zone] = count_pieces(ground, division, zone)


@allocation_free
def _take_back(
    ground: Ground, division: Division, sums: Sums, unit: int, old: int, swapped: int, zone: int
) -> None:
    if swapped >= 0:
        _move(ground, division, sums, swapped, zone)
    _move(ground, division, sums, unit, old)
    _recost(ground, division, sums, old)
    _recost(ground, division, sums, zone)


@allocation_free
def _move(ground: Ground, division: Division, sums: Sums, unit: int, zone: int) -> int:
    """Put ``unit`` into ``zone`` and keep the members' sums; returns by how many the border pairs grew."""
    first = ground.members[ground.member_starts[unit]]
    old = division.labels[first]
    crossed = 0
    for place in range(ground.member_starts[unit], ground.member_starts[unit + 1]):
        building = ground.members[place]
        other = division.first[old]
        while other >= 0:
            sums.members[other] -= ground.weights[building] * distance(ground, other, building)
            other = division.after[other]
        for step in range(ground.starts[building], ground.starts[building + 1]):
            label = division.labels[ground.neighbours[step]]
            if ground.unit_of[ground.neighbours[step]] != unit:
                crossed += (1 if label != zone else 0) - (1 if label != old else 0)
    put(ground, division, unit, zone)
    for place in range(ground.member_starts[unit], ground.member_starts[unit + 1]):
        building = ground.members[place]
        total = 0.0
        other = division.first[zone]
        while other >= 0:
            between = distance(ground, other, building)
            total += ground.weights[other] * between
            if ground.unit_of[other] != unit:
                sums.members[other] += ground.weights[building] * between
            other = division.after[other]
        sums.members[building] = total
    return crossed


@allocation_free
def _recost(ground: Ground, division: Division, sums: Sums, zone: int) -> None:
    """The zone's cost from its members' sums."""
    fixed = not np.isnan(ground.centres_m[zone, 0])
    cost = 0.0 if fixed else np.inf
    building = division.first[zone]
    while building >= 0:
        if fixed:
            cost += ground.weights[building] * distance_to_centre(ground, building, zone)
        elif sums.members[building] < cost:
            cost = sums.members[building]
        building = division.after[building]
    sums.costs[zone] = cost


@allocation_free
def rebuild(ground: Ground, division: Division, sums: Sums) -> None:
    """Recompute what drifts by rounding."""
    for zone in range(len(division.sizes)):
        one = division.first[zone]
        while one >= 0:
            total = 0.0
            other = division.first[zone]
            while other >= 0:
                total += ground.weights[other] * distance(ground, one, other)
                other = division.after[other]
            sums.members[one] = total
            one = division.after[one]
        if division.sizes[zone] > 0:
            _recost(ground, division, sums, zone)
        else:
            sums.costs[zone] = 0.0


@allocation_free
def _conflicts(ground: Ground, division: Division, unit: int, zone: int) -> int:
    """Units in ``zone`` that ``unit`` must be apart from."""
    conflicts = 0
    for pair in range(len(ground.apart)):
        for side in range(2):
            if ground.apart[pair, side] == unit:
                rival = ground.apart[pair, 1 - side]
                if division.labels[ground.members[ground.member_starts[rival]]] == zone:
                    conflicts += 1
    return conflicts


@allocation_free
def count_changes(ground: Ground, division: Division) -> int:
    changes = 0
    for building in range(len(division.labels)):
        if ground.earlier[building] >= 0 and ground.earlier[building] != division.labels[building]:
            changes += 1
    return changes


@allocation_free
def violation_of(ground: Ground, division: Division, piece_load: float) -> float:
    violation = 0.0
    for zone in range(len(division.sizes)):
        if ground.usable[zone]:
            violation += excess(division.loads[zone], ground.lowest, ground.highest)
            violation += piece_load * (division.pieces[zone] - 1)
    for pair in range(len(ground.apart)):
        one = ground.members[ground.member_starts[ground.apart[pair, 0]]]
        other = ground.members[ground.member_starts[ground.apart[pair, 1]]]
        if division.labels[one] == division.labels[other]:
            violation += piece_load
    return violation
