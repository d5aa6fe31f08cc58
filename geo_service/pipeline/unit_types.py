"""The verb that counts what ledgers tick: marks by option, and the units that carry them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from sqlalchemy import Engine

from geo_service import messages
from geo_service.access import Actor
from geo_service.exchange.ledger_fields import FACTS
from geo_service.pipeline.guard import require_reader_of_counts
from geo_service.planning.states import Tally
from geo_service.store import areas
from geo_service.store.coverage import Known, tally
from geo_service.store.session import transaction

_OPTIONS = {
    fact.name: tuple(dict.fromkeys(fact.choices.values()))
    for fact in FACTS
    if fact.name in ("compound_type", "management_types")
}


@dataclass(frozen=True)
class Option:
    """An option of the ledger, and how many units have it ticked."""

    key: str
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
            **self._titles("title"),
            "marks": self.marks,
            "units": self.units,
            "options": [
                {"key": option.key, **self._titles(option.key), "units": option.units}
                for option in self.options
            ],
        }

    def _titles(self, key: str) -> dict[str, str]:
        return {
            f"title_{language}": messages.text(f"ledger.{self.key}.{key}", language)
            for language in messages.LANGUAGES
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

    def as_json(self) -> dict[str, Any]:
        """The report as the command line and the API print it."""
        return {
            "area": self.area_code,
            "area_name": self.area_name,
            "on": self.on.isoformat(),
            "known": self.known.isoformat() if self.known else None,
            "units": self.units,
            "groups": [group.as_json() for group in self.groups],
        }


def count_types(
    engine: Engine, actor: Actor, *, area_code: str, on: date, known: datetime | None = None
) -> TypesReport:
    """Count the units of an area by each option that ledgers tick, and the units themselves once.

    Parameters
    ----------
    on : date
        The day whose facts count, past or to come.
    known : datetime, optional
        Go by what was known at this moment; now by default.

    Raises
    ------
    NotFound
        No such area in the actor's scope.
    Forbidden
        The actor is a chief.
    """
    require_reader_of_counts(actor)
    with transaction(engine, actor, read_only=True) as connection:
        area = areas.require_area(connection, area_code)
        counted = tally(connection, area_code, by=None, days=[on], known=known)
    whole = int(counted.sums("units", np.ones(len(counted.states), dtype=bool))[0, 0])
    groups = tuple(_group(counted, fact) for fact in _OPTIONS)
    return TypesReport(area.code, area.name, on, known, whole, groups)


def _group(counted: Tally, fact: str) -> TickedGroup:
    ticked = [_ticks(state.facts.get(fact)) for state in counted.states.items]

    def units(chosen: list[bool]) -> int:
        return int(counted.sums("units", np.array(chosen, dtype=bool))[0, 0])

    options = tuple(Option(key, units([key in each for each in ticked])) for key in _OPTIONS[fact])
    return TickedGroup(fact, options, units([bool(each) for each in ticked]))


def _ticks(said: str | list[str] | None) -> frozenset[str]:
    return frozenset([said] if isinstance(said, str) else said or ())
