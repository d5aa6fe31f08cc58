"""What the solver is asked."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from geo_service.errors import InvalidInput
from geo_service.planning.model import Counts, LoadRange

Metres = npt.NDArray[np.float64]

NOWHERE = -1


def _no_pairs() -> Counts:
    return np.empty((0, 2), dtype=np.int64)


@dataclass(frozen=True)
class Aims:
    """What a good division is, beside being within the rules: the weights of the summed objective, in metres.

    objective = Σ weight_i · distance_i  +  balance · Σ |load − target|  +  compactness · border pairs

    Parameters
    ----------
    balance_m : float
        Metres one unit of load away from the target costs.
    target : float, optional
        Wanted load of a zone; None is the mean of the zones drawn.
    compactness_m : float
        Metres each pair of neighbours in different zones costs.

    Raises
    ------
    InvalidInput
        When a weight is negative or not finite.
    """

    balance_m: float = 0.0
    target: float | None = None
    compactness_m: float = 0.0

    def __post_init__(self) -> None:
        given = (self.balance_m, self.compactness_m, 0.0 if self.target is None else self.target)
        if not np.isfinite(given).all() or min(given) < 0:
            raise InvalidInput("zoning.weight_negative")


@dataclass(frozen=True)
class Rules:
    """What holds for single buildings and zones, whatever it costs.

    Parameters
    ----------
    stay : Counts, shape (n,) or (0,)
        The zone (0 .. k - 1) each building must be in, ``NOWHERE`` where it is free. Empty: all free.
    together : Counts, shape (m, 2)
        Pairs of buildings that must share a zone.
    apart : Counts, shape (m, 2)
        Pairs of buildings that must not.
    centres_m : Metres, shape (k, 2) or (0, 2)
        Where zone z's distances are measured to (a chief's post, a community office); NaN rows and an empty
        array leave the zone to its medoid.
    """

    stay: Counts = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    together: Counts = field(default_factory=_no_pairs)
    apart: Counts = field(default_factory=_no_pairs)
    centres_m: Metres = field(default_factory=lambda: np.empty((0, 2)))


@dataclass(frozen=True)
class Earlier:
    """The zones that held until now, and what leaving them costs.

    Parameters
    ----------
    zone_of : Counts, shape (n,)
        Zone of each building, ``NOWHERE`` for a new one.
    change_cost_m : float
        Metres that each building in another zone than before costs.
    most_changes : int, optional
        No more buildings than this may change zone; new ones do not count.

    Raises
    ------
    InvalidInput
        When the cost or the number is negative, or the cost not finite.
    """

    zone_of: Counts
    change_cost_m: float = 0.0
    most_changes: int | None = None

    def __post_init__(self) -> None:
        if not (np.isfinite(self.change_cost_m) and self.change_cost_m >= 0):
            raise InvalidInput("zoning.weight_negative")
        if self.most_changes is not None and self.most_changes < 0:
            raise InvalidInput("zoning.most_changes_negative")


@dataclass(frozen=True)
class ZoningProblem:
    """Buildings to be divided into zones of ``limits`` load each.

    Parameters
    ----------
    positions_m : Metres, shape (n, 2)
        One point a building, in metres.
    loads : Counts, shape (n,)
        Households, or any weighted sum of what a building holds, in whole units; zero is allowed.
    neighbour_starts, neighbours : Counts, shapes (n + 1,) and (m,)
        Compressed rows: the neighbours of building ``i`` are
        ``neighbours[neighbour_starts[i]:neighbour_starts[i + 1]]``. Symmetric.
    limits : LoadRange
        Both ends hard.
    zones : int, optional
        How many zones; None lets the solver choose.
    connected : bool
        Zones must hang together over the neighbours. False: neighbours only say which moves are tried.
    weights : Metres, shape (n,), optional
        What a metre of each building's distance counts; 1 by default. Not negative.
    distances_m : array of float32, shape (n, n), optional
        Walking distances, symmetric; straight lines by default.
    aims, rules, earlier
        See their classes.

    Raises
    ------
    InvalidInput
        When coordinates are not finite, loads or weights are negative, the number of
        zones is impossible, or rules contradict each other.
    ValueError
        When the arrays do not fit together.
    """

    positions_m: Metres
    loads: Counts
    neighbour_starts: Counts
    neighbours: Counts
    limits: LoadRange
    zones: int | None = None
    connected: bool = True
    weights: Metres | None = None
    distances_m: npt.NDArray[np.float32] | None = None
    aims: Aims = Aims()
    rules: Rules = field(default_factory=Rules)
    earlier: Earlier | None = None

    def __post_init__(self) -> None:
        _check_shapes(self)
        _check_values(self)

    @property
    def buildings(self) -> int:
        """Number of buildings."""
        return len(self.loads)


def _check_shapes(problem: ZoningProblem) -> None:
    count = problem.buildings
    if count == 0:
        raise InvalidInput("zoning.nothing_given")
    if problem.positions_m.shape != (count, 2):
        raise ValueError("positions_m must be (n, 2) for the n buildings of loads")
    if problem.neighbour_starts.shape != (count + 1,) or problem.neighbour_starts[-1] != len(
        problem.neighbours
    ):
        raise ValueError("neighbour_starts must hold n + 1 offsets into neighbours")
    if problem.weights is not None and problem.weights.shape != (count,):
        raise ValueError("weights must hold one number a building")
    if problem.distances_m is not None and problem.distances_m.shape != (count, count):
        raise ValueError("distances_m must be (n, n)")
    if problem.earlier is not None and problem.earlier.zone_of.shape != (count,):
        raise ValueError("earlier.zone_of must hold one zone a building")
    if len(problem.rules.stay) not in (0, count):
        raise ValueError("rules.stay must hold one zone a building, or nothing")


def _check_values(problem: ZoningProblem) -> None:
    if not np.isfinite(problem.positions_m).all():
        raise InvalidInput("zoning.not_finite")
    if (problem.loads < 0).any():
        raise InvalidInput("zoning.load_negative")
    if problem.weights is not None and not (np.isfinite(problem.weights) & (problem.weights >= 0)).all():
        raise InvalidInput("zoning.weight_negative")
    if problem.distances_m is not None and not (
        np.isfinite(problem.distances_m).all() and problem.distances_m.min() >= 0
    ):
        raise InvalidInput("zoning.distance_absurd")
    if problem.zones is not None and not 1 <= problem.zones <= problem.buildings:
        raise InvalidInput("zoning.zone_count_absurd", zones=problem.zones, buildings=problem.buildings)
    _check_rules(problem)


def require_connected(problem: ZoningProblem) -> None:
    """Refuse buildings that could never hang together.

    Raises
    ------
    InvalidInput
        When zones must be connected and the neighbours are not.
    """
    if not problem.connected:
        return
    ones = np.ones(len(problem.neighbours), dtype=np.int8)
    shape = (problem.buildings, problem.buildings)
    graph = csr_matrix((ones, problem.neighbours, problem.neighbour_starts), shape=shape)
    pieces = int(connected_components(graph, directed=False)[0])
    if pieces > 1:
        raise InvalidInput("zoning.graph_in_pieces", pieces=pieces)


def _check_rules(problem: ZoningProblem) -> None:
    rules, stay = problem.rules, problem.rules.stay
    if not np.isfinite(rules.centres_m[~np.isnan(rules.centres_m)]).all():
        raise InvalidInput("zoning.not_finite")
    for pairs, rule in ((rules.together, "together"), (rules.apart, "apart")):
        if len(pairs) and not ((pairs >= 0) & (pairs < problem.buildings)).all():
            raise ValueError(f"rules.{rule} must hold building numbers")
    if problem.zones is not None and len(stay) and stay.max() >= problem.zones:
        raise InvalidInput("zoning.stay_in_no_zone")
    group_of = groups_of(rules.together, problem.buildings)
    if (group_of[rules.apart[:, 0]] == group_of[rules.apart[:, 1]]).any():
        raise InvalidInput("zoning.pair_contradicts")
    if len(stay) and len(rules.together):
        held = np.flatnonzero(stay >= 0)
        zones = {
            (group, zone) for group, zone in zip(group_of[held].tolist(), stay[held].tolist(), strict=True)
        }
        if len(zones) > len({group for group, _ in zones}):
            raise InvalidInput("zoning.stay_contradicts")
    if len(stay) and len(rules.apart):
        one, other = stay[rules.apart[:, 0]], stay[rules.apart[:, 1]]
        if ((one >= 0) & (one == other)).any():
            raise InvalidInput("zoning.stay_contradicts")


def groups_of(together: Counts, buildings: int) -> Counts:
    """Which buildings must share a zone, by one pair or a chain of them: one number a group; shape (n,)."""
    graph = csr_matrix((np.ones(len(together)), (together[:, 0], together[:, 1])), (buildings, buildings))
    groups: Counts = connected_components(graph, directed=False)[1].astype(np.int64)
    return groups


def every_pair(together: Counts, buildings: int) -> Counts:
    """All pairs of each group, each once: the second of a named pair may be the first of another.

    Returns
    -------
    Counts, shape (m, 2)
    """
    named = np.unique(together)
    group_of = groups_of(together, buildings)[named]
    pairs: Counts = named[np.argwhere(np.triu(group_of[:, None] == group_of, 1))]
    return pairs
