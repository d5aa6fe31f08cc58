"""What the solver is asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo_service.planning.model import Counts, HouseholdRange

Metres = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ZoningProblem:
    """Buildings to be divided into connected zones of ``limits`` households each.

    Parameters
    ----------
    positions_m : Metres, shape (n, 2)
        One point a building, in metres.
    households : Counts, shape (n,)
        Not negative; zero is allowed.
    neighbour_starts, neighbours : Counts, shapes (n + 1,) and (m,)
        Compressed rows: the neighbours of building ``i`` are
        ``neighbours[neighbour_starts[i]:neighbour_starts[i + 1]]``. Symmetric and connected.
    limits : HouseholdRange
        Both ends hard.
    zones : int, optional
        How many zones; None lets the solver choose.

    Raises
    ------
    ValueError
        When the arrays do not fit together.
    """

    positions_m: Metres
    households: Counts
    neighbour_starts: Counts
    neighbours: Counts
    limits: HouseholdRange
    zones: int | None = None

    def __post_init__(self) -> None:
        count = len(self.households)
        if count == 0 or self.positions_m.shape != (count, 2):
            raise ValueError("positions_m must be (n, 2) for the n > 0 buildings of households")
        if not np.isfinite(self.positions_m).all() or (self.households < 0).any():
            raise ValueError("positions must be finite and households not negative")
        if self.neighbour_starts.shape != (count + 1,) or self.neighbour_starts[-1] != len(self.neighbours):
            raise ValueError("neighbour_starts must hold n + 1 offsets into neighbours")
        if self.zones is not None and not 1 <= self.zones <= count:
            raise ValueError("zones must be between 1 and the number of buildings")

    @property
    def buildings(self) -> int:
        """Number of buildings."""
        return len(self.households)
