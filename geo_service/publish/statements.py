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
    target : str, optional
        The one of the profile's targets to show, by its key, instead of all of them.
    communities : tuple of (str, tuple of str), optional
        An area, and the codes of all areas in it where these are few: written out, they let the database
        estimate how many rows there are before it chooses how to read them. Of no use for another area.
    covered_states, base_states : tuple of int
        States of units that count as covered, and those a rate is taken of, by the deployment's profile.
    type_fact : str
        The column of the ledger that holds the profile's classification; empty where it has none.
    type_keys : tuple of str
        Its options, in their order.
    targets : str
        The profile's targets as they stand on that day, as JSON.
    """

    on: date
    area: str | None = None
    plan: int | None = None
    target: str | None = None
    covered_states: tuple[int, ...] = ()
    base_states: tuple[int, ...] = ()
    type_fact: str = ""
    type_keys: tuple[str, ...] = ()
    targets: str = "[]"
    communities: tuple[str, tuple[str, ...]] | None = None

    def values_for(self, layer: Layer) -> dict[str, Any]:
        """The values of the parameters ``layer`` declares."""
        given = {
            "area": self.area,
            "on": self.on,
            "plan": self.plan,
            "target": self.target,
            "covered_states": list(self.covered_states),
            "base_states": list(self.base_states),
            "type_fact": self.type_fact,
            "type_keys": list(self.type_keys),
            "targets": self.targets,
            "communities": self._codes_in_area(),
        }
        return {name: given[name] for name in layer.parameters}

    def _codes_in_area(self) -> list[str] | None:
        area, codes = self.communities or (None, ())
        return list(codes) if area is not None and area == self.area else None


def describe_statement(layer: Layer, request: LayerRequest) -> Statement:
    """The layer's query giving its columns and no row."""
    return Statement(f"SELECT * FROM ({layer.query}\n) AS source LIMIT 0", request.values_for(layer))


def shapes_statement(layer: Layer, request: LayerRequest, *, most: int) -> Statement:
    """What kinds of geometry, in which CRS, the first ``most`` rows have, every column of them read."""
    text = f"""
SELECT GeometryType(geom), ST_SRID(geom), GeometryType(geom_3857), ST_SRID(geom_3857), count(whole)
FROM (SELECT source AS whole, geom, geom_3857 FROM ({layer.sql}
) AS source LIMIT :most) AS shape
GROUP BY 1, 2, 3, 4"""
    return Statement(text, {**request.values_for(layer), "most": most})


def doubled_keys_statement(layer: Layer, request: LayerRequest) -> Statement:
    """A key that several rows have, or none has; no row where there is no such key."""
    text = f"""
SELECT coalesce(source.{layer.key}::text, 'NULL')
FROM ({layer.sql}
) AS source
GROUP BY source.{layer.key}
HAVING count(*) > 1 OR source.{layer.key} IS NULL
LIMIT 1"""
    return Statement(text, request.values_for(layer))
