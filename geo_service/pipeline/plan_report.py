"""What a drawn plan says of itself: its zones, each community in figures, and what could not be zoned."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from geo_service import messages
from geo_service.pipeline.naming import Names
from geo_service.planning.model import CommunityZoning, LoadRange, gap_percent
from geo_service.store.drafts import NewOutcome, NewZone


@dataclass(frozen=True)
class SavedZone:
    """A zone as it was stored; lengths in metres, ``load`` in the units of the limits."""

    id: int
    code: str
    name: str
    community_code: str
    households: int
    buildings: int
    load: int
    distance_m: float
    patrol_m: float | None
    compactness: float
    locked: bool

    @classmethod
    def of(cls, zone: NewZone, zone_id: int) -> SavedZone:
        """The zone with the id it was given."""
        return cls(
            id=zone_id,
            code=zone.code,
            name=zone.name,
            community_code=zone.community_code,
            households=zone.households,
            buildings=len(zone.members),
            load=zone.load,
            distance_m=zone.distance_m,
            patrol_m=zone.patrol_m,
            compactness=zone.compactness,
            locked=zone.locked,
        )


@dataclass(frozen=True)
class ZonedCommunity:
    """One zoned community; ``changed_buildings`` is None where no earlier plan was continued."""

    name: str
    households: int
    buildings: int
    outcome: NewOutcome
    changed_buildings: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The figures, and how good they are in words."""
        figures = asdict(self.outcome)
        del figures["infeasible"]
        gap = _gap(self.outcome)
        return {
            "community_code": figures.pop("community_code"),
            "name": self.name,
            "zones": figures.pop("zones"),
            "households": self.households,
            "buildings": self.buildings,
            **figures,
            "gap_percent": gap,
            **gap_sentences(gap),
            "changed_buildings": self.changed_buildings,
        }


@dataclass(frozen=True)
class PlanReport:
    """What was drawn, and what could not be."""

    plan_id: int
    name: str
    area_code: str
    limits: LoadRange
    seed: int
    zones: tuple[SavedZone, ...]
    communities: tuple[ZonedCommunity, ...]
    infeasible: tuple[dict[str, Any], ...]
    findings: tuple[dict[str, Any], ...]
    parent_id: int | None = None
    changes: tuple[dict[str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The report as the command line and the API print it."""
        return {
            "plan_id": self.plan_id,
            "parent_id": self.parent_id,
            "name": self.name,
            "area_code": self.area_code,
            "limits": str(self.limits),
            "seed": self.seed,
            "communities": [community.as_json() for community in self.communities],
            "zones": [asdict(zone) for zone in self.zones],
            "infeasible": list(self.infeasible),
            "findings": list(self.findings),
            "changes": list(self.changes),
        }


def gap_sentence(percent: float | None, language: str) -> str:
    """How far above the best possible a plan is at most, in words; rounded up, so that it stays true."""
    if percent is None:
        return messages.text("zoning.gap_unknown", language)
    if percent == 0:
        return messages.text("zoning.gap_none", language)
    return messages.text("zoning.gap", language, percent=f"{math.ceil(percent * 10) / 10:.1f}")


def gap_sentences(percent: float | None) -> dict[str, str]:
    """The sentence of the gap in each language."""
    return {f"gap_{language}": gap_sentence(percent, language) for language in messages.LANGUAGES}


def _gap(outcome: NewOutcome) -> float | None:
    if outcome.objective_m is None or outcome.lower_bound_m is None:
        return None
    return gap_percent(outcome.objective_m, outcome.lower_bound_m)


def refusal_json(answer: CommunityZoning, name: str, names: Names) -> dict[str, Any]:
    """Why a community has no zones, and what would help."""
    problem = answer.infeasible
    assert problem is not None
    return {
        "area_code": answer.area_code,
        "name": name,
        **names.sentences("reason", problem.reason),
        "proven": problem.proven,
        "nearest": [{"limits": str(option.limits), "zones": option.zones} for option in problem.nearest],
        "remedies": [names.finding_json(remedy) for remedy in problem.remedies],
    }
