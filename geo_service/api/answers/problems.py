"""What a refusal looks like."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from geo_service.api.answers.answer import Answer


class Problem(Answer):
    """A problem document (RFC 9457), in Chinese or English by Accept-Language."""

    type: str
    title: str
    status: int
    detail: str = Field(description="What is wrong")
    where: str = Field(description="Where it is: a field, a code, a file and row")
    mend: str = Field(description="How to mend it")
    key: str = Field(description="Names the sentence, whatever its language")
    details: list[dict[str, Any]] = Field(description="What stands behind it, one entry each")
