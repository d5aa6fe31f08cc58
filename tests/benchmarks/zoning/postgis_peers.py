"""The peers that work inside a PostGIS, whose server does the computing."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from tests.benchmarks.zoning.engine import Answer, zones_wanted
from tests.benchmarks.zoning.workload import Workload

# One degree at the equator, where the splitter's degrees are as long eastward as northward.
DEGREE_M = 111_320.0
HOUSE_M = 5.0


class ServerCost:
    """CPU seconds and peak memory of the server process behind one connection, where Linux tells them."""

    def __init__(self, process: int) -> None:
        self._folder = Path("/proc") / str(process)
        self._cpu_before_s = self._cpu_s()

    def spent_s(self) -> float:
        """CPU seconds since this was made."""
        return self._cpu_s() - self._cpu_before_s

    def memory_mb(self) -> float:
        """The most memory it ever held."""
        if not self._folder.exists():
            return 0.0
        lines = (self._folder / "status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024

    def _cpu_s(self) -> float:
        if not self._folder.exists():
            return 0.0
        # The process's name, in brackets, may hold spaces: fields are counted from behind it.
        fields = (self._folder / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def postgis_kmeans(workload: Workload) -> Answer:
    """``ST_ClusterKMeans`` over all buildings at once."""
    import psycopg

    with psycopg.connect(os.environ["BENCH_DATABASE"]) as connection, connection.cursor() as cursor:
        cost = ServerCost(connection.info.backend_pid)
        cursor.execute("CREATE TEMP TABLE building (id integer, geom geometry)")
        with cursor.copy("COPY building FROM STDIN") as copy:
            for building, (east, north) in enumerate(workload.positions_m.tolist()):
                copy.write_row((building, f"POINT({east!r} {north!r})"))
        cursor.execute(
            "SELECT ST_ClusterKMeans(geom, %s) OVER (ORDER BY id) FROM building ORDER BY id",
            (zones_wanted(workload),),
        )
        labels = np.array(cursor.fetchall(), dtype=np.int64)[:, 0]
        return Answer(labels, cost.spent_s(), cost.memory_mb())


def area_splitter(workload: Workload) -> Answer:
    """Areas between barriers clustered by k-means on counts; a building belongs to the polygon it is in."""
    import psycopg
    import shapely
    from area_splitter.splitter import FMTMSplitter

    class LastingConnection(psycopg.Connection):
        """The splitter closes its connection, and the server process would end uncounted."""

        def close(self) -> None:
            """Leave the connection to the end of this process."""

    east, north = (workload.positions_m / DEGREE_M).T
    half = HOUSE_M / 2 / DEGREE_M
    houses = shapely.box(east - half, north - half, east + half, north + half)
    lines = {
        "waterway": (workload.river_m,),
        "railway": (workload.railway_m,),
        "highway": (workload.trunk_road_m, workload.other_trunk_road_m),
    }
    kinds = {"waterway": "river", "railway": "rail", "highway": "trunk"}
    features = [_feature(house, {"building": "yes"}) for house in houses]
    features += [
        _feature(shapely.LineString(line / DEGREE_M), {tag: kinds[tag]})
        for tag in lines
        for line in lines[tag]
    ]
    width, depth = workload.extent_m / DEGREE_M
    splitter = FMTMSplitter(shapely.geometry.mapping(shapely.box(0, 0, width, depth)))
    connection = LastingConnection.connect(os.environ["BENCH_DATABASE"])
    cost = ServerCost(connection.info.backend_pid)
    split = splitter.splitBySQL(
        connection,
        workload.buildings // zones_wanted(workload),
        {"type": "FeatureCollection", "features": features},
    )
    areas = [shapely.geometry.shape(feature["geometry"]) for feature in split["features"]]
    houses_at, areas_at = shapely.STRtree(areas).query(shapely.centroid(houses), predicate="intersects")
    labels = np.full(workload.buildings, -1)
    labels[houses_at] = areas_at
    return Answer(labels, cost.spent_s(), cost.memory_mb())


def _feature(geometry, tags: dict[str, str]) -> dict[str, object]:
    import shapely

    return {"type": "Feature", "geometry": shapely.geometry.mapping(geometry), "properties": tags}
