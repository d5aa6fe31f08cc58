"""What a request for features may ask, checked before the database is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query, Request
from sqlalchemy import Connection

from geo_service.api.deps import OptionalAreaQuery
from geo_service.api.html import PRESENTATION
from geo_service.api.layers import OptionalPlan, OptionalTarget
from geo_service.deployment import day_of, read_moment, today
from geo_service.errors import InvalidInput, NotFound
from geo_service.publish.crs import (
    CRS84,
    EVERYWHERE,
    ReferenceSystem,
    find,
    metric,
    read_bounding_box,
)
from geo_service.publish.features import DEFAULT_LIMIT, MAX_LIMIT, check_limit, touching
from geo_service.publish.filters import LANGUAGES, LONGEST, field_condition, filter_condition
from geo_service.publish.model import ITEMS_PARAMETERS, Layer
from geo_service.publish.statements import LayerRequest, Statement
from geo_service.store.areas import metric_srid

COUNTS = ("quick", "exact", "none")
LONGEST_KEY = 256
_LONGEST_URI = 120

TILES_PARAMETERS = frozenset({"area", "plan", "target", "on"}) | PRESENTATION
LAYER_PARAMETERS = TILES_PARAMETERS | {"datetime"}

CrsQuery = Annotated[
    str | None, Query(max_length=_LONGEST_URI, description="URI of the CRS of the answer's coordinates")
]


# What the address of a desktop program's connection bears, it adds to everything it asks there.
_CARRIED = frozenset({"area", "on", "plan", "target"})


def only_known(request: Request, known: Collection[str]) -> None:
    """Refuse a parameter that nothing here reads: its sender would believe that it was obeyed.

    Raises
    ------
    InvalidInput
        Naming those that are read.
    """
    for name in request.query_params:
        if name not in known and name not in _CARRIED:
            raise InvalidInput(
                "features.parameter_unknown",
                where=name[:60],
                given=name[:60],
                known=", ".join(sorted(known)),
            )


def shown_day(
    on: Annotated[date | None, Query(description="ISO date; today when missing")] = None,
    moment: Annotated[
        str | None, Query(alias="datetime", max_length=80, description="The same, as a date or one moment")
    ] = None,
) -> date:
    """The day a layer is asked for.

    Raises
    ------
    InvalidInput
        When the moment is an interval or unreadable, or differs from ``on``.
    """
    if moment is None:
        return on or today()
    if "/" in moment or ".." in moment:
        raise InvalidInput("features.interval", where="datetime", given=moment)
    try:
        day = day_of(read_moment(moment, where="datetime"))
    except OverflowError as error:
        raise InvalidInput("command.bad_moment", where="datetime", given=moment[:40]) from error
    if on is not None and on != day:
        raise InvalidInput("features.two_days", where="datetime")
    return day


ShownDay = Annotated[date, Depends(shown_day)]


@dataclass(frozen=True)
class LayerQuery:
    """Which state of a layer: its day, its area, its plan, its target."""

    on: ShownDay
    area: OptionalAreaQuery = None
    plan: OptionalPlan = None
    target: OptionalTarget = None

    def request(self) -> LayerRequest:
        """As the layer's query takes it."""
        return LayerRequest(self.on, self.area, self.plan, self.target)


@dataclass(frozen=True)
class ItemsQuery:
    """Which features of a layer, how many, and in what CRS; `parameters` of ``/items``."""

    bbox: Annotated[
        str | None,
        Query(max_length=256, description="Two corners in the axis order of bbox-crs"),
    ] = None
    bbox_crs: Annotated[
        str | None, Query(alias="bbox-crs", max_length=_LONGEST_URI, description="URI of the CRS of bbox")
    ] = None
    crs: CrsQuery = None
    limit: Annotated[
        int,
        Query(
            description=f"1 to {MAX_LIMIT:,} features a page",
            json_schema_extra={"minimum": 1, "maximum": MAX_LIMIT},
        ),
    ] = DEFAULT_LIMIT
    after: Annotated[
        str | None, Query(max_length=LONGEST_KEY, description="Key of the last feature of the page before")
    ] = None
    before: Annotated[
        str | None, Query(max_length=LONGEST_KEY, description="Key of the first feature of the page behind")
    ] = None
    filter: Annotated[
        str | None, Query(max_length=max(LONGEST.values()), description="A condition in CQL2")
    ] = None
    filter_lang: Annotated[
        str, Query(alias="filter-lang", max_length=16, description=", ".join(LANGUAGES))
    ] = LANGUAGES[0]
    filter_crs: Annotated[
        str | None,
        Query(alias="filter-crs", max_length=_LONGEST_URI, description="URI of the CRS in the filter"),
    ] = None
    count: Annotated[
        str,
        Query(
            max_length=8,
            description="Whether all matching features are counted: quick, up to 10,000; exact; none",
        ),
    ] = COUNTS[0]

    def check(self) -> None:
        """Raise InvalidInput when what stands alone is already unusable."""
        check_limit(self.limit)
        if self.count not in COUNTS:
            raise InvalidInput("features.count_unknown", where="count", known=", ".join(COUNTS))
        if self.after is not None and self.before is not None:
            raise InvalidInput("features.two_directions", where="before")

    def conditions(self, connection: Connection, layer: Layer, request: Request) -> list[Statement]:
        """What every feature must meet: bbox, filter and ``field=value`` alike."""
        conditions = []
        if self.bbox is not None:
            system = reference_system(connection, self.bbox_crs, where="bbox-crs")
            conditions.append(touching(read_bounding_box(self.bbox, system)))
        if self.filter is not None:
            system = reference_system(connection, self.filter_crs, where="filter-crs")
            conditions.append(filter_condition(layer, self.filter, self.filter_lang, system))
        for name, given in dict(request.query_params).items():
            if name not in ITEMS_PARAMETERS:
                conditions.append(field_condition(layer, name, given))
        return conditions


def items_parameters(layer: Layer) -> frozenset[str]:
    """Every parameter ``/items`` of a layer takes, its fields among them."""
    return ITEMS_PARAMETERS | {field.name for field in layer.fields}


def same_state(request: Request) -> str:
    """The day, area, plan and target of a request as a query string, to link what shows the same state."""
    kept = [pair for pair in request.query_params.multi_items() if pair[0] in LAYER_PARAMETERS - PRESENTATION]
    return f"?{urlencode(kept)}" if kept else ""


def offered_systems(connection: Connection) -> tuple[ReferenceSystem, ...]:
    """The CRS of this deployment: those of everywhere, and its own metric one once it has any area."""
    try:
        return *EVERYWHERE, metric(metric_srid(connection))
    except NotFound:
        return EVERYWHERE


def reference_system(connection: Connection, uri: str | None, *, where: str) -> ReferenceSystem:
    """The CRS of a URI, CRS84 without one.

    Raises
    ------
    InvalidInput
        When it is none this deployment offers.
    """
    if uri is None:
        return CRS84
    return find(uri, offered_systems(connection), where=where)
