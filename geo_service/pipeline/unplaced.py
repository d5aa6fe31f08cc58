"""The verb that offers places on the map to compounds that have none, by name and address."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Engine

from geo_service.access import Actor
from geo_service.pipeline.guard import require_reader
from geo_service.planning.spelling import Candidate, Named, candidates
from geo_service.store.aliases import NamedUnit, named_units, without_place
from geo_service.store.areas import require_area
from geo_service.store.session import transaction


def offer_places(engine: Engine, actor: Actor, *, area_code: str) -> dict[str, Any]:
    """For every compound without a place, the units of its community on the map that it may be, best first.

    Raises
    ------
    NotFound
        No such area in the actor's scope.
    Forbidden
        The actor reads coverage alone, or one zone alone.
    """
    require_reader(actor)
    with transaction(engine, actor, read_only=True) as connection:
        area = require_area(connection, area_code)
        unplaced = without_place(connection, area_code)
        placed = [u for u in named_units(connection, [u.community_code for u in unplaced]) if u.has_place]
    rows = []
    for community, units in groupby(unplaced, key=lambda unit: unit.community_code):
        rows += _offers(list(units), [unit for unit in placed if unit.community_code == community])
    return {"area": area.code, "area_name": area.name, "units": rows}


def _offers(units: Sequence[NamedUnit], placed: Sequence[NamedUnit]) -> list[dict[str, Any]]:
    kinds = {unit.code: unit.kind for unit in placed}
    known = [_named(unit) for unit in placed]
    return [
        {
            "code": unit.code,
            "name": unit.name,
            "address": unit.address,
            "community": unit.community_code,
            "candidates": [_described(each, kinds) for each in found],
        }
        for unit, found in zip(units, candidates([_named(u) for u in units], known), strict=True)
    ]


def _named(unit: NamedUnit) -> Named:
    return Named(unit.code, unit.name, unit.address)


def _described(candidate: Candidate, kinds: dict[str, str]) -> dict[str, Any]:
    return {
        "kind": kinds[candidate.unit.code],
        "code": candidate.unit.code,
        "name": candidate.unit.name,
        "address": candidate.unit.address,
        "score": candidate.score,
        "matched": list(candidate.matched),
    }
