"""The zones a plan has in one community: read whole, and put back changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Row, text

from geo_service.errors import Conflict
from geo_service.store.queries import kept_query, query

_OF_MEMBERS = ("buildings", "visits", "posts")


@dataclass(frozen=True)
class ZoneRecord:
    """A zone as a plan keeps it, without its outline, which follows from its buildings.

    Parameters
    ----------
    medoid : str
        Code of the building its distances are measured to.
    load, distance_m, patrol_m, span_m, compactness, stranded, barriers
        As the engine found them; None in plans drawn before these were kept.
    visits_outdated : bool
        The places of the buildings are those of before an edit, until the plan is handed in.
    buildings : list of str
        Codes, in walking order.
    visits : list of int or None
        Their places in the walk, ascending; a building that an edit has put into the zone has none yet.
    posts : list of dict
        Person, rank and walking distance of the posts without dates.
    """

    code: str
    name: str
    locked: bool
    medoid: str
    households: int
    load: int | None
    distance_m: float | None
    patrol_m: float | None
    span_m: float | None
    compactness: float | None
    stranded: list[str] | None
    barriers: list[str] | None
    visits_outdated: bool
    explanation: list[dict[str, Any]]
    buildings: list[str]
    visits: list[int | None]
    posts: list[dict[str, Any]]

    @classmethod
    def of_json(cls, document: Mapping[str, Any]) -> ZoneRecord:
        """The record as an inverse keeps it."""
        return cls(**{field.name: document[field.name] for field in fields(cls)})

    def as_json(self) -> dict[str, Any]:
        """The record for an inverse to keep."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True)
class EditedCommunity:
    """A community that an order is about; ``version`` changes with whatever its ground is drawn from."""

    code: str
    name: str
    version: str
    srid: int


def edited_communities(
    connection: Connection,
    plan_id: int,
    *,
    zones: Sequence[str] = (),
    buildings: Sequence[str] = (),
    community: str | None = None,
) -> list[EditedCommunity]:
    """The communities of a plan's area that some zones, buildings or a code are of, by code."""
    rows = connection.execute(
        kept_query("edited_communities"),
        {"plan": plan_id, "zones": list(zones), "buildings": list(buildings), "community": community},
    )
    return [EditedCommunity(*row) for row in rows]


def read_zones(connection: Connection, plan_id: int, community_code: str) -> dict[str, ZoneRecord]:
    """The zones a plan has in one community, by code."""
    rows = connection.execute(kept_query("edited_zones"), {"plan": plan_id, "community": community_code})
    return {row["code"]: ZoneRecord(**row) for row in rows.mappings()}


def zone_codes_used(connection: Connection, plan_id: int, community_code: str) -> list[str]:
    """Codes that a new zone of the community must not take: of zones that are, and that were."""
    given = {"plan": plan_id, "community": community_code}
    return list(connection.execute(query("zone_codes_used"), given).scalars())


def put_zones(
    connection: Connection,
    plan_id: int,
    community_code: str,
    before: Mapping[str, ZoneRecord],
    after: Mapping[str, ZoneRecord | None],
    outlines: Mapping[str, BaseGeometry],
    *,
    srid: int,
) -> dict[str, str]:
    """Write the zones that an edit changes, set by set.

    Parameters
    ----------
    before : mapping of str to ZoneRecord
        The community's zones as they are.
    after : mapping of str to ZoneRecord or None
        The changed ones as they shall be; None for a zone that goes.
    outlines : mapping of str to BaseGeometry
        Of those whose buildings change, in the CRS of ``srid``.

    Returns
    -------
    dict of str to str
        Outline of each zone that is put, as GeoJSON in EPSG:4490.

    Raises
    ------
    Conflict
        When a building is no longer there to be put into a zone.
    """
    put = [record for record in after.values() if record is not None]
    ids: dict[str, int] = {}
    geometries: dict[str, str] = {}
    for statement, records in (
        ("update_zones", [record for record in put if record.code in before]),
        ("add_zones", [record for record in put if record.code not in before]),
    ):
        if records:
            for row in _write(connection, statement, plan_id, community_code, records, outlines, srid):
                ids[row.code], geometries[row.code] = row.id, row.geometry
    was = {
        building: (zone.code, visit)
        for zone in before.values()
        for building, visit in zip(zone.buildings, zone.visits, strict=True)
    }
    # whoever loses a building is among the changed zones, and so is whoever gets it
    staying = {code for record in put for code in record.buildings}
    leaving = [code for code, (zone, _) in was.items() if zone in after and code not in staying]
    if leaving:
        connection.execute(kept_query("take_out_members"), {"plan": plan_id, "buildings": leaving})
    _put_members(connection, plan_id, put, ids, was)
    gone = [code for code, record in after.items() if record is None]
    if gone:
        connection.execute(
            text("DELETE FROM zone WHERE plan_id = :plan AND code = ANY(:codes)"),
            {"plan": plan_id, "codes": gone},
        )
    elsewhere = [
        record.code
        for record in put
        if record.code in before and record.posts and record.medoid != before[record.code].medoid
    ]
    if elsewhere:
        connection.execute(query("remeasure_posts"), {"plan": plan_id, "codes": elsewhere, "srid": srid})
    back = [
        {"zone_id": ids[record.code], **post}
        for record in put
        if record.code not in before
        for post in record.posts
    ]
    if back:
        connection.execute(
            query("restore_posts"),
            {"community": community_code, "posts": json.dumps(back, ensure_ascii=False)},
        )
    return geometries


def _write(
    connection: Connection,
    statement: str,
    plan_id: int,
    community_code: str,
    records: Sequence[ZoneRecord],
    outlines: Mapping[str, BaseGeometry],
    srid: int,
) -> Sequence[Row[Any]]:
    documents = [
        {
            **{key: value for key, value in record.as_json().items() if key not in _OF_MEMBERS},
            "building_count": len(record.buildings),
        }
        for record in records
    ]
    given = {
        "plan": plan_id,
        "community": community_code,
        "srid": srid,
        "zones": json.dumps(documents, ensure_ascii=False),
        "codes": [record.code for record in records],
        "outlines": [
            shapely.to_wkb(outlines[record.code]) if record.code in outlines else None for record in records
        ],
    }
    return connection.execute(kept_query(statement), given).all()


def _put_members(
    connection: Connection,
    plan_id: int,
    put: Sequence[ZoneRecord],
    ids: Mapping[str, int],
    was: Mapping[str, tuple[str, int | None]],
) -> None:
    held, new = [], []
    for record in put:
        for building, visit in zip(record.buildings, record.visits, strict=True):
            row = (building, ids[record.code], visit)
            if building not in was:
                new.append(row)
            elif was[building] != (record.code, visit):
                held.append(row)
    if held:
        connection.execute(kept_query("move_members"), {"plan": plan_id, **_columns(held)})
    if new:
        written = connection.execute(
            query("insert_zone_members"), {"plan": plan_id, **_columns(new)}
        ).rowcount
        if written != len(new):
            raise Conflict("edits.buildings_gone", where=str(plan_id))


def _columns(rows: Sequence[tuple[str, int, int | None]]) -> dict[str, list[Any]]:
    buildings, zones, visit_orders = zip(*rows, strict=True)
    return {"buildings": list(buildings), "zones": list(zones), "visit_orders": list(visit_orders)}
