"""What somebody tells in a request's body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict, model_validator

from geo_service.errors import InvalidInput


class Record(BaseModel):
    """What somebody tells: nothing unknown in it, and no zero byte, for PostgreSQL knows no such text."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _is_text(cls, told: object) -> object:
        if isinstance(told, Mapping):
            for name, value in told.items():
                if _has_zero_byte(name) or _has_zero_byte(value):
                    raise InvalidInput("record.unreadable", where=name.replace("\0", "")[:40])
        return told


def _has_zero_byte(told: object) -> bool:
    if isinstance(told, str):
        return "\0" in told
    if isinstance(told, Mapping):
        return any(_has_zero_byte(part) for pair in told.items() for part in pair)
    return isinstance(told, Sequence) and any(_has_zero_byte(part) for part in told)
