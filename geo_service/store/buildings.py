"""Buildings in bulk: what the zoning engine needs of a community, as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import Connection, Row, text

from geo_service.errors import NotFound
from geo_service.planning.model import Geometries, ZoningArea
from geo_service.store.queries import query


@dataclass(frozen=True)
class ZoningCommunity:
    """A community of an area, with the number of buildings that wait to be zoned."""

    code: str
    name: str
    buildings: int


def communities_to_zone(connection: Connection, area_code: str, on: date) -> list[ZoningCommunity]:
    """The communities of an area that have buildings to zone, by code.

    Raises
    ------
    NotFound
        When the area has no community, or none of them has a building that needs a zone.
    """
    rows = connection.execute(query("zoning_communities"), {"area": area_code, "on_date": on})
    communities = [ZoningCommunity(*row) for row in rows]
    if not communities:
        raise NotFound("area.no_community", where=area_code)
    waiting = [community for community in communities if community.buildings]
    if not waiting:
        raise NotFound("zoning.nothing_to_zone", where=area_code)
    return waiting


@dataclass(frozen=True)
class ZoningBuildings:
    """A community and what else is known of its buildings; floor areas that are not known are NaN."""

    area: ZoningArea
    floor_area_m2: npt.NDArray[np.float64]
    names: dict[str, str]


def load_zoning_area(
    connection: Connection, community_code: str, *, srid: int, on: date, others: Sequence[str] = ()
) -> ZoningBuildings:
    """One community as the zoning engine sees it, in metres.

    The buildings are the standalone ones of the unmanaged baseline which, on the date, nobody manages in
    another form than roving service; by code.

    Parameters
    ----------
    srid : int
        The metric CRS to transform to.
    on : date
        The day whose arrangements count.
    others : sequence of str
        Codes of buildings that are taken besides, and are none of the former.

    Raises
    ------
    NotFound
        No such community in the actor's scope.
    """
    given = {"community": community_code, "on_date": on, "srid": srid, "others": list(others)}
    outline = connection.execute(
        text("SELECT ST_AsBinary(ST_Transform(geom, :srid)) FROM area WHERE code = :community"), given
    ).scalar_one_or_none()
    if outline is None:
        raise NotFound("area.unknown", where=community_code, code=community_code)
    buildings = connection.execute(query("zoning_buildings"), given).all()
    lines = connection.execute(query("zoning_lines"), given).all()
    area = ZoningArea(
        code=community_code,
        outline=shapely.from_wkb(bytes(outline)),
        building_codes=np.array([row.code for row in buildings], dtype=object),
        footprints=_geometries(buildings),
        households=np.array([row.household_count for row in buildings], dtype=np.int64),
        barriers=_geometries(row for row in lines if row.kind == "barrier"),
        crossings=_geometries(row for row in lines if row.kind not in ("barrier", "lane")),
        barrier_names=np.array([row.name for row in lines if row.kind == "barrier"], dtype=object),
        walkways=_geometries(row for row in lines if row.kind == "lane"),
    )
    floor_area_m2 = np.array([row.floor_area_m2 for row in buildings], dtype=np.float64)
    return ZoningBuildings(area, floor_area_m2, {row.code: row.name for row in buildings if row.name})


def representative_points(connection: Connection, codes: Sequence[str]) -> npt.NDArray[np.float64]:
    """Longitude and latitude (EPSG:4490) of a point inside each of some buildings, in their order."""
    rows = connection.execute(query("representative_points"), {"buildings": list(codes)})
    point_of = {row.code: (row.lon, row.lat) for row in rows}
    return np.array([point_of[code] for code in codes], dtype=np.float64).reshape(-1, 2)


def _geometries(rows: Iterable[Row]) -> Geometries:
    return shapely.from_wkb(np.array([bytes(row.wkb) for row in rows], dtype=object))
