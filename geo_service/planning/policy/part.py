"""What every part of a policy profile has in common: it is frozen, exact, and names its clause."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

Step = Literal["planned", "assigned", "in_service", "accepted", "compliant"]
STEPS: tuple[Step, ...] = ("planned", "assigned", "in_service", "accepted", "compliant")
"""The ladder of an arrangement, lowest first."""

LAPSED = "lapsed"
"""What a unit has come to that was managed once and is not any more; no rule counts it as covered."""

Level = Literal["county", "subdistrict", "community"]
"""Whom a duty falls to, or what a ranking compares."""

Fact = Literal[
    "acceptance_passed",
    "baseline_unmanaged",
    "employer_managed",
    "facilities_transferred",
    "fee_subsidised",
    "has_green",
    "has_guard",
    "has_maintenance_fund",
    "has_owners_committee",
    "has_parking",
    "has_responsible_unit",
    "is_civilized_unit",
    "is_old",
    "is_red_heart",
    "is_standalone",
    "market_ready",
    "mass_base_good",
    "on_task_list",
    "renovated",
    "upgraded",
]
"""What is true, false or not known of a management unit (``is_civilized_unit``: of a reporting unit)."""

Conditions = Annotated[dict[Fact, bool], Field(default_factory=dict)]
"""What has to be true, or false; nothing by default."""

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""How other parts of the profile, and figures, refer to a part."""

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Section = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
"""Where a rule stands in its plan, as the plan numbers its sections; never the sentence itself."""

Percent = Annotated[int, Field(ge=1, le=100)]
"""Whole numbers: a share is judged on exact counts, never on a rounded rate."""


class Part(BaseModel):
    """A part of a profile: nothing unknown in it, nothing converted silently, nothing changed later."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)


class Rule(Part):
    """A part that the plan itself demands, or that is this service's reading where the plan is silent."""

    section: Section
    """The clause, as the plan numbers it."""
    is_default: bool = False
    """The plan does not fix this; it is shown as a default, never as policy."""


class Named(Part):
    """A part with a key and a title in both languages."""

    key: Key
    title_zh: Title
    title_en: Title


def fault(key: str, **values: object) -> PydanticCustomError:
    """What a validator raises: the sentence ``policy.fault.<key>`` of the message catalogues."""
    return PydanticCustomError("fault", "{key}", {"key": key, **values})


def require_distinct(parts: tuple[Named, ...]) -> None:
    """Refuse two parts with one key."""
    seen: set[str] = set()
    for part in parts:
        if part.key in seen:
            raise fault("twice", given=part.key)
        seen.add(part.key)
