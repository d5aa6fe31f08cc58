"""What a policy profile fills into the queries of layers: states that count, types, targets of the day."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, Engine

from geo_service.planning.coverage import target_states
from geo_service.planning.curve import days_to_count, pace_since
from geo_service.planning.policy import Milestone, Profile, Target
from geo_service.publish.model import Words
from geo_service.publish.statements import LayerRequest
from geo_service.store.coverage import all_states, states_version

_Ids = tuple[int, ...]
_MOST_DAYS = 64
"""Days whose targets are kept ready: a map shows one at a time."""


def answered_by(connection: Connection, profile: Profile, request: LayerRequest) -> LayerRequest:
    """The request with what ``profile`` says of the parameters that it fills in.

    Raises
    ------
    InvalidInput
        When it asks for a target that the profile does not have.
    """
    if request.target is not None:
        profile.find_target(request.target)
    counted = _states_counted(connection, profile)
    types = profile.management.types
    return replace(
        request,
        covered_states=counted.covered,
        base_states=counted.base,
        type_fact=types.fact if types else "",
        type_keys=tuple(option.key for option in types.options) if types else (),
        targets=counted.targets_on(request.on),
    )


def words_of(profile: Profile) -> dict[str, dict[str, Words]]:
    """Titles of a profile's types and targets, by the names under which layers ask for them."""
    types = profile.management.types
    return {
        "types": {each.key: Words(each.title_zh, each.title_en) for each in (types.options if types else ())},
        "targets": {each.key: Words(each.title_zh, each.title_en) for each in profile.targets},
    }


@dataclass(frozen=True)
class _StatesCounted:
    """Ids of the states that count by a profile: as covered, in its base, and for each of its targets."""

    covered: _Ids
    base: _Ids
    targets: tuple[tuple[Target, _Ids, _Ids], ...]
    written: dict[date, str] = field(default_factory=dict)

    def targets_on(self, on: date) -> str:
        """Every target as it stands on a day, as JSON."""
        if on not in self.written:
            if len(self.written) >= _MOST_DAYS:
                self.written.clear()
            self.written[on] = json.dumps(
                [
                    {"place": place, "counted": counted, "base": base, **_outlook(target, on)}
                    for place, (target, counted, base) in enumerate(self.targets, start=1)
                ]
            )
        return self.written[on]


_KNOWN: WeakKeyDictionary[Engine, tuple[tuple[object, ...], _StatesCounted]] = WeakKeyDictionary()


def _states_counted(connection: Connection, profile: Profile) -> _StatesCounted:
    """Worked out once for a profile and the states there are: tiles ask for them over and over."""
    asked = (profile.key, profile.version, states_version(connection))
    known = _KNOWN.get(connection.engine)
    if known is None or known[0] != asked:
        states = all_states(connection)
        ids = np.array([state.id for state in states.items], dtype=np.int64)

        def chosen(flags: npt.NDArray[np.bool_]) -> _Ids:
            return tuple(ids[flags].tolist())

        known = (
            asked,
            _StatesCounted(
                chosen(states.covered(profile)),
                chosen(states.in_base(profile.coverage.base) == 1),
                tuple(
                    (target, *map(chosen, target_states(target, states, profile)))
                    for target in profile.targets
                ),
            ),
        )
        _KNOWN[connection.engine] = known
    return known[1]


def _outlook(target: Target, on: date) -> Mapping[str, Any]:
    """What is due of a target, what comes next, and since when its pace is taken."""
    since = pace_since(target, days_to_count(target, on), on)
    return {
        "key": target.key,
        "measure": target.measure,
        "since": since and since.isoformat(),
        **_milestone("due", target.milestone_on(on)),
        **_milestone("next", target.next_after(on)),
    }


def _milestone(name: str, milestone: Milestone | None) -> Mapping[str, Any]:
    if milestone is None:
        return {}
    return {
        f"{name}_on": milestone.date.isoformat(),
        f"{name}_percent": milestone.percent,
        f"{name}_count": milestone.count,
    }
