"""Chiefs for zones: as many zones served as can be, then the least walking, then the fewest changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

NOBODY = -1


@dataclass(frozen=True)
class Assignment:
    """Who serves which zone.

    Parameters
    ----------
    person : int array, shape (zones,)
        Index of the person, ``NOBODY`` where none is left.
    total_walk_distance_m : float
        Sum over the zones served.
    """

    person: npt.NDArray[np.int64]
    total_walk_distance_m: float


def assign_chiefs(
    walk_distance_m: npt.NDArray[np.float64],
    capacity: npt.NDArray[np.int64],
    earlier: npt.NDArray[np.bool_] | None = None,
) -> Assignment:
    """One person a zone, nobody beyond capacity; exact.

    In order: the most zones are served; the sum of their walking distances is least; and where several
    answers share that, most zones keep a person who served them before. Distances are compared by the
    millimetre, in integers, so that a tie is a tie.

    Parameters
    ----------
    walk_distance_m : float array, shape (zones, people)
        Metres, finite and not negative.
    capacity : int array, shape (people,)
        How many zones each can still take.
    earlier : bool array, shape (zones, people), optional
        Whether the person serves that ground already.
    """
    zones, people = walk_distance_m.shape
    seats = np.repeat(np.arange(people), np.clip(capacity, 0, zones))
    person = np.full(zones, NOBODY, dtype=np.int64)
    if zones and len(seats):
        # A millimetre outweighs every zone that could keep its person. All stay below 2**53, where the
        # solver's floats are exact: 200 km over 1,000 zones is 2e11 a seat.
        cost = np.rint(walk_distance_m * 1000) * (zones + 1)
        if earlier is not None:
            cost = cost - earlier
        served, taken = linear_sum_assignment(cost[:, seats])
        person[served] = seats[taken]
    served = np.flatnonzero(person != NOBODY)
    return Assignment(person, float(walk_distance_m[served, person[served]].sum()))
