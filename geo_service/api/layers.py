"""What routes about layers ask for: the layers themselves, and the values of their parameters."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import Depends, Path, Query
from sqlalchemy import Connection, Engine

from geo_service.access import WHOLE_DEPLOYMENT, Actor
from geo_service.api.deps import LARGEST_ID, Configured
from geo_service.pipeline.checking import check_layers
from geo_service.pipeline.policies import by_policy
from geo_service.publish.load import load_layers
from geo_service.publish.model import LayerSet
from geo_service.publish.statements import LayerRequest
from geo_service.resources import layers_dir
from geo_service.settings import Settings
from geo_service.store.areas import require_area
from geo_service.store.plans import require_plan

LONGEST_NAME = 64

LayerName = Annotated[str, Path(max_length=LONGEST_NAME, description="Layer name")]
LayerNames = Annotated[
    str,
    Query(
        max_length=1024, description="Names of layers, with commas between", examples=["communities,zones"]
    ),
]
OptionalLayerNames = Annotated[
    str | None, Query(max_length=1024, description="Only these layers, their tiles joined; commas between")
]
OptionalPlan = Annotated[
    int | None, Query(ge=1, le=LARGEST_ID, description="Show this plan instead of the published ones")
]
OptionalMeasure = Annotated[
    str | None, Query(max_length=40, description="What layers of coverage are coloured by")
]
OptionalTarget = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=LONGEST_NAME,
        description="Show milestones of this target of the policy profile instead of all targets",
    ),
]

_load_once = cache(load_layers)


def layers_of(configured: Settings) -> LayerSet:
    """The deployment's layers, read and checked once."""
    return _load_once(FilePath(configured.layers_dir or layers_dir()))


async def layer_set(configured: Configured) -> LayerSet:
    """The layers of the deployment asked."""
    return layers_of(configured)


Layers = Annotated[LayerSet, Depends(layer_set)]


def require_sound_layers(configured: Settings, engine: Engine) -> None:
    """Refuse to start on layers whose files, or whose queries, are not what they declare.

    What only rows show is left to ``layers check``: a server starts as quickly on a large county.

    Raises
    ------
    InvalidInput
        With one entry of ``details`` a fault: file, field and sentence.
    """
    check_layers(engine, layers_of(configured), with_rows=False)


def within_scope(connection: Connection, caller: Actor, request: LayerRequest) -> LayerRequest:
    """The request by the deployment's profile, its area known to exist, or the caller's scope without one.

    Raises
    ------
    NotFound
        When the area or the plan does not exist or lies outside the caller's scope.
    InvalidInput
        When the deployment's profile has no such target.
    """
    area = request.area
    if area is not None:
        require_area(connection, area)
    elif caller.scope != WHOLE_DEPLOYMENT:
        area = caller.scope
    if request.plan is not None:
        require_plan(connection, request.plan)
    return by_policy(connection, replace(request, area=area))
