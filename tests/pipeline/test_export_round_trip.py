"""What is exported and imported into an empty deployment is the same, row by row, read by SQL of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN
from geo_service.pipeline import ImportOptions, import_file
from geo_service.pipeline.exporting import export_layers
from tests.conftest import engine_on_a_clone
from tests.world import COUNTY, EAST, SECOND_TOWN, SOUTH, TOWN, WEST, build_world

A_CENTIMETRE_DEG = 1e-7
KINDS = {
    "counties": "areas",
    "subdistricts": "areas",
    "communities": "areas",
    "compounds": "compounds",
    "standalone_buildings": "buildings",
    "compound_buildings": "buildings",
    "barriers": "barriers",
    "walkways": "walkways",
}
ROWS = {
    "area": "code, kind, subdistrict_kind, name, name_en, parent_code, lineage, is_civilized_unit",
    "compound": "code, community_code, name, kind, implementation_class, address, household_count,"
    " building_count, floor_area_m2, built_year, responsible_unit, land_area_m2, baseline_unmanaged",
    "building": "code, community_code, compound_code, name, implementation_class, address, storeys,"
    " unit_count, household_count, floor_area_m2, built_year, baseline_unmanaged",
    "barrier": "code, kind, name",
    "walkway": "code, kind, name",
}
ODD_NAMES = ("=1+1", "-甲，乙", 'a,b;"c"', "'=x", "@<b>&amp;", "𠮷野㛃楼")
HOLE = "ST_Buffer(ST_Centroid(geom), 0.00002, 'quad_segs=1')"
ELSEWHERE = "ST_Translate(ST_Buffer(ST_Centroid(geom), 0.00001, 'quad_segs=1'), 0.00012, 0)"


@pytest.fixture(scope="module")
def world(module_engine: Engine) -> Engine:
    """Two towns with odd names, empty cells, a compound in two parts with a hole, one without a place."""
    build_world(module_engine, {TOWN: {WEST: "1H.\n.|P", EAST: "23aa\n4..P"}, SECOND_TOWN: {SOUTH: "5b."}})
    with module_engine.begin() as connection:
        for number, name in enumerate(ODD_NAMES):
            connection.execute(
                text("UPDATE building SET name = :name WHERE code = (SELECT code FROM building"
                     " ORDER BY code OFFSET :number LIMIT 1)"),
                {"name": name, "number": number},
            )  # fmt: skip
        connection.execute(
            text(
                "UPDATE building SET name = NULL, address = NULL, storeys = NULL, floor_area_m2 = NULL,"
                f" implementation_class = NULL, baseline_unmanaged = false WHERE code = '{WEST}-B0001'"
            )
        )
        connection.execute(
            text(
                "UPDATE compound SET name = '甲小区', kind = 'courtyard', built_year = 1987,"
                " responsible_unit = '房管局', land_area_m2 = 1234.5, floor_area_m2 = 0.1 + 0.2,"
                f" geom = ST_Multi(ST_Union(ST_Difference(geom, {HOLE}), {ELSEWHERE}))"
                f" WHERE code = '{EAST}-C001'"
            )
        )
        connection.execute(
            text("INSERT INTO compound (code, community_code, name) VALUES (:code, :community, :name)"),
            {"code": f"{EAST}-C900", "community": EAST, "name": "=无位置"},
        )
        connection.execute(text(f"UPDATE area SET name = '东社区', name_en = 'East' WHERE code = '{EAST}'"))
        connection.execute(text(
            "UPDATE area SET subdistrict_kind = 'functional_zone', is_civilized_unit = true"
            f" WHERE code = '{SECOND_TOWN}'"
        ))  # fmt: skip
        connection.execute(text("UPDATE walkway SET name = '东桥'; UPDATE barrier SET geom = ST_Multi(geom)"))
        connection.execute(
            text(
                "INSERT INTO barrier (code, area_code, kind, name, geom)"
                " SELECT 'LAKE', area_code, 'river', '湖', ST_Multi(ST_Buffer(geom, 0.00003)) FROM barrier"
            )
        )
    return module_engine


@pytest.fixture
def empty(cluster: Any, template: str) -> Iterator[Engine]:
    """Another deployment, without a row."""
    with engine_on_a_clone(cluster, template) as engine:
        yield engine


def _rows(engine: Engine, table: str) -> dict[str, tuple[Any, shapely.Geometry | None]]:
    columns = ROWS[table]
    with engine.connect() as connection:
        found = connection.execute(
            text(f"SELECT {columns}, ST_AsBinary(geom) AS wkb FROM {table} ORDER BY code")
        ).all()
    return {
        row.code: (tuple(row)[:-1], None if row.wkb is None else shapely.from_wkb(bytes(row.wkb)))
        for row in found
    }


def _assert_same(found: Engine, expected: Engine, *, exactly: bool) -> None:
    for table in ROWS:
        ours, theirs = _rows(found, table), _rows(expected, table)
        assert list(ours) == list(theirs), table
        for code, (values, shape) in theirs.items():
            assert ours[code][0] == values
            if shape is None or exactly:
                assert ours[code][1] == shape, code
            else:
                assert shapely.get_num_interior_rings(shapely.get_parts(shape)).sum() == (
                    shapely.get_num_interior_rings(shapely.get_parts(ours[code][1])).sum()
                )
                assert shapely.hausdorff_distance(ours[code][1], shape) < A_CENTIMETRE_DEG


def _take_over(empty: Engine, folder: Path) -> None:
    """Import whatever the folder holds, layer after layer, with no word on columns, CRS or datum."""
    files = sorted(path for path in folder.iterdir() if path.suffix != ".csv" or "_fields" not in path.stem)
    for layer, kind in KINDS.items():
        parts = [path for path in files if path.stem.startswith(layer)]
        for path in [path for path in parts if path.suffix not in (".dbf", ".shx", ".prj", ".cpg")]:
            report = import_file(empty, LOCAL_ADMIN, kind=kind, path=path)
            assert report.rejected == 0, report.findings


@pytest.mark.parametrize("format", ["geojson", "shp", "fgb", "parquet", "kml", "csv"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_format_brings_every_row_back(
    world: Engine, empty: Engine, tmp_path: Path, format: str, language: str
) -> None:
    if language == "en" and format != "csv":
        pytest.skip("only the headings of a CSV are in words")
    export_layers(
        world, LOCAL_ADMIN, area_code=COUNTY, layers=list(KINDS), format=format, out=tmp_path / "out",
        language=language,
    )  # fmt: skip

    _take_over(empty, tmp_path / "out")

    _assert_same(empty, world, exactly=format in ("fgb", "parquet", "csv", "shp"))


def test_a_geopackage_brings_every_row_back(world: Engine, empty: Engine, tmp_path: Path) -> None:
    out = tmp_path / "all.gpkg"
    export_layers(world, LOCAL_ADMIN, area_code=COUNTY, layers=list(KINDS), format="gpkg", out=out)

    for layer, kind in KINDS.items():
        for part in ("barriers_line", "barriers_area") if layer == "barriers" else (layer,):
            report = import_file(empty, LOCAL_ADMIN, kind=kind, path=out, options=ImportOptions(layer=part))
            assert report.rejected == 0, report.findings

    _assert_same(empty, world, exactly=True)


@pytest.mark.parametrize("format", ["geojson", "kml", "shp", "fgb", "parquet", "csv"])
def test_shifted_files_are_known_by_their_mark(
    world: Engine, empty: Engine, tmp_path: Path, format: str
) -> None:
    """Nobody says --datum: the file does."""
    export_layers(
        world, LOCAL_ADMIN, area_code=COUNTY, layers=list(KINDS), format=format, out=tmp_path / "out",
        datum="gcj02",
    )  # fmt: skip

    _take_over(empty, tmp_path / "out")

    _assert_same(empty, world, exactly=False)


@pytest.mark.parametrize("format", ["fgb", "parquet", "shp", "csv"])
def test_another_crs_comes_back_too(world: Engine, empty: Engine, tmp_path: Path, format: str) -> None:
    export_layers(
        world, LOCAL_ADMIN, area_code=COUNTY, layers=list(KINDS), format=format, out=tmp_path / "out",
        crs="EPSG:4546",
    )  # fmt: skip

    _take_over(empty, tmp_path / "out")

    _assert_same(empty, world, exactly=False)
