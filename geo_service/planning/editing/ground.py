"""What edits of a community stand on: its land, its graph of neighbours, and where its buildings are."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.errors import InvalidInput
from geo_service.planning.model import Counts, Geometries
from geo_service.planning.zoning.community.brief import Brief
from geo_service.planning.zoning.community.ground import Ground

# Zones whose land is remembered: those that an edit changes, and that undoing and redoing it asks for again.
_LANDS_KEPT = 64

Degrees = npt.NDArray[np.float64]


@dataclass(frozen=True)
class EditGround:
    """A pure function of a community's buildings and lines, so that it is kept from edit to edit.

    Parameters
    ----------
    ground : Ground
        Its brief has the loads and weights; pairs and fixed centres are those of a plan.
    points : Degrees, shape (n, 2)
        Longitude and latitude (EPSG:4490) of a point inside each building.
    """

    ground: Ground
    points: Degrees
    _lands: dict[bytes, BaseGeometry] = field(default_factory=dict, compare=False, repr=False)

    @property
    def code(self) -> str:
        """The community's code."""
        return self.ground.area.code

    @property
    def buildings(self) -> int:
        """How many there are."""
        return len(self.points)

    @cached_property
    def place_of(self) -> dict[str, int]:
        """Index of each building by its code."""
        return {str(code): place for place, code in enumerate(self.ground.area.building_codes)}

    @cached_property
    def spots(self) -> Geometries:
        """``points`` as geometries."""
        spots: Geometries = shapely.points(self.points)
        return spots

    def places(self, codes: list[str]) -> Counts:
        """Indices of the buildings of some codes, each once, ascending.

        Raises
        ------
        InvalidInput
            When one of them is not among the community's buildings to be zoned; ``details`` has them all.
        """
        unknown = [code for code in codes if code not in self.place_of]
        if unknown:
            raise InvalidInput(
                "edits.building_not_here",
                where=unknown[0],
                details=[{"building": code} for code in unknown[:100]],
                building=unknown[0],
                unknown=len(unknown),
                community=self.code,
            )
        return np.unique(np.array([self.place_of[code] for code in codes], dtype=np.int64))

    def codes(self, buildings: Counts) -> tuple[str, ...]:
        """The codes of some buildings, in their order."""
        return tuple(str(code) for code in self.ground.area.building_codes[buildings])

    def land_of(self, members: Counts) -> BaseGeometry:
        """The land of some buildings as one, in metres; ``members`` ascending."""
        key = members.tobytes()
        land = self._lands.get(key)
        if land is None:
            land = self.ground.tessellation.land_of(members)
            if len(self._lands) >= _LANDS_KEPT:
                self._lands.clear()
            self._lands[key] = land
        return land

    def under(self, *, together: Counts, apart: Counts, centres_m: npt.NDArray[np.float64]) -> EditGround:
        """The same ground under a plan's pairs and fixed centres."""
        if not (len(together) or len(apart) or len(centres_m)):
            return self
        brief: Brief = replace(self.ground.brief, together=together, apart=apart, centres_m=centres_m)
        return replace(self, ground=replace(self.ground, brief=brief))

    def broken_pairs(self, zone_of: Counts) -> tuple[Counts, Counts]:
        """Pairs that must share a zone and do not, and pairs that must not and do; shape (p, 2) each."""
        brief = self.ground.brief
        together, apart = brief.together, brief.apart
        parted = zone_of[together[:, 0]] != zone_of[together[:, 1]]
        shared = (zone_of[apart[:, 0]] == zone_of[apart[:, 1]]) & (zone_of[apart[:, 0]] >= 0)
        return together[parted], apart[shared]
