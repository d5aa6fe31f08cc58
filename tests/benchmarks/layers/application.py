"""Our application as the benchmark serves it: all as it is deployed, and one endpoint that does nothing."""

from fastapi import FastAPI, Response

from geo_service.api.app import create_app
from geo_service.settings import Settings


def application() -> FastAPI:
    """The application of the settings in the environment."""
    made = create_app(Settings())

    @made.get("/empty")
    def answer_nothing() -> Response:
        return Response(status_code=204)

    # Found at once, as tiles are.
    made.router.routes.insert(0, made.router.routes.pop())
    return made
