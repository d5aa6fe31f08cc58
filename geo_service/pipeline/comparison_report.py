"""What a comparison tells of either plan and of both together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np

from geo_service.planning.comparison import NOWHERE, ZoneMatching
from geo_service.planning.model import Counts, LoadRange
from geo_service.planning.plan_figures import ZoneFigures, figures_of

Report = dict[str, Any]
_FIGURES = tuple(field.name for field in fields(ZoneFigures))
_HEAD = ("name", "area_code", "state", "revision", "parent_id", "created_by", "created_at")
_ZONE_NAME = ("code", "name", "chief")
_ZONE = (*_ZONE_NAME, "households", "buildings", "load")


@dataclass(frozen=True)
class ComparedPlan:
    """One of the plans, as far as it is compared.

    Parameters
    ----------
    zones : list of dict
        By code.
    waiting : mapping
        Buildings without a zone, by community.
    """

    plan: Report
    limits: LoadRange
    zones: list[Report]
    waiting: Mapping[str, int]

    @cached_property
    def place_of(self) -> dict[str, int]:
        """Places of zones by code."""
        return {zone["code"]: place for place, zone in enumerate(self.zones)}

    @cached_property
    def zones_in(self) -> dict[str, list[ZoneFigures]]:
        """Figures of zones by community."""
        inside: dict[str, list[ZoneFigures]] = {}
        for zone in self.zones:
            figures = ZoneFigures(**{name: zone[name] for name in _FIGURES})
            inside.setdefault(zone["community_code"], []).append(figures)
        return inside

    def places(self, codes: Sequence[str]) -> Counts:
        """Zones as places in ``zones``, by their codes; ``NOWHERE`` for an empty code."""
        return np.array([self.place_of.get(code, NOWHERE) for code in codes], dtype=np.int64)

    def figures(self, communities: Collection[str]) -> Report:
        """All zones of some communities together."""
        zones = [zone for code in communities for zone in self.zones_in.get(code, ())]
        waiting = sum(self.waiting.get(code, 0) for code in communities)
        return asdict(figures_of(zones, self.limits, unassigned=waiting))

    def head(self, communities: Collection[str]) -> Report:
        """Which plan it is, and its figures."""
        return {
            "plan_id": self.plan["id"],
            **{key: self.plan[key] for key in _HEAD},
            "limits": {"lo": self.limits.lo, "hi": self.limits.hi},
            "figures": self.figures(communities),
        }

    def zone(self, place: int, keys: Sequence[str] = _ZONE) -> Report | None:
        """One zone; None for ``NOWHERE``."""
        return None if place == NOWHERE else {key: self.zones[place][key] for key in keys}


@dataclass(frozen=True)
class Comparison:
    """Two plans and the buildings that either has in a zone; zones are places in those of their plan."""

    a: ComparedPlan
    b: ComparedPlan
    codes: Sequence[str]
    households: Counts
    zone_in_a: Counts
    zone_in_b: Counts
    matching: ZoneMatching

    @cached_property
    def differing(self) -> list[int]:
        """Places of the buildings that are elsewhere, by code."""
        places = np.flatnonzero(self.matching.differing(self.zone_in_a, self.zone_in_b)).tolist()
        return sorted(places, key=lambda place: self.codes[place])

    def as_json(self, names: Mapping[str, str]) -> Report:
        """The plans, their communities and their zones, without the buildings; ``names`` of communities."""
        told = [
            code
            for code in names
            if any(code in side.zones_in or code in side.waiting for side in (self.a, self.b))
        ]
        differing_in = Counter(self._community(place) for place in self.differing)
        return {
            "a": self.a.head(told),
            "b": self.b.head(told),
            "communities": [
                {
                    "code": code,
                    "name": names[code],
                    "differing": differing_in[code],
                    "a": self.a.figures([code]),
                    "b": self.b.figures([code]),
                }
                for code in told
            ],
            "zones": sorted(self._pairs(), key=lambda pair: pair["community_code"]),
            "differing": {
                "buildings": len(self.differing),
                "households": int(self.households[self.differing].sum()),
            },
        }

    def buildings_json(self, places: Sequence[int], known: Mapping[str, Report]) -> list[Report]:
        """Some buildings with their zones in both plans; ``known`` is what people know them by."""
        return [
            {
                "code": self.codes[place],
                "households": int(self.households[place]),
                **{
                    key: known.get(self.codes[place], {}).get(key)
                    for key in ("name", "address", "lon", "lat")
                },
                "community_code": self._community(place),
                "a": self.a.zone(int(self.zone_in_a[place]), _ZONE_NAME),
                "b": self.b.zone(int(self.zone_in_b[place]), _ZONE_NAME),
            }
            for place in places
        ]

    def _community(self, place: int) -> str:
        in_a = int(self.zone_in_a[place])
        zone = self.b.zones[int(self.zone_in_b[place])] if in_a == NOWHERE else self.a.zones[in_a]
        return str(zone["community_code"])

    def _pairs(self) -> Iterator[Report]:
        matching = self.matching
        for place, match in enumerate(matching.match_of.tolist()):
            yield {
                "community_code": self.a.zones[place]["community_code"],
                "a": self.a.zone(place),
                "b": self.b.zone(match),
                "shared_households": int(matching.households[place]),
                "shared_buildings": int(matching.buildings[place]),
            }
        for place in sorted(set(range(len(self.b.zones))) - set(matching.match_of.tolist())):
            yield {
                "community_code": self.b.zones[place]["community_code"],
                "a": None,
                "b": self.b.zone(place),
                "shared_households": 0,
                "shared_buildings": 0,
            }
