"""How a long verb says how far it is, and how it is stopped."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called often by long verbs; raise ``errors.Cancelled`` inside to stop the verb."""

    def __call__(self, stage: str, done: int, total: int | None = None) -> None:
        """Report that ``done`` of ``total`` steps of ``stage`` (a message key) are behind us."""


def silent(stage: str, done: int, total: int | None = None) -> None:
    """Report nothing."""
