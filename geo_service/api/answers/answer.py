"""What answers are made of: parts that hold nothing unnamed, days, moments, amounts, words."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

# Dates and moments are written by whoever tells them and pass as they are.
Day = Annotated[str, Field(json_schema_extra={"format": "date"})]
Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
# A count stays whole, square metres become a fraction.
Amount = Annotated[int | float, WithJsonSchema({"type": "number"})]
Box = Annotated[
    tuple[float, float, float, float],
    Field(description="West, south, east, north in degrees (EPSG:4490)"),
]


class Answer(BaseModel):
    """A part of an answer: what it does not name is not in it."""

    model_config = ConfigDict(extra="forbid")


class Bilingual(Answer):
    """A text in Chinese and in English."""

    zh: str
    en: str


class Titled(Answer):
    """A part of a policy profile, or the profile, by its key."""

    key: str
    title_zh: str
    title_en: str


class Citation(Titled):
    """The policy profile that an answer goes by."""

    version: int


class Clause(Answer):
    """Where a plan says so."""

    plan: str = Field(description="Title of the government plan")
    section: str


class Sentence(Answer):
    """A sentence in Chinese and in English."""

    message_zh: str
    message_en: str
