"""GIS files into the database: what lands, what is refused, and what is said about it.

The world: two communities side by side, each a hundredth of a degree square.

    111.00   111.01   111.02
      |  WEST  |  EAST  |     34.00 - 34.01
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import shapely
from shapely import LineString, Point, Polygon, box
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.errors import Forbidden, InvalidInput
from geo_service.exchange.coordinates import to_gcj02
from geo_service.pipeline import ImportOptions, ImportReport, import_file
from geo_service.store.session import transaction

COUNTY, TOWN, WEST, EAST = "990100000000", "990101000000", "990101001000", "990101002000"
WHOLE = box(111.00, 34.00, 111.02, 34.01)


def write(
    path: Path,
    columns: Mapping[str, Sequence[Any]],
    shapes: Sequence[Any],
    *,
    crs: str | None = "EPSG:4490",
    **options: Any,
) -> Path:
    geopandas.GeoDataFrame(dict(columns), geometry=list(shapes), crs=crs).to_file(path, **options)
    return path


def write_areas(path: Path) -> Path:
    # Children first: the import must not depend on the order of the layers.
    layers = {
        "community": (
            [WEST, EAST],
            ["西社区", "东社区"],
            TOWN,
            [box(111.00, 34.00, 111.01, 34.01), box(111.01, 34.00, 111.02, 34.01)],
        ),
        "subdistrict": ([TOWN], ["云川镇"], COUNTY, [WHOLE]),
        "county": ([COUNTY], ["云川县"], None, [WHOLE]),
    }
    for layer, (codes, names, parent, shapes) in layers.items():
        write(path, {"编码": codes, "名称": names, "上级编码": [parent] * len(codes)}, shapes, layer=layer)
    return path


def take(engine: Engine, kind: str, path: Path, actor: Actor = LOCAL_ADMIN, **options: Any) -> ImportReport:
    return import_file(engine, actor, kind=kind, path=path, options=ImportOptions(**options))


def said(report: ImportReport, severity: str) -> list[tuple[int | None, str, str]]:
    return [(f.row, f.field, f.key) for f in report.findings if f.severity == severity]


def rows(engine: Engine, statement: str) -> list[tuple[Any, ...]]:
    with transaction(engine, LOCAL_ADMIN, read_only=True) as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def house(x: float, y: float = 34.005, size: float = 0.0002) -> Polygon:
    return box(x, y, x + size, y + size)


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> Engine:
    take(engine, "areas", write_areas(tmp_path / "areas.gpkg"))
    return engine


def test_areas_of_every_layer_land_under_their_parents(world: Engine) -> None:
    assert rows(world, "SELECT code, kind, lineage FROM area ORDER BY cardinality(lineage), code") == [
        (COUNTY, "county", [COUNTY]),
        (TOWN, "subdistrict", [COUNTY, TOWN]),
        (WEST, "community", [COUNTY, TOWN, WEST]),
        (EAST, "community", [COUNTY, TOWN, EAST]),
    ]
    # The zone of 111 E is the thirteenth from 75 E, which is EPSG:4534.
    assert rows(world, "SELECT metric_srid FROM deployment") == [(4546,)]


def test_the_same_file_again_changes_nothing_and_leaves_no_trace(world: Engine, tmp_path: Path) -> None:
    path = write(
        tmp_path / "b.gpkg", {"楼栋编码": ["B1", "B2"], "户数": [30, 40]}, [house(111.001), house(111.002)]
    )
    first = take(world, "buildings", path)
    trail = rows(world, "SELECT count(*) FROM audit")
    again = take(world, "buildings", path)
    assert (first.inserted, first.updated, first.unchanged) == (2, 0, 0)
    assert (again.inserted, again.updated, again.unchanged) == (0, 0, 2)
    assert rows(world, "SELECT count(*) FROM audit") == trail


def test_a_changed_row_is_updated_and_traced_to_its_file(world: Engine, tmp_path: Path) -> None:
    take(
        world,
        "buildings",
        write(
            tmp_path / "a.gpkg", {"code": ["B1", "B2"], "户数": [30, 40]}, [house(111.001), house(111.002)]
        ),
    )
    report = take(
        world,
        "buildings",
        write(
            tmp_path / "b.gpkg", {"code": ["B2", "B1"], "户数": [40, 31]}, [house(111.002), house(111.001)]
        ),
    )
    assert (report.inserted, report.updated, report.unchanged) == (0, 1, 1)
    assert rows(
        world,
        "SELECT code, household_count, file_name, source_row"
        " FROM building JOIN import_record i ON i.id = import_id ORDER BY code",
    ) == [("B1", 31, "b.gpkg", 2), ("B2", 40, "a.gpkg", 2)]
    assert rows(world, "SELECT count(*) FROM audit WHERE table_name = 'building' AND action = 'update'") == [
        (1,)
    ]


def test_columns_a_file_lacks_keep_what_they_hold(world: Engine, tmp_path: Path) -> None:
    take(world, "buildings", write(tmp_path / "a.gpkg", {"code": ["B1"], "storeys": [6]}, [house(111.001)]))
    take(world, "buildings", write(tmp_path / "b.gpkg", {"code": ["B1"], "户数": [9]}, [house(111.001)]))
    assert rows(world, "SELECT storeys, household_count FROM building") == [(6, 9)]


def test_a_file_without_a_household_column_is_remarked_upon(world: Engine, tmp_path: Path) -> None:
    report = take(
        world, "buildings", write(tmp_path / "a.gpkg", {"code": ["B1"], "hu": [9]}, [house(111.001)])
    )
    remark = next(finding for finding in report.findings if finding.key == "import.no_household_column")
    assert (remark.row, remark.severity) == (None, "warning")
    assert "hu" in remark.message("zh")
    named = take(
        world,
        "buildings",
        write(tmp_path / "b.gpkg", {"code": ["B1"], "hu": [9]}, [house(111.001)]),
        mapping={"household_count": "hu"},
    )
    assert "import.no_household_column" not in {finding.key for finding in named.findings}


def test_moving_an_area_moves_all_below_it(world: Engine, tmp_path: Path) -> None:
    take(
        world,
        "areas",
        write(tmp_path / "new.gpkg", {"code": ["99"], "name": ["新县"], "kind": ["县"]}, [WHOLE]),
    )
    path = write(
        tmp_path / "moved.gpkg",
        {"code": [TOWN], "name": ["云川镇"], "kind": ["镇"], "parent_code": ["99"]},
        [WHOLE],
    )
    take(world, "areas", path)
    assert rows(world, f"SELECT lineage FROM area WHERE code = '{WEST}'") == [(["99", TOWN, WEST],)]
    assert rows(world, f"SELECT subdistrict_kind FROM area WHERE code = '{TOWN}'") == [("town",)]


def test_areas_under_an_unknown_or_a_lower_parent_are_rejected(world: Engine, tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.gpkg",
        {
            "code": ["S9", "C9", "T9"],
            "name": ["甲", "乙", "丙"],
            "kind": ["镇", "社区", "镇"],
            "parent_code": ["nowhere", "S9", WEST],
        },
        [house(111.001), house(111.003), house(111.005)],
    )
    assert said(take(world, "areas", path), "rejected") == [
        (1, "parent_code", "import.parent_unknown"),
        (2, "parent_code", "import.parent_unknown"),
        (3, "parent_code", "import.parent_level"),
    ]


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:2222222", "EPSG:2263"])
def test_the_deployment_measures_in_metres_only(engine: Engine, tmp_path: Path, crs: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        take(engine, "areas", write_areas(tmp_path / "areas.gpkg"), metric_crs=crs)
    assert refusal.value.key in ("import.crs_not_metric", "import.crs_unknown")
    assert rows(engine, "SELECT count(*) FROM area") == [(0,)]


def test_a_building_is_counted_where_most_of_it_lies(world: Engine, tmp_path: Path) -> None:
    # From 111.0099 to 111.0109, the border at 111.01: a tenth in WEST, nine tenths in EAST.
    astride = box(111.0099, 34.005, 111.0109, 34.006)
    # A hundredth over the border is no straddling.
    barely = box(111.00901, 34.007, 111.01001, 34.008)
    path = write(
        tmp_path / "b.gpkg", {"code": ["B1", "B2", "B3"], "户数": 1}, [astride, barely, house(111.015)]
    )
    report = take(world, "buildings", path)
    assert rows(world, "SELECT code, community_code FROM building ORDER BY code") == [
        ("B1", EAST),
        ("B2", WEST),
        ("B3", EAST),
    ]
    assert said(report, "warning") == [(1, "geometry", "import.straddles")]
    assert report.findings[0].values == {"code": EAST, "other": WEST, "percent": 10}


def test_a_stated_community_is_kept_and_doubted_and_an_unknown_one_refused(
    world: Engine, tmp_path: Path
) -> None:
    count = 30
    path = write(
        tmp_path / "b.gpkg",
        {
            "code": [f"B{i}" for i in range(count)],
            "社区编码": [EAST, "990101009000"] + [WEST] * (count - 2),
            "户数": 1,
        },
        [house(111.0002 + i * 0.0003) for i in range(count)],
    )
    report = take(world, "buildings", path)
    assert said(report, "warning") == [(1, "community_code", "import.community_differs")]
    assert said(report, "rejected") == [(2, "community_code", "import.community_unknown")]
    assert rows(world, "SELECT community_code FROM building WHERE code = 'B0'") == [(EAST,)]


def test_what_lies_outside_every_community_is_refused(world: Engine, tmp_path: Path) -> None:
    path = write(
        tmp_path / "b.gpkg",
        {"code": ["B1", "B2"], "compound_code": [None, "C9"]},
        [house(111.03), house(111.001)],
    )
    assert said(take(world, "buildings", path), "rejected") == [
        (1, "geometry", "import.outside_communities"),
        (2, "compound_code", "import.compound_unknown"),
    ]


HOUSEHOLDS = {
    "120": (120, None),
    "１２０": (120, None),
    "1,200": (1200, None),
    "约120户": (120, "import.number_guessed"),
    "120户": (120, "import.number_guessed"),
    "": (0, "import.households_empty"),
    "-5": (None, "import.negative"),
    "-5户": (None, "import.negative"),
    "百余户": (None, "import.not_a_number"),
    "100-120": (None, "import.not_a_number"),
    "12.5": (None, "import.not_whole"),
    "99999999": (None, "import.too_large"),
    "inf": (None, "import.not_a_number"),
}


def test_households_as_people_write_them(world: Engine, tmp_path: Path) -> None:
    shapes = [house(111.0002 + i * 0.0003) for i in range(len(HOUSEHOLDS))]
    path = write(
        tmp_path / "b.gpkg",
        {"code": [f"B{i:02}" for i in range(len(HOUSEHOLDS))], "户数": list(HOUSEHOLDS)},
        shapes,
    )
    report = take(world, "buildings", path)
    landed = dict(rows(world, "SELECT code, household_count FROM building"))
    remarks = {
        row: key
        for row, field, key in said(report, "warning") + said(report, "rejected")
        if field == "household_count"
    }
    for i, (written, (count, key)) in enumerate(HOUSEHOLDS.items()):
        assert (landed.get(f"B{i:02}"), remarks.get(i + 1)) == (count, key), written


def test_geometry_is_repaired_only_where_the_repair_is_small(world: Engine, tmp_path: Path) -> None:
    x, size = 111.001, 0.0004
    eight = Polygon([(x, 34.005), (x + size, 34.005 + size), (x + size, 34.005), (x, 34.005 + size)])
    # A sliver of a corner crosses itself: two triangles of a few thousandths of the square.
    steps = [(0, 0), (1, 0), (1, 1), (0.1, 1), (0, 0.99), (0, 1), (0.1, 0.99), (0, 0.98)]
    sliver = Polygon([(x + size * i, 34.006 + size * j) for i, j in steps])
    flat = Polygon([(x, 34.007), (x + size, 34.007), (x + 2 * size, 34.007)])
    shapes = [
        eight,
        sliver,
        flat,
        Point(x, 34.008),
        None,
        Polygon(),
        Polygon([(x, 34), (x, np.nan), (x + size, 34), (x, 34)]),
        house(x),
    ]
    path = tmp_path / "b.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["code", "wkt"])
        writer.writerows([f"B{i}", "" if shape is None else shape.wkt] for i, shape in enumerate(shapes, 1))
    assert not sliver.is_valid
    report = take(world, "buildings", path, crs="EPSG:4490")
    assert said(report, "repaired") == [(2, "geometry", "import.geometry_repaired")]
    assert said(report, "rejected") == [
        (1, "geometry", "import.geometry_invalid"),
        (3, "geometry", "import.geometry_zero_area"),
        (4, "geometry", "import.geometry_wrong_type"),
        (5, "geometry", "import.geometry_empty"),
        (6, "geometry", "import.geometry_empty"),
        (7, "geometry", "import.geometry_not_finite"),
    ]
    assert rows(world, "SELECT code, ST_IsValid(geom) FROM building ORDER BY code") == [
        ("B2", True),
        ("B8", True),
    ]


def test_a_code_twice_is_refused_and_a_footprint_twice_is_warned_about(world: Engine, tmp_path: Path) -> None:
    first = house(111.001)
    turned = shapely.reverse(Polygon(np.roll(np.array(first.exterior.coords)[:-1], 1, axis=0)))
    path = write(
        tmp_path / "b.gpkg", {"code": ["B1", "B1", "B2"], "户数": 1}, [first, house(111.003), turned]
    )
    report = take(world, "buildings", path)
    assert said(report, "rejected") == [(2, "code", "import.code_repeated")]
    assert said(report, "warning") == [(3, "geometry", "import.geometry_repeated")]
    assert {f.values["first"] for f in report.findings} == {1}


def test_rejected_rows_are_kept_with_their_reasons(world: Engine, tmp_path: Path) -> None:
    path = write(
        tmp_path / "b.gpkg",
        {"楼栋编码": ["B1", None, "B3"], "户数": ["10", "20", "没有"]},
        [house(111.001 + i / 1000) for i in range(3)],
    )
    report = take(world, "buildings", path, rejects_dir=tmp_path / "rejects")
    assert report.rejected == 2
    assert report.rejects_file is not None
    data = Path(report.rejects_file).read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    kept = list(csv.DictReader(data.decode("utf-8-sig").splitlines()))
    assert [(row["行号"], row["楼栋编码"], row["户数"]) for row in kept] == [
        ("2", "", "20"),
        ("3", "B3", "没有"),
    ]
    assert kept[1]["reason_zh"] == "household_count: “没有”读不出数字"


def test_strict_lands_nothing_when_one_row_is_bad(world: Engine, tmp_path: Path) -> None:
    path = write(
        tmp_path / "b.gpkg", {"code": ["B1", "B2"], "户数": ["10", "没有"]}, [house(111.001), house(111.002)]
    )
    with pytest.raises(InvalidInput) as refusal:
        take(world, "buildings", path, strict=True)
    assert [(d["row"], d["field"]) for d in refusal.value.details] == [(2, "household_count")]
    assert rows(world, "SELECT count(*) FROM building") == [(0,)]


def test_a_dry_run_says_the_same_and_writes_nothing(world: Engine, tmp_path: Path) -> None:
    path = write(
        tmp_path / "b.gpkg",
        {"code": ["B1", "B2", "B3"], "户数": ["10", "没有", "约5户"]},
        [house(111.001 + i / 1000) for i in range(3)],
    )
    before = rows(world, "SELECT (SELECT count(*) FROM audit), (SELECT count(*) FROM import_record)")
    rehearsal = take(world, "buildings", path, dry_run=True, rejects_dir=tmp_path / "rejects")
    assert rows(world, "SELECT (SELECT count(*) FROM audit), (SELECT count(*) FROM import_record)") == before
    assert rows(world, "SELECT count(*) FROM building") == [(0,)]
    assert not (tmp_path / "rejects").exists()
    played = take(world, "buildings", path)
    assert rehearsal.as_json() | {"dry_run": False} == played.as_json()


def test_a_gcj02_file_is_noticed_named_and_undone(world: Engine, tmp_path: Path) -> None:
    # Within 500 m of the western edge: the shift of GCJ-02 here is about as large, eastwards.
    xs = 111.0096 - 0.0004 * np.arange(20)
    true = [house(x, 34.005) for x in xs]
    shifted = [shapely.transform(shape, to_gcj02) for shape in true]
    columns = {"code": [f"B{i:02}" for i in range(20)], "社区编码": [WEST] * 20, "户数": 1}
    path = write(tmp_path / "b.gpkg", columns, shifted)
    report = take(world, "buildings", path)
    suspect = [f for f in report.findings if f.row is None]
    assert [(f.key, f.values["datum"]) for f in suspect] == [("import.datum_suspect", "gcj02")]
    undone = take(world, "buildings", path, datum="gcj02")
    assert undone.findings == ()
    stored = rows(
        world, "SELECT ST_X(ST_Centroid(geom)), ST_Y(ST_Centroid(geom)) FROM building ORDER BY code"
    )
    expected = [(shape.centroid.x, shape.centroid.y) for shape in true]
    # A tenth of a metre is about a millionth of a degree.
    assert np.abs(np.array(stored) - np.array(expected)).max() < 1e-6


def test_projected_coordinates_are_brought_to_longitude_and_latitude(world: Engine, tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame({"code": ["B1"]}, geometry=[house(111.001)], crs="EPSG:4490").to_crs(
        "EPSG:4546"
    )
    frame.to_file(tmp_path / "b.gpkg")
    take(world, "buildings", tmp_path / "b.gpkg")
    [(x, y)] = rows(world, "SELECT ST_XMin(geom), ST_YMin(geom) FROM building")
    assert (x, y) == pytest.approx((111.001, 34.005), abs=1e-8)


def test_lines_belong_to_the_smallest_area_that_holds_them(world: Engine, tmp_path: Path) -> None:
    shapes = [
        LineString([(111.001, 34.001), (111.002, 34.001)]),
        LineString([(111.005, 34.001), (111.015, 34.001)]),
        LineString([(110.9, 34.001), (111.2, 34.001)]),
    ]
    path = write(
        tmp_path / "r.gpkg", {"code": ["R1", "R2", "R3"], "类型": ["河流", "铁路", "trunk_road"]}, shapes
    )
    take(world, "barriers", path)
    # R2 lies whole in town and county alike, which share their border.
    owners = dict(rows(world, "SELECT code, area_code FROM barrier"))
    assert owners["R1"] == WEST
    assert owners["R2"] in (TOWN, COUNTY)
    assert owners["R3"] == COUNTY
    assert take(world, "barriers", path).unchanged == 3


def test_people_land_with_their_private_phone_apart(world: Engine, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(
        "人员编码,姓名,职务,工作电话,私人电话,经度,纬度\nP1,张三,网格长,0379-60000000,13800001234,111.001,34.001\n"
        "P2,李四,楼院长,abc,,111.011,34.001\n".encode("gb18030")
    )
    report = take(world, "people", path, datum="wgs84")
    assert said(report, "rejected") == [(2, "work_phone", "import.phone_odd")]
    assert rows(
        world,
        "SELECT p.code, p.name, p.chief_role, p.community_code, p.zone_capacity, c.private_phone"
        " FROM person p JOIN person_contact c ON c.person_code = p.code",
    ) == [("P1", "张三", "grid_chief", WEST, 1, "13800001234")]


def test_compounds_may_be_without_a_place_but_not_without_a_community(world: Engine, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text(
        f"小区编码,小区名称,社区编码,户数\nC1,幸福小区,{WEST},300\nC2,平安小区,,200\n", encoding="utf-8-sig"
    )
    report = take(world, "compounds", path)
    assert said(report, "warning") == [(1, "geometry", "import.no_location")]
    assert said(report, "rejected") == [(2, "community_code", "import.no_place")]


def test_a_planner_writes_only_inside_the_scope(world: Engine, tmp_path: Path) -> None:
    planner = Actor("west", Role.PLANNER, WEST)
    columns = {"code": ["B1", "B2", "B3"], "社区编码": [WEST, EAST, None]}
    path = write(tmp_path / "b.gpkg", columns, [house(111.001), house(111.011), house(111.012)])
    report = take(world, "buildings", path, planner)
    assert {(row, key) for row, _, key in said(report, "rejected")} == {
        (2, "import.community_outside_scope"),
        (3, "import.outside_scope"),
    }
    assert rows(world, "SELECT code FROM building") == [("B1",)]
    river = write(
        tmp_path / "r.gpkg",
        {"code": ["R1"], "kind": ["river"]},
        [LineString([(111.012, 34.001), (111.013, 34.001)])],
    )
    assert said(take(world, "barriers", river, planner), "rejected") == [
        (1, "geometry", "import.outside_scope")
    ]


def test_a_planner_cannot_take_over_a_code_of_somebody_else(world: Engine, tmp_path: Path) -> None:
    take(world, "buildings", write(tmp_path / "east.gpkg", {"code": ["B1"]}, [house(111.015)]))
    path = write(tmp_path / "west.gpkg", {"code": ["B1", "B2"]}, [house(111.001), house(111.002)])
    report = take(world, "buildings", path, Actor("west", Role.PLANNER, WEST))
    assert said(report, "rejected") == [(1, "code", "import.code_elsewhere")]
    assert rows(world, "SELECT code, community_code FROM building ORDER BY code") == [
        ("B1", EAST),
        ("B2", WEST),
    ]


@pytest.mark.parametrize("role", [Role.GIS, Role.VIEWER, Role.CHIEF])
def test_who_does_not_write_does_not_import(world: Engine, tmp_path: Path, role: Role) -> None:
    with pytest.raises(Forbidden):
        take(world, "areas", tmp_path / "areas.gpkg", Actor("reader", role, COUNTY))
