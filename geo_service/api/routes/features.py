"""One feature of a layer, and what its features may be filtered by."""

from __future__ import annotations

import json
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Request, Response
from sqlalchemy import Connection

from geo_service.api.deps import Caller, Database
from geo_service.api.feature_pages import GEOJSON, content_crs
from geo_service.api.feature_queries import (
    LAYER_PARAMETERS,
    LONGEST_KEY,
    CrsQuery,
    LayerQuery,
    only_known,
    reference_system,
    same_state,
)
from geo_service.api.feature_tables import feature_fields, geometry_in_words
from geo_service.api.html import (
    NEGOTIATED,
    PRESENTATION,
    STYLE_PATH,
    Presentation,
    Shown,
    answer_json,
    answer_page,
)
from geo_service.api.html import style_sheet as read_style_sheet
from geo_service.api.known_answers import NOT_MODIFIED, KnownEditions, of_edition
from geo_service.api.layers import LayerName, Layers
from geo_service.api.routes.collections import root_of
from geo_service.errors import InvalidInput, NotFound
from geo_service.pipeline.policies import in_own_words
from geo_service.publish.crs import ReferenceSystem
from geo_service.publish.features import item_statement
from geo_service.publish.model import Layer
from geo_service.publish.queryables import example_filter, queryables
from geo_service.publish.statements import LayerRequest
from geo_service.store.layers import read_page
from geo_service.store.session import transaction

router = APIRouter(tags=["layers"])

SCHEMA = "application/schema+json"

# A key is the user's own and may hold a slash.
ItemKey = Annotated[str, Path(max_length=LONGEST_KEY, description="Key of the feature")]


@router.get(
    "/collections/{layer}/queryables",
    summary="What features of a layer may be filtered by",
    response_class=Response,
    responses={200: {"content": {SCHEMA: {}, "text/html": {}}}},
)
def read_queryables(
    request: Request, layer: LayerName, layers: Layers, caller: Caller, database: Database, shown: Shown
) -> Response:
    """Every field with its title, unit and coded values, as a JSON Schema."""
    asked = layers.get(layer, caller.role)
    only_known(request, PRESENTATION | {"area"})
    with transaction(database, caller, read_only=True) as connection:
        asked = in_own_words(connection, asked)
    document = queryables(asked, base_url=root_of(request), language=shown.language)
    if shown.as_page:
        return answer_page("queryables", request, shown, document=document, example=example_filter(asked))
    return answer_json(document, shown, media_type=SCHEMA)


@router.get(
    "/collections/{layer}/items/{key:path}",
    summary="One feature of a layer",
    response_class=Response,
    responses={200: {"content": {GEOJSON: {}, "text/html": {}}}, **NOT_MODIFIED},
)
def read_item(
    request: Request,
    layer: LayerName,
    key: ItemKey,
    layers: Layers,
    caller: Caller,
    database: Database,
    editions: KnownEditions,
    shown: Shown,
    query: Annotated[LayerQuery, Depends()],
    crs: CrsQuery = None,
) -> Response:
    """The feature, as the layer shows it on the day asked for.

    Raises
    ------
    NotFound
        When the layer has no such feature in the caller's scope.
    """
    asked = layers.get(layer, caller.role)
    only_known(request, LAYER_PARAMETERS | {"crs"})
    edition = editions.of(asked, caller, query.request())

    def read() -> Response:
        with transaction(database, caller, read_only=True) as connection:
            system = reference_system(connection, crs, where="crs")
            rows = _rows(connection, asked, edition.request, key, system)
            worded = in_own_words(connection, asked) if shown.as_page else asked
        if not rows:
            raise NotFound("features.no_such_feature", where=key[:60], feature=key[:60], layer=asked.name)
        return _item(request, worded, *rows[0], system, shown)

    return of_edition(request, edition, shown, read)


def _item(
    request: Request, asked: Layer, key: str, feature: str, system: ReferenceSystem, shown: Presentation
) -> Response:
    collection = f"{root_of(request)}/collections/{asked.name}"
    here = f"{collection}/items/{quote(key, safe='')}"
    links = [
        {"rel": "self", "type": GEOJSON, "href": here},
        {"rel": "alternate", "type": "text/html", "href": f"{here}?f=html"},
        {"rel": "collection", "type": "application/json", "href": collection},
    ]
    if shown.as_page:
        return answer_page(
            "item",
            request,
            shown,
            layer=asked,
            key=key,
            fields=feature_fields(asked, feature, shown.language),
            geometry=geometry_in_words(feature),
            collection_address=shown.keep(f"{collection}/items{same_state(request)}"),
        )
    return Response(
        f'{feature[:-1]},"links":{json.dumps(links)}}}',
        media_type=GEOJSON,
        headers={**NEGOTIATED, **content_crs(system)},
    )


def _rows(
    connection: Connection, layer: Layer, chosen: LayerRequest, key: str, system: ReferenceSystem
) -> list[tuple[str, str]]:
    try:
        statement = item_statement(layer, chosen, key, system=system)
    except InvalidInput:
        return []  # what no feature of the layer can be called, none is called
    return read_page(connection, statement)


@router.get(STYLE_PATH, include_in_schema=False)
def style_sheet() -> Response:
    """The style of the pages."""
    return Response(
        read_style_sheet(), media_type="text/css; charset=utf-8", headers={"Cache-Control": "no-cache"}
    )
