"""Compounds of the ledger that the map does not show."""

from __future__ import annotations

from typing import Literal

from geo_service.api.answers.answer import Answer


class PlaceCandidate(Answer):
    """A unit on the map that may be meant."""

    kind: Literal["compound", "building"]
    code: str
    name: str | None
    address: str | None
    score: float
    matched: list[str]


class UnplacedCompound(Answer):
    """A compound without a place; candidates best first."""

    code: str
    name: str | None
    address: str | None
    community: str
    candidates: list[PlaceCandidate]


class UnplacedCompounds(Answer):
    """Every compound of an area without a place."""

    area: str
    area_name: str
    units: list[UnplacedCompound]
