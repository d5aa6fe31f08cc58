"""What the town lies in: community outlines, river, railway, trunk roads, and the ways across them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import shapely

from geo_service.demo.board import (
    DISTRICTS,
    HEIGHT_M,
    NORTH_QUAY_V,
    RAILWAY_V,
    RIVER_HALF_WIDTH_M,
    RIVER_V,
    SIDE_STREETS_U,
    SOUTH_QUAY_V,
    TRUNK_U,
    TRUNK_V,
    WIDTH_M,
    Points,
    bend,
    river_v,
)
from geo_service.demo.layer import Layer, layer
from geo_service.demo.story import COMMUNITIES, community_code, town_code

_STEP_M = 20.0
_TRUNK_REACH_M = 26.0
_BRIDGE_REACH_M = 8.0
_INSIDE = {1: (400, 500), 2: (1200, 500), 3: (400, 1000), 4: (1200, 1000), 5: (1200, 100)}


def _along_u(v: float, west: float = 0.0, east: float = WIDTH_M) -> Points:
    u = np.linspace(west, east, max(2, round((east - west) / _STEP_M) + 1))
    return np.column_stack([u, np.full_like(u, v)])


def _along_v(u: float, south: float = 0.0, north: float = HEIGHT_M) -> Points:
    v = np.linspace(south, north, max(2, round((north - south) / _STEP_M) + 1))
    return np.column_stack([np.full_like(v, u), v])


def _river(west: float, east: float, offset_m: float = 0.0) -> Points:
    middle = _along_u(RIVER_V, west, east)
    return np.column_stack([middle[:, 0], river_v(middle[:, 0]) + offset_m])


def _line(points: Points) -> shapely.LineString:
    return shapely.LineString(bend(points))


def community_outlines() -> dict[int, shapely.Polygon]:
    """The five communities by number: they share their borders, river and trunk roads among them."""
    edges = [
        _along_u(0, 0, TRUNK_U), _along_u(0, TRUNK_U),
        _along_u(HEIGHT_M, 0, TRUNK_U), _along_u(HEIGHT_M, TRUNK_U),
        _along_v(0, 0, TRUNK_V), _along_v(0, TRUNK_V),
        _along_v(WIDTH_M, 0, RIVER_V), _along_v(WIDTH_M, RIVER_V, TRUNK_V), _along_v(WIDTH_M, TRUNK_V),
        _along_u(TRUNK_V, 0, TRUNK_U), _along_u(TRUNK_V, TRUNK_U), _along_v(TRUNK_U, TRUNK_V),
    ]  # fmt: skip
    river = _river(TRUNK_U, WIDTH_M)
    mouth = river[0, 1]
    edges += [river, _along_v(TRUNK_U, 0, mouth), _along_v(TRUNK_U, mouth, TRUNK_V)]
    faces = shapely.get_parts(shapely.polygonize([_line(edge) for edge in edges]))
    outlines = {}
    for number, middle in _INSIDE.items():
        point = shapely.Point(bend(np.array([middle], dtype=float))[0])
        outlines[number] = faces[shapely.contains(faces, point)][0]
    return outlines


def barriers() -> Layer:
    """River, railway and two trunk roads of one town; they reach a little beyond it, so that they part it."""
    ends = -_STEP_M, WIDTH_M + _STEP_M
    banks = np.vstack([_river(*ends, -RIVER_HALF_WIDTH_M), _river(*ends, RIVER_HALF_WIDTH_M)[::-1]])
    things = [
        ("河流", "云川河", shapely.Polygon(bend(banks))),
        ("铁路", "云望铁路", _line(_along_u(RAILWAY_V, *ends))),
        ("主干道", "云岭大道", _line(_along_u(TRUNK_V, *ends))),
        ("主干道", "望川大街", _line(_along_v(TRUNK_U, -_STEP_M, HEIGHT_M + _STEP_M))),
    ]
    rows = [(f"{town_code(0)}-S{number:02d}", kind, name) for number, (kind, name, _) in enumerate(things, 1)]
    return layer("barriers", ("编码", "类型", "名称"), rows, [geometry for _, _, geometry in things])


def walkways() -> Layer:
    """Lanes, two bridges, an underpass and the crossings of one town."""
    things = [("巷道", name, points) for name, points in _lanes()]
    things += [("桥", name, points) for name, points in _bridges()]
    west, east = SIDE_STREETS_U[True, False][0], SIDE_STREETS_U[False, False][1]
    things += [
        ("地下通道", "站前街地下通道", _along_v(west, RAILWAY_V - 18, RAILWAY_V + 18)),
        ("路口", "道北街平交道口", _along_v(east, RAILWAY_V - 18, RAILWAY_V + 18)),
    ]
    things += [("路口", f"{name}路口", points) for name, points in _trunk_crossings()]
    rows = [(f"{town_code(0)}-W{number:03d}", kind, name) for number, (kind, name, _) in enumerate(things, 1)]
    return layer("walkways", ("编码", "类型", "名称"), rows, [_line(points) for _, _, points in things])


def _lanes() -> list[tuple[str, Points]]:
    lanes = []
    for district in DISTRICTS:
        ends = (0.0, TRUNK_U - 12) if district.is_west else (TRUNK_U + 12, WIDTH_M)
        for row, (below, above) in enumerate(pairwise(district.rows)):
            if above[0] > below[1]:
                lanes.append((district.streets[row], _along_u((below[1] + above[0]) / 2, *ends)))
    for name, v in (
        ("南滨河路", SOUTH_QUAY_V),
        ("北滨河路", NORTH_QUAY_V),
        ("站前街", 1119.0),
        ("道北街", 1141.0),
    ):
        lanes += [(name, _along_u(v, 0, TRUNK_U - 12)), (name, _along_u(v, TRUNK_U + 12))]
    for (_, is_south), streets in SIDE_STREETS_U.items():
        spans = (
            [(0.0, SOUTH_QUAY_V), (NORTH_QUAY_V, TRUNK_V - 12)]
            if is_south
            else [(TRUNK_V + 12, 1119.0), (1141.0, HEIGHT_M)]
        )
        lanes += [(f"第{_ordinal(u)}巷", _along_v(u, *span)) for u in streets for span in spans]
    return lanes


def _ordinal(u: float) -> str:
    places = sorted(u for streets in SIDE_STREETS_U.values() for u in streets)
    return "一二三四五六七八"[places.index(u)]


def _bridges() -> list[tuple[str, Points]]:
    places = (("柳汀桥", SIDE_STREETS_U[True, True][1]), ("晚渡桥", SIDE_STREETS_U[False, True][0]))
    reach_m = RIVER_HALF_WIDTH_M + _BRIDGE_REACH_M
    return [
        (name, _along_v(u, min(SOUTH_QUAY_V, river_v(u) - reach_m), max(NORTH_QUAY_V, river_v(u) + reach_m)))
        for name, u in places
    ]


def _trunk_crossings() -> list[tuple[str, Points]]:
    along = [
        (f"云岭大道第{_ordinal(u)}巷", _along_v(u, TRUNK_V - _TRUNK_REACH_M, TRUNK_V + _TRUNK_REACH_M))
        for u in (*SIDE_STREETS_U[True, True], *SIDE_STREETS_U[False, True])
    ]
    across = [
        (f"望川大街{name}", _along_u(v, TRUNK_U - _TRUNK_REACH_M, TRUNK_U + _TRUNK_REACH_M))
        for name, v in (
            ("南滨河路", SOUTH_QUAY_V),
            ("北滨河路", NORTH_QUAY_V),
            ("柳汀街", 485.0),
            ("站前街", 1119.0),
        )
    ]
    return along + across


def communities() -> Layer:
    """The five communities of one town."""
    outlines = community_outlines()
    rows = [(community_code(c.number), c.name, c.name_en, "社区", town_code(0)) for c in COMMUNITIES]
    geometry = [outlines[c.number] for c in COMMUNITIES]
    return layer("community", ("编码", "名称", "英文名", "级别", "上级编码"), rows, geometry)
