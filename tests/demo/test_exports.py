"""Every layer of every sub-district of the demo county, in every format, read back beside SQL of its own."""

from __future__ import annotations

import csv
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import geopandas
import openpyxl
import pandas
import pyogrio
import pytest
import shapely
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN
from geo_service.demo.run import run_demo
from geo_service.demo.story import COUNTY_CODE
from geo_service.pipeline.exporting import export_layers

DECEMBER = date(2024, 12, 31)
A_CENTIMETRE_DEG = 1e-7
OF_UNITS = "community_code IN (SELECT code FROM area WHERE parent_code = :area)"
MEETING = "ST_Intersects(geom, (SELECT geom FROM area WHERE code = :area))"
ZONED = f"""SELECT z.code, z.household_count AS households, geom FROM zone z
    JOIN plan_publication p USING (plan_id, community_code) WHERE p.effective @> CAST('{DECEMBER}' AS date)
    AND {OF_UNITS}"""
# What a layer must hold: its codes, a figure or a name of each, its shape, asked for in other words.
TRUTH = {
    "counties": "SELECT code, name, geom FROM area WHERE kind = 'county' AND code = :area",
    "subdistricts": "SELECT code, name, geom FROM area WHERE kind = 'subdistrict' AND code = :area",
    "communities": "SELECT code, name, geom FROM area WHERE parent_code = :area",
    "coverage_by_community": "SELECT code, name, geom FROM area WHERE parent_code = :area",
    "zones": ZONED,
    "compounds": "SELECT code, name, household_count AS households, address, geom FROM compound WHERE "
    + OF_UNITS,
    "standalone_buildings": "SELECT code, storeys, household_count AS households, floor_area_m2,"
    " baseline_unmanaged, geom FROM building WHERE compound_code IS NULL AND " + OF_UNITS,
    "compound_buildings": "SELECT code, compound_code, storeys, household_count AS households, geom"
    " FROM building WHERE compound_code IS NOT NULL AND " + OF_UNITS,
    "barriers": "SELECT code, name, kind, geom FROM barrier WHERE " + MEETING,
    "walkways": "SELECT code, name, kind, geom FROM walkway WHERE " + MEETING,
    "community_labels": "SELECT code, name, ST_PointOnSurface(geom) AS geom FROM area"
    " WHERE parent_code = :area",
    "zone_labels": ZONED.replace("geom FROM", "ST_PointOnSurface(geom) AS geom FROM"),
}
FORMATS = ("gpkg", "geojson", "shp", "fgb", "parquet", "kml", "csv", "xlsx")

Rows = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def county(module_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The county, with a second sub-district that holds nothing yet."""
    run_demo(module_engine, LOCAL_ADMIN, out=tmp_path_factory.mktemp("demo-output"))
    with module_engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO area (code, kind, subdistrict_kind, name, parent_code, lineage, geom)"
                " SELECT '990199000000', 'subdistrict', 'functional_zone', '空区', code,"
                " lineage || ARRAY['990199000000'], ST_Translate(geom, 2, 0) FROM area WHERE code = :county"
            ),
            {"county": COUNTY_CODE},
        )
    return module_engine


@pytest.fixture(scope="module")
def subdistricts(county: Engine) -> dict[str, str]:
    with county.connect() as connection:
        found = connection.execute(text("SELECT code, name FROM area WHERE kind = 'subdistrict'"))
        return {row.code: row.name for row in found}


@pytest.fixture(scope="module")
def truth(county: Engine, subdistricts: dict[str, str]) -> dict[tuple[str, str], Rows]:
    """Rows by code of every sub-district and layer."""
    rows = {}
    with county.connect() as connection:
        for area in subdistricts:
            for layer, sql in TRUTH.items():
                found = connection.execute(
                    text(f"SELECT *, ST_AsBinary(geom) AS wkb FROM ({sql}) AS t"), {"area": area}
                ).mappings()
                rows[area, layer] = {
                    row["code"]: {key: row[key] for key in row if key not in ("geom", "wkb")}
                    | {"geometry": None if row["wkb"] is None else shapely.from_wkb(bytes(row["wkb"]))}
                    for row in found
                }
    return rows


@pytest.mark.parametrize("format", FORMATS)
def test_every_layer_of_every_subdistrict_reads_back_equal(
    county: Engine,
    subdistricts: dict[str, str],
    truth: dict[tuple[str, str], Rows],
    tmp_path: Path,
    format: str,
) -> None:
    """One archive of all the sub-districts; that it is one, its names and its contents are checked too."""
    out = tmp_path / "all.zip"
    export_layers(
        county, LOCAL_ADMIN, area_code=COUNTY_CODE, layers=list(TRUTH), format=format, out=out, on=DECEMBER,
        each="subdistrict",
    )  # fmt: skip

    with zipfile.ZipFile(out) as bundle:
        bundle.extractall(tmp_path)
    folders = {area: tmp_path / f"{area}_{name}" for area, name in subdistricts.items()}
    assert {path for path in tmp_path.iterdir() if path.is_dir()} == set(folders.values())
    read = 0
    for area, folder in folders.items():
        for layer in TRUTH:
            found = _read(folder, area, layer, format)
            _assert_equal(found, truth[area, layer], format, where=f"{layer} of {area}")
            read += len(found)
    assert read == sum(map(len, truth.values())) > 0
    assert _contents(tmp_path / "目录.csv") == read


def _contents(path: Path) -> int:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return sum(int(row["要素数"]) for row in csv.DictReader(file))


def _read(folder: Path, area: str, layer: str, format: str) -> Rows:
    if format == "xlsx":
        return _read_sheet(folder / f"{area}.xlsx", layer)
    rows: Rows = {}
    for frame in _frames(folder, area, layer, format):
        frame.columns = [name if name == "geometry" else TITLES.get(name, name) for name in frame.columns]
        for row in frame.to_dict("records"):
            rows[row["code"]] = row
    return rows


def _frames(folder: Path, area: str, layer: str, format: str) -> Iterator[geopandas.GeoDataFrame]:
    if format == "gpkg":
        names = [name for name, _ in pyogrio.list_layers(folder / f"{area}.gpkg")]
        found = [name for name in names if name == layer or name in (f"{layer}_line", f"{layer}_area")]
        assert found, names
        for name in found:
            yield pyogrio.read_dataframe(folder / f"{area}.gpkg", layer=name)
    elif format == "shp":
        paths = [path for path in folder.glob("*.shp") if path.stem.removesuffix("_line")
                 .removesuffix("_area") == layer]  # fmt: skip
        assert paths
        for path in paths:
            with path.with_name(f"{path.stem}_fields.csv").open(encoding="utf-8-sig", newline="") as file:
                names = {row["field"]: row["name"] for row in csv.DictReader(file)}
            yield pyogrio.read_dataframe(path).rename(columns=names)
    elif format == "parquet":
        yield geopandas.read_parquet(folder / f"{layer}.parquet").rename_geometry("geometry")
    elif format == "geojson":
        path = folder / f"{layer}.geojson"
        if json.loads(path.read_text(encoding="utf-8"))["features"]:
            yield pyogrio.read_dataframe(path)
    else:
        frame = pyogrio.read_dataframe(folder / f"{layer}.{format}", encoding="utf-8")
        yield frame.rename(columns={"Name": "name"})


# A CSV's headings, as far as they are compared.
TITLES = {
    "编码": "code", "名称": "name", "户数": "households", "坐落": "address", "层数": "storeys",
    "建筑面积（m²）": "floor_area_m2", "无主管": "baseline_unmanaged", "小区编码": "compound_code",
    "类型": "kind",
}  # fmt: skip
SHEETS = {
    "counties": "县（区）", "subdistricts": "镇街", "communities": "社区",
    "coverage_by_community": "社区覆盖率",
    "zones": "流动物业片区", "compounds": "小区", "standalone_buildings": "单栋楼院",
    "compound_buildings": "小区内楼栋", "barriers": "阻隔", "walkways": "步行通道",
    "community_labels": "社区注记", "zone_labels": "片区注记",
}  # fmt: skip
WORDS = {
    "river": "河流", "railway": "铁路", "trunk_road": "主干道", "wall": "围墙", "lane": "巷道",
    "bridge": "桥",
    "underpass": "地下通道", "crossing": "路口", True: "是", False: "否",
}  # fmt: skip


def _read_sheet(path: Path, layer: str) -> Rows:
    rows = openpyxl.load_workbook(path, read_only=True)[SHEETS[layer]].iter_rows(values_only=True)
    heading = [TITLES.get(title, title) for title in next(rows)]
    found = (dict(zip(heading, row, strict=False)) for row in rows)
    # A row whose last cells are empty is read as a shorter one.
    return {row["code"]: defaultdict(lambda: None, row) for row in found if row["code"] != "合计"}


def _assert_equal(found: Rows, expected: Rows, format: str, *, where: str) -> None:
    assert set(found) == set(expected), where
    for code, row in expected.items():
        for name, value in row.items():
            if name == "geometry":
                if format != "xlsx":
                    _assert_same_shape(found[code]["geometry"], value, f"{where}: {code}")
                continue
            seen = found[code][name]
            seen = None if pandas.isna(seen) or seen == "" else seen
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if format in ("csv", "xlsx") and not is_number:
                value = WORDS.get(value, value)
            if format in ("csv", "kml") and is_number:
                seen = float(seen)
            assert seen == value, f"{where}: {name} of {code}"


def _assert_same_shape(found: Any, expected: Any, where: str) -> None:
    if expected is None:
        assert found is None or found.is_empty, where
    else:
        assert shapely.hausdorff_distance(found, expected) < A_CENTIMETRE_DEG, where
