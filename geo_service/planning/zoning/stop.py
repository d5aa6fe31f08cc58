"""When the search ends. Rules that count moves give the same plan everywhere; ``MaxSeconds`` does not."""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Event
from typing import Protocol


@dataclass(frozen=True)
class SearchState:
    """How far a search is.

    Parameters
    ----------
    moves, idle_moves : int
        Moves proposed in all, and since the best answer last improved.
    objective_m : float
        Of the best answer; infinite before there is a feasible one.
    lower_bound_m : float
        No answer can be below it; 0 when none was computed.
    """

    moves: int
    idle_moves: int
    objective_m: float
    lower_bound_m: float = 0.0

    @property
    def feasible(self) -> bool:
        """Whether the best answer keeps every rule."""
        return self.objective_m < float("inf")


class Stop(Protocol):
    """Asked every few thousand moves; True ends the search with the best answer so far."""

    def __call__(self, state: SearchState) -> bool:
        """Whether to stop."""


@dataclass(frozen=True)
class MaxMoves:
    """Stop after ``moves`` proposed moves."""

    moves: int

    def __call__(self, state: SearchState) -> bool:
        """Whether the moves are spent."""
        return state.moves >= self.moves


@dataclass(frozen=True)
class NoImprovement:
    """Stop when the last ``moves`` proposed moves found nothing better than a feasible answer."""

    moves: int

    def __call__(self, state: SearchState) -> bool:
        """Whether the search has been idle that long."""
        return state.feasible and state.idle_moves >= self.moves


@dataclass(frozen=True)
class GapReached:
    """Stop when the best answer is proven to be within ``percent`` of the best possible."""

    percent: float

    def __call__(self, state: SearchState) -> bool:
        """Whether the gap is small enough."""
        excess = state.objective_m - state.lower_bound_m
        return state.feasible and excess <= self.percent / 100 * state.lower_bound_m


@dataclass(frozen=True)
class Cancelled:
    """Stop when another thread sets ``event``; the answer so far is kept."""

    event: Event

    def __call__(self, state: SearchState) -> bool:
        """Whether somebody asked to stop."""
        return self.event.is_set()


class MaxSeconds:
    """Stop ``seconds`` after this was made. For benchmarks: the answer depends on the machine."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._started = time.perf_counter()

    def __call__(self, state: SearchState) -> bool:
        """Whether the time is over."""
        return time.perf_counter() - self._started >= self.seconds


@dataclass(frozen=True)
class AnyOf:
    """Stop when one of ``rules`` says so."""

    rules: tuple[Stop, ...]

    def __call__(self, state: SearchState) -> bool:
        """Whether one rule stops."""
        return any(rule(state) for rule in self.rules)


def never(state: SearchState) -> bool:
    """Search until the budget is spent."""
    return False
