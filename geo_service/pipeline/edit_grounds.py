"""The grounds that edits stand on, kept from edit to edit while nothing they are drawn from has changed.

A ground is a pure function of a community's buildings and lines. It is known again by the versions that
the database renews with every change of these, in the same transaction (revision 0009); where a version is
new but what it stands for is not, by a digest of all that went in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock

import numpy as np
import shapely
from cachetools import LRUCache
from sqlalchemy import Connection

from geo_service.errors import Conflict
from geo_service.pipeline.policies import find_profile
from geo_service.pipeline.wishes import plain_brief
from geo_service.planning.editing import EditGround
from geo_service.planning.zoning.community.brief import Brief
from geo_service.planning.zoning.community.ground import survey
from geo_service.store.buildings import ZoningBuildings, load_zoning_area, representative_points
from geo_service.store.zone_records import EditedCommunity

_BYTES_KEPT = 512 * 2**20
# Outline, cell, points and neighbours of a building; measured over real ones.
_BYTES_A_BUILDING = 8 * 1024
_VERSIONS_KEPT = 10_000


def _bytes_of(ground: EditGround) -> int:
    walked = ground.ground.walking.distances_m
    return ground.buildings * _BYTES_A_BUILDING + (0 if walked is None else walked.nbytes) + _BYTES_A_BUILDING


_by_digest: LRUCache[str, EditGround] = LRUCache(_BYTES_KEPT, getsizeof=_bytes_of)
_digest_of: LRUCache[tuple[object, ...], str] = LRUCache(_VERSIONS_KEPT)
_kept = Lock()


def ground_of(
    connection: Connection, community: EditedCommunity, on: date, held: Sequence[str]
) -> EditGround:
    """The ground of a community on a day, with all buildings a plan holds there, whatever has become of them.

    Parameters
    ----------
    community : EditedCommunity
        As read before ``held``, in the same transaction.
    held : sequence of str
        Codes of the buildings in zones now, or that an edit puts back.

    Raises
    ------
    Conflict
        When one of them is no longer known.
    """
    ground = _ground(connection, community, on, ())
    strays = sorted(set(held) - ground.place_of.keys())
    if not strays:
        return ground
    ground = _ground(connection, community, on, tuple(strays))
    lost = [code for code in strays if code not in ground.place_of]
    if lost:
        details: list[dict[str, object]] = [{"building": code} for code in lost[:100]]
        raise Conflict("edits.buildings_gone", where=lost[0], details=details)
    return ground


def kept() -> list[EditGround]:
    """The grounds in memory."""
    with _kept:
        return list(_by_digest.values())


def forget_all() -> None:
    """Start with no ground in memory, as a process that was started again."""
    with _kept:
        _by_digest.clear()
        _digest_of.clear()


@dataclass(frozen=True)
class _Material:
    buildings: ZoningBuildings
    brief: Brief
    digest: str


def _ground(
    connection: Connection, community: EditedCommunity, on: date, others: tuple[str, ...]
) -> EditGround:
    question = (str(connection.engine.url), community.code, community.version, on, others)
    with _kept:
        known = _by_digest.get(_digest_of.get(question, ""))
    if known is not None:
        return known
    material = _read(connection, community, on, others)
    with _kept:
        known = _by_digest.get(material.digest)
    if known is None:
        area = material.buildings.area
        points = representative_points(connection, [str(code) for code in area.building_codes])
        known = EditGround(survey(area, material.brief), points)
    with _kept:
        _digest_of[question] = material.digest
        if _bytes_of(known) <= _BYTES_KEPT:
            _by_digest[material.digest] = known
    return known


def _read(connection: Connection, community: EditedCommunity, on: date, others: tuple[str, ...]) -> _Material:
    buildings = load_zoning_area(connection, community.code, srid=community.srid, on=on, others=others)
    brief = plain_brief(buildings, find_profile(connection).zoning)
    digest = hashlib.blake2b()
    for part in _ingredients(buildings, brief, community.srid):
        digest.update(len(part).to_bytes(8))
        digest.update(part)
    return _Material(buildings, brief, digest.hexdigest())


def _ingredients(buildings: ZoningBuildings, brief: Brief, srid: int) -> Iterator[bytes]:
    area = buildings.area
    yield f"{area.code} {srid}".encode()
    yield shapely.to_wkb(area.outline)
    for codes in (area.building_codes, area.barrier_names):
        yield "\0".join(str(code) for code in codes).encode()
    for geometries in (area.footprints, area.barriers, area.crossings, area.walkways):
        yield len(geometries).to_bytes(8)
        yield b"".join(shapely.to_wkb(geometries))
    for counts in (area.households, brief.loads, brief.weights):
        yield b"" if counts is None else np.ascontiguousarray(counts).tobytes()
