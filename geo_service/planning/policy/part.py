"""What every part of a policy profile has in common: it is frozen, exact, and names its clause."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from geo_service.planning.policy.lines import Place

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


class Interpreted(Part):
    """A part some of whose values are this service's reading, where the plan fixes the others."""

    readings: Annotated[tuple[Key, ...], Field(strict=False)] = ()
    """Names of those fields; they are shown as defaults, never as policy."""

    @model_validator(mode="after")
    def _reads_fields_of_its_own(self) -> Self:
        for place, name in enumerate(self.readings):
            if name not in type(self).model_fields:
                raise fault("unknown_reference", at=("readings", place), given=name)
        return self


class Rule(Interpreted):
    """A part that the plan itself demands, or that is this service's reading where the plan is silent."""

    section: Section
    """The clause, as the plan numbers it."""
    is_default: bool = False
    """The plan does not fix this; it is shown as a default, never as policy."""


class Keyed(Part):
    """A part that others, and figures, refer to."""

    key: Key


class Named(Keyed):
    """A part with a key and a title in both languages."""

    title_zh: Title
    title_en: Title


def fault(key: str, *, at: Place = (), **values: object) -> PydanticCustomError:
    """What a validator raises: the sentence ``policy.fault.<key>`` of the message catalogues.

    Parameters
    ----------
    at : tuple of str and int
        The field at fault, seen from the part that is validated.
    **values
        What the sentence names; ``given``, where it is left out, is the field's own value.
    """
    return PydanticCustomError("fault", "{key}", {"key": key, "at": at, **values})


def together(faults: Sequence[PydanticCustomError]) -> PydanticCustomError:
    """Several faults as the one that a validator can raise."""
    return PydanticCustomError("faults", "", {"faults": [each.context for each in faults]})


def require_distinct(parts: Sequence[Keyed], field: str) -> None:
    """Refuse two parts of a list with one key."""
    seen: set[str] = set()
    for place, part in enumerate(parts):
        if part.key in seen:
            raise fault("twice", at=(field, place, "key"), given=part.key)
        seen.add(part.key)
