"""A copy of the shipped layers to break."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from geo_service.resources import layers_dir


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(layers_dir(), tmp_path / "layers"))
