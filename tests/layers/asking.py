"""Ask a layer for its rows as the service does: by the deployment's profile, as somebody."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Actor
from geo_service.pipeline.policies import by_policy
from geo_service.publish.features import items_statement
from geo_service.publish.load import load_layers
from geo_service.publish.model import LayerSet
from geo_service.publish.statements import LayerRequest
from geo_service.resources import layers_dir
from geo_service.store.layers import read_page
from geo_service.store.session import transaction


@cache
def shipped() -> LayerSet:
    """The layers that ship."""
    return load_layers(layers_dir())


def items(
    engine: Engine,
    name: str,
    *,
    on: date,
    area: str | None = None,
    plan: int | None = None,
    actor: Actor = LOCAL_ADMIN,
    layers: LayerSet | None = None,
) -> dict[str, dict[str, Any]]:
    """Every feature of a layer by its id."""
    with transaction(engine, actor, read_only=True) as connection:
        request = by_policy(connection, LayerRequest(on, area, plan))
        rows = read_page(connection, items_statement((layers or shipped()).get(name), request, limit=1000))
    return {key: json.loads(feature) for key, feature in rows}


def properties(engine: Engine, name: str, **asked: Any) -> dict[str, dict[str, Any]]:
    """The properties of every feature by its id."""
    return {key: feature["properties"] for key, feature in items(engine, name, **asked).items()}


def tile_at(engine: Engine, z: int, code: str) -> tuple[int, int]:
    """Column and row of the WebMercatorQuad tile that holds the middle of a building."""
    with engine.begin() as connection:
        x, y = connection.execute(
            text("SELECT ST_X(p), ST_Y(p) FROM building, ST_Centroid(geom_3857) AS p WHERE code = :c"),
            {"c": code},
        ).one()
    half = 20037508.342789244
    width = 2 * half / 2**z
    return int((x + half) // width), int((half - y) // width)
