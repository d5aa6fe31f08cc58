"""One town: its units and people as the layers a county would hand over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geo_service.demo.board import bend
from geo_service.demo.layer import Layer, layer
from geo_service.demo.names import PEOPLE_TITLES, people_names
from geo_service.demo.story import COMMUNITIES, community_code
from geo_service.demo.terrain import barriers, communities, walkways
from geo_service.demo.units import Unit, make_units

_PARCEL_INSET_M = 1.5
_COMPOUND_KINDS = {"A": "单位家属楼院", "B": "小区"}


@dataclass(frozen=True)
class Town:
    """The first town, in metres from its south-west corner; further towns are copies of it."""

    units: list[Unit]
    communities: Layer
    compounds: Layer
    buildings: Layer
    barriers: Layer
    walkways: Layer
    people: Layer


def make_town(seed: int) -> Town:
    """The same town for the same seed."""
    rng = np.random.default_rng(seed)
    units = make_units(rng)
    return Town(
        units,
        communities(),
        _compounds(units),
        _buildings(units),
        barriers(),
        walkways(),
        _people(units, rng),
    )


def _compounds(units: list[Unit]) -> Layer:
    located = [unit for unit in units if unit.is_compound and unit.parcel]
    rows = [
        (
            unit.code, unit.name, unit.code.split("-")[0], _COMPOUND_KINDS[unit.implementation_class],
            unit.household_count, unit.building_count, unit.floor_area_m2, unit.built_year, unit.address,
            unit.implementation_class,
        )
        for unit in located
    ]  # fmt: skip
    headers = (
        "小区编码", "小区名称", "社区编码", "类别", "户数", "楼栋数", "建筑面积", "建成年份", "坐落", "分类",
    )  # fmt: skip
    return layer("compounds", headers, rows, [_ground(unit) for unit in located])


def _ground(unit: Unit) -> shapely.Polygon:
    plot, inset = unit.parcel, _PARCEL_INSET_M
    west, south, east, north = plot.west + inset, plot.south + inset, plot.east - inset, plot.north - inset
    corners = np.array([(west, south), (east, south), (east, north), (west, north)])
    return shapely.Polygon(bend(corners))


def _buildings(units: list[Unit]) -> Layer:
    rows, footprints = [], []
    serials: dict[str, int] = {}
    for unit in sorted(units, key=lambda unit: (unit.community.number, unit.is_compound)):
        community = unit.code.split("-")[0]
        for number, (building, households) in enumerate(zip(unit.buildings, unit.households, strict=True), 1):
            serials[community] = serials.get(community, 0) + 1
            name = f"{unit.name}{number}号楼" if unit.is_compound else unit.name
            rows.append(
                (
                    f"{community}-B{serials[community]:04d}", unit.code if unit.is_compound else None,
                    community, name, unit.address, building.storeys, building.unit_count, households,
                    building.floor_area_m2, unit.built_year,
                )
            )  # fmt: skip
            footprints.append(building.footprint)
    headers = (
        "楼栋编码", "小区编码", "社区编码", "楼栋名称", "坐落", "层数",
        "单元数", "户数", "建筑面积", "建成年份",
    )  # fmt: skip
    return layer("buildings", headers, rows, footprints)


def _people(units: list[Unit], rng: np.random.Generator) -> Layer:
    names = iter(people_names(sum(community.chiefs for community in COMMUNITIES), rng))
    rows, homes = [], []
    for community in COMMUNITIES:
        housed = [u for u in units if u.community == community and u.is_compound and u.parcel]
        for number, place in enumerate(rng.permutation(len(housed))[: community.chiefs], 1):
            code = community_code(community.number)
            title = PEOPLE_TITLES[number % 3 == 0]
            rows.append((f"{code}-P{number:02d}", next(names), code, title, "", "", 1))
            homes.append(shapely.Point(shapely.centroid(housed[place].buildings[0].footprint)))
    headers = ("人员编码", "姓名", "社区编码", "职务", "工作电话", "私人电话", "可负责片区数")
    return layer("people", headers, rows, homes)
