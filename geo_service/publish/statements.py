"""What a layer is asked, and the SQL texts with bound values that answer it; ``store`` runs them."""

# ruff: noqa: S608 - column names come from layer files that load.py has checked; values are bound

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from geo_service.publish.model import Layer


@dataclass(frozen=True)
class Statement:
    """SQL with ``:named`` parameters and their values."""

    text: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class LayerRequest:
    """The values of a layer's declared parameters.

    Parameters
    ----------
    on : date
        The day the layer shows.
    area : str, optional
        Only what lies in the subtree of this area; None for everything in the caller's scope.
    plan : int, optional
        A plan to show instead of those published on ``on``.
    covered_states, base_states : tuple of int
        States of units that count as covered, and those a rate is taken of, by the deployment's profile.
    """

    on: date
    area: str | None = None
    plan: int | None = None
    covered_states: tuple[int, ...] = ()
    base_states: tuple[int, ...] = ()

    def values_for(self, layer: Layer) -> dict[str, Any]:
        """The values of the parameters ``layer`` declares."""
        given = {
            "area": self.area,
            "on": self.on,
            "plan": self.plan,
            "covered_states": list(self.covered_states),
            "base_states": list(self.base_states),
        }
        return {name: given[name] for name in layer.parameters}


def describe_statement(layer: Layer, request: LayerRequest) -> Statement:
    """The layer's query giving its columns and no row."""
    return Statement(f"SELECT * FROM ({layer.sql}\n) AS source LIMIT 0", request.values_for(layer))
