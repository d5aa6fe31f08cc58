"""The parts of a policy profile; each names its clause, or says that it is a default of ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from geo_service.planning.model import LoadRange

STEPS = ("planned", "assigned", "in_service", "accepted", "compliant")
"""The ladder of an arrangement, lowest first."""


@dataclass(frozen=True)
class Clause:
    """Where a rule stands: the plan and its section, never its sentences."""

    plan: str
    section: str


@dataclass(frozen=True)
class Milestone:
    """A share of the base that must be covered by the end of a day; reaching it exactly is enough.

    Parameters
    ----------
    percent : int
        1 to 100. Whole numbers: a milestone is judged on exact counts, never on a rounded rate.
    """

    date: date
    percent: int
    clause: Clause

    def required(self, denominator: int) -> int:
        """The least whole count that reaches the milestone: 80 % of 229 are 183.2, so 184."""
        return -(-denominator * self.percent // 100)


@dataclass(frozen=True)
class CoverageRule:
    """What is counted.

    Parameters
    ----------
    measure : str
        Key of the measure the milestones are judged by.
    base : str
        What the denominator is taken from; ``"unmanaged_baseline"`` is the only base so far.
    covered_from : str
        The lowest step that counts as covered.
    is_default : bool
        True where the plan is silent and this is our reading.
    """

    measure: str
    base: str
    covered_from: str
    is_default: bool
    clause: Clause

    @property
    def covered_steps(self) -> tuple[str, ...]:
        """Every step that counts as covered."""
        return STEPS[STEPS.index(self.covered_from) :]


@dataclass(frozen=True)
class ZoneSize:
    """Households a roving-service zone should hold; no plan fixes it, so it is shown as a default."""

    households: LoadRange
    is_default: bool


@dataclass(frozen=True)
class Profile:
    """One government plan as data."""

    key: str
    version: int
    title_zh: str
    title_en: str
    coverage: CoverageRule
    milestones: tuple[Milestone, ...]
    zone_size: ZoneSize

    def milestone_on(self, day: date) -> Milestone | None:
        """The latest milestone due by the end of ``day``."""
        due = [milestone for milestone in self.milestones if milestone.date <= day]
        return due[-1] if due else None
