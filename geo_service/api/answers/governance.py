"""Consent rounds, governance bodies, responsible units and target letters."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from geo_service.api.answers.answer import Answer, Clause, Day, Moment

UnitKind = Literal["compound", "building"]


class Withdrawn(Answer):
    """A record that was taken back; it stays in the history."""

    id: int
    withdrawn: bool


class HeadTally(Answer):
    """Owners, or residents, who agree, and all of them."""

    agree: int
    all: int


class AreaTally(Answer):
    """Floor area (m2) of those who agree, and of all."""

    agree: float
    all: float


class RecordedRound(Answer):
    """A consent round with both its tallies, as it was judged."""

    id: int
    unit: str
    community: str
    proposal: str
    form: str | None = Field(description="The form of management that was proposed")
    began: Day
    ended: Day
    heads: HeadTally
    area_m2: AreaTally
    passes: bool
    profile: str
    version: int
    rule: dict[str, Any] = Field(description="The profile's rule, as it was then")
    clause: Clause


class ListedRound(RecordedRound):
    """The same with who recorded it."""

    kind: UnitKind
    name: str | None
    by: str
    at: Moment


class ConsentRounds(Answer):
    """Every round of an area, with how many pass."""

    area: str
    area_name: str
    passed: int
    not_passed: int
    rounds: list[ListedRound]


class FoundedBody(Answer):
    """A body of a unit, or of a whole community."""

    id: int
    kind: str
    name: str
    unit: str | None
    community: str
    founded_on: Day
    dissolved_on: Day | None
    filing_number: str | None


class ListedBody(FoundedBody):
    """The same with who recorded it."""

    unit_name: str | None
    by: str
    at: Moment


class GovernanceBodies(Answer):
    """Bodies of an area and of its units."""

    area: str
    area_name: str
    on: Day | None = Field(description="Those of this day; all where null")
    bodies: list[ListedBody]


class DissolvedBody(Answer):
    """A body that is no more."""

    id: int
    name: str
    dissolved_on: Day


class AnsweredUnit(Answer):
    """A unit that somebody answers for."""

    kind: UnitKind
    code: str
    name: str | None
    community: str
    matched_by: str | None = Field(description="By code, or by the ledger's text")


class UnregisteredName(Answer):
    """A name of the ledger that is on no register."""

    name: str
    units: list[AnsweredUnit]


class RegisteredUnit(UnregisteredName):
    """A responsible unit with what it answers for."""

    code: str
    area: str = Field(description="The area whose register it is on")


class ResponsibleUnits(Answer):
    """Every responsible unit of an area."""

    area: str
    area_name: str
    responsible: list[RegisteredUnit]
    unregistered: list[UnregisteredName]


class Registration(Answer):
    """A responsible unit on a register."""

    code: str
    name: str
    area: str
    changed: bool


class AssignedUnit(Answer):
    """Who answers for a unit by code; null for nobody."""

    unit: str
    community: str
    code: str | None
    name: str | None


class Promise(Answer):
    """What an area promised the one above it: a percentage, or a number of units."""

    id: int
    giver: str
    giver_name: str
    signed_on: Day
    due_on: Day
    target_percent: int | None
    target_count: int | None
    document_no: str


class SignedLetter(Promise):
    """A target letter as it was signed."""

    taker: str
    taker_name: str


class ListedLetter(Promise):
    """A target letter with who recorded it."""

    by: str
    at: Moment


class Taker(Answer):
    """A sub-district or community with the letters it has taken."""

    code: str
    kind: Literal["subdistrict", "community"]
    name: str
    letters: list[ListedLetter]


class TargetLetters(Answer):
    """Every sub-district and community of an area, and who has no letter."""

    area: str
    area_name: str
    takers: list[Taker]
    without: list[str]
