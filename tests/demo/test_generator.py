"""The generated county, read back from its files and counted anew against scenario D-A."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely

from geo_service.demo.county import make_county
from geo_service.demo.files import write_files
from geo_service.demo.story import DEFAULT_SEED
from geo_service.errors import InvalidInput

COMMUNITIES = [f"99012210000{number}" for number in range(1, 6)]
STANDALONE = [25, 22, 19, 16, 13]
HOUSEHOLDS = [800, 704, 608, 512, 416]


class Table:
    """One layer of a GeoPackage: columns by header and geometry in metres."""

    def __init__(self, path: Path, layer: str) -> None:
        meta, _, wkb, columns = pyogrio.raw.read(path, layer=layer)
        self.crs = meta["crs"]
        self.columns = dict(zip(meta["fields"], columns, strict=True))
        self.lonlat = shapely.from_wkb(wkb)
        to_metres = pyproj.Transformer.from_crs(4490, 4546, always_xy=True)
        self.geometry = shapely.transform(
            self.lonlat, lambda p: np.column_stack(to_metres.transform(p[:, 0], p[:, 1]))
        )

    def __getitem__(self, header: str) -> np.ndarray:
        return self.columns[header]

    def __len__(self) -> int:
        return len(self.geometry)


def read(folder: Path, file: str, layer: str | None = None) -> Table:
    return Table(folder / f"{file}.gpkg", layer or file)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("county")
    write_files(make_county(seed=DEFAULT_SEED), out)
    return out


@pytest.fixture(scope="module")
def buildings(folder: Path) -> Table:
    return read(folder, "buildings")


@pytest.fixture(scope="module")
def communities(folder: Path) -> Table:
    return read(folder, "areas", "community")


def test_standalone_buildings_and_their_households_are_exact(buildings: Table) -> None:
    standalone = np.array([code is None for code in buildings["小区编码"]])
    count = Counter(buildings["社区编码"][standalone])
    households = {
        code: int(buildings["户数"][standalone & (buildings["社区编码"] == code)].sum())
        for code in COMMUNITIES
    }
    assert dict(count) == dict(zip(COMMUNITIES, STANDALONE, strict=True))
    assert households == dict(zip(COMMUNITIES, HOUSEHOLDS, strict=True))


def test_compounds_are_134_less_the_one_without_a_place(folder: Path) -> None:
    compounds = read(folder, "compounds")
    assert len(compounds) == 133
    assert Counter(compounds["社区编码"]) == dict(zip(COMMUNITIES, [36, 29, 28, 22, 18], strict=True))
    assert Counter(compounds["分类"]) == {"A": 38, "B": 95}


def test_every_compound_has_the_buildings_and_households_it_claims(folder: Path, buildings: Table) -> None:
    compounds = read(folder, "compounds")
    inside = Counter(code for code in buildings["小区编码"] if code is not None)
    households: Counter[str] = Counter()
    for code, count in zip(buildings["小区编码"], buildings["户数"], strict=True):
        households[code] += int(count)
    assert dict(inside) == dict(zip(compounds["小区编码"], compounds["楼栋数"], strict=True))
    assert min(inside.values()) >= 2
    assert all(
        households[code] == count
        for code, count in zip(compounds["小区编码"], compounds["户数"], strict=True)
    )


def test_footprints_stand_in_their_community_apart_from_each_other(
    buildings: Table, communities: Table
) -> None:
    assert shapely.is_valid(buildings.geometry).all()
    outline = dict(zip(communities["编码"], communities.geometry, strict=True))
    assert all(
        outline[code].contains(footprint)
        for code, footprint in zip(buildings["社区编码"], buildings.geometry, strict=True)
    )
    one, other = shapely.STRtree(buildings.geometry).query(buildings.geometry, predicate="intersects")
    assert (one == other).all()


def test_footprints_stand_on_their_compounds_ground_and_on_no_barrier(folder: Path, buildings: Table) -> None:
    compounds = read(folder, "compounds")
    ground = dict(zip(compounds["小区编码"], compounds.geometry, strict=True))
    for code, footprint in zip(buildings["小区编码"], buildings.geometry, strict=True):
        if code is not None:
            assert ground[code].contains(footprint)
        else:
            assert not shapely.intersects(compounds.geometry, footprint).any()
    barriers = read(folder, "barriers")
    assert shapely.distance(shapely.union_all(barriers.geometry), buildings.geometry).min() > 5


def test_floor_area_and_households_follow_from_the_footprint(buildings: Table) -> None:
    assert buildings["建筑面积"] == pytest.approx(
        shapely.area(buildings.geometry) * buildings["层数"], rel=1e-3
    )
    flats_per_landing = buildings["户数"] / (buildings["单元数"] * buildings["层数"])
    assert flats_per_landing.min() > 1.3
    assert flats_per_landing.max() < 4


def test_communities_partition_the_town_and_the_town_is_the_county(folder: Path, communities: Table) -> None:
    town, county = read(folder, "areas", "subdistrict"), read(folder, "areas", "county")
    assert list(communities["编码"]) == COMMUNITIES
    assert list(town["编码"]) == ["990122100000"]
    assert list(county["编码"]) == ["990122000000"]
    union = shapely.union_all(communities.geometry)
    assert union.area == pytest.approx(shapely.area(communities.geometry).sum(), abs=0.01)
    assert shapely.symmetric_difference(union, town.geometry[0]).area < 0.01
    assert shapely.symmetric_difference(union, county.geometry[0]).area < 0.01
    assert town.geometry[0].geom_type == "Polygon"
    assert not shapely.get_num_interior_rings(town.geometry[0])


def test_river_railway_trunk_roads_and_the_ways_across(folder: Path) -> None:
    barriers, walkways = read(folder, "barriers"), read(folder, "walkways")
    assert Counter(barriers["类型"]) == {"河流": 1, "铁路": 1, "主干道": 2}
    kinds = Counter(walkways["类型"])
    assert kinds["桥"] == 2
    assert kinds["地下通道"] == 1
    assert kinds["路口"] >= 2
    river, bridges = (
        barriers.geometry[barriers["类型"] == "河流"][0],
        walkways.geometry[walkways["类型"] == "桥"],
    )
    for bridge in bridges:
        assert len(shapely.get_parts(bridge.difference(river))) == 2
    lanes = walkways.geometry[walkways["类型"] == "巷道"]
    assert not shapely.intersects(shapely.union_all(barriers.geometry), lanes).any()


def test_everybody_lives_in_the_community_and_there_is_one_more_than_zones_need(
    folder: Path, communities: Table
) -> None:
    people = read(folder, "people")
    assert [int((people["社区编码"] == code).sum()) for code in COMMUNITIES] == [4, 4, 4, 4, 3]
    assert set(people["职务"]) == {"网格长", "楼院长"}
    assert len(set(people["姓名"])) == len(people)
    phones = [*people["工作电话"], *people["私人电话"]]
    assert len(set(phones)) == len(phones)
    assert all(phone.startswith("199") and len(phone) == 11 for phone in phones)
    outline = dict(zip(communities["编码"], communities.geometry, strict=True))
    assert all(outline[c].contains(home) for c, home in zip(people["社区编码"], people.geometry, strict=True))


def test_every_file_is_in_cgcs2000_and_within_one_zone(folder: Path) -> None:
    for file in ("buildings", "compounds", "barriers", "walkways", "people"):
        table = read(folder, file)
        assert table.crs == "EPSG:4490"
        west, south, east, north = shapely.total_bounds(table.lonlat)
        assert 110.5 < west < east < 111.5
        assert 33 < south < north < 35


def test_the_same_seed_writes_the_same_bytes_and_another_seed_others(folder: Path, tmp_path: Path) -> None:
    again = write_files(make_county(seed=DEFAULT_SEED), tmp_path / "again")
    other = write_files(make_county(seed=1), tmp_path / "other")
    for kind, path in again.items():
        same, first = _hash(path), _hash(folder / path.name)
        assert same == first, kind
    assert _hash(other["buildings"]) != _hash(again["buildings"])


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_three_towns_fit_side_by_side_each_like_the_first(
    folder: Path, buildings: Table, tmp_path: Path
) -> None:
    write_files(make_county(scale=3, seed=DEFAULT_SEED), tmp_path)
    many, towns = read(tmp_path, "buildings"), read(tmp_path, "areas", "subdistrict")
    assert list(towns["编码"]) == ["990122100000", "990122101000", "990122102000"]
    assert len(set(towns["名称"])) == 3
    assert len(set(many["楼栋编码"])) == len(many) == 3 * len(buildings)
    first = many.geometry[: len(buildings)]
    assert shapely.equals_exact(first, buildings.geometry, tolerance=1e-6).all()
    for town in ("990122100", "990122101", "990122102"):
        standalone = np.array(
            [
                c is None and b.startswith(town)
                for c, b in zip(many["小区编码"], many["楼栋编码"], strict=True)
            ]
        )
        assert int(standalone.sum()) == 95
        assert int(many["户数"][standalone].sum()) == 3040
    union = shapely.union_all(towns.geometry)
    assert union.area == pytest.approx(shapely.area(towns.geometry).sum(), abs=0.1)
    assert union.geom_type == "Polygon"


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("")
    with pytest.raises(InvalidInput) as refused:
        write_files(make_county(seed=1), taken)
    assert refused.value.where == str(taken)
    assert "--out" in refused.value.mend("en")


@pytest.mark.parametrize("scale", [0, -1, 901])
def test_a_scale_that_has_no_codes_is_refused(scale: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        make_county(scale=scale, seed=1)
    assert refused.value.where == "--scale"
    assert str(scale) in refused.value.what("en")
