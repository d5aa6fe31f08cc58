"""A trusted file: shapes and stated communities as they stand, everything else as ever.

The world: two communities side by side, each a hundredth of a degree square.

    111.00   111.01   111.02
      |  WEST  |  EAST  |     34.00 - 34.01
"""

from __future__ import annotations

from pathlib import Path

import pytest
from shapely import LineString, Polygon
from sqlalchemy import Engine, text

from geo_service.access import Actor, Role
from geo_service.errors import Forbidden
from geo_service.store import imports as store
from geo_service.store.session import transaction
from tests.pipeline.test_import_features import (
    EAST,
    TOWN,
    WEST,
    house,
    rows,
    said,
    take,
    world,  # noqa: F401 - a fixture
    write,
)


def crossing(x: float) -> Polygon:
    """A square with a corner that crosses itself: a sliver of it is checked and mended otherwise."""
    steps = [(0, 0), (1, 0), (1, 1), (0.1, 1), (0, 0.99), (0, 1), (0.1, 0.99), (0, 0.98)]
    return Polygon([(x + 0.0002 * i, 34.006 + 0.0002 * j) for i, j in steps])


def test_shapes_and_stated_communities_are_taken_as_they_stand(world: Engine, tmp_path: Path) -> None:  # noqa: F811
    shapes = [crossing(111.001), house(111.002), house(111.002), house(111.012)]
    columns = {"code": ["B1", "B2", "B3", "B4"], "社区编码": [WEST, EAST, WEST, None], "户数": 1}
    path = write(tmp_path / "b.gpkg", columns, shapes)
    assert not shapes[0].is_valid

    report = take(world, "buildings", path, trusted=True)

    assert report.findings == ()
    # The second lies in the west and says otherwise; the last says nothing, and lies in the east.
    assert rows(world, "SELECT code, community_code, ST_IsValid(geom) FROM building ORDER BY code") == [
        ("B1", WEST, False),
        ("B2", EAST, True),
        ("B3", WEST, True),
        ("B4", EAST, True),
    ]
    assert rows(world, "SELECT report -> 'trusted' FROM import_record WHERE kind = 'buildings'") == [(True,)]


def test_all_else_is_checked(world: Engine, tmp_path: Path) -> None:  # noqa: F811
    shapes = [
        house(111.001),
        house(111.002),
        LineString([(111, 34), (111.001, 34)]),
        None,
        house(115),
        house(111.003),
    ]
    columns = {
        "code": ["B1", "B1", "B3", "B4", "B5", "B6"],
        "社区编码": [WEST, WEST, WEST, WEST, None, "990101009000"],
        "户数": [1, 1, 1, 1, 1, 1],
    }
    report = take(world, "buildings", write(tmp_path / "b.geojson", columns, shapes), trusted=True)
    assert (report.inserted, report.rejected) == (1, 5)
    assert sorted(said(report, "rejected")) == [
        (2, "code", "import.code_repeated"),
        (3, "geometry", "import.geometry_wrong_type"),
        (4, "geometry", "import.geometry_empty"),
        (5, "geometry", "import.outside_communities"),
        (6, "community_code", "import.community_unknown"),
    ]


@pytest.mark.parametrize("trusted", [False, True])
def test_a_load_in_bulk_leaves_what_one_row_by_row_leaves(
    world: Engine,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trusted: bool,
) -> None:
    """Keys, indexes, triggers, the trail, provenance and counts; of three buildings one is a stranger's."""
    monkeypatch.setattr(store, "_BULK_ROWS", 1)
    tables = "'building'::regclass, 'zone'::regclass, 'zone_member'::regclass"
    kept = (
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        f" WHERE conrelid IN ({tables}) ORDER BY 1",
        f"SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid IN ({tables}) ORDER BY 1",
        "SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger"
        f" WHERE tgrelid IN ({tables}) AND NOT tgisinternal ORDER BY 1, 2",
    )
    before = [rows(world, statement) for statement in kept]
    path = write(
        tmp_path / "b.gpkg",
        {"code": ["B1", "B2", "B3"], "户数": [30, 40, 50], "社区编码": [WEST, EAST, "990101009000"]},
        [house(111.001), house(111.012), house(111.004)],
    )
    report = take(world, "buildings", path, trusted=trusted)
    assert (report.inserted, report.rejected) == (2, 1)
    assert [rows(world, statement) for statement in kept] == before
    assert rows(
        world,
        "SELECT action, row_count, after ->> 'first_source_row', after ->> 'last_source_row', actor"
        " FROM audit WHERE table_name = 'building'",
    ) == [("insert", 2, "1", "2", "local")]
    assert rows(
        world,
        "SELECT code, i.file_name, b.source_row FROM building b JOIN import_record i ON i.id = import_id",
    ) == [("B1", "b.gpkg", 1), ("B2", "b.gpkg", 2)]
    assert rows(
        world, "SELECT area_code, sum(units)::int, sum(households)::int FROM coverage_change"
        f" WHERE area_code IN ('{TOWN}', '{WEST}', '{EAST}') GROUP BY 1 ORDER BY 1",
    ) == [(TOWN, 2, 70), (WEST, 1, 30), (EAST, 1, 40)]  # fmt: skip
    # Again: an update now, which changes nothing.
    again = take(world, "buildings", path, trusted=trusted)
    assert (again.inserted, again.updated, again.unchanged) == (0, 0, 2)


def test_the_bulk_load_asks_for_the_scope_itself(world: Engine) -> None:  # noqa: F811
    with pytest.raises(Forbidden):
        load_one_building(world, Actor("planner", Role.PLANNER, WEST), EAST)
    assert rows(world, "SELECT count(*) FROM building") == [(0,)]
    load_one_building(world, Actor("planner", Role.PLANNER, EAST), EAST)
    assert rows(world, "SELECT code, community_code FROM building") == [("X", EAST)]


def load_one_building(engine: Engine, actor: Actor, community: str) -> None:
    with transaction(engine, actor) as connection:
        import_id = store.record(
            connection, kind="buildings", file_name="f", sha256="", actor=actor.name, report={}
        )
        connection.execute(
            text(
                "CREATE TEMP TABLE staged ON COMMIT DROP AS SELECT 'X' AS code, CAST(:community AS text)"
                " AS community_code, 1 AS source_row,"
                " ST_Multi(ST_MakeEnvelope(111.012, 34, 111.013, 34.001, 4490)) AS geom"
            ),
            {"community": community},
        )
        connection.execute(
            text("SELECT access.load_buildings(ARRAY['code', 'community_code', 'geom', 'source_row'], :id)"),
            {"id": import_id},
        )
