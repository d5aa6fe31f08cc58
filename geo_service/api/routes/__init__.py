"""The routes, one module a noun."""

from geo_service.api.routes import (
    areas,
    collections,
    compounds,
    coverage,
    export,
    governance,
    imports,
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

ROUTERS = (
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
    posts.router,
    collections.router,
    tiles.router,
    map.router,
    export.router,
    pages.router,
)
