"""The shortest way round some buildings: by every set of them, or by an iterated local search."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo_service.planning.compiled import allocation_free, compiled, inlined
from geo_service.planning.model import Counts
from geo_service.planning.randomness import RandomState, random_state, uniform

Millimetres = npt.NDArray[np.int64]

# With so many of the nearest a building is tried to be made neighbours on the walk.
NEAREST = 10
# The longest row of buildings that changes its place at once, when a settled walk is improved and when it is
# taken apart.
LONGEST_MOVED = 3
LONGEST_TAKEN_OUT = 30
# How much longer than the shortest found a walk may be at first to go on from it, in mean steps.
SLACK_STEPS = 1.0


class Walk(NamedTuple):
    """A closed walk while it is improved.

    Parameters
    ----------
    distances : Millimetres, shape (n, n)
    nearest : Counts, shape (n, k)
        The buildings nearest to each, nearest first.
    order, place_of : Counts, shape (n,)
        The walk, and where in it each building stands.
    waiting : Counts, shape (n,)
        Buildings to be looked at, a stack.
    is_waiting : bool array, shape (n,)
    touched : Counts, shape (4,)
        Buildings whose neighbours the last improvement has changed.
    aside : Counts, shape (n,)
        Where buildings are put that change their places.
    """

    distances: Millimetres
    nearest: Counts
    order: Counts
    place_of: Counts
    waiting: Counts
    is_waiting: npt.NDArray[np.bool_]
    touched: Counts
    aside: Counts


def search_order(distances: Millimetres, tries: int, seed: int) -> Counts:
    """A short closed walk by iterated local search.

    Stretches are turned round and short rows of buildings moved (2-opt, Croes 1958; Or 1976) as long as that
    helps, near a building that was touched only (Bentley 1992). Then two neighbouring rows change places
    (the double bridge of Martin, Otto and Felten 1991) and the walk is mended round there. One that is longer
    is gone on from as long as it is not much longer, less and less (record-to-record travel, Dueck 1993).

    Parameters
    ----------
    distances : Millimetres, shape (n, n)
        Symmetric; n is 4 or more.
    tries : int
        How often the walk is taken apart.
    seed : int
        Same input, same seed, same tries: same walk.
    """
    return _searched(distances, nearest_next(distances), tries, random_state(seed))


@compiled
def _searched(distances: Millimetres, order: Counts, tries: int, random: RandomState) -> Counts:
    walk = _walk_of(distances, order)
    count = len(order)
    for building in range(count):
        _put_waiting(walk, building, building)
    _settle(walk, count)
    length = _length(walk)
    kept, shortest = walk.order.copy(), walk.order.copy()
    kept_length = shortest_length = length
    slack = SLACK_STEPS * length / count
    longest_row = max(1, min(LONGEST_TAKEN_OUT, (count - 2) // 2))
    for tried in range(tries):
        first = int(uniform(random) * count)
        one = 1 + int(uniform(random) * longest_row)
        other = 1 + int(uniform(random) * longest_row)
        length = kept_length + _exchange_rows(walk, first, one, other)
        length -= _settle(walk, _wait_for_ends(walk, first, one, other))
        if length <= shortest_length + slack * (1.0 - (tried + 1) / tries) * uniform(random):
            kept[:] = walk.order
            kept_length = length
            if length < shortest_length:
                shortest[:] = walk.order
                shortest_length = length
        else:
            walk.order[:] = kept
            for place in range(count):
                walk.place_of[kept[place]] = place
    return shortest


@compiled
def _walk_of(distances: Millimetres, order: Counts) -> Walk:
    count = len(order)
    near = min(NEAREST, count - 1)
    nearest = np.empty((count, near), dtype=np.int64)
    place_of = np.empty(count, dtype=np.int64)
    for building in range(count):
        away = distances[building].copy()
        away[building] = np.iinfo(np.int64).max
        nearest[building] = np.argsort(away, kind="mergesort")[:near]
        place_of[order[building]] = building
    return Walk(
        distances,
        nearest,
        order.copy(),
        place_of,
        np.empty(count, dtype=np.int64),
        np.zeros(count, dtype=np.bool_),
        np.zeros(4, dtype=np.int64),
        np.empty(count, dtype=np.int64),
    )


@allocation_free
def _length(walk: Walk) -> int:
    length = 0
    for place in range(len(walk.order)):
        length += _away(walk, walk.order[place - 1], walk.order[place])
    return length


@inlined
def _round(walk: Walk, place: int) -> int:
    """A place at most one round away as one of the walk; a division would cost most of the search."""
    count = len(walk.order)
    if place >= count:
        return place - count
    return place + count if place < 0 else place


@inlined
def _away(walk: Walk, one: int, other: int) -> int:
    return int(walk.distances[one, other])


@inlined
def _at(walk: Walk, place: int) -> int:
    """The building at a place, counted on round the walk, or back."""
    return int(walk.order[_round(walk, place)])


@inlined
def _put(walk: Walk, place: int, building: int) -> None:
    place = _round(walk, place)
    walk.order[place] = building
    walk.place_of[building] = place


@inlined
def _steps(walk: Walk, place: int, further: int) -> int:
    """How many steps it is from a place on to another."""
    return _round(walk, further - place)


@inlined
def _put_waiting(walk: Walk, waiting: int, building: int) -> int:
    """How many wait when ``building`` waits, too."""
    if walk.is_waiting[building]:
        return waiting
    walk.is_waiting[building] = True
    walk.waiting[waiting] = building
    return waiting + 1


@allocation_free
def _exchange_rows(walk: Walk, first: int, one: int, other: int) -> int:
    """Let the ``one`` buildings after place ``first`` and the ``other`` after them change places.

    Returns
    -------
    int
        By how much that makes the walk longer.
    """
    before, after = _at(walk, first), _at(walk, first + one + other + 1)
    head, tail = _at(walk, first + 1), _at(walk, first + one)
    next_head, next_tail = _at(walk, first + one + 1), _at(walk, first + one + other)
    for place in range(one):
        walk.aside[place] = _at(walk, first + 1 + place)
    for place in range(other):
        _put(walk, first + 1 + place, _at(walk, first + 1 + one + place))
    for place in range(one):
        _put(walk, first + 1 + other + place, walk.aside[place])
    longer = _away(walk, before, next_head) + _away(walk, next_tail, head) + _away(walk, tail, after)
    return longer - _away(walk, before, head) - _away(walk, tail, next_head) - _away(walk, next_tail, after)


@allocation_free
def _wait_for_ends(walk: Walk, first: int, one: int, other: int) -> int:
    """Let the ends of rows that have changed places wait; how many these are."""
    last = first + one + other
    waiting = 0
    for place in (first, first + 1, first + other, first + other + 1, last, last + 1):
        waiting = _put_waiting(walk, waiting, _at(walk, place))
    return waiting


@inlined
def _touch(walk: Walk, one: int, two: int, three: int, four: int) -> None:
    walk.touched[0], walk.touched[1], walk.touched[2], walk.touched[3] = one, two, three, four


@allocation_free
def _settle(walk: Walk, waiting: int) -> int:
    """Improve the walk round the buildings that wait until nothing helps any more; the saving."""
    saved = 0
    while waiting:
        waiting -= 1
        building = walk.waiting[waiting]
        walk.is_waiting[building] = False
        saving = _turn_at(walk, building)
        if not saving:
            saving = _move_at(walk, building)
        if saving:
            saved += saving
            waiting = _put_waiting(walk, waiting, building)
            for each in range(4):
                waiting = _put_waiting(walk, waiting, walk.touched[each])
    return saved


@allocation_free
def _turn_at(walk: Walk, here: int) -> int:
    """Turn the first stretch found that brings ``here`` beside a near building and saves; the saving."""
    for way in (1, -1):
        after = _at(walk, walk.place_of[here] + way)
        for rank in range(walk.nearest.shape[1]):
            there = walk.nearest[here, rank]
            gained = _away(walk, here, after) - _away(walk, here, there)
            if gained <= 0:
                break
            beyond = _at(walk, walk.place_of[there] + way)
            saving = gained + _away(walk, there, beyond) - _away(walk, after, beyond)
            if saving > 0:
                if way == 1:
                    _turn(walk, walk.place_of[after], walk.place_of[there])
                else:
                    _turn(walk, walk.place_of[there], walk.place_of[after])
                _touch(walk, here, after, there, beyond)
                return saving
    return 0


@allocation_free
def _turn(walk: Walk, first: int, last: int) -> None:
    """Turn round what lies from place ``first`` on to ``last``, or all the rest where that is shorter."""
    count = len(walk.order)
    length = _steps(walk, first, last) + 1
    if 2 * length > count:
        first, last, length = last + 1, first - 1, count - length
    for step in range(length // 2):
        one, other = _at(walk, first + step), _at(walk, last - step)
        _put(walk, first + step, other)
        _put(walk, last - step, one)


@allocation_free
def _move_at(walk: Walk, here: int) -> int:
    """Move the first row found that ends with ``here`` beside a building near to it and saves; the saving."""
    count = len(walk.order)
    for length in range(1, min(LONGEST_MOVED, count - 3) + 1):
        for way in (1, -1):
            # the row runs from ``here`` on, or back
            head = walk.place_of[here] if way == 1 else walk.place_of[here] - length + 1
            far = _at(walk, walk.place_of[here] + way * (length - 1))
            before, after = _at(walk, head - 1), _at(walk, head + length)
            gained = _away(walk, before, _at(walk, head)) + _away(walk, _at(walk, head + length - 1), after)
            gained -= _away(walk, before, after)
            for rank in range(walk.nearest.shape[1]):
                there = walk.nearest[here, rank]
                if _away(walk, here, there) >= gained:
                    break
                if _steps(walk, head, walk.place_of[there]) < length:
                    continue
                for side in (1, -1):
                    beside = _at(walk, walk.place_of[there] + side)
                    if _steps(walk, head, walk.place_of[beside]) < length:
                        continue
                    saving = (
                        gained
                        - _away(walk, here, there)
                        - _away(walk, far, beside)
                        + _away(walk, there, beside)
                    )
                    if saving > 0:
                        behind = walk.place_of[there] if side == 1 else walk.place_of[beside]
                        _move(walk, head, length, behind, way != side)
                        _touch(walk, before, after, there, far)
                        return saving
    return 0


@allocation_free
def _move(walk: Walk, head: int, length: int, behind: int, turned: bool) -> None:
    """Move the ``length`` buildings from place ``head`` on behind the one at place ``behind``."""
    count = len(walk.order)
    for step in range(length):
        walk.aside[step] = _at(walk, head + step)
    between = _steps(walk, head, behind) - length + 1
    beyond = count - length - between
    if between <= beyond:
        for step in range(between):
            _put(walk, head + step, _at(walk, head + length + step))
        start = head + between
    else:
        for step in range(beyond):
            _put(walk, head + length - 1 - step, _at(walk, head - 1 - step))
        start = head - beyond
    for step in range(length):
        _put(walk, start + step, walk.aside[length - 1 - step] if turned else walk.aside[step])


@compiled
def shortest_order(distances: Millimetres) -> Counts:
    """The shortest closed walk, by dynamic programming over sets of buildings (Held and Karp 1962).

    Takes memory and time for each of 2^(n - 1) sets; up to ``MOST_EXACT`` buildings less than the search.
    """
    others = len(distances) - 1
    whole = (1 << others) - 1
    unreached = np.iinfo(np.int64).max
    least = np.full((whole + 1, others), unreached)
    before = np.zeros((whole + 1, others), dtype=np.int64)
    for last in range(others):
        least[1 << last, last] = distances[0, last + 1]
    for held in range(1, whole + 1):
        for last in range(others):
            if least[held, last] == unreached:
                continue
            for following in range(others):
                if held >> following & 1:
                    continue
                further = held | 1 << following
                walked = least[held, last] + distances[last + 1, following + 1]
                if walked < least[further, following]:
                    least[further, following] = walked
                    before[further, following] = last
    order = np.zeros(others + 1, dtype=np.int64)
    last = int(np.argmin(least[whole] + distances[1:, 0]))
    held = whole
    for place in range(others, 0, -1):
        order[place] = last + 1
        held, last = held ^ 1 << last, before[held, last]
    return order


@compiled
def nearest_next(distances: Millimetres) -> Counts:
    """From the first building on, each time to the nearest that is left, of equals the first."""
    count = len(distances)
    left = np.ones(count, dtype=np.bool_)
    order = np.zeros(count, dtype=np.int64)
    left[0] = False
    for place in range(1, count):
        here = order[place - 1]
        nearest = -1
        for there in range(count):
            if left[there] and (nearest < 0 or distances[here, there] < distances[here, nearest]):
                nearest = there
        order[place] = nearest
        left[nearest] = False
    return order
