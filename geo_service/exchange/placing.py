"""Which community a thing lies in, and whether the file's coordinates make sense at all.

Shares of area are ratios within one small footprint, so they are the same in degrees as in metres.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo_service.errors import InvalidInput
from geo_service.exchange.checking import Batch
from geo_service.exchange.coordinates import ToStorage, undo_datum
from geo_service.exchange.threads import pairs, spread

Geometries = npt.NDArray[np.object_]
Codes = npt.NDArray[np.object_]

STRADDLING_SHARE = 0.05
"""A footprint with more than this share outside its community is warned about."""

MISPLACED_SHARE = 0.05
"""More than this share of a file outside its communities makes the datum suspect."""


@dataclass(frozen=True)
class Communities:
    """The communities things may lie in.

    Parameters
    ----------
    codes : Codes, shape (c,)
    outlines : Geometries, shape (c,)
        EPSG:4490.
    whole_deployment : bool
        Whether these are all there are, or those of the actor's scope.
    """

    codes: Codes
    outlines: Geometries
    whole_deployment: bool = True


@dataclass(frozen=True)
class Placement:
    """Where each geometry lies.

    Parameters
    ----------
    community : array of int, shape (n,)
        Index of the community with the largest share; -1 outside all of them.
    second : array of int, shape (n,)
        Index of the community with the second largest share; -1 where there is none.
    second_share : array, shape (n,)
        Its share of the footprint, 0-1.
    """

    community: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    second_share: npt.NDArray[np.float64]


def place(geometry: Geometries, communities: Communities) -> Placement:
    """Place each geometry (None allowed) in the community that holds the largest share of its area.

    A point, or anything else without area, lies in the first community that meets it.
    """
    count = len(geometry)
    community = np.full(count, -1, dtype=np.int64)
    second = np.full(count, -1, dtype=np.int64)
    second_share = np.zeros(count)
    tree = shapely.STRtree(geometry)
    outer, inner = pairs(tree, communities.outlines, "contains_properly")
    # Where communities overlap a thing can lie wholly in two: the first keeps it.
    community[inner[::-1]] = outer[::-1]
    rest = np.flatnonzero((community < 0) & ~shapely.is_missing(geometry))
    if len(rest):
        outer, inner = shapely.STRtree(geometry[rest]).query(communities.outlines, predicate="intersects")
        inner = rest[inner]
        total = shapely.area(geometry[inner])
        overlap = shapely.area(spread(shapely.intersection, geometry[inner], communities.outlines[outer]))
        share = np.where(total > 0, overlap / np.where(total > 0, total, 1.0), 1.0)
        order = np.lexsort((outer, -share, inner))
        inner, outer, share = inner[order], outer[order], share[order]
        starts = np.flatnonzero(np.concatenate([[True], inner[1:] != inner[:-1]])) if len(inner) else inner
        community[inner[starts]] = outer[starts]
        follows = starts + 1
        follows = follows[(follows < len(inner))]
        follows = follows[inner[follows] == inner[follows - 1]]
        second[inner[follows]] = outer[follows]
        second_share[inner[follows]] = np.where(
            shapely.area(geometry[inner[follows]]) > 0, share[follows], 0.0
        )
    return Placement(community, second, second_share)


def place_batch(batch: Batch, communities: Communities, *, trusted: bool = False) -> Codes:
    """The community code of every row, with all that is odd about it found and said.

    A stated code is kept, and warned about where the geometry says otherwise; an unknown one is rejected.

    Parameters
    ----------
    trusted : bool
        Whether stated codes are right: only rows without one are placed.

    Raises
    ------
    InvalidInput
        When there are no communities yet, or the axes are swapped.
    """
    if not len(communities.codes):
        raise InvalidInput("import.no_communities", where=batch.table.file)
    findings = batch.findings
    index = {code: i for i, code in enumerate(communities.codes.tolist())}
    stated = batch.values.get("community_code", np.full(len(batch.table), None, dtype=object))
    is_stated = stated != None  # noqa: E711 - elementwise
    found = np.array(list(map(index.get, stated.tolist())), dtype=float)
    stated_index = np.nan_to_num(found, nan=-1.0).astype(np.int64)
    located = np.where(is_stated, None, batch.geometry) if trusted else batch.geometry
    placed = place(located, communities)
    if not trusted:
        _check_coordinates(batch, communities, placed, stated_index)

    unknown = "import.community_unknown" if communities.whole_deployment else "import.community_outside_scope"
    outside = "import.outside_communities" if communities.whole_deployment else "import.outside_scope"
    has_place = ~shapely.is_missing(batch.geometry)
    findings.reject(is_stated & (stated_index < 0), "community_code", unknown, {"code": stated})
    findings.reject(~is_stated & has_place & (placed.community < 0), "geometry", outside)
    findings.reject(~is_stated & ~has_place & findings.accepted, "community_code", "import.no_place")
    codes = np.where(is_stated, stated, _named(placed.community, communities))
    compared = is_stated & ~shapely.is_missing(located)
    elsewhere = compared & (stated_index >= 0) & (placed.community != stated_index)
    findings.warn(
        elsewhere & (placed.community >= 0),
        "community_code",
        "import.community_differs",
        {"code": stated, "other": _named(placed.community, communities)},
    )
    findings.warn(elsewhere & (placed.community < 0), "geometry", "import.outside_stated", {"code": stated})
    findings.warn(
        (placed.second_share > STRADDLING_SHARE) & ~elsewhere,
        "geometry",
        "import.straddles",
        {
            "code": codes,
            "other": _named(placed.second, communities),
            "percent": _percents(placed.second_share),
        },
    )
    return codes


def _named(index: npt.NDArray[np.int64], communities: Communities) -> Codes:
    return np.where(index >= 0, communities.codes[index], None)


def _percents(share: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    return np.rint(100 * share).astype(np.int64)


def _check_coordinates(
    batch: Batch, communities: Communities, placed: Placement, stated: npt.NDArray[np.int64]
) -> None:
    """Swapped axes are refused; a shifted datum is named, with the inverse that fits better."""
    known = ~shapely.is_missing(batch.geometry)
    wrong = known & ((placed.community < 0) | ((stated >= 0) & (placed.community != stated)))
    if batch.to_storage is None or not known.any() or wrong.sum() <= MISPLACED_SHARE * known.sum():
        return
    outside = known & (placed.community < 0)
    if outside.sum() * 2 > known.sum() and _swapped_fits(
        batch.geometry[known], batch.to_storage, batch, communities
    ):
        raise InvalidInput("import.axes_swapped", where=batch.table.file)
    points = _centres(batch.geometry[known])
    misfit = {
        datum: _misfit(undo_datum(points, datum), communities, stated[known])
        for datum in ("cgcs2000", "gcj02", "bd09")
    }
    percent = f"{100 * wrong.sum() / known.sum():.1f}"
    best = min(misfit, key=lambda datum: misfit[datum])
    if best == "cgcs2000":
        batch.findings.remark("geometry", "import.many_misplaced", percent=percent)
    else:
        batch.findings.remark(
            "geometry",
            "import.datum_suspect",
            percent=percent,
            datum=best,
            better=f"{100 * misfit[best]:.1f}",
        )


def _centres(geometry: Geometries) -> npt.NDArray[np.float64]:
    return shapely.get_coordinates(shapely.centroid(geometry))


def _misfit(
    points: npt.NDArray[np.float64], communities: Communities, stated: npt.NDArray[np.int64]
) -> float:
    found = place(shapely.points(points), communities).community
    return float(np.mean((found < 0) | ((stated >= 0) & (found != stated))))


def _swapped_fits(
    geometry: Geometries, to_storage: ToStorage, batch: Batch, communities: Communities
) -> bool:
    source = batch.table.geometry
    known = ~shapely.is_missing(batch.geometry)
    centres = _centres(geometry if source is None else shapely.force_2d(source[known]))
    points = to_storage.points(np.ascontiguousarray(centres[:, ::-1]))
    inside = place(shapely.points(points), communities).community >= 0
    return bool(inside.mean() > 0.5)
