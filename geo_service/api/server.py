"""The HTTP server, which ends although somebody follows a plan."""

from __future__ import annotations

import socket

import uvicorn
from fastapi import FastAPI


class Server(uvicorn.Server):
    """Serves one application; streams without an end are ended before it waits for the last answer."""

    def __init__(self, application: FastAPI, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._application = application

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what never ends by itself, then wait for the rest."""
        self._application.state.plan_notices.end()
        await super().shutdown(sockets)
