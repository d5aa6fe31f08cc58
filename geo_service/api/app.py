"""The application: routes, errors and guards put together."""

from __future__ import annotations

import gc
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from anyio import to_thread
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.middleware.gzip import GZipMiddleware

from geo_service.api import documentation, errors, middleware
from geo_service.api.conditions import GZIP_LEVEL
from geo_service.api.editions import Editions
from geo_service.api.layers import require_sound_layers
from geo_service.api.routes import ROUTERS
from geo_service.deployment import open_engine
from geo_service.pipeline.readiness import make_ready
from geo_service.settings import Settings
from geo_service.store.notices import PlanNotices
from geo_service.store.read_connections import ReadConnections

# As many as the engine has connections: a thread more would only wait for one.
_THREADS = 24
_SMALLEST_ZIPPED_BYTES = 1024


def create_app(settings: Settings, engine: Engine | None = None) -> FastAPI:
    """The application of one deployment.

    Parameters
    ----------
    settings : Settings
    engine : Engine, optional
        A ready engine that stays the caller's; otherwise the application opens the deployment's at start.
    """

    def use(opened: Engine) -> None:
        application.state.engine = opened
        application.state.editions = Editions(opened, settings.tile_cache_mb * 2**20)
        application.state.read_connections = ReadConnections(opened)
        application.state.plan_notices = PlanNotices(opened)

    @asynccontextmanager
    async def lifespan(application: FastAPI) -> AsyncIterator[None]:
        # What is loaded by now stays; the garbage collector need not look through it again and again.
        gc.freeze()
        to_thread.current_default_thread_limiter().total_tokens = _THREADS
        if engine is None:
            use(open_engine(settings))
        try:
            require_sound_layers(settings, application.state.engine)
            threading.Thread(target=make_ready).start()
            yield
        finally:
            application.state.plan_notices.end()
            application.state.editions.close()
            application.state.read_connections.close()
            if engine is None:
                application.state.engine.dispose()

    application = FastAPI(
        title="geo-service",
        version=version("geo-service"),
        summary="物业管理全覆盖规划服务 · Planning service for full property-management coverage",
        lifespan=lifespan,
        openapi_url="/api/openapi.json",
        docs_url=None,  # the stock pages load from a CDN
        redoc_url=None,
        responses=errors.DOCUMENTED,
    )
    application.state.settings = settings
    if engine is not None:
        use(engine)
    errors.install(application)
    for router in ROUTERS:
        application.include_router(router)
    documentation.install(application)
    # The last added is the first a request meets.
    application.add_middleware(middleware.BodyLimit, limit_bytes=settings.upload_limit_mb * 2**20)
    application.add_middleware(middleware.ReadableText)
    if not settings.require_token:
        application.add_middleware(middleware.LocalOnly)
    application.add_middleware(GZipMiddleware, minimum_size=_SMALLEST_ZIPPED_BYTES, compresslevel=GZIP_LEVEL)
    application.add_middleware(middleware.RefusedEncodings)
    application.add_middleware(middleware.HeadAsGet)
    application.add_middleware(middleware.ProtectiveHeaders)
    return application
