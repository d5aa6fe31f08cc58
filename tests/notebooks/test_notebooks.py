"""Every notebook runs on an empty database, and imports nothing of ours but geo_service."""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from sqlalchemy.engine import make_url

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
ALLOWED = {"geo_service", "matplotlib", "json", "datetime", "pathlib", "tempfile", "warnings"}
LARGEST_BYTES = 300_000


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_from_top_to_bottom(path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch):
    plain = make_url(database_url).set(drivername="postgresql")
    monkeypatch.setenv("DATABASE_URL", plain.render_as_string(hide_password=False))
    notebook = nbformat.read(path, as_version=4)
    place = {"metadata": {"path": FOLDER}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=place).execute()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_imports_only_the_product(path: Path):
    cells = nbformat.read(path, as_version=4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    nodes = list(ast.walk(ast.parse(code)))
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= ALLOWED


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_outputs_are_small(path: Path):
    assert path.stat().st_size < LARGEST_BYTES
