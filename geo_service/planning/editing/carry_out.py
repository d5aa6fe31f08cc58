"""What each order makes of a division."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from geo_service.errors import Conflict, InvalidInput
from geo_service.planning.editing.division import NOWHERE, Division, ZoneHead
from geo_service.planning.editing.ground import EditGround
from geo_service.planning.editing.orders import (
    Assign,
    AssignWithin,
    Delete,
    EditOrder,
    Lock,
    Merge,
    NewZone,
    NewZoneWithin,
    Rename,
    Split,
    SplitByLine,
    Unlock,
)
from geo_service.planning.editing.shapes import buildings_within, side_of_line
from geo_service.planning.editing.splitting import parts_of
from geo_service.planning.model import Counts

NameOf = Callable[[str], str]


def carry_out(
    order: EditOrder, division: Division, ground: EditGround, codes: Iterator[str], name_of: NameOf
) -> Division:
    """``division`` after an order; the same where the order changes nothing.

    Parameters
    ----------
    codes : iterator of str
        Codes for new zones.
    name_of : callable
        What a new zone of a code is called.

    Raises
    ------
    NotFound
        A zone named is not there.
    InvalidInput
        A building named is not among those to be zoned; an outline or line cannot be used; a split leaves a
        side empty.
    Conflict
        A locked zone would get or lose buildings; ``details`` names all.
    """
    match order:
        case Assign():
            return _given(division, ground.places(order.buildings), order.zone)
        case AssignWithin():
            return _within(order, division, buildings_within(ground, order.outline))
        case NewZone():
            code = next(codes)
            return _founded(division, ground.places(order.buildings), code, order.name or name_of(code))
        case NewZoneWithin():
            inside = buildings_within(ground, order.outline)
            if not len(inside):
                raise InvalidInput("edits.nothing_within")
            code = next(codes)
            return _founded(division, inside, code, order.name or name_of(code))
        case Merge():
            return _merged(division, order)
        case SplitByLine():
            members = _open_members(division, order.zone)
            side = side_of_line(ground.points[members], order.line)
            return _parted(
                division, ground, order.zone, [members[side == 0], members[side == 1]], codes, name_of
            )
        case Split():
            members = _open_members(division, order.zone)
            parts = parts_of(ground.ground, members, order.parts, seed=order.seed)
            return _parted(division, ground, order.zone, parts, codes, name_of)
        case Rename():
            head = division.zones[division.place(order.zone)]
            return division.headed(replace(head, name=order.name))
        case Lock() | Unlock():
            for code in order.zones:
                head = division.zones[division.place(code)]
                division = division.headed(replace(head, locked=isinstance(order, Lock)))
            return division
        case Delete():
            return division.moved(_open_members(division, order.zone), None)


def _given(division: Division, buildings: Counts, code: str | None) -> Division:
    taker = NOWHERE if code is None else division.place(code)
    moving = buildings[division.zone_of[buildings] != taker]
    if not len(moving):
        return division
    givers = division.zone_of[moving]
    _refuse_locked(division, [*np.unique(givers[givers >= 0]).tolist(), *([taker] if taker >= 0 else [])])
    return division.moved(moving, code)


def _within(order: AssignWithin, division: Division, inside: Counts) -> Division:
    outside = np.setdiff1d(division.members(order.zone), inside) if order.reshape else inside[:0]
    if not len(inside) and order.reshape:
        raise InvalidInput("edits.nothing_within")
    return _given(_given(division, inside, order.zone), outside, None)


def _founded(division: Division, buildings: Counts, code: str, name: str) -> Division:
    givers = division.zone_of[buildings]
    _refuse_locked(division, np.unique(givers[givers >= 0]).tolist())
    return division.with_zone(ZoneHead(code, name), buildings)


def _merged(division: Division, order: Merge) -> Division:
    into = order.zones[0] if order.into is None else order.into
    zones = sorted({division.place(code) for code in (*order.zones, into)})
    if len(zones) < 2:
        raise InvalidInput("edits.merge_of_one", where=into, zone=into)
    _refuse_locked(division, zones)
    return division.moved(np.flatnonzero(np.isin(division.zone_of, zones)), into)


def _parted(
    division: Division,
    ground: EditGround,
    code: str,
    parts: list[Counts],
    codes: Iterator[str],
    name_of: NameOf,
) -> Division:
    """The zone keeps its code for the part with most load, of equals the first."""
    if any(not len(part) for part in parts):
        raise InvalidInput("edits.split_leaves_empty", where=code, zone=code)
    loads = [int(ground.ground.loads[part].sum()) for part in parts]
    keeper = loads.index(max(loads))
    for place, part in enumerate(parts):
        if place != keeper:
            new = next(codes)
            division = division.with_zone(ZoneHead(new, name_of(new)), part)
    return division


def _open_members(division: Division, code: str) -> Counts:
    _refuse_locked(division, [division.place(code)])
    return division.members(code)


def _refuse_locked(division: Division, zones: list[int]) -> None:
    locked = [division.zones[zone] for zone in zones if division.zones[zone].locked]
    if locked:
        raise Conflict(
            "edits.locked",
            where=locked[0].code,
            details=[{"zone_code": zone.code, "zone_name": zone.name} for zone in locked],
            zones=", ".join(zone.name or zone.code for zone in locked),
        )
