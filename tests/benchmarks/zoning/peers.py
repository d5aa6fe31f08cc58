"""The peers, each called as its own documents say. Run in the environment that ``peers.txt`` describes."""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.benchmarks.zoning.engine import Engine, answer_in_this_process, zones_wanted
from tests.benchmarks.zoning.metrics import CAPACITY, neighbour_pairs
from tests.benchmarks.zoning.postgis_peers import area_splitter, postgis_kmeans
from tests.benchmarks.zoning.workload import Counts, Metres, Workload

PYVRP_SECONDS = 120
PYVRP_UNITS_PER_METRE = 10
# What an edge of a graph to be cut is worth: the shorter, the more.
EDGE_WORTH_M = 1000
SHORTEST_EDGE_M = 2


def kmeans(workload: Workload) -> Counts:
    """Lloyd's k-means."""
    from sklearn.cluster import KMeans

    return KMeans(zones_wanted(workload), n_init=1, random_state=0).fit(workload.positions_m).labels_


def constrained_kmeans(workload: Workload) -> Counts:
    """k-means whose clusters hold the mean number of buildings, give or take a fifth; it knows no loads."""
    from k_means_constrained import KMeansConstrained

    zones = zones_wanted(workload)
    mean = workload.buildings / zones
    model = KMeansConstrained(
        zones,
        size_min=int(0.8 * mean), size_max=int(np.ceil(1.2 * mean)), n_init=1, random_state=0, n_jobs=1,
    )  # fmt: skip
    return model.fit(workload.positions_m).labels_


def region_kmeans(workload: Workload) -> Counts:
    """k-means that keeps its regions connected."""
    from spopt.region import RegionKMeansHeuristic

    model = RegionKMeansHeuristic(workload.positions_m, zones_wanted(workload), _contiguity(workload))
    model.solve()
    return model.labels_


def max_p(workload: Workload) -> Counts:
    """As many regions of at least 200 households as it finds."""
    import geopandas
    from shapely import points
    from spopt.region import MaxPHeuristic

    east, north = workload.positions_m.T
    columns = {"east": east, "north": north, "households": workload.households}
    frame = geopandas.GeoDataFrame(columns, geometry=points(workload.positions_m))
    np.random.seed(0)
    model = MaxPHeuristic(
        frame, _contiguity(workload), ["east", "north"], "households", 200,
        top_n=2, max_iterations_construction=5, max_iterations_sa=2,
    )  # fmt: skip
    model.solve()
    return np.array(model.labels_)


def gerrychain_tree(workload: Workload) -> Counts:
    """Recursive cuts of random spanning trees, within 10 % of equal loads."""
    import networkx
    from gerrychain.graph import Graph
    from gerrychain.partition import recursive_tree_part

    zones = zones_wanted(workload)
    graph = networkx.Graph()
    graph.add_nodes_from((i, {"households": int(load)}) for i, load in enumerate(workload.households))
    graph.add_edges_from(map(tuple, neighbour_pairs(workload.positions_m).tolist()))
    assignment = recursive_tree_part(
        Graph.from_networkx(graph),
        list(range(zones)), workload.households.sum() / zones, "households", 0.10, rng=random.Random(0),
    )  # fmt: skip
    return np.array([assignment[building] for building in range(workload.buildings)])


def metis(workload: Workload) -> Counts:
    """Multilevel k-way partition into contiguous parts of equal load, cutting long edges first."""
    import pymetis

    starts, neighbours, worths = _compressed_rows(workload)
    partition = pymetis.part_graph(
        zones_wanted(workload),
        pymetis.CSRAdjacency(starts.tolist(), neighbours.tolist()),
        vweights=workload.households.tolist(), eweights=worths.tolist(),
        recursive=False, options=pymetis.Options(contig=1, ufactor=50, seed=0, niter=50),
    )  # fmt: skip
    return np.array(partition[1])


def kaminpar_strong(workload: Workload) -> Counts:
    """Multilevel partition, its strongest preset, 5 % imbalance; it reads METIS's file format."""
    import kaminpar

    starts, neighbours, worths = _compressed_rows(workload)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "workload.graph"
        with path.open("w") as file:
            file.write(f"{workload.buildings} {len(neighbours) // 2} 11\n")
            for building, load in enumerate(workload.households):
                row = slice(starts[building], starts[building + 1])
                pairs = np.stack([neighbours[row] + 1, worths[row]], axis=1)
                file.write(" ".join(map(str, [load, *pairs.ravel()])) + "\n")
        graph = kaminpar.load_graph(str(path), kaminpar.GraphFileFormat.METIS, compress=False)
    partitioner = kaminpar.KaMinPar(num_threads=1, ctx=kaminpar.context_by_name("strong"))
    return np.array(partitioner.compute_partition(graph, k=zones_wanted(workload), eps=0.05))


class MaxCpuSeconds:
    """A stop rule for PyVRP, whose own go by the clock on the wall: a busy machine would cheat it."""

    def __init__(self, seconds: float) -> None:
        self._end = time.process_time() + seconds

    def __call__(self, best_cost: float) -> bool:
        """Whether the time is spent."""
        return time.process_time() >= self._end


def pyvrp_tours(workload: Workload) -> Counts:
    """Tours of vehicles that hold a zone's load each; the way from and to the depot is free."""
    from pyvrp import Client, Depot, Location, ProblemData, VehicleType, solve

    places = np.vstack([workload.positions_m.mean(axis=0), workload.positions_m])
    lengths = np.hypot(*(places[:, None] - places).transpose(2, 0, 1)) * PYVRP_UNITS_PER_METRE
    lengths = lengths.astype(np.int64)
    lengths[0] = lengths[:, 0] = 0
    data = ProblemData(
        [Location(int(east), int(north)) for east, north in places],
        [Client(i + 1, delivery=[int(load)]) for i, load in enumerate(workload.households)],
        [Depot(0)],
        [VehicleType(zones_wanted(workload), [CAPACITY])],
        [lengths],
        [lengths],
    )
    result = solve(data, MaxCpuSeconds(PYVRP_SECONDS), seed=0, display=False)
    labels = np.full(workload.buildings, -1)
    for zone, route in enumerate(result.best.routes()):
        labels[[stop.idx for stop in route.schedule() if stop.is_client()]] = zone
    return labels


def _contiguity(workload: Workload):
    import libpysal

    neighbours: dict[int, list[int]] = {building: [] for building in range(workload.buildings)}
    for one, other in neighbour_pairs(workload.positions_m).tolist():
        neighbours[one].append(other)
        neighbours[other].append(one)
    return libpysal.weights.W(neighbours, silence_warnings=True)


def _compressed_rows(workload: Workload) -> tuple[Counts, Counts, Counts]:
    """Starts, neighbours and edge worths of the graph in both directions."""
    pairs = neighbour_pairs(workload.positions_m)
    both = np.concatenate([pairs, pairs[:, ::-1]])
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    starts = np.searchsorted(both[:, 0], np.arange(workload.buildings + 1))
    return starts, both[:, 1], _worths(workload.positions_m, both)


def _worths(positions_m: Metres, pairs: Counts) -> Counts:
    lengths = np.hypot(*(positions_m[pairs[:, 0]] - positions_m[pairs[:, 1]]).T)
    return np.maximum(1, EDGE_WORTH_M / np.maximum(lengths, SHORTEST_EDGE_M)).astype(np.int64)


ENGINES = {
    "kmeans": Engine("scikit-learn KMeans", kmeans, ("sklearn.cluster",)),
    "constrained_kmeans": Engine(
        "k-means-constrained (counts only)", constrained_kmeans, ("k_means_constrained",)
    ),
    "metis": Engine("PyMetis k-way, contiguous", metis, ("pymetis",)),
    "kaminpar": Engine("KaMinPar strong", kaminpar_strong, ("kaminpar",)),
    "gerrychain": Engine(
        "GerryChain tree, 10 %", gerrychain_tree, ("networkx", "gerrychain.graph", "gerrychain.partition")
    ),
    "region_kmeans": Engine("spopt RegionKMeans", region_kmeans, ("spopt.region", "libpysal")),
    "max_p": Engine("spopt MaxP", max_p, ("geopandas", "spopt.region", "libpysal")),
    "area_splitter": Engine(
        "HOT area-splitter", area_splitter, ("area_splitter.splitter", "psycopg"), needs_database=True
    ),
    "postgis_kmeans": Engine(
        "PostGIS ST_ClusterKMeans", postgis_kmeans, ("psycopg",), needs_database=True
    ),
    "pyvrp": Engine("PyVRP (tours, not medoids)", pyvrp_tours, ("pyvrp",)),
}  # fmt: skip

if __name__ == "__main__":
    answer_in_this_process(ENGINES)
