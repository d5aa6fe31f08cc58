"""What a plan provides for when something is missed: proposals, for a person to decide.

How severe a case is, the plans leave to people; so does this.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from geo_service.planning.policy.conduct import Conduct, Sanction
from geo_service.planning.policy.part import Fact

_INCLUDED = MappingProxyType({"consent_failed": ("plan_failed",)})
"""Owners who do not agree are one of the reasons for which a compound's plan cannot be carried out."""


def possible(
    conduct: Conduct, occasion: str, against: str | None, facts: Mapping[Fact, bool]
) -> list[Sanction]:
    """Every sanction that what is known does not rule out, the mildest first.

    Parameters
    ----------
    occasion : str
        What has happened; what a plan provides for a wider occasion is possible, too.
    against : str or None
        The level it is against; whichever it is where None.
    """
    return [
        sanction
        for sanction in conduct.sanctions
        if sanction.on in (occasion, *_INCLUDED.get(occasion, ()))
        and against in (None, sanction.against)
        and all(facts.get(fact, wanted) is wanted for fact, wanted in sanction.where.items())
    ]


def proposals(
    conduct: Conduct, occasions: Collection[str], against: str, facts: Mapping[Fact, bool]
) -> list[dict[str, Any]]:
    """What a plan provides for on some occasions, as JSON, for a person to decide; the mildest first.

    What is not known of a unit rules nothing out: both possibilities are shown.
    """
    named = {"key", "on", "against", "title_zh", "title_en", "where", "section"}
    return [
        sanction.model_dump(mode="json", include=named)
        for occasion in occasions
        for sanction in possible(conduct, occasion, against, facts)
    ]
