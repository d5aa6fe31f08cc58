"""Small worlds drawn as ASCII grids, written straight into the database as its owner.

One character is one cell of 20 m; a community is one grid, communities stand side by side from west to east.

    .       nothing
    1-9     a standalone building of 10-90 households, a 12 m square
    a-z     a building of the compound of that letter (its outline: all its cells); 30 households
    | -     a river running south, or east
    H I     the same river, with a bridge over it
    P       somebody's home; the person can hold one zone

Codes count in reading order: ``<community>-B0001`` buildings, ``-C001`` compounds, ``-P01`` people,
``-R01`` rivers, ``-W01`` bridges. Every compound and standalone building belongs to the unmanaged baseline.

>>> build_world(engine, {TOWN: {EAST: "12\\n34", WEST: "..P"}})
>>> plan_id = save_plan(engine, EAST, {EAST + "001": [EAST + "-B0001", EAST + "-B0002"]},
...                     effective_from=date(2024, 6, 1), chiefs={EAST + "001": EAST + "-P01"})
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import Connection, Engine, text

METRIC_SRID = 4546  # CGCS2000 3-degree zone of 111 E
COUNTY = "990100000000"
TOWN = "990101000000"
SECOND_TOWN = "990102000000"
WEST = "990101001000"
EAST = "990101002000"
SOUTH = "990102001000"

CELL_M = 20
BUILDING_M = 12
HOUSEHOLDS_PER_COMPOUND_BUILDING = 30
_ORIGIN = (500_000, 3_800_000)

Grids = Mapping[str, Mapping[str, str]]


def build_world(engine: Engine, subdistricts: Grids, *, county: str = COUNTY, imported: bool = False) -> None:
    """Write a county of ``{subdistrict code: {community code: grid}}`` and everything drawn in its grids.

    With ``imported`` its compounds and buildings name an import that they came with.
    """
    areas, compounds, buildings, barriers, walkways, people = ([] for _ in range(6))
    west = _ORIGIN[0]
    for subdistrict, communities in subdistricts.items():
        first = west
        for community, grid in communities.items():
            rows = grid.strip().splitlines()
            width, height = max(map(len, rows)) * CELL_M, len(rows) * CELL_M
            box = [west, _ORIGIN[1] - height, west + width, _ORIGIN[1]]
            areas.append(_area(community, "community", subdistrict, [county, subdistrict, community], box))
            _read_grid(community, rows, west, compounds, buildings, barriers, walkways, people)
            west += width
        inside = [area["box"] for area in areas if area["parent_code"] == subdistrict]
        box = [first, min(b[1] for b in inside), west, _ORIGIN[1]]
        areas.append(_area(subdistrict, "subdistrict", county, [county, subdistrict], box))
    box = [_ORIGIN[0], min(a["box"][1] for a in areas), west, _ORIGIN[1]]
    areas.append(_area(county, "county", None, [county], box))
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO deployment (metric_srid) VALUES (:srid)"), {"srid": METRIC_SRID})
        import_id = begin_import(connection) if imported else None
        for statement, rows in (
            (_INSERT_AREAS, areas),
            (_INSERT_COMPOUNDS, compounds),
            (_INSERT_BUILDINGS, buildings),
            (_INSERT_BARRIERS, barriers),
            (_INSERT_WALKWAYS, walkways),
            (_INSERT_PEOPLE, people),
            (_INSERT_PHONES, people),
        ):
            connection.execute(text(statement), {"rows": json.dumps(rows), "import_id": import_id})


def begin_import(connection: Connection) -> int:
    """An import for rows to name."""
    return connection.execute(
        text(
            "INSERT INTO import_record (kind, file_name, sha256, actor, report)"
            " VALUES ('buildings', 'world', '', 'world', '{}') RETURNING id"
        )
    ).scalar_one()


def save_plan(
    engine: Engine,
    area_code: str,
    zones: Mapping[str, Sequence[str]],
    *,
    effective_from: date | None = None,
    chiefs: Mapping[str, str] | None = None,
    posts_from: date | None = None,
) -> int:
    """Write a plan of ``{zone code: building codes}``, a draft unless ``effective_from`` publishes it.

    ``chiefs`` maps zone code to person code; their posts start on ``posts_from`` (default: with the plan).
    The community is the zone code without its three last digits.
    """
    with engine.begin() as connection:
        plan_id = connection.execute(
            text(
                "INSERT INTO plan (name, area_code, parameters, created_by)"
                " VALUES ('plan', :area, '{\"limits\": \"300-500\", \"seed\": 1}', 'world') RETURNING id"
            ),
            {"area": area_code},
        ).scalar_one()
        for code, buildings in zones.items():
            _save_zone(connection, plan_id, code, list(buildings))
        connection.execute(
            text(
                "INSERT INTO plan_outcome (plan_id, community_code, zones)"
                " SELECT plan_id, community_code, count(*) FROM zone WHERE plan_id = :plan GROUP BY 1, 2"
            ),
            {"plan": plan_id},
        )
        starts = posts_from or effective_from
        for code, person in (chiefs or {}).items():
            connection.execute(
                text(
                    "INSERT INTO post (zone_id, person_code, community_code, walk_distance_m, valid)"
                    " SELECT id, :person, community_code, 100, CASE WHEN CAST(:starts AS date) IS NOT NULL"
                    " THEN daterange(:starts, NULL) END FROM zone WHERE plan_id = :plan AND code = :code"
                ),
                {"plan": plan_id, "code": code, "person": person, "starts": starts},
            )
        if effective_from:
            given = {"plan": plan_id, "starts": effective_from}
            connection.execute(text("UPDATE plan SET state = 'published' WHERE id = :plan"), given)
            connection.execute(
                text(
                    "INSERT INTO plan_publication (plan_id, community_code, effective)"
                    " SELECT DISTINCT plan_id, community_code, daterange(:starts, NULL)"
                    " FROM zone WHERE plan_id = :plan"
                ),
                given,
            )
    return plan_id


def post_of(engine: Engine, plan_id: int, zone_code: str) -> int:
    """Id of the post of one zone of a plan."""
    with engine.begin() as connection:
        return connection.execute(
            text(
                "SELECT o.id FROM post o JOIN zone z ON z.id = o.zone_id"
                " WHERE z.plan_id = :plan AND z.code = :code"
            ),
            {"plan": plan_id, "code": zone_code},
        ).scalar_one()


def _save_zone(connection: Connection, plan_id: int, code: str, buildings: list[str]) -> None:
    zone_id = connection.execute(
        text(
            "INSERT INTO zone (plan_id, code, community_code, household_count, building_count,"
            " medoid_building_code, patrol_m, geom)"
            " SELECT :plan, :code, left(:code, -3), sum(household_count), count(*), min(code), 1234,"
            " ST_Multi(ST_ConvexHull(ST_Collect(geom)))"
            " FROM building WHERE code = ANY(:buildings) RETURNING id"
        ),
        {"plan": plan_id, "code": code, "buildings": buildings},
    ).scalar_one()
    connection.execute(
        text(
            "INSERT INTO zone_member (plan_id, building_code, zone_id, community_code, visit_order)"
            " SELECT :plan, code, :zone, community_code, row_number() OVER (ORDER BY code DESC)"
            " FROM building WHERE code = ANY(:buildings)"
        ),
        {"plan": plan_id, "zone": zone_id, "buildings": buildings},
    )


def _area(code: str, kind: str, parent: str | None, lineage: list[str], box: list[int]) -> dict[str, object]:
    return {"code": code, "kind": kind, "parent_code": parent, "lineage": lineage, "box": box}


def _read_grid(
    community: str,
    rows: list[str],
    west: int,
    compounds: list[dict],
    buildings: list[dict],
    barriers: list[dict],
    walkways: list[dict],
    people: list[dict],
) -> None:
    numbers = {"B": 0, "C": 0, "P": 0, "R": 0, "W": 0}
    letters: dict[str, dict] = {}
    rivers: dict[tuple[int, int], dict] = {}

    def code(kind: str, digits: int) -> str:
        numbers[kind] += 1
        return f"{community}-{kind}{numbers[kind]:0{digits}d}"

    for i, row in enumerate(rows):
        for j, sign in enumerate(row):
            x, y = west + j * CELL_M, _ORIGIN[1] - (i + 1) * CELL_M
            middle_x, middle_y = x + CELL_M / 2, y + CELL_M / 2
            half = BUILDING_M / 2
            box = [middle_x - half, middle_y - half, middle_x + half, middle_y + half]
            common = {"community_code": community, "box": box}
            down = [[middle_x, y + CELL_M], [middle_x, y]]
            across = [[x, middle_y], [x + CELL_M, middle_y]]
            if sign.isdigit():
                buildings.append({**common, "code": code("B", 4), "households": int(sign) * 10})
            elif sign.islower():
                compound = letters.get(sign)
                if compound is None:
                    compound = {**common, "code": code("C", 3), "boxes": [], "households": 0, "buildings": 0}
                    letters[sign] = compound
                    compounds.append(compound)
                compound["boxes"].append([x, y, x + CELL_M, y + CELL_M])
                compound["households"] += HOUSEHOLDS_PER_COMPOUND_BUILDING
                compound["buildings"] += 1
                buildings.append({
                    **common,
                    "code": code("B", 4),
                    "households": HOUSEHOLDS_PER_COMPOUND_BUILDING,
                    "compound_code": compound["code"],
                })  # fmt: skip
            elif sign == "P":
                person = code("P", 2)
                people.append({**common, "code": person, "x": middle_x, "y": middle_y})
            elif sign in "|H-I":
                vertical = sign in "|H"
                upstream = rivers.get((i - 1, j) if vertical else (i, j - 1))
                if upstream and upstream["vertical"] == vertical:
                    upstream["line"][1] = (down if vertical else across)[1]
                    rivers[i, j] = upstream
                else:
                    line = list(down if vertical else across)
                    rivers[i, j] = {**common, "code": code("R", 2), "vertical": vertical, "line": line}
                    barriers.append(rivers[i, j])
                if sign in "HI":
                    walkways.append({**common, "code": code("W", 2), "line": across if vertical else down})


_CORNERS = "r.box[1], r.box[2], r.box[3], r.box[4]"
_BOX = f"ST_Multi(ST_Transform(ST_MakeEnvelope({_CORNERS}, {METRIC_SRID}), 4490))"
_LINE = (
    "ST_Transform(ST_SetSRID(ST_GeomFromGeoJSON("
    f"jsonb_build_object('type', 'LineString', 'coordinates', r.line)), {METRIC_SRID}), 4490)"
)

_INSERT_AREAS = f"""
INSERT INTO area (code, kind, subdistrict_kind, name, parent_code, lineage, geom)
SELECT r.code, r.kind, CASE r.kind WHEN 'subdistrict' THEN 'town' END, 'area ' || r.code,
       r.parent_code, r.lineage, {_BOX}
FROM jsonb_to_recordset(CAST(:rows AS jsonb))
    AS r (code text, kind text, parent_code text, lineage text[], box float[])
"""
_INSERT_COMPOUNDS = f"""
INSERT INTO compound (code, community_code, name, implementation_class, household_count, building_count,
                      floor_area_m2, import_id, geom)
SELECT r.code, r.community_code, 'compound ' || r.code, 'B', r.households, r.buildings, r.buildings * 1000,
       CAST(:import_id AS bigint),
       (SELECT ST_Multi(ST_Transform(ST_Union(ST_MakeEnvelope(
                   (b ->> 0)::float, (b ->> 1)::float, (b ->> 2)::float, (b ->> 3)::float,
                   {METRIC_SRID})), 4490))
        FROM jsonb_array_elements(r.boxes) b)
FROM jsonb_to_recordset(CAST(:rows AS jsonb))
    AS r (code text, community_code text, households int, buildings int, boxes jsonb)
"""
_INSERT_BUILDINGS = f"""
INSERT INTO building (code, community_code, compound_code, name, implementation_class, address, storeys,
                      unit_count, household_count, floor_area_m2, import_id, geom)
SELECT r.code, r.community_code, r.compound_code, 'building ' || r.code,
       CASE WHEN r.compound_code IS NULL THEN 'C' END, 'address ' || r.code, 6, 3, r.households, 1000,
       CAST(:import_id AS bigint), {_BOX}
FROM jsonb_to_recordset(CAST(:rows AS jsonb))
    AS r (code text, community_code text, compound_code text, households int, box float[])
"""
_INSERT_BARRIERS = f"""
INSERT INTO barrier (code, area_code, kind, geom)
SELECT r.code, r.community_code, 'river', {_LINE}
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (code text, community_code text, line jsonb)
"""
_INSERT_WALKWAYS = f"""
INSERT INTO walkway (code, area_code, kind, geom)
SELECT r.code, r.community_code, 'bridge', ST_Multi({_LINE})
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (code text, community_code text, line jsonb)
"""
_INSERT_PEOPLE = f"""
INSERT INTO person (code, community_code, name, work_phone, home)
SELECT r.code, r.community_code, 'person ' || r.code, '0990-1234567',
       ST_Transform(ST_SetSRID(ST_MakePoint(r.x, r.y), {METRIC_SRID}), 4490)
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (code text, community_code text, x float, y float)
"""
_INSERT_PHONES = """
INSERT INTO person_contact (person_code, private_phone)
SELECT r.code, '13812345678' FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (code text)
"""
