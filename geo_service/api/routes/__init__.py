"""The routes, one module a noun."""

from geo_service.api.routes import me

ROUTERS = (me.router,)
