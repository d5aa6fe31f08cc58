"""What a planner asks of new zones, looked up in the database for the engine, community by community."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import Connection

from geo_service.errors import InvalidInput
from geo_service.planning.model import Counts, Finding, ZoningArea
from geo_service.planning.policy import ZoningRules
from geo_service.planning.zoning.community.brief import Brief, LockedZone
from geo_service.planning.zoning.problem import NOWHERE, Aims, Earlier
from geo_service.store import plans
from geo_service.store.buildings import ZoningBuildings
from geo_service.store.earlier import (
    EarlierZone,
    Place,
    earlier_zones,
    places,
    plans_in_force,
    zone_codes,
)

Pairs = tuple[tuple[str, str], ...]

MOST_NAMED = 10_000


@dataclass(frozen=True)
class Wishes:
    """What the zones must be beside their size.

    Parameters
    ----------
    from_plan : int, optional
        The plan the new one continues; where something of an earlier plan is asked for, the plan in force.
    keep_locked : bool
        Its locked zones stay as they are.
    lock : tuple of str
        Codes of its zones that stay as they are, and are locked in the new plan.
    most_changes : int, optional
        At most so many buildings of a community change zone.
    together, apart : pairs of building codes
        Must, or must not, share a zone.
    centres : tuple of str
        Codes of people or buildings (a chief's home, a community office), each the centre of one zone.
    inherited : bool
        They are an earlier plan's: what is no longer there to be zoned is left out, not refused.

    Raises
    ------
    InvalidInput
        When a number is negative, or absurdly much is named.
    """

    from_plan: int | None = None
    keep_locked: bool = False
    lock: tuple[str, ...] = ()
    most_changes: int | None = None
    together: Pairs = ()
    apart: Pairs = ()
    centres: tuple[str, ...] = ()
    inherited: bool = False

    def __post_init__(self) -> None:
        if self.most_changes is not None and self.most_changes < 0:
            raise InvalidInput("zoning.changes_negative", where="--max-moves", given=self.most_changes)
        named = (self.lock, self.together, self.apart, self.centres)
        if max(map(len, named)) > MOST_NAMED:
            raise InvalidInput("zoning.too_many_named", most=MOST_NAMED)

    @property
    def continues(self) -> bool:
        """Whether an earlier plan is needed."""
        return bool(self.from_plan or self.keep_locked or self.lock or self.most_changes is not None)

    def as_json(self) -> dict[str, Any]:
        """What the plan keeps of its wishes."""
        kept = asdict(self)
        del kept["inherited"]
        return kept

    @classmethod
    def of_plan(cls, parameters: Mapping[str, Any], plan_id: int, most_changes: int | None) -> Wishes:
        """What a plan was asked to keep, asked again of the one that continues it."""
        return cls(
            from_plan=plan_id,
            keep_locked=True,
            most_changes=most_changes,
            together=tuple((one, other) for one, other in parameters.get("together", ())),
            apart=tuple((one, other) for one, other in parameters.get("apart", ())),
            centres=tuple(parameters.get("centres", ())),
            inherited=True,
        )

    def among(self, places: Container[str]) -> Wishes:
        """The wishes without pairs and centres whose places are not known."""
        return replace(
            self,
            together=tuple(pair for pair in self.together if pair[0] in places and pair[1] in places),
            apart=tuple(pair for pair in self.apart if pair[0] in places and pair[1] in places),
            centres=tuple(code for code in self.centres if code in places),
        )


@dataclass(frozen=True)
class Situation:
    """The wishes with what the database says to them."""

    wishes: Wishes
    rules: ZoningRules
    earlier_plan: int | None
    places: Mapping[str, Place]


@dataclass(frozen=True)
class CommunityOrder:
    """One community with everything that is asked of its zones; ``earlier`` by code, as building indices."""

    name: str
    area: ZoningArea
    building_names: Mapping[str, str]
    brief: Brief
    earlier: Mapping[str, Counts] = field(default_factory=dict)
    earlier_names: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def look_up(
    connection: Connection,
    wishes: Wishes,
    rules: ZoningRules,
    *,
    area_code: str,
    communities: Sequence[str],
    srid: int,
    on: date,
) -> Situation:
    """Find the earlier plan and every person and building the wishes name.

    Raises
    ------
    NotFound
        No such plan in the actor's scope.
    InvalidInput
        No plan, or more than one, could be meant, or it has no zones here; an unknown code, or one outside
        the communities to zone.
    """
    earlier_plan = None
    if wishes.continues:
        earlier_plan = _earlier_plan(connection, wishes, area_code, on)
        _check_zones(wishes, zone_codes(connection, earlier_plan, communities), area_code)
    codes = sorted({*wishes.centres, *(code for pair in (*wishes.together, *wishes.apart) for code in pair)})
    found = places(connection, codes, srid=srid) if codes else {}
    inside = set(communities)
    found = {code: place for code, place in found.items() if place.community_code in inside}
    if wishes.inherited:
        wishes, codes = wishes.among(found), []
    for code in codes:
        if code not in found:
            raise InvalidInput("zoning.place_unknown", where=code[:64], code=code[:64])
    for one, other in (*wishes.together, *wishes.apart):
        if found[one].community_code != found[other].community_code:
            raise InvalidInput("zoning.pair_of_two_communities", where=one, one=one, other=other)
    return Situation(wishes, rules, earlier_plan, found)


def _earlier_plan(connection: Connection, wishes: Wishes, area_code: str, on: date) -> int:
    if wishes.from_plan is not None:
        return int(plans.get_plan(connection, wishes.from_plan)["id"])
    in_force = plans_in_force(connection, area_code, on)
    if not in_force:
        raise InvalidInput("zoning.no_earlier_plan", where="--from-plan", area=area_code)
    if len(in_force) > 1:
        named = ", ".join(map(str, in_force))
        raise InvalidInput("zoning.several_earlier_plans", where="--from-plan", plans=named)
    return in_force[0]


def _check_zones(wishes: Wishes, known: set[str], area_code: str) -> None:
    if not known:
        raise InvalidInput("plan.not_in_area", where=area_code)
    for code in wishes.lock:
        if code not in known:
            raise InvalidInput("zoning.no_zone_to_lock", where="--lock", zone=code[:64])


def order_for(
    connection: Connection, situation: Situation, name: str, buildings: ZoningBuildings
) -> CommunityOrder:
    """What is asked of the zones of one community, ``name``.

    Raises
    ------
    InvalidInput
        When a building that a pair names is not among those to be zoned.
    """
    wishes, rules, area = situation.wishes, situation.rules, buildings.area
    place_of = {str(code): place for place, code in enumerate(area.building_codes)}
    held: list[EarlierZone] = []
    if situation.earlier_plan is not None:
        held = earlier_zones(connection, situation.earlier_plan, area.code)
    members = {
        zone.code: np.array([place_of[code] for code in zone.buildings if code in place_of], dtype=np.int64)
        for zone in held
    }
    asked = {zone.code for zone in held if zone.code in wishes.lock or (wishes.keep_locked and zone.locked)}
    brief = replace(
        plain_brief(buildings, rules),
        aims=Aims(balance_m=rules.balance_m, compactness_m=rules.compactness_m),
        locked=tuple(LockedZone(code, members[code]) for code in sorted(asked) if len(members[code])),
        together=_indices(wishes.together, situation, area.code, place_of),
        apart=_indices(wishes.apart, situation, area.code, place_of),
        centres_m=_centres_m(situation, area.code),
        earlier=_earlier(members, len(area.building_codes), wishes, rules) if held else None,
        walked=True,
        patrol_weight=rules.patrol_weight,
    )
    names = {zone.code: zone.name for zone in held if zone.name != zone.code}
    gone = tuple(
        Finding("zoning.locked_gone", area.code, {"zone": code})
        for code in sorted(asked)
        if not len(members[code])
    )
    unknown = _unknown_floor_area(buildings) if rules.load.floor_area_m2 else ()
    return CommunityOrder(name, area, buildings.names, brief, members, names, gone + unknown)


def plain_brief(buildings: ZoningBuildings, rules: ZoningRules) -> Brief:
    """What the buildings of a community count by the policy profile, without anybody's wishes."""
    households = buildings.area.households
    counts_households = rules.load.counts_households_alone
    return Brief(
        loads=None if counts_households else rules.load.loads(households, buildings.floor_area_m2),
        weights=None if rules.distance_per == "building" else rules.weights(households),
    )


def _earlier(members: Mapping[str, Counts], buildings: int, wishes: Wishes, rules: ZoningRules) -> Earlier:
    zone_of = np.full(buildings, NOWHERE, dtype=np.int64)
    for number, code in enumerate(sorted(members)):
        zone_of[members[code]] = number
    return Earlier(zone_of, rules.change_cost_m, wishes.most_changes)


def _indices(pairs: Pairs, situation: Situation, community_code: str, place_of: Mapping[str, int]) -> Counts:
    here = [pair for pair in pairs if situation.places[pair[0]].community_code == community_code]
    if situation.wishes.inherited:
        here = [pair for pair in here if pair[0] in place_of and pair[1] in place_of]
    for code in (code for pair in here for code in pair):
        if code not in place_of:
            raise InvalidInput("zoning.building_not_zoned", where=code, building=code)
    return np.array([[place_of[one], place_of[other]] for one, other in here], dtype=np.int64).reshape(-1, 2)


def _centres_m(situation: Situation, community_code: str) -> np.ndarray:
    here = [situation.places[code] for code in situation.wishes.centres]
    points = [(place.x, place.y) for place in here if place.community_code == community_code]
    return np.array(points, dtype=np.float64).reshape(-1, 2)


def _unknown_floor_area(buildings: ZoningBuildings) -> tuple[Finding, ...]:
    unknown = int(np.isnan(buildings.floor_area_m2).sum())
    if not unknown:
        return ()
    return (Finding("zoning.floor_area_unknown", buildings.area.code, {"buildings": unknown}),)
