"""What the map page draws with: the catalogue of layers and the MapLibre style."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from geo_service.api.answers.layers import CatalogueLayer
from geo_service.api.deps import Caller, Database, OnDate, OptionalAreaQuery
from geo_service.api.feature_queries import TILES_PARAMETERS, only_known
from geo_service.api.known_answers import NOT_MODIFIED, of_document
from geo_service.api.layers import (
    Layers,
    OptionalLayerNames,
    OptionalMeasure,
    OptionalPlan,
    OptionalTarget,
    within_scope,
)
from geo_service.pipeline.policies import in_own_words
from geo_service.publish.catalogue import catalogue
from geo_service.publish.statements import LayerRequest
from geo_service.publish.style import map_style
from geo_service.store.session import transaction

router = APIRouter(tags=["map"])


@router.get("/api/layers", summary="Catalogue of layers", response_model=list[CatalogueLayer])
def read_layers(layers: Layers, caller: Caller, database: Database) -> list[dict[str, Any]]:
    """The layers the caller's role reads, in draw order, with fields and legend in the deployment's words."""
    with transaction(database, caller, read_only=True) as connection:
        worded = in_own_words(connection, layers)
    return catalogue(worded.readable_by(caller.role))


@router.get(
    "/map/style.json",
    summary="MapLibre style",
    response_class=Response,
    responses={200: {"content": {"application/json": {}}}, **NOT_MODIFIED},
)
def read_style(
    request: Request,
    layers: Layers,
    caller: Caller,
    database: Database,
    on: OnDate,
    area: OptionalAreaQuery = None,
    plan: OptionalPlan = None,
    target: OptionalTarget = None,
    measure: OptionalMeasure = None,
    joined: OptionalLayerNames = None,
    lang: Annotated[str, Query(pattern="^(zh|en)$")] = "zh",
) -> Response:
    """The style of the layers the caller's role reads; tiles are addressed from the server's root.

    With ``joined`` only of those named, and the tiles of several layers come in one.
    """
    only_known(request, TILES_PARAMETERS | {"measure", "joined"})
    with transaction(database, caller, read_only=True) as connection:
        chosen = within_scope(connection, caller, LayerRequest(on, area, plan, target))
    asked = layers if joined is None else layers.only(joined.split(","))
    readable = asked.readable_by(caller.role).by_measure(measure)
    style = map_style(readable, chosen, language=lang, joined=joined is not None)
    return of_document(request, style)
