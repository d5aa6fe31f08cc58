"""Zones that go on keep their codes: people, notices and ledgers know them by those."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from geo_service.planning.model import Counts, DrawnZone


def continue_codes(
    zones: Sequence[DrawnZone], earlier: Mapping[str, Counts], community_code: str
) -> tuple[DrawnZone, ...]:
    """The zones with the codes of the earlier zones they continue, by code.

    A zone continues at most one earlier zone, and shares a building with it; of all ways to match them the
    one in which most buildings keep their code. Locked zones keep their codes; the others, which are new, get
    the lowest numbers that neither an earlier nor a locked zone has, in the order given.

    Parameters
    ----------
    zones : sequence of DrawnZone
        In numbering order.
    earlier : mapping of str to Counts
        Code of each earlier zone and its members, as indices into the same arrays as those of ``zones``.
    community_code : str
        What new codes begin with.
    """
    kept = {zone.code for zone in zones if zone.locked}
    free = [zone for zone in zones if not zone.locked]
    candidates = [code for code in earlier if code not in kept]
    shared = np.array(
        [[len(np.intersect1d(zone.members, earlier[code])) for code in candidates] for zone in free]
    ).reshape(len(free), len(candidates))
    rows, columns = linear_sum_assignment(shared, maximize=True)
    continued = {
        int(row): candidates[column]
        for row, column in zip(rows, columns, strict=True)
        if shared[row, column] > 0
    }
    taken = kept | set(earlier)
    unused = (code for code in (f"{community_code}{number:03d}" for number in count(1)) if code not in taken)
    code_of = {
        zone.code: continued[place] if place in continued else next(unused) for place, zone in enumerate(free)
    }
    return tuple(sorted((_renamed(zone, code_of) for zone in zones), key=lambda zone: zone.code))


def _renamed(zone: DrawnZone, code_of: Mapping[str, str]) -> DrawnZone:
    """The zone under its new code, which its explanation uses too."""
    explanation = tuple(
        replace(
            finding,
            where=code_of.get(finding.where, finding.where),
            values={key: code_of.get(str(value), value) for key, value in finding.values.items()},
        )
        for finding in zone.explanation
    )
    return replace(zone, code=code_of.get(zone.code, zone.code), explanation=explanation)


class Change(NamedTuple):
    """A building, as an index, and the codes of the zones it left and came to."""

    building: int
    from_zone: str
    to_zone: str


def changes(zones: Sequence[DrawnZone], earlier: Mapping[str, Counts]) -> tuple[Change, ...]:
    """The buildings that are in a zone of another code than before; new ones do not count."""
    before = {int(member): code for code, members in earlier.items() for member in members}
    return tuple(
        Change(int(member), before[int(member)], zone.code)
        for zone in zones
        for member in zone.members
        if before.get(int(member), zone.code) != zone.code
    )
