"""A new plan with its zones, their walks and the outcome of each community, written in bulk."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from geo_service.errors import Conflict
from geo_service.store.queries import query
from geo_service.store.statistics import renew_statistics

_ROWS_A_PAGE = 500

Row = TypeVar("Row")


@dataclass(frozen=True)
class NewPlan:
    """What a draft is made of, apart from its zones; ``parent_id`` is the plan it continues."""

    name: str
    area_code: str
    parameters: dict[str, Any]
    findings: list[dict[str, Any]] = field(default_factory=list)
    parent_id: int | None = None


@dataclass(frozen=True)
class NewZone:
    """A zone to be written.

    Parameters
    ----------
    members : tuple of str
        Building codes, in walking order where ``patrol_m`` is given.
    medoid : str
        The building its distances are measured to, or the one nearest to its fixed centre.
    load : int
        In the units of the plan's limits.
    distance_m : float
        Weighted, from the members to the centre.
    patrol_m : float or None
        Length of the closed walk over the members.
    compactness : float
        4 pi area / perimeter^2 of the outline, 0 to 1.
    explanation : list of dict
        Why the zone is as it is, a sentence a language each.
    outline : BaseGeometry
        Polygon or MultiPolygon in the CRS given to ``save_plan``.
    span_m : float, optional
        Between the two buildings farthest apart on foot.
    stranded : tuple of str
        Buildings that do not hang together with most of the zone.
    barriers : tuple of str
        Names of the barriers between these and the rest.
    """

    code: str
    name: str
    community_code: str
    members: tuple[str, ...]
    medoid: str
    households: int
    load: int
    distance_m: float
    patrol_m: float | None
    compactness: float
    locked: bool
    explanation: list[dict[str, Any]]
    outline: BaseGeometry
    span_m: float | None = None
    stranded: tuple[str, ...] = ()
    barriers: tuple[str, ...] = ()


@dataclass(frozen=True)
class NewOutcome:
    """One community of a plan in figures, or the reason why it has no zones; see ``plan_outcome``."""

    community_code: str
    zones: int
    distance_m: float | None = None
    patrol_m: float | None = None
    imbalance: float | None = None
    border_pairs: int | None = None
    objective_m: float | None = None
    lower_bound_m: float | None = None
    infeasible: dict[str, Any] | None = None
    unassigned: int | None = None


def save_plan(
    connection: Connection,
    plan: NewPlan,
    zones: Sequence[NewZone],
    outcomes: Sequence[NewOutcome],
    *,
    srid: int,
) -> tuple[int, dict[str, int]]:
    """Write a draft with its zones, their members and the outcomes of its communities.

    Returns
    -------
    tuple of (int, dict of str to int)
        The plan's id, and the ids of its zones by code.

    Raises
    ------
    Conflict
        When a building left its community, or the database, since the zones were computed.
    """
    plan_id = connection.execute(
        query("insert_plan"),
        {
            "name": plan.name,
            "area": plan.area_code,
            "parent": plan.parent_id,
            "parameters": _json(plan.parameters),
            "findings": _json({"findings": plan.findings}),
        },
    ).scalar_one()
    ids: dict[str, int] = {}
    for page in _pages(sorted(zones, key=lambda zone: zone.code)):
        ids |= _save_zones(connection, plan_id, page, srid)
    for page in _pages(outcomes):
        _save_outcomes(connection, plan_id, page)
    renew_statistics(connection, sum(len(zone.members) for zone in zones))
    return plan_id, ids


def _pages(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), _ROWS_A_PAGE):
        yield rows[start : start + _ROWS_A_PAGE]


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)


def _save_zones(connection: Connection, plan_id: int, page: Sequence[NewZone], srid: int) -> dict[str, int]:
    rows = connection.execute(
        query("insert_zones"),
        {
            "plan": plan_id,
            "srid": srid,
            "codes": [zone.code for zone in page],
            "names": [zone.name for zone in page],
            "communities": [zone.community_code for zone in page],
            "households": [zone.households for zone in page],
            "buildings": [len(zone.members) for zone in page],
            "medoids": [zone.medoid for zone in page],
            "locked": [zone.locked for zone in page],
            "loads": [zone.load for zone in page],
            "distances_m": [zone.distance_m for zone in page],
            "patrols_m": [zone.patrol_m for zone in page],
            "compactnesses": [zone.compactness for zone in page],
            "explanations": [_json(zone.explanation) for zone in page],
            "outlines": [shapely.to_wkb(zone.outline) for zone in page],
            "spans_m": [zone.span_m for zone in page],
            "stranded": [_json(zone.stranded) for zone in page],
            "barriers": [_json(zone.barriers) for zone in page],
        },
    )
    ids = {row.code: row.id for row in rows}
    sizes = [len(zone.members) for zone in page]
    visits = [
        place if zone.patrol_m is not None else None
        for zone in page
        for place in range(1, len(zone.members) + 1)
    ]
    written = connection.execute(
        query("insert_zone_members"),
        {
            "plan": plan_id,
            "zones": np.repeat([ids[zone.code] for zone in page], sizes).tolist(),
            "buildings": [building for zone in page for building in zone.members],
            "visit_orders": visits,
        },
    ).rowcount
    if written != sum(sizes):
        raise Conflict("plan.buildings_changed")
    return ids


def _save_outcomes(connection: Connection, plan_id: int, page: Sequence[NewOutcome]) -> None:
    connection.execute(
        query("insert_outcomes"),
        {
            "plan": plan_id,
            "communities": [outcome.community_code for outcome in page],
            "zones": [outcome.zones for outcome in page],
            "distances_m": [outcome.distance_m for outcome in page],
            "patrols_m": [outcome.patrol_m for outcome in page],
            "imbalances": [outcome.imbalance for outcome in page],
            "border_pairs": [outcome.border_pairs for outcome in page],
            "objectives_m": [outcome.objective_m for outcome in page],
            "lower_bounds_m": [outcome.lower_bound_m for outcome in page],
            "infeasible": [outcome.infeasible and _json(outcome.infeasible) for outcome in page],
            "unassigned": [outcome.unassigned for outcome in page],
        },
    )
