"""QGIS as an ordinary desktop has it: its own Python, without a display."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

# PyQGIS belongs to the system's Python, not to the one of these tests.
SYSTEM_PYTHON = "/usr/bin/python3"
RENDER = Path(__file__).parent / "render.py"


@pytest.fixture(scope="session")
def opened_in_qgis() -> Callable[..., dict[str, Any]]:
    """What QGIS makes of the layers of a GeoPackage."""
    environment = {"PATH": os.defpath, "HOME": os.environ.get("HOME", ""), "QT_QPA_PLATFORM": "offscreen"}
    present = subprocess.run(
        [SYSTEM_PYTHON, "-c", "import qgis.core"], env=environment, capture_output=True, text=True
    )
    if present.returncode:
        if os.environ.get("CI"):
            pytest.fail(f"the set-up installs python3-qgis: {present.stderr}")
        pytest.skip(f"python3-qgis is not installed: {present.stderr.splitlines()[-1]}")

    def describe(path: Path, *layers: str, pictures: Path | None = None) -> dict[str, Any]:
        done = subprocess.run(
            [SYSTEM_PYTHON, str(RENDER), str(path), ",".join(layers), *([str(pictures)] if pictures else [])],
            env=environment, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return describe
