"""QGIS as an ordinary desktop has it: its own Python, without a display; and a real server to talk to."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from sqlalchemy import Engine

from geo_service.api.app import create_app
from geo_service.settings import Settings

# PyQGIS belongs to the system's Python, not to the one of these tests.
SYSTEM_PYTHON = "/usr/bin/python3"
HERE = Path(__file__).parent
STARTING_S = 30

RunInQgis = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def run_in_qgis(tmp_path_factory: pytest.TempPathFactory) -> RunInQgis:
    """Runs a script of this folder by QGIS's own Python; gives what it prints last, read as JSON."""
    # A profile of its own: nothing fetched by an earlier run is shown in place of the server's answer.
    home = tmp_path_factory.mktemp("qgis-home")
    environment = {"PATH": os.defpath, "HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    present = subprocess.run(
        [SYSTEM_PYTHON, "-c", "import qgis.core"], env=environment, capture_output=True, text=True
    )
    if present.returncode:
        if os.environ.get("CI"):
            pytest.fail(f"the set-up installs python3-qgis: {present.stderr}")
        pytest.skip(f"python3-qgis is not installed: {present.stderr.splitlines()[-1]}")

    def run(script: str, *arguments: object) -> dict[str, Any]:
        done = subprocess.run(
            [SYSTEM_PYTHON, str(HERE / script), *map(str, arguments)],
            env=environment, capture_output=True, text=True, timeout=240,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run


@pytest.fixture(scope="session")
def opened_in_qgis(run_in_qgis: RunInQgis) -> Callable[..., dict[str, Any]]:
    """What QGIS makes of the layers of a GeoPackage."""

    def describe(path: Path, *layers: str, pictures: Path | None = None) -> dict[str, Any]:
        return run_in_qgis("render.py", path, ",".join(layers), *([pictures] if pictures else []))

    return describe


@contextmanager
def serving(engine: Engine, home: Path) -> Iterator[str]:
    """Our own server on a free port of the loopback, open to this machine without tokens; its address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    application = create_app(Settings(home=home, work_dir=home), engine)
    server = uvicorn.Server(uvicorn.Config(application, log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        deadline = time.monotonic() + STARTING_S
        while not server.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                pytest.fail("the server did not start")
            time.sleep(0.05)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
