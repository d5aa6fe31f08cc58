"""What a planner asks of a community's zones beside their limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from geo_service.errors import InvalidInput
from geo_service.planning.model import Counts, ZoningArea
from geo_service.planning.zoning.problem import Aims, Earlier, Metres, groups_of

ZoneCount = int | Literal["least"] | None
"""How many zones in all, locked ones included; ``"least"``: as few as can be; None: the solver's choice."""


NO_AIMS = Aims()


def _no_pairs() -> Counts:
    return np.empty((0, 2), dtype=np.int64)


@dataclass(frozen=True)
class LockedZone:
    """A zone that stays as it is, inside the limits or not.

    Parameters
    ----------
    code : str
        Kept by the zone.
    members : Counts, shape (m,)
        Indices into the arrays of the ``ZoningArea``.
    """

    code: str
    members: Counts


@dataclass(frozen=True)
class Brief:
    """What holds for single buildings, and what good zones are. All indices are into the ``ZoningArea``.

    Parameters
    ----------
    loads : Counts, shape (n,), optional
        What the limits count, in whole units; households by default.
    weights : Metres, shape (n,), optional
        What a metre of each building's distance counts; 1 by default.
    aims : Aims
        What counts beside the distance.
    locked : tuple of LockedZone
        Taken out before anything is drawn; the rest is zoned around them.
    together, apart : Counts, shape (m, 2)
        Pairs of buildings that must, or must not, share a zone.
    centres_m : Metres, shape (c, 2)
        Points (a chief's post, a community office) each of which is the fixed centre of one zone.
    earlier : Earlier, optional
        The zones until now, and what leaving them costs.
    bounded : bool
        Whether to compute how far from the best possible the zones can be; takes about as long as drawing.
    explained : bool
        Whether to say of each zone why it is as it is.
    walked : bool
        Whether to find the walk over each zone's buildings; some 0.3 ms a zone of 15 buildings, 5 of 130.
    patrol_weight : float
        Metres of the objective that a metre of these walks is worth, when borders are gone over at last.
    """

    loads: Counts | None = None
    weights: Metres | None = None
    aims: Aims = NO_AIMS
    locked: tuple[LockedZone, ...] = ()
    together: Counts = field(default_factory=_no_pairs)
    apart: Counts = field(default_factory=_no_pairs)
    centres_m: Metres = field(default_factory=lambda: np.empty((0, 2)))
    earlier: Earlier | None = None
    bounded: bool = True
    explained: bool = True
    walked: bool = False
    patrol_weight: float = 0.0

    def locked_zone_of(self, buildings: int) -> Counts:
        """Index of the locked zone each building is in, -1 for the free ones; shape (n,)."""
        zone_of = np.full(buildings, -1, dtype=np.int64)
        for place, zone in enumerate(self.locked):
            zone_of[zone.members] = place
        return zone_of


def check_brief(brief: Brief, area: ZoningArea) -> None:
    """Refuse a brief that cannot be met whatever the ground looks like.

    Raises
    ------
    InvalidInput
        When numbers are negative or not finite, a building is unknown, or rules contradict each other.
    ValueError
        When the arrays do not fit together.
    """
    count = len(area.footprints)
    _check_loads(area.households if brief.loads is None else brief.loads, count, area.code)
    if brief.weights is not None:
        if brief.weights.shape != (count,):
            raise ValueError("weights must hold one number a building")
        if not (np.isfinite(brief.weights) & (brief.weights >= 0)).all():
            raise InvalidInput("zoning.weight_negative", where=area.code)
        if count and not brief.weights.any():
            raise InvalidInput("zoning.weights_all_zero", where=area.code)
    if not np.isfinite(brief.centres_m).all():
        raise InvalidInput("zoning.not_finite", where=area.code)
    if brief.earlier is not None and brief.earlier.zone_of.shape != (count,):
        raise ValueError("earlier.zone_of must hold one zone a building")
    named = [zone.members for zone in brief.locked] + [brief.together.ravel(), brief.apart.ravel()]
    unknown = [int(member) for members in named for member in members if not 0 <= member < count]
    if unknown:
        raise InvalidInput("zoning.building_unknown", where=area.code, index=unknown[0], buildings=count)
    for key, values in _contradictions(brief, area):
        raise InvalidInput(key, where=area.code, details=(), **values)


def _check_loads(loads: Counts, count: int, where: str) -> None:
    if loads.shape != (count,):
        raise ValueError("loads must hold one number a building")
    if not np.isfinite(loads).all() or (loads != np.floor(loads)).any():
        raise InvalidInput("zoning.load_not_whole", where=where)
    if (loads < 0).any():
        raise InvalidInput("zoning.load_negative", where=where)


def _contradictions(brief: Brief, area: ZoningArea) -> Iterator[tuple[str, dict[str, str]]]:
    """Rules no zoning can keep together, as message keys and values."""
    names = area.building_codes
    locked_in: dict[int, str] = {}
    for zone in brief.locked:
        if not len(zone.members):
            yield "zoning.locked_empty", {"zone": zone.code}
        for member in zone.members.tolist():
            if member in locked_in:
                values = {"building": str(names[member]), "one": locked_in[member], "other": zone.code}
                yield "zoning.locked_twice", values
            locked_in[member] = zone.code
    codes = [zone.code for zone in brief.locked]
    for code in codes:
        if codes.count(code) > 1:
            yield "zoning.locked_code_twice", {"zone": code}
    groups = groups_of(brief.together, len(area.footprints))
    for one, other in brief.together.tolist():
        if locked_in.get(one) != locked_in.get(other):
            held = one if one in locked_in else other
            pair = {"one": str(names[one]), "other": str(names[other])}
            yield "zoning.together_locked", {**pair, "building": str(names[held]), "zone": locked_in[held]}
    for one, other in brief.apart.tolist():
        pair = {"one": str(names[one]), "other": str(names[other])}
        if groups[one] == groups[other]:
            yield "zoning.apart_and_together", pair
        if one in locked_in and locked_in[one] == locked_in.get(other):
            yield "zoning.apart_locked", {**pair, "zone": locked_in[one]}
