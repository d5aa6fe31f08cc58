"""One government plan as data: everything this service does by policy, and nothing it does otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from typing import Annotated, Self, get_args

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from geo_service.errors import InvalidInput
from geo_service.planning.policy.conduct import Conduct, ConsentRule, Scoring
from geo_service.planning.policy.lines import Place
from geo_service.planning.policy.management import Form, Management
from geo_service.planning.policy.part import (
    STEPS,
    Key,
    Level,
    Part,
    Title,
    fault,
    require_distinct,
    together,
)
from geo_service.planning.policy.targets import CoverageRule, Milestone, Target
from geo_service.planning.policy.zoning_rules import ZoneSize, ZoningRules


class Profile(Part):
    """A policy profile.

    Clauses are cited by section; the plan is the profile's own title.
    """

    key: Key
    """How the command line and figures refer to the profile: the name of its file."""
    version: Annotated[int, Field(ge=1)]
    """Grows whenever a rule changes; a published figure keeps the version it was computed with."""
    title_zh: Title
    title_en: Title
    issued: date | None = None
    document_no: Title | None = None
    """The plan's own number (文号)."""
    reporting_level: Level
    """What monthly rankings compare."""
    coverage: CoverageRule
    targets: Annotated[tuple[Target, ...], Field(min_length=1, strict=False)]
    """The first is the one that coverage reports are judged by."""
    management: Management
    consent: ConsentRule | None = None
    scoring: Scoring | None = None
    conduct: Conduct = Conduct()
    zone_size: ZoneSize
    zoning: ZoningRules

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        require_distinct(self.targets, "targets")
        faults = [*self._before_issue(), *self._unknown_indicators()]
        if faults:
            raise together(faults)
        return self

    def _before_issue(self) -> list[PydanticCustomError]:
        """Days by which the plan cannot ask for anything, for it was not there yet."""
        if self.issued is None:
            return []
        return [
            fault("before_issue", at=place, given=str(day), issued=str(self.issued))
            for place, day in self._days_to_come()
            if day is not None and day < self.issued
        ]

    def _days_to_come(self) -> Iterator[tuple[Place, date | None]]:
        """Days that a plan sets for what is still to be done; a phase may have begun before it was issued."""
        for number, target in enumerate(self.targets):
            for step, milestone in enumerate(target.milestones):
                yield ("targets", number, "milestones", step, "date"), milestone.date
        for number, each in enumerate(self.scoring.rounds if self.scoring else ()):
            yield ("scoring", "rounds", number, "due"), each.due
        for number, phase in enumerate(self.conduct.phases):
            yield ("conduct", "phases", number, "ends"), phase.ends
        for number, duty in enumerate(self.conduct.duties):
            yield ("conduct", "duties", number, "due"), duty.due
        for number, rhythm in enumerate(self.conduct.rhythms):
            yield ("conduct", "rhythms", number, "begins"), rhythm.begins
            yield ("conduct", "rhythms", number, "ends"), rhythm.ends

    def _unknown_indicators(self) -> list[PydanticCustomError]:
        """Service items of indicators that are not scored."""
        if self.scoring is None:
            return []
        scored = {each.key for each in self.scoring.indicators}
        return [
            fault("unknown_reference", at=("conduct", "service", number, "indicator"), given=item.indicator)
            for number, item in enumerate(self.conduct.service)
            if item.indicator not in scored
        ]

    @property
    def citation(self) -> dict[str, str | int]:
        """What stands beside every figure that goes by this profile, as JSON."""
        return {
            "key": self.key,
            "version": self.version,
            "title_zh": self.title_zh,
            "title_en": self.title_en,
        }

    @property
    def baseline_on(self) -> date | None:
        """The day whose survey fixed the baseline; None where the plan bears no date."""
        return self.coverage.baseline_on or self.issued

    @property
    def begins_on(self) -> date | None:
        """Before this day the plan has nothing to tell: its issue, or a baseline fixed before it.

        Of a plan that bears no date, the first day of its own calendar; None where it has none either.
        """
        dated = [day for day in (self.issued, self.coverage.baseline_on) if day is not None]
        begins = [phase.begins for phase in self.conduct.phases]
        begins += [rhythm.begins for rhythm in self.conduct.rhythms]
        own = [day for day in begins if day is not None]
        return min(dated or own, default=None)

    @cached_property
    def covered_pairs(self) -> frozenset[tuple[str, str]]:
        """Every form the plan knows, at every step that counts; a form may start higher, or never count."""
        own = {rule.form: rule for rule in self.management.forms}
        pairs = set()
        for form in self.management.known_forms:
            rule = own.get(form)
            if rule is not None and rule.never_covers:
                continue
            first = (rule and rule.covered_from) or self.coverage.covered_from
            pairs |= {(form, step) for step in STEPS[STEPS.index(first) :]}
        return frozenset(pairs)

    @cached_property
    def unknown_pairs(self) -> frozenset[tuple[str, str]]:
        """Every form the plan does not name, at every step that would count: told apart, covering nothing."""
        steps = STEPS[STEPS.index(self.coverage.covered_from) :]
        unknown = {*get_args(Form)} - self.management.known_forms
        return frozenset((form, step) for form in unknown for step in steps)

    @property
    def target(self) -> Target:
        """The target that coverage reports are judged by."""
        return self.targets[0]

    def find_target(self, key: str | None) -> Target:
        """A target by its key, the first by default.

        Raises
        ------
        InvalidInput
            No such target.
        """
        for target in self.targets:
            if key in (None, target.key):
                return target
        known = ", ".join(target.key for target in self.targets)
        raise InvalidInput("coverage.unknown_target", where="--target", given=str(key)[:40], known=known)

    @property
    def milestones(self) -> tuple[Milestone, ...]:
        """Of that target, as what must be reached in all."""
        return self.target.cumulative

    def milestone_on(self, day: date) -> Milestone | None:
        """The latest milestone due by the end of ``day``."""
        return self.target.milestone_on(day)
