"""The management units of one town: compounds, standalone buildings, and what the ledger says of each."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from geo_service.demo.board import DISTRICTS
from geo_service.demo.footprints import Building, compound_buildings, standalone_building
from geo_service.demo.names import EMPLOYERS, compound_names
from geo_service.demo.parcels import Parcel, lay_out
from geo_service.demo.story import (
    COMMUNITIES,
    FIRST_SERVICE_MONTH,
    UNLOCATED_COMMUNITY,
    YEAR,
    Community,
    community_code,
)

_HOUSE_NUMBER_STEP_M = 12.0
_FORMS = {
    "A": (("employer_managed", 0.6), ("professional", 1.0)),
    "B": (("professional", 0.4), ("employer_managed", 0.75), ("owner_self", 1.0)),
}
_BUILT = {"A": (1978, 1999), "B": (1984, 2006), "C": (1976, 2002)}


@dataclass(frozen=True)
class Unit:
    """A management unit of one town.

    ``parcel`` and ``buildings`` are missing of the one compound only the ledger knows.
    """

    code: str
    community: Community
    implementation_class: str
    name: str
    address: str
    parcel: Parcel | None
    buildings: tuple[Building, ...]
    households: tuple[int, ...]
    building_count: int
    household_count: int
    floor_area_m2: float
    built_year: int
    form: str
    service_from: date | None
    has_committee: bool
    has_fund: bool

    @property
    def is_compound(self) -> bool:
        """Whether it has several buildings."""
        return self.implementation_class != "C"


def make_units(rng: np.random.Generator) -> list[Unit]:
    """The units of one town, community by community, compounds before standalone buildings."""
    parcels = lay_out(rng)
    employers = iter([EMPLOYERS[i] for i in rng.permutation(len(EMPLOYERS))])
    names = iter(compound_names(sum(c.ordinary_compounds for c in COMMUNITIES), rng))
    units: list[Unit] = []
    for community in COMMUNITIES:
        plots = [p for p in parcels if p.community == community.number]
        units += _compounds(community, [p for p in plots if p.is_compound], employers, names, rng)
        units += _standalone(community, [p for p in plots if not p.is_compound], rng)
    return units


def _compounds(
    community: Community, plots: list[Parcel], employers: Iterator[str], names: Iterator[str],
    rng: np.random.Generator,
) -> list[Unit]:  # fmt: skip
    places: list[Parcel | None] = list(plots)
    classes = ["A"] * community.employer_courtyards + ["B"] * (len(plots) - community.employer_courtyards)
    classes = [str(klass) for klass in rng.permutation(classes)]
    if community.number == UNLOCATED_COMMUNITY:
        places.append(None)
        classes.append("B")
    dates = _service_dates(community, rng)
    units = []
    for serial, (plot, klass, served) in enumerate(zip(places, classes, dates, strict=True), 1):
        name = f"{next(employers)}家属院" if klass == "A" else next(names)
        units.append(_compound(community, serial, klass, name, plot, served, rng))
    return units


def _compound(
    community: Community, serial: int, klass: str, name: str, plot: Parcel | None, served: date,
    rng: np.random.Generator,
) -> Unit:  # fmt: skip
    buildings = tuple(compound_buildings(plot, rng)) if plot else ()
    households = tuple(round(building.natural_households) for building in buildings)
    low, high = _BUILT[klass]
    return Unit(
        code=f"{community_code(community.number)}-C{serial:03d}",
        community=community,
        implementation_class=klass,
        name=name,
        address=_address(plot) if plot else "桥头旧货场内",
        parcel=plot,
        buildings=buildings,
        households=households,
        building_count=len(buildings) if plot else 3,
        household_count=sum(households) if plot else 84,
        floor_area_m2=round(sum(b.floor_area_m2 for b in buildings), 1) if plot else 6720.0,
        built_year=int(rng.integers(low, high)),
        form=_form(klass, rng),
        service_from=served,
        has_committee=bool(rng.random() < (0.6 if klass == "B" else 0.25)),
        has_fund=bool(rng.random() < 0.4),
    )


def _standalone(community: Community, plots: list[Parcel], rng: np.random.Generator) -> list[Unit]:
    buildings = [standalone_building(plot, rng) for plot in plots]
    households = _shared_out(plots, buildings)
    low, high = _BUILT["C"]
    units = []
    for serial, (plot, building, count) in enumerate(zip(plots, buildings, households, strict=True), 1):
        address = _address(plot)
        units.append(
            Unit(
                code=f"{community_code(community.number)}-B{serial:04d}",
                community=community,
                implementation_class="C",
                name=f"{address}楼",
                address=address,
                parcel=plot,
                buildings=(building,),
                households=(count,),
                building_count=1,
                household_count=count,
                floor_area_m2=building.floor_area_m2,
                built_year=int(rng.integers(low, high)),
                form="roving",
                service_from=None,
                has_committee=False,
                has_fund=False,
            )
        )
    return units


def _shared_out(plots: list[Parcel], buildings: list[Building]) -> list[int]:
    """Households of each building: in proportion to its flats, each district's total met exactly.

    The west and the east half of a district's buildings have as many households each, so that even where the
    limits leave no slack, as in the third and fourth community, there are splits that fit. The largest
    remainders are rounded up (Hamilton's method).
    """
    counts = np.zeros(len(plots), dtype=int)
    where = np.array([plot.district for plot in plots])
    west_to_east = np.argsort([plot.middle[0] for plot in plots], kind="stable")
    weights = np.array([building.natural_households for building in buildings])
    for number in np.unique(where):
        here = west_to_east[where[west_to_east] == number]
        for half in np.array_split(here, 2):
            exact = weights[half] * (DISTRICTS[number].households / 2) / weights[half].sum()
            short = round(exact.sum()) - int(np.floor(exact).sum())
            counts[half] = np.floor(exact)
            counts[half[np.argsort(np.floor(exact) - exact, kind="stable")[:short]]] += 1
    return [int(count) for count in counts]


def _service_dates(community: Community, rng: np.random.Generator) -> list[date]:
    """One date a compound: as many in each month as the story asks for, in no order."""
    dates = []
    for month, count in enumerate(community.newly_served, FIRST_SERVICE_MONTH):
        last = calendar.monthrange(YEAR, month)[1]
        dates += [date(YEAR, month, int(day)) for day in rng.integers(1, last + 1, count)]
    return [dates[i] for i in rng.permutation(len(dates))]


def _form(klass: str, rng: np.random.Generator) -> str:
    draw = rng.random()
    return next(form for form, upto in _FORMS[klass] if draw < upto)


def _address(plot: Parcel) -> str:
    """Numbered eastwards, even on the street's south side and odd on its north side."""
    place = int(plot.middle[0] / _HOUSE_NUMBER_STEP_M)
    return f"{plot.street}{2 * place + (2 if plot.faces_north else 1)}号"
