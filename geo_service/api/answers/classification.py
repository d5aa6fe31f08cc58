"""What a profile's rules recommend for each unit."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from geo_service.api.answers.answer import Answer, Citation, Clause, Day, Moment

Verdict = Literal["RECOMMENDED", "UNDEFINED_BY_POLICY", "FORM_LEFT_OPEN", "NEEDS_FACTS"]


class Ruling(Answer):
    """The rule that decides; all empty where none does."""

    rule: str | None
    forms: list[str] = Field(description="Recommended; empty while facts are missing")
    is_open: bool
    is_transition: bool
    arranged_by: list[str]
    readings: list[str]
    clause: Clause | None
    verdict: Verdict


class RuleSummary(Ruling):
    """How many units a rule decides."""

    units: int
    households: int


class Decision(Answer):
    """A form that somebody chose against, or beside, the recommendation."""

    form: str
    reason: str
    by: str
    at: Moment


class ClassifiedUnit(Ruling):
    """A compound or standalone building, with what is recommended and decided."""

    kind: Literal["compound", "building"]
    code: str
    name: str | None
    community: str
    households: int
    also: str | None = Field(description="A weaker rule that applies too")
    missing: list[str] = Field(description="Facts that the rule waits for")
    decision: Decision | None


class ClassificationReport(Answer):
    """The recommended form of every unit of an area."""

    area: str
    area_name: str
    on: Day
    known: Moment | None
    profile: Citation
    summary: list[RuleSummary]
    units: list[ClassifiedUnit]


class ListedProfile(Citation):
    """A policy profile."""

    shipped: bool = Field(description="Comes with the software")
    in_use: bool


class Profiles(Answer):
    """The policy profiles."""

    profiles: list[ListedProfile]
