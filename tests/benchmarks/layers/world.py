"""Suginami's 124,207 buildings in their own database, and a layer of them with the attributes compared."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from geo_service.access import LOCAL_ADMIN
from geo_service.pipeline import ImportOptions, import_file
from geo_service.resources import layers_dir
from geo_service.store.session import make_engine
from tests.benchmarks.bench_import import BUILDINGS, MAPPING, import_areas
from tests.benchmarks.throwaway import throwaway_database

LAYER = "bench_buildings"
ATTRIBUTES = ("code", "community_code", "household_count", "storeys")
COUNTY = "13115"

_LAYER = """
title = { zh = "楼栋", en = "Buildings" }
description = { zh = "对照用", en = "For comparison" }
geometry = "polygon"
key = "code"
minzoom = 13
maxzoom = 18
parameters = ["area"]
roles = ["admin", "planner", "gis"]
small_features = true
"""
_FIELD = """
[[fields]]
name = "{name}"
title = {{ zh = "{name}", en = "{name}" }}
type = "{type}"
unit = ""
"""
_QUERY = """
SELECT {columns}, geom, geom_3857 FROM building
WHERE CAST(:area AS text) IS NULL
   OR community_code IN (SELECT a.code FROM area a WHERE a.lineage @> ARRAY[CAST(:area AS text)])
"""


@dataclass(frozen=True)
class World:
    """Where everything is.

    Parameters
    ----------
    url : str
        The database.
    connection : psycopg2 connection
        Its owner's.
    layers : Path
        Folder of the shipped layers and the one compared.
    """

    url: str
    connection: psycopg2.extensions.connection
    layers: Path


@contextmanager
def suginami() -> Iterator[World]:
    """The database with all buildings, analysed and read once; dropped at the end."""
    with throwaway_database() as (url, connection), tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        import_areas(url, folder)
        engine = make_engine(url)
        options = ImportOptions(mapping=MAPPING)
        import_file(engine, LOCAL_ADMIN, kind="buildings", path=BUILDINGS, options=options)
        engine.dispose()
        connection.cursor().execute("VACUUM ANALYZE")
        yield World(url, connection, _layers(folder / "layers"))


def _layers(folder: Path) -> Path:
    shutil.copytree(layers_dir(), folder)
    (folder / LAYER).mkdir()
    types = {"code": "text", "community_code": "text"}
    fields = "".join(_FIELD.format(name=name, type=types.get(name, "integer")) for name in ATTRIBUTES)
    (folder / LAYER / "layer.toml").write_text(_LAYER + fields, encoding="utf-8")
    (folder / LAYER / "query.sql").write_text(_QUERY.format(columns=", ".join(ATTRIBUTES)), encoding="utf-8")
    (folder / LAYER / "style.json").write_text('{"layers": [], "legend": []}', encoding="utf-8")
    return folder
