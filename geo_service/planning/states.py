"""What is true of management units, once for all that have it in common, and what rules make of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from geo_service.planning.model import Counts
from geo_service.planning.policy import Profile
from geo_service.planning.policy.answers import UNKNOWN, Answers, both, wanted
from geo_service.planning.policy.management import UnitTypes
from geo_service.planning.policy.part import LAPSED, Conditions, Fact
from geo_service.planning.policy.targets import Base, Counted

PROFESSIONAL_FORMS = ("professional", "star_rated")

_BY_TYPE: Mapping[Fact, str] = {"is_old": "old"}
_OTHER_TYPES = ("commodity", "rural", "government", "enterprise")


@dataclass(frozen=True)
class State:
    """Everything a figure may ask of a unit.

    Parameters
    ----------
    facts : mapping
        What the ledger says: a ``Fact`` to true or false, ``compound_type`` and ``unmanaged_kind`` to a key,
        ``management_types`` to a list of keys.
    """

    id: int
    is_standalone: bool
    implementation_class: str | None
    baseline_unmanaged: bool
    responsible_unit: str | None
    form: str | None
    step: str | None
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class States:
    """n different states, and the questions rules ask of them all at once."""

    items: tuple[State, ...]

    def __len__(self) -> int:
        return len(self.items)

    @cached_property
    def places(self) -> Mapping[int, int]:
        """Where a state stands, by its id."""
        return {state.id: place for place, state in enumerate(self.items)}

    def answer(self, fact: Fact) -> Answers:
        """What is known of ``fact``, shape (n,)."""
        return self._answers(_answer(state, fact) for state in self.items)

    def holds(self, conditions: Conditions) -> Answers:
        """Whether every condition holds: 0 as soon as one does not, unknown while one is open."""
        whole = np.ones(len(self), dtype=np.int8)
        for fact, value in conditions.items():
            whole = both(whole, wanted(self.answer(fact), value))
        return whole

    def types(self, types: UnitTypes | None) -> npt.NDArray[np.str_]:
        """Keys in a profile's own classification; empty where nobody has said."""
        if types is None:
            return np.full(len(self), "", dtype="U40")
        found = []
        for state in self.items:
            by_class = (state.implementation_class or "").lower()
            said = by_class if types.fact == "implementation_class" else state.facts.get(types.fact)
            found.append(str(said or (types.standalone if state.is_standalone else "") or ""))
        return np.array(found, dtype="U40")

    def covered(self, profile: Profile) -> npt.NDArray[np.bool_]:
        """Which states count as covered."""
        pairs = profile.covered_pairs
        return self._flags((state.form, state.step) in pairs for state in self.items)

    def in_unknown_form(self, profile: Profile) -> npt.NDArray[np.bool_]:
        """Which states are of service in a form that the plan does not name."""
        pairs = profile.unknown_pairs
        return self._flags((state.form, state.step) in pairs for state in self.items)

    def counted(self, what: Counted, profile: Profile) -> Answers:
        """Which states a target counts."""
        if what == "covered":
            return self.covered(profile).astype(np.int8)
        if what == "once_covered":
            unknown = {form for form, _ in profile.unknown_pairs}
            lapsed = self._flags(state.step == LAPSED and state.form not in unknown for state in self.items)
            return (self.covered(profile) | lapsed).astype(np.int8)
        if what == "professional":
            forms = self._flags(state.form in PROFESSIONAL_FORMS for state in self.items)
            return (self.covered(profile) & forms).astype(np.int8)
        if what in ("compliant", "lapsed"):
            return self._flags(state.step == what for state in self.items).astype(np.int8)
        return self.answer(_FACT_COUNTED[what])

    def in_base(self, base: Base) -> Answers:
        """Which states a rate is taken of."""
        if base == "all":
            return np.ones(len(self), dtype=np.int8)
        return self.answer(_FACT_OF_BASE[base])

    def _answers(self, answers: Iterable[int]) -> Answers:
        return np.fromiter(answers, dtype=np.int8, count=len(self))

    def _flags(self, flags: Iterable[bool]) -> npt.NDArray[np.bool_]:
        return np.fromiter(flags, dtype=np.bool_, count=len(self))


_FACT_COUNTED: Mapping[Counted, Fact] = {
    "owners_committee": "has_owners_committee",
    "upgraded": "upgraded",
    "red_heart_demo": "is_red_heart",
}
_FACT_OF_BASE: Mapping[Base, Fact] = {
    "unmanaged_baseline": "baseline_unmanaged",
    "old_all": "is_old",
    "task_list": "on_task_list",
}


def _answer(state: State, fact: Fact) -> int:
    said = state.facts.get(fact)
    if isinstance(said, bool):
        return int(said)
    if fact == "is_standalone":
        return int(state.is_standalone)
    if fact == "baseline_unmanaged":
        return int(state.baseline_unmanaged)
    if fact == "has_responsible_unit":
        if state.responsible_unit:
            return 1
        return UNKNOWN if state.is_standalone else 0
    if fact == "employer_managed":
        if state.form == "employer_managed":
            return 1
        return 0 if state.form is not None or state.baseline_unmanaged else UNKNOWN
    if fact in _BY_TYPE:
        kind = state.facts.get("compound_type")
        return 1 if kind == _BY_TYPE[fact] else 0 if kind in _OTHER_TYPES else UNKNOWN
    return UNKNOWN


@dataclass(frozen=True)
class Tally:
    """Exact counts of p parts of an area on each of d days, split by state.

    Parameters
    ----------
    parts : tuple of (str, str)
        Code and name of each part.
    states : States
    part, state, since : Counts, shape (m,)
        Places of the part and the state, and of the first day from which a change counts.
    amounts : mapping of str to Counts, shape (m,)
        By what is counted: units, buildings, households; square metres in hundredths.
    days : int
    """

    parts: tuple[tuple[str, str], ...]
    states: States
    part: Counts
    state: Counts
    since: Counts
    amounts: Mapping[str, Counts]
    days: int

    def sums(self, amount: str, chosen: npt.NDArray[np.bool_]) -> Counts:
        """How much of ``amount`` is in the chosen states, shape (parts, days)."""
        which = chosen[self.state]
        changes = np.zeros(len(self.parts) * self.days, dtype=np.int64)
        np.add.at(changes, self.part[which] * self.days + self.since[which], self.amounts[amount][which])
        return np.cumsum(changes.reshape(len(self.parts), self.days), axis=1)

    def split(self, labels: npt.NDArray[np.str_]) -> Tally:
        """The same counts with the labels of the states for parts, all parts of the area together."""
        names, place = np.unique(labels, return_inverse=True)
        return Tally(
            tuple((str(name), str(name)) for name in names),
            self.states,
            place.astype(np.int64)[self.state],
            self.state,
            self.since,
            self.amounts,
            self.days,
        )
