"""What an uploaded file seems to hold, and where it would come to lie: answers before an import."""

from __future__ import annotations

from pathlib import Path

import shapely
from sqlalchemy import Engine

from geo_service.access import WHOLE_DEPLOYMENT, Actor
from geo_service.exchange.fields import KINDS, LEDGER
from geo_service.exchange.looking import Look, look_into
from geo_service.exchange.own_types import with_types
from geo_service.exchange.placing import Communities
from geo_service.exchange.previewing import Preview, preview
from geo_service.exchange.reading import read_table
from geo_service.pipeline.guard import require_writer
from geo_service.pipeline.policies import own_types
from geo_service.store import imports as store
from geo_service.store.session import transaction


def look_into_file(engine: Engine, actor: Actor, path: Path, *, layer: str | None = None) -> Look:
    """Layers, columns, and the kinds that a file may be, with the columns their fields seem to stand in.

    Raises
    ------
    InvalidInput, Forbidden, Unavailable
    """
    require_writer(actor)
    with transaction(engine, actor, read_only=True) as connection:
        own = own_types(connection)
    kinds = [with_types(kind, own) for kind in KINDS.values()]
    return look_into(path, layer=layer, kinds=kinds, ledger=with_types(LEDGER, own))


def preview_places(
    engine: Engine, actor: Actor, path: Path, *, layer: str | None = None, crs: str | None = None
) -> Preview:
    """Where a sample of a file's places would come to lie among the communities of the actor's scope.

    Raises
    ------
    InvalidInput, Forbidden, Unavailable
    """
    require_writer(actor)
    table = read_table(path, layer=layer, every_layer=True)
    with transaction(engine, actor, read_only=True) as connection:
        areas = store.areas_in_scope(connection)
    drawn = (areas.kinds == "community") & ~shapely.is_missing(areas.outlines)
    whole = actor.scope == WHOLE_DEPLOYMENT
    return preview(table, Communities(areas.codes[drawn], areas.outlines[drawn], whole), crs=crs)
