"""A plan at a glance: how even its zones are, how far people walk in them, what is unsound."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from geo_service.planning.editing.judgement import deviation_percent
from geo_service.planning.model import LoadRange


@dataclass(frozen=True)
class ZoneFigures:
    """One zone as it was judged; None where nothing is known.

    Parameters
    ----------
    load : int
        In the units of the plan's limits.
    distance_m, patrol_m : float or None
        From the members to the centre, and of the closed walk.
    compactness : float or None
        4 pi area / perimeter^2 of the outline.
    """

    households: int
    buildings: int
    load: int
    distance_m: float | None
    patrol_m: float | None
    compactness: float | None
    in_pieces: bool
    crosses_barrier: bool


@dataclass(frozen=True)
class PlanFigures:
    """Many zones together.

    Parameters
    ----------
    under, over : int
        Zones whose load is outside the limits.
    largest_deviation_percent, mean_deviation_percent : float or None
        How far loads are from the middle of the limits, either way; None without zones.
    distance_m, patrol_m, mean_compactness : float or None
        Over the zones for which they are known; None where that is none.
    """

    zones: int
    households: int
    buildings: int
    unassigned: int
    under: int
    over: int
    largest_deviation_percent: float | None
    mean_deviation_percent: float | None
    distance_m: float | None
    patrol_m: float | None
    mean_compactness: float | None
    in_pieces: int
    crossing_barriers: int


def figures_of(zones: Sequence[ZoneFigures], limits: LoadRange, *, unassigned: int) -> PlanFigures:
    """Zones of one plan in figures; ``unassigned`` buildings wait for a zone."""
    deviations = [abs(deviation_percent(zone.load, limits)) for zone in zones]
    compact = [zone.compactness for zone in zones if zone.compactness is not None]
    return PlanFigures(
        zones=len(zones),
        households=sum(zone.households for zone in zones),
        buildings=sum(zone.buildings for zone in zones),
        unassigned=unassigned,
        under=sum(zone.load < limits.lo for zone in zones),
        over=sum(zone.load > limits.hi for zone in zones),
        largest_deviation_percent=max(deviations, default=None),
        mean_deviation_percent=_mean(deviations),
        distance_m=_sum(zone.distance_m for zone in zones),
        patrol_m=_sum(zone.patrol_m for zone in zones),
        mean_compactness=_mean(compact),
        in_pieces=sum(zone.in_pieces for zone in zones),
        crossing_barriers=sum(zone.crosses_barrier for zone in zones),
    )


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
