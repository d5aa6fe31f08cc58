"""Which building may be served from which centre, and at what cost: the columns of the lower bound."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from geo_service.planning.model import Counts
from geo_service.planning.zoning.problem import NOWHERE, Metres, ZoningProblem

Indices = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

# Buildings of a zone's mean number around each building that are listed; a zone seldom reaches further.
REACH_ZONES = 6
LEAST_REACH = 400


class Columns(NamedTuple):
    """One column a possible centre: first every building as medoid, then the fixed centres.

    Parameters
    ----------
    starts : Counts, shape (c + 1,)
    members : Indices
        ``members[starts[c]:starts[c + 1]]`` are the buildings that may belong to centre c.
    costs_m : Metres
        Weight x distance of each of them.
    seats : Counts, shape (c,)
        The building that has to belong to the centre, its medoid; ``NOWHERE`` for a fixed centre.
    ceilings_m : Metres, shape (n,)
        What an unlisted pair of the building costs at least: multipliers must stay below.
    whole : bool
        Every pair that is allowed is listed.
    """

    starts: Counts
    members: Indices
    costs_m: Metres
    seats: Counts
    ceilings_m: Metres
    whole: bool


def columns_of(problem: ZoningProblem, zones: int) -> Columns:
    """The columns of a problem; pairs that ``rules.stay`` keeps apart are left out."""
    count = problem.buildings
    weights = np.ones(count) if problem.weights is None else np.asarray(problem.weights, dtype=np.float64)
    reach = max(LEAST_REACH, REACH_ZONES * -(-count // zones))
    if reach >= count or problem.distances_m is not None:
        building, centre, distance_m = _all_pairs(problem)
        ceilings_m = np.full(count, np.inf)
    else:
        building, centre, distance_m = _near_pairs(problem.positions_m, reach)
        ceilings_m = weights * distance_m.reshape(count, reach)[:, -1]
    stay = problem.rules.stay
    fixed = fixed_zones(problem)
    if len(stay):
        allowed = _may_share(stay[building], stay[centre]) & ~np.isin(stay[building], fixed)
        building, centre, distance_m = building[allowed], centre[allowed], distance_m[allowed]
    rows = [(building, centre, distance_m)]
    for place, zone in enumerate(fixed):
        members = np.flatnonzero(_may_share(stay, zone)) if len(stay) else np.arange(count)
        away_m = np.hypot(*(problem.positions_m[members] - problem.rules.centres_m[zone]).T)
        rows.append((members, np.full(len(members), count + place), away_m))
    building, centre, distance_m = (np.concatenate(each) for each in zip(*rows, strict=True))
    order = np.argsort(centre, kind="stable")
    lengths = np.bincount(centre, minlength=count + len(fixed))
    return Columns(
        np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        building[order].astype(np.int32),
        (weights[building] * distance_m)[order],
        np.concatenate([np.arange(count), np.full(len(fixed), NOWHERE)]).astype(np.int64),
        ceilings_m,
        bool(np.isinf(ceilings_m).all()),
    )


def fixed_zones(problem: ZoningProblem) -> Counts:
    """The zones whose centre the rules fix."""
    return np.flatnonzero(np.isfinite(problem.rules.centres_m).all(axis=1)).astype(np.int64)


def _may_share(one: Counts, other: Counts | int) -> Mask:
    return np.asarray((one == NOWHERE) | (other == NOWHERE) | (one == other))


def _all_pairs(problem: ZoningProblem) -> tuple[Counts, Counts, Metres]:
    count = problem.buildings
    if problem.distances_m is not None:
        between = problem.distances_m.astype(np.float64)
    else:
        east, north = problem.positions_m.T
        between = np.hypot(east[:, None] - east, north[:, None] - north)
    centre, building = np.divmod(np.arange(count * count), count)
    return building, centre, between.ravel()


def _near_pairs(positions_m: Metres, reach: int) -> tuple[Counts, Counts, Metres]:
    """Each building's nearest ``reach`` centres, nearest first."""
    distance_m, centre = cKDTree(positions_m).query(positions_m, k=reach)
    building = np.repeat(np.arange(len(positions_m)), reach)
    return building, np.asarray(centre).ravel(), np.asarray(distance_m).ravel()
