"""Which forms of management a profile recommends for each unit, by which clause, and where it is silent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from geo_service.planning.model import Counts
from geo_service.planning.policy.answers import UNKNOWN, Answers, both, wanted
from geo_service.planning.policy.management import Band, Management, ManagementRule
from geo_service.planning.policy.part import Fact

UNDEFINED_BY_POLICY = "UNDEFINED_BY_POLICY"
"""What a recommendation says where the plan says nothing of such a unit."""

NO_RULE = -1


class Verdict(IntEnum):
    """What comes of a profile's rules for one unit."""

    RECOMMENDED = 0
    UNDEFINED = 1
    """No rule applies, whatever is not known: the plan is silent."""
    OPEN = 2
    """A rule applies, and the plan leaves the form open there."""
    NEEDS_FACTS = 3
    """A stronger rule may apply; it depends on what the ledger does not say."""


@dataclass(frozen=True)
class UnitFacts:
    """What rules may ask of n management units.

    Parameters
    ----------
    households : Counts, shape (n,)
    types : array of str, shape (n,)
        Key of the unit's type in the profile's own classification; empty where it is not known.
    answers : mapping of str to array of int8, each of shape (n,)
        What is known of each fact; a fact that is left out is unknown of every unit.
    """

    households: Counts
    types: npt.NDArray[np.str_]
    answers: Mapping[Fact, Answers]

    def answer(self, fact: Fact) -> Answers:
        """What is known of ``fact``, shape (n,)."""
        return self.answers.get(fact, np.full(len(self.households), UNKNOWN, dtype=np.int8))


@dataclass(frozen=True)
class Classification:
    """The outcome of n units.

    Parameters
    ----------
    verdicts : array of int8, shape (n,)
        Values of ``Verdict``.
    rules : Counts, shape (n,)
        Place, in ``Management.rules``, of the rule that decides, or of the one whose facts are missing;
        ``NO_RULE`` where none does.
    also : Counts, shape (n,)
        Place of a weaker rule that applies too, or ``NO_RULE``.
    """

    verdicts: npt.NDArray[np.int8]
    rules: Counts
    also: Counts


def classify(management: Management, facts: UnitFacts) -> Classification:
    """Apply a profile's rules, the strongest basis first, and of one basis in the order they are written.

    A rule that may apply, for all that is known, stands in the way of the weaker ones: a form is never
    recommended that one more fact could take back.

    Parameters
    ----------
    management : Management
    facts : UnitFacts
        Of n units.
    """
    count = len(facts.households)
    verdicts = np.full(count, Verdict.UNDEFINED, dtype=np.int8)
    rules = np.full(count, NO_RULE, dtype=np.int64)
    also = np.full(count, NO_RULE, dtype=np.int64)
    bands = {band.key: band for band in management.bands}
    for place in by_precedence(management):
        rule = management.rules[place]
        applies = _applies(rule, bands, facts)
        free = verdicts == Verdict.UNDEFINED
        outcome = Verdict.RECOMMENDED if rule.forms else Verdict.OPEN
        also[~free & (rules != NO_RULE) & (also == NO_RULE) & (applies == 1)] = place
        rules[free & (applies != 0)] = place
        verdicts[free & (applies == 1)] = outcome
        verdicts[free & (applies == UNKNOWN)] = Verdict.NEEDS_FACTS
    return Classification(verdicts, rules, also)


def by_precedence(management: Management) -> list[int]:
    """Places of the rules, the strongest first."""
    rank = {basis: place for place, basis in enumerate(management.precedence)}
    return sorted(range(len(management.rules)), key=lambda place: rank[management.rules[place].basis])


def facts_missing(rule: ManagementRule, facts: UnitFacts, unit: int) -> list[str]:
    """Which facts a rule waits for in one unit; ``type`` where its type is not known."""
    missing = [str(fact) for fact in rule.where if facts.answer(fact)[unit] == UNKNOWN]
    return [*missing, "type"] if rule.types and not facts.types[unit] else missing


def _applies(rule: ManagementRule, bands: Mapping[str, Band], facts: UnitFacts) -> Answers:
    """Whether a rule applies to each unit: the least certain of its conditions, and no where one fails."""
    outcome = np.ones(len(facts.households), dtype=np.int8)
    if rule.types:
        named = np.isin(facts.types, rule.types).astype(np.int8)
        outcome = np.where(facts.types == "", UNKNOWN, named).astype(np.int8)
    if rule.band is not None:
        outcome = both(outcome, _in_band(bands[rule.band], facts.households))
    for fact, value in rule.where.items():
        outcome = both(outcome, wanted(facts.answer(fact), value))
    return outcome


def _in_band(band: Band, households: Counts) -> Answers:
    inside = households >= band.at_least
    if band.at_most is not None:
        inside &= households <= band.at_most
    return inside.astype(np.int8)
