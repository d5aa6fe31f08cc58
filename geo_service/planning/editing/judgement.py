"""What an edited zone is worth, computed from its members and the ground alone: no history, no other zone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely.geometry.base import BaseGeometry

from geo_service.planning.editing.ground import EditGround
from geo_service.planning.model import Counts, LoadRange
from geo_service.planning.patrol import as_walked, walking_order
from geo_service.planning.zoning.community.ground import Ground
from geo_service.planning.zoning.community.shape import compactness
from geo_service.planning.zoning.community.soundness import soundness


@dataclass(frozen=True)
class ZoneJudgement:
    """One zone in figures.

    Parameters
    ----------
    walk : Counts, shape (m,)
        The members in walking order, from the medoid.
    medoid : int
        The member with the least weighted distance from the others, or nearest to the zone's fixed centre.
    households, load : int
        ``load`` in the units of the plan's limits.
    distance_m : float
        Weighted, from the members to the centre.
    patrol_m : float
        Length of the closed walk.
    span_m : float
        Between the two buildings farthest apart on foot.
    compactness : float
        4 pi area / perimeter^2 of the outline.
    outline : BaseGeometry
        Metres.
    stranded : Counts
        Members that do not hang together with most of the zone.
    barriers : tuple of str
        Between these and the rest.
    """

    walk: Counts
    medoid: int
    households: int
    load: int
    distance_m: float
    patrol_m: float
    span_m: float
    compactness: float
    outline: BaseGeometry
    stranded: Counts
    barriers: tuple[str, ...]


def judge(edit_ground: EditGround, members: Counts, *, walked: bool = False) -> ZoneJudgement:
    """The judgement of a zone of ``members``, whatever their order.

    Parameters
    ----------
    walked : bool
        ``members`` are in walking order already: no walk is searched for.
    """
    ground = edit_ground.ground
    given = members
    members = np.sort(members)
    metres = ground.apart_m(members)
    distance_m, centre = _distance_to_centre(ground, members, metres)
    if walked:
        walk = as_walked(metres, np.searchsorted(members, given), start=centre)
    else:
        walk = walking_order(ground.positions_m[members], distances_m=metres, start=centre)
    sound = soundness(ground, members)
    outline = edit_ground.land_of(members)
    return ZoneJudgement(
        walk=members[walk.order],
        medoid=int(members[centre]),
        households=int(ground.area.households[members].sum()),
        load=int(ground.loads[members].sum()),
        distance_m=distance_m,
        patrol_m=walk.length_m,
        span_m=sound.span_m,
        compactness=compactness(outline),
        outline=outline,
        stranded=sound.stranded,
        barriers=sound.barriers,
    )


def deviation_percent(load: int, limits: LoadRange) -> float:
    """How far a load is from the middle of the limits, in percent of it."""
    middle = (limits.lo + limits.hi) / 2
    return 100 * (load - middle) / middle


def _distance_to_centre(ground: Ground, members: Counts, metres: np.ndarray) -> tuple[float, int]:
    """Weighted distance of the members to their centre, and the place of the medoid among them."""
    weights = np.ones(len(members)) if ground.brief.weights is None else ground.brief.weights[members]
    centres = ground.centres_in(members) if len(ground.brief.centres_m) else ground.brief.centres_m
    if len(centres):
        away = weights * np.hypot(*(ground.positions_m[members] - centres[0]).T)
        return float(away.sum()), int(np.argmin(away))
    sums = weights @ metres
    return float(sums.min()), int(np.argmin(sums))
