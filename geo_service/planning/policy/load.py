"""Read a profile from its TOML document, and name the field that is wrong."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from geo_service.errors import InvalidInput, NotFound
from geo_service.planning.model import LoadRange
from geo_service.planning.policy.profile import (
    DISTANCE_PER,
    STEPS,
    ZONE_RULES,
    Clause,
    CoverageRule,
    LoadWeights,
    Milestone,
    Profile,
    ZoneSize,
    ZoningRules,
)

MEASURES = ("units", "buildings", "households", "floor_area_m2")
BASES = ("unmanaged_baseline",)
# Loads and objectives stay far below what whole and floating-point numbers hold exactly.
MOST_WEIGHT = 100_000

T = TypeVar("T", str, int, bool, date)


@cache
def load_profile(key: str) -> Profile:
    """The profile that ships as ``profiles/<key>.toml``.

    Raises
    ------
    NotFound
        When no such profile ships.
    InvalidInput
        When its document is wrong.
    """
    folder = files(__package__) / "profiles"
    shipped = {
        file.name.removesuffix(".toml"): file for file in folder.iterdir() if file.name.endswith(".toml")
    }
    if key not in shipped:
        raise NotFound("policy.unknown", where=key, profile=key, known=", ".join(sorted(shipped)))
    return read_profile(key, shipped[key].read_text(encoding="utf-8"))


def read_profile(key: str, document: str) -> Profile:
    """A profile from the text of a TOML document.

    Raises
    ------
    InvalidInput
        When the document is not TOML, or a field is missing, unknown or out of range; ``where`` names it.
    """
    try:
        table = tomllib.loads(document)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput("policy.not_toml", where=f"{key}.toml", reason=str(error)) from error
    root = _Table(table, f"{key}.toml")
    plan = root.take("title_zh", str)
    profile = Profile(
        key=key,
        version=root.take("version", int),
        title_zh=plan,
        title_en=root.take("title_en", str),
        coverage=_coverage(root.table("coverage"), plan),
        milestones=_milestones(root.tables("milestones"), plan),
        zone_size=_zone_size(root.table("zone_size")),
        zoning=_zoning(root.table("zoning")),
    )
    root.refuse_rest()
    return profile


class _Table:
    """A TOML table whose fields are taken one by one, so that what is left over is a mistake."""

    def __init__(self, fields: dict[str, Any], place: str) -> None:
        self._fields = dict(fields)
        self._place = place

    def take(self, name: str, kind: type[T], allowed: Sequence[T] | None = None) -> T:
        value = self._fields.pop(name, None)
        # TOML's true is a Python int, and its date-times are dates.
        if type(value) is not kind or (allowed is not None and value not in allowed):
            raise self.wrong(name, value)
        return value

    def weight(self, name: str) -> float:
        """A number from 0 to ``MOST_WEIGHT``, with or without decimals."""
        value = self._fields.pop(name, None)
        if type(value) not in (int, float) or not (math.isfinite(value) and 0 <= value <= MOST_WEIGHT):
            raise self.wrong(name, value)
        return float(value)

    def table(self, name: str) -> _Table:
        value = self._fields.pop(name, None)
        if not isinstance(value, dict):
            raise self.wrong(name, value)
        return _Table(value, f"{self._place}: {name}")

    def tables(self, name: str) -> list[_Table]:
        value = self._fields.pop(name, None)
        if not isinstance(value, list) or not value or not all(isinstance(entry, dict) for entry in value):
            raise self.wrong(name, value)
        return [_Table(entry, f"{self._place}: {name}[{i}]") for i, entry in enumerate(value)]

    def refuse_rest(self) -> None:
        for name, value in self._fields.items():
            raise self.wrong(name, value)

    def wrong(self, name: str, value: object) -> InvalidInput:
        where = f"{self._place}.{name}"
        return InvalidInput(
            "policy.field_invalid", where=where, field=name, value="" if value is None else value
        )


def _coverage(table: _Table, plan: str) -> CoverageRule:
    rule = CoverageRule(
        measure=table.take("measure", str, MEASURES),
        base=table.take("base", str, BASES),
        covered_from=table.take("covered_from", str, STEPS),
        is_default=table.take("is_default", bool),
        clause=Clause(plan, table.take("section", str)),
    )
    table.refuse_rest()
    return rule


def _milestones(tables: list[_Table], plan: str) -> tuple[Milestone, ...]:
    milestones: list[Milestone] = []
    for table in tables:
        day = table.take("date", date)
        percent = table.take("percent", int, range(1, 101))
        earlier = milestones[-1] if milestones else None
        if earlier and day <= earlier.date:
            raise table.wrong("date", day)
        if earlier and percent < earlier.percent:
            raise table.wrong("percent", percent)
        milestones.append(Milestone(day, percent, Clause(plan, table.take("section", str))))
        table.refuse_rest()
    return tuple(milestones)


def _zone_size(table: _Table) -> ZoneSize:
    lo, hi = table.take("min_households", int), table.take("max_households", int)
    if lo < 0:
        raise table.wrong("min_households", lo)
    if hi < max(lo, 1):
        raise table.wrong("max_households", hi)
    size = ZoneSize(LoadRange(lo, hi), table.take("is_default", bool))
    table.refuse_rest()
    return size


def _zoning(table: _Table) -> ZoningRules:
    load_table = table.table("load")
    load = LoadWeights(*(load_table.weight(name) for name in ("households", "buildings", "floor_area_m2")))
    if load == LoadWeights(0, 0, 0):
        raise load_table.wrong("households", 0)
    load_table.refuse_rest()
    rules = ZoningRules(
        load=load,
        zones=table.take("zones", str, ZONE_RULES),
        distance_per=table.take("distance_per", str, DISTANCE_PER),
        balance_m=table.weight("balance_m"),
        compactness_m=table.weight("compactness_m"),
        patrol_weight=table.weight("patrol_weight"),
        change_cost_m=table.weight("change_cost_m"),
        is_default=table.take("is_default", bool),
    )
    table.refuse_rest()
    return rules
