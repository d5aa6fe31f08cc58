"""The routes, one module a noun."""

from geo_service.api.routes import (
    areas,
    collections,
    compounds,
    coverage,
    export,
    features,
    governance,
    imports,
    ledger,
    map,
    me,
    pages,
    plans,
    policies,
    posts,
    reporting,
    reports,
    tiles,
)

# Tiles come by the dozen for every look at the map, and routes are tried one after the other.
ROUTERS = (
    tiles.router,
    me.router,
    areas.router,
    plans.router,
    coverage.router,
    policies.router,
    governance.router,
    compounds.router,
    reporting.router,
    reports.router,
    imports.router,
    ledger.router,
    posts.router,
    collections.router,
    features.router,
    map.router,
    export.router,
    pages.router,
)
