"""The county: copies of one town laid side by side, in EPSG:4490."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

import numpy as np
import pyproj
import shapely

from geo_service.demo.board import HEIGHT_M, WIDTH_M
from geo_service.demo.layer import Layer, layer, objects
from geo_service.demo.story import COUNTY_CODE, COUNTY_NAME, MAX_SCALE, town_code, town_name
from geo_service.demo.town import make_town
from geo_service.demo.units import Unit
from geo_service.errors import InvalidInput

# CGCS2000 / 3-degree Gauss-Kruger, central meridian 111 E; the county lies in hills near the meridian.
METRIC_CRS = "EPSG:4546"
STORAGE_CRS = "EPSG:4490"
ORIGIN_EAST_M, ORIGIN_NORTH_M = 503_600, 3_722_400

_CODE_HEADERS = ("编码", "上级编码", "小区编码", "社区编码", "楼栋编码", "人员编码")


@dataclass(frozen=True)
class County:
    """Every layer of the county and the units its ledger lists, town by town."""

    scale: int
    units: list[Unit]
    county: Layer
    towns: Layer
    communities: Layer
    compounds: Layer
    buildings: Layer
    barriers: Layer
    walkways: Layer
    people: Layer


def make_county(*, scale: int = 1, seed: int) -> County:
    """The same county for the same seed; its first town does not depend on ``scale``.

    Raises
    ------
    InvalidInput
        When ``scale`` is not between 1 and 900.
    """
    if not 1 <= scale <= MAX_SCALE:
        raise InvalidInput("demo.scale_out_of_range", where="--scale", scale=scale, most=MAX_SCALE)
    town = make_town(seed)
    placed = {
        name: _copies(getattr(town, name), scale)
        for name in ("communities", "compounds", "buildings", "barriers", "walkways", "people")
    }
    towns = _towns(placed["communities"], scale)
    whole = shapely.union_all(towns.geometry)
    county = layer(
        "county", ("编码", "名称", "英文名", "级别"), [(COUNTY_CODE, COUNTY_NAME, "Yunchuan", "县")], [whole]
    )
    return County(scale, town.units, county, towns, **{**placed, "people": _with_phones(placed["people"])})


def recode(code: str | None, town: int) -> str | None:
    """A code of the first town as the ``town``-th copy has it."""
    return code if code is None or town == 0 else town_code(town)[:9] + code[9:]


def _copies(original: Layer, scale: int) -> Layer:
    columns = {
        header: (
            objects([recode(code, town) for town in range(scale) for code in values])
            if header in _CODE_HEADERS
            else np.tile(values, scale)
        )
        for header, values in original.columns.items()
    }
    geometry = np.concatenate([_placed(original.geometry, town) for town in range(scale)])
    return Layer(original.name, columns, geometry)


def _placed(geometry: np.ndarray, town: int) -> np.ndarray:
    column, row = _place(town)
    corner = np.array([ORIGIN_EAST_M + column * WIDTH_M, ORIGIN_NORTH_M + row * HEIGHT_M])
    to_storage = pyproj.Transformer.from_crs(METRIC_CRS, STORAGE_CRS, always_xy=True)

    def move(points: np.ndarray) -> np.ndarray:
        metric = np.round(points + corner, 3)
        return np.round(np.column_stack(to_storage.transform(metric[:, 0], metric[:, 1])), 9)

    return shapely.transform(geometry, move)


def _place(town: int) -> tuple[int, int]:
    """Column and row of a town: square after square to the north-east, whatever the county's size."""
    ring = isqrt(town)
    along = town - ring * ring
    return (ring, along) if along <= ring else (2 * ring - along, ring)


def _towns(communities: Layer, scale: int) -> Layer:
    outlines = communities.geometry.reshape(scale, -1)
    rows = [
        (
            town_code(town),
            town_name(town),
            f"Yunchuan Town {town + 1}" if town else "Yunchuan Town",
            "镇",
            COUNTY_CODE,
            "镇",
        )
        for town in range(scale)
    ]
    return layer(
        "subdistrict",
        ("编码", "名称", "英文名", "级别", "上级编码", "类型"),
        rows,
        [shapely.union_all(outlines[town]) for town in range(scale)],
    )


def _with_phones(people: Layer) -> Layer:
    """Numbers of the right shape that nobody has: 199 and a running number."""
    numbers = range(1, len(people) + 1)
    work = objects([f"199{number:08d}" for number in numbers])
    private = objects([f"199{50_000_000 + number}" for number in numbers])
    return Layer(people.name, {**people.columns, "工作电话": work, "私人电话": private}, people.geometry)
