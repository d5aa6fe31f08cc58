"""How a long verb says how far it is, and how it is stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Progress(Protocol):
    """Called often by long verbs; raise ``errors.Cancelled`` inside to stop the verb."""

    def __call__(self, stage: str, done: int, total: int | None = None) -> None:
        """Report that ``done`` of ``total`` steps of ``stage`` (a message key) are behind us."""


def silent(stage: str, done: int, total: int | None = None) -> None:
    """Report nothing."""


class Unwatched:
    """A progress that nobody sees, and that stops the verb when ``check`` raises.

    Parameters
    ----------
    check : callable
        Raises ``errors.Cancelled`` once the verb is not wanted any more.
    """

    def __init__(self, check: Callable[[], None]) -> None:
        self.check = check

    def __call__(self, stage: str, done: int, total: int | None = None) -> None:
        """Stop the verb if it is to stop."""
        self.check()


def is_watched(progress: Progress) -> bool:
    """Whether anybody sees how far the verb is, so that it is worth knowing how far it has to go."""
    return progress is not silent and not isinstance(progress, Unwatched)
