"""Which building of a community is in which zone, how two such divisions differ, and the way back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count

import numpy as np

from geo_service.errors import NotFound
from geo_service.planning.model import Codes, Counts

NOWHERE = -1
DIGITS = 3


@dataclass(frozen=True)
class ZoneHead:
    """What is said of a zone beside its buildings."""

    code: str
    name: str
    locked: bool = False


@dataclass(frozen=True)
class Division:
    """The buildings of one community in zones; each in one at most.

    Parameters
    ----------
    zones : tuple of ZoneHead
        By code; none is empty.
    zone_of : Counts, shape (n,)
        Index into ``zones``, ``NOWHERE`` for buildings in no zone.
    """

    zones: tuple[ZoneHead, ...]
    zone_of: Counts

    @classmethod
    def of(cls, zones: Iterable[tuple[ZoneHead, Counts]], buildings: int) -> Division:
        """The division of some zones with their members; those without members are left out."""
        held = sorted((zone for zone in zones if len(zone[1])), key=lambda zone: zone[0].code)
        zone_of = np.full(buildings, NOWHERE, dtype=np.int64)
        for place, (_, members) in enumerate(held):
            zone_of[members] = place
        return cls(tuple(head for head, _ in held), zone_of)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of all zones, in order."""
        return tuple(zone.code for zone in self.zones)

    @property
    def unassigned(self) -> Counts:
        """The buildings in no zone."""
        return np.flatnonzero(self.zone_of == NOWHERE)

    @property
    def code_of(self) -> Codes:
        """Code of each building's zone, empty for those in none; shape (n,)."""
        codes = np.empty(len(self.zones) + 1, dtype=object)
        codes[:] = [*self.codes, ""]
        return codes[self.zone_of]

    def place(self, code: str) -> int:
        """Index of the zone of a code.

        Raises
        ------
        NotFound
            When there is none.
        """
        codes = self.codes
        if code not in codes:
            raise NotFound("edits.no_such_zone", where=code[:64], zone=code[:64])
        return codes.index(code)

    def members(self, code: str) -> Counts:
        """The buildings of a zone, ascending."""
        return np.flatnonzero(self.zone_of == self.place(code))

    def moved(self, buildings: Counts, code: str | None) -> Division:
        """The division with some buildings in the zone of a code, or in none; zones left empty are gone."""
        zone_of = self.zone_of.copy()
        zone_of[buildings] = NOWHERE if code is None else self.place(code)
        return self._without_empty(zone_of)

    def with_zone(self, head: ZoneHead, buildings: Counts) -> Division:
        """The division with one more zone, which takes its buildings from where they are."""
        zone_of = self.zone_of.copy()
        zone_of[buildings] = len(self.zones)
        return replace(self, zones=(*self.zones, head))._without_empty(zone_of)

    def headed(self, head: ZoneHead) -> Division:
        """The division with another head on the zone of the same code."""
        place = self.place(head.code)
        return replace(self, zones=(*self.zones[:place], head, *self.zones[place + 1 :]))

    def _without_empty(self, zone_of: Counts) -> Division:
        held = np.unique(zone_of[zone_of >= 0]).tolist()
        in_order = sorted(held, key=lambda place: self.zones[place].code)
        renumbered = np.full(len(self.zones) + 1, NOWHERE, dtype=np.int64)
        renumbered[in_order] = np.arange(len(in_order))
        return Division(tuple(self.zones[place] for place in in_order), renumbered[zone_of])


Patch = Mapping[str, tuple[ZoneHead, Counts] | None]
"""Zones as they shall be, by code: head and members, or None for a zone that shall not be."""


def difference(one: Division, other: Division) -> dict[str, tuple[ZoneHead, Counts] | None]:
    """What makes ``other`` of ``one``: the zones that differ, as they are in ``other``.

    ``difference(other, one)`` is its exact inverse.
    """
    ones = {head.code: (head, place) for place, head in enumerate(one.zones)}
    others = {head.code: (head, place) for place, head in enumerate(other.zones)}
    moved = one.code_of != other.code_of
    touched = {division.zones[place].code for division in (one, other) for place in _places(division, moved)}
    touched |= {code for code in ones.keys() | others.keys() if _head(ones, code) != _head(others, code)}
    return {
        code: (others[code][0], np.flatnonzero(other.zone_of == others[code][1])) if code in others else None
        for code in sorted(touched)
    }


def patched(division: Division, patch: Patch) -> Division:
    """``division`` with the zones of a patch as they shall be; what these no longer hold is in no zone."""
    zone_of = division.zone_of.copy()
    heads = list(division.zones)
    place_of = {head.code: place for place, head in enumerate(heads)}
    for code in patch:
        if code in place_of:
            zone_of[zone_of == place_of[code]] = NOWHERE
    for code, wanted in patch.items():
        if wanted is None:
            continue
        head, members = wanted
        if code not in place_of:
            place_of[code] = len(heads)
            heads.append(head)
        heads[place_of[code]] = head
        zone_of[members] = place_of[code]
    return Division(tuple(heads), zone_of)._without_empty(zone_of)


def fresh_codes(community_code: str, taken: Iterable[str]) -> Iterator[str]:
    """Codes for new zones of a community, numbered on from the highest taken: no number comes again."""
    numbers = [
        int(code.removeprefix(community_code))
        for code in taken
        if code.startswith(community_code)
        and code.removeprefix(community_code).isascii()
        and code.removeprefix(community_code).isdigit()
    ]
    return (f"{community_code}{number:0{DIGITS}d}" for number in count(max(numbers, default=0) + 1))


def _places(division: Division, moved: np.ndarray) -> list[int]:
    places: list[int] = np.unique(division.zone_of[moved]).tolist()
    return [place for place in places if place >= 0]


def _head(heads: Mapping[str, tuple[ZoneHead, int]], code: str) -> ZoneHead | None:
    return heads[code][0] if code in heads else None
