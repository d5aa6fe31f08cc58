"""One page of features: read, linked to the pages before and behind it, written as GeoJSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from fastapi import Request
from sqlalchemy import Connection

from geo_service.access import Actor
from geo_service.api.feature_queries import ItemsQuery, reference_system
from geo_service.publish.crs import ReferenceSystem
from geo_service.publish.features import COUNTED_AT_MOST, items_statement, matching_statement
from geo_service.publish.model import Layer
from geo_service.publish.statements import LayerRequest, Statement
from geo_service.store.counts import read_remembered_count
from geo_service.store.layers import limit_time, read_page

GEOJSON = "application/geo+json"
LONGEST_SEARCH_MS = 10_000


@dataclass(frozen=True)
class FeaturePage:
    """Features as GeoJSON texts, in the order of their keys.

    Parameters
    ----------
    first, last : str, optional
        Keys of the page's ends; None when it is empty.
    has_previous, has_next : bool
        Whether there may be features before and behind it.
    matched : int, optional
        Features on all pages together; None when they were not counted to the end.
    """

    features: list[str]
    system: ReferenceSystem
    first: str | None
    last: str | None
    has_previous: bool
    has_next: bool
    matched: int | None


def read_feature_page(
    connection: Connection,
    caller: Actor,
    layer: Layer,
    chosen: LayerRequest,
    wanted: ItemsQuery,
    request: Request,
) -> FeaturePage:
    """The page of ``layer`` that a request wants."""
    system = reference_system(connection, wanted.crs, where="crs")
    conditions = wanted.conditions(connection, layer, request)
    if conditions or wanted.count == "exact":
        limit_time(connection, LONGEST_SEARCH_MS)
    statement = items_statement(
        layer,
        chosen,
        limit=wanted.limit,
        conditions=conditions,
        after=wanted.after,
        before=wanted.before,
        system=system,
    )
    rows = read_page(connection, statement)
    more = len(rows) > wanted.limit
    backwards = wanted.before is not None
    if more:
        rows = rows[1:] if backwards else rows[:-1]
    has_previous = more if backwards else wanted.after is not None
    has_next = backwards or more
    matched: int | None = len(rows)
    if has_previous or has_next:
        matched = _count(connection, caller, layer, chosen, conditions, wanted.count)
    return FeaturePage(
        features=[feature for _, feature in rows],
        system=system,
        first=rows[0][0] if rows else None,
        last=rows[-1][0] if rows else None,
        has_previous=has_previous,
        has_next=has_next,
        matched=matched,
    )


def _count(
    connection: Connection,
    caller: Actor,
    layer: Layer,
    chosen: LayerRequest,
    conditions: list[Statement],
    how: str,
) -> int | None:
    if how == "none":
        return None
    most = None if how == "exact" else COUNTED_AT_MOST
    statement = matching_statement(layer, chosen, conditions=conditions, at_most=most)
    number = read_remembered_count(connection, caller, statement)
    return None if most is not None and number > most else number


def page_links(page: FeaturePage, request: Request, here: str) -> list[dict[str, str]]:
    """This page, the same in HTML, the pages beside it and the first."""
    kept = [pair for pair in request.query_params.multi_items() if pair[0] not in ("f", "lang")]
    around = [pair for pair in kept if pair[0] not in ("after", "before")]
    links = [("self", GEOJSON, kept), ("alternate", "text/html", [*kept, ("f", "html")])]
    if page.has_next and page.last is not None:
        links.append(("next", GEOJSON, [*around, ("after", page.last)]))
    if page.has_previous and page.first is not None:
        links.append(("prev", GEOJSON, [*around, ("before", page.first)]))
    if page.has_previous:
        links.append(("first", GEOJSON, around))
    return [
        {"rel": relation, "type": kind, "href": f"{here}?{urlencode(query)}" if query else here}
        for relation, kind, query in links
    ]


def feature_collection(page: FeaturePage, links: list[dict[str, str]]) -> str:
    """The page as GeoJSON text."""
    members = {
        "type": "FeatureCollection",
        "timeStamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "numberReturned": len(page.features),
        "links": links,
    }
    if page.matched is not None:
        members["numberMatched"] = page.matched
    # The features arrive as text from PostgreSQL; parsing them only to write them again would be wasted.
    return f'{json.dumps(members)[:-1]},"features":[{",".join(page.features)}]}}'


def content_crs(system: ReferenceSystem) -> dict[str, str]:
    """The header that says which CRS the coordinates are in."""
    return {"Content-Crs": f"<{system.uri}>"}
