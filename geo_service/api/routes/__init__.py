"""The routes, one module a noun."""

from geo_service.api.routes import (
    areas,
    collections,
    coverage,
    export,
    imports,
    ledger,
    map,
    me,
    pages,
    plans,
    policies,
    posts,
    reporting,
    tiles,
)

ROUTERS = (
    me.router,
    areas.router,
    plans.router,
    coverage.router,
    policies.router,
    reporting.router,
    imports.router,
    ledger.router,
    posts.router,
    collections.router,
    tiles.router,
    map.router,
    export.router,
    pages.router,
)
