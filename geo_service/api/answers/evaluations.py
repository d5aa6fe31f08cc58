"""Sheets of marks, and decisions on forms."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from geo_service.api.answers.answer import Answer, Citation, Moment, Titled


class ScoredSheet(Answer):
    """A unit's sheet as it was scored."""

    unit: str
    community: str
    profile: str
    version: int
    round: str
    total: float
    pass_mark: float
    passes: bool
    left_out: list[str] = Field(description="Indicators that do not apply")


class EvaluatedUnit(Answer):
    """A unit of a round; null where it is not scored."""

    kind: Literal["compound", "building"]
    code: str
    name: str | None
    community: str
    community_name: str
    total: float | None
    passes: bool | None
    left_out: list[str]
    marks: dict[str, Any] | None = Field(description="By indicator, as they were told")
    by: str | None
    at: Moment | None


class Evaluations(Answer):
    """Every unit of the baseline in a round."""

    area: str
    area_name: str
    profile: Citation
    round: str
    round_titles: Titled
    evaluated: list[str]
    indicators: list[Titled]
    full_mark: float
    pass_mark: float
    compliant: int
    not_compliant: int
    not_scored: int
    units: list[EvaluatedUnit]


class DecidedForm(Answer):
    """What was decided for a unit; null where a decision was withdrawn."""

    unit: str
    community: str
    profile: str
    form: str | None
    reason: str | None
