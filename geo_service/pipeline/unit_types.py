"""The verb that counts what ledgers tick: marks by option, and the units that carry them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from sqlalchemy import Engine

from geo_service import messages
from geo_service.access import Actor
from geo_service.exchange.exports.ledger_layout import labels
from geo_service.exchange.field import Field
from geo_service.exchange.fields import LEDGER
from geo_service.exchange.ledger_fields import FACTS
from geo_service.exchange.own_types import OwnType, with_types
from geo_service.pipeline.guard import require_reader_of_counts
from geo_service.pipeline.policies import find_profile, own_types
from geo_service.planning.policy import Profile
from geo_service.planning.policy.management import AlsoCounted
from geo_service.planning.states import Tally
from geo_service.store import areas
from geo_service.store.coverage import Known, tally
from geo_service.store.session import transaction

_FORMS = "management_types"
_TICKED = ("compound_type", _FORMS)


@dataclass(frozen=True)
class Option:
    """An option of the ledger, and how many units have it ticked."""

    key: str
    title_zh: str
    title_en: str
    units: int


@dataclass(frozen=True)
class TickedGroup:
    """What is ticked under one header: several options of a unit are several marks, but one unit."""

    key: str
    options: tuple[Option, ...]
    units: int

    @property
    def marks(self) -> int:
        """The sum over the options."""
        return sum(option.units for option in self.options)

    def as_json(self) -> dict[str, Any]:
        """Marks beside distinct units."""
        return {
            "key": self.key,
            **{
                f"title_{language}": messages.text(f"ledger.{self.key}.title", language)
                for language in messages.LANGUAGES
            },
            "marks": self.marks,
            "units": self.units,
            "options": [
                {
                    "key": option.key,
                    "title_zh": option.title_zh,
                    "title_en": option.title_en,
                    "units": option.units,
                }
                for option in self.options
            ],
        }


@dataclass(frozen=True)
class TypesReport:
    """The units of an area on a day, and what is ticked of them."""

    area_code: str
    area_name: str
    on: date
    known: Known
    units: int
    groups: tuple[TickedGroup, ...]
    profile: Profile

    def as_json(self) -> dict[str, Any]:
        """The report as the command line and the API print it."""
        return {
            "area": self.area_code,
            "area_name": self.area_name,
            "on": self.on.isoformat(),
            "known": self.known.isoformat() if self.known else None,
            "units": self.units,
            "groups": [group.as_json() for group in self.groups],
            "profile": self.profile.citation,
            "also_counted": [
                {
                    "form": rule.form,
                    "where": dict(rule.where),
                    "clause": {"plan": self.profile.title_zh, "section": rule.section},
                }
                for rule in self.profile.management.also_counted
            ],
        }


def count_types(
    engine: Engine,
    actor: Actor,
    *,
    area_code: str,
    on: date,
    known: datetime | None = None,
    profile_key: str | None = None,
) -> TypesReport:
    """Count the units of an area by each option that ledgers tick, and the units themselves once.

    A unit counts under a management type, too, where a rule of the profile says so.

    Parameters
    ----------
    on : date
        The day whose facts count, past or to come.
    known : datetime, optional
        Go by what was known at this moment; now by default.
    profile_key : str, optional
        The deployment's own profile by default.

    Raises
    ------
    NotFound
        No such area in the actor's scope, or no such profile.
    Forbidden
        The actor is a chief.
    """
    require_reader_of_counts(actor)
    with transaction(engine, actor, read_only=True) as connection:
        area = areas.require_area(connection, area_code)
        profile, own = find_profile(connection, profile_key), own_types(connection)
        counted = tally(connection, area_code, by=None, days=[on], known=known)
    whole = int(counted.sums("units", np.ones(len(counted.states), dtype=bool))[0, 0])
    groups = tuple(
        _group(counted, field, profile.management.also_counted if field.name == _FORMS else (), own)
        for field in with_types(LEDGER, own).fields
        if field.name in _TICKED
    )
    return TypesReport(area.code, area.name, on, known, whole, groups, profile)


def _group(
    counted: Tally, field: Field, also: tuple[AlsoCounted, ...], own: Sequence[OwnType]
) -> TickedGroup:
    fact = field.name
    ticked = [_ticks(state.facts.get(fact)) for state in counted.states.items]
    for rule in also:
        holds = counted.states.holds(rule.where) == 1
        ticked = [each | {rule.form} if so else each for each, so in zip(ticked, holds, strict=True)]

    def units(chosen: list[bool]) -> int:
        return int(counted.sums("units", np.array(chosen, dtype=bool))[0, 0])

    written = labels(field)
    keys = dict.fromkeys([*field.choices.values(), *(rule.form for rule in also)])
    options = tuple(
        Option(
            key,
            written.get(key) or messages.text(f"form.{key}", "zh"),
            _in_english(fact, key, own),
            units([key in each for each in ticked]),
        )
        for key in keys
    )
    return TickedGroup(fact, options, units([bool(each) for each in ticked]))


def _in_english(fact: str, key: str, own: Sequence[OwnType]) -> str:
    if any(field.name == fact and key in field.choices.values() for field in FACTS):
        return messages.text(f"ledger.{fact}.{key}", "en")
    titles = [each.title_en for each in own if (each.fact, each.key) == (fact, key)]
    return titles[-1] if titles else messages.text(f"form.{key}", "en")


def _ticks(said: str | list[str] | None) -> frozenset[str]:
    return frozenset([said] if isinstance(said, str) else said or ())
