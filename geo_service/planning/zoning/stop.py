"""When the search ends: counted in proposed moves, never in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

MOVES_PER_BUILDING = 2_000
FEWEST_MOVES = 200_000


class Stop(Protocol):
    """How many moves the search may propose."""

    def moves(self, buildings: int) -> int:
        """Budget for a problem of ``buildings`` buildings."""


@dataclass(frozen=True)
class MaxIterations:
    """A fixed budget of proposed moves, or one that grows with the problem.

    Raises
    ------
    ValueError
        When the budget is not positive.
    """

    iterations: int | None = None

    def __post_init__(self) -> None:
        if self.iterations is not None and self.iterations < 1:
            raise ValueError("iterations must be positive")

    def moves(self, buildings: int) -> int:
        """Budget for a problem of ``buildings`` buildings."""
        if self.iterations is not None:
            return self.iterations
        return max(FEWEST_MOVES, MOVES_PER_BUILDING * buildings)
