"""Who the caller is."""

from __future__ import annotations

from pydantic import Field

from geo_service.access import Role
from geo_service.api.answers.answer import Answer


class Me(Answer):
    """The caller's name, role and area."""

    name: str
    role: Role
    scope: str = Field(description="Area code; * for the whole deployment")
    post_id: int | None
