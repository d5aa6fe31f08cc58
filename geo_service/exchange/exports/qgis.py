"""Styles inside a GeoPackage, where QGIS looks for them: the ``layer_styles`` table of QGIS itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from geo_service.exchange.exports.arrow import GEOMETRY_COLUMN
from geo_service.exchange.exports.table import ExportTable

_TABLE = """
CREATE TABLE layer_styles (
    id integer PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog text(256), f_table_schema text(256), f_table_name text(256), f_geometry_column text(256),
    styleName text(30), styleQML text, styleSLD text, useAsDefault boolean, description text, owner text(30),
    ui text(30), update_time datetime DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')))
"""
_LISTED = (
    "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id)"
    " VALUES ('layer_styles', 'attributes', 'layer_styles', '', 0)"
)
_STYLE = (
    "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
    " styleQML, styleSLD, useAsDefault, description, owner) VALUES ('', '', ?, ?, ?, ?, '', 1, ?, '')"
)
_LONGEST_NAME = 30


def add_styles(path: Path, tables: Sequence[ExportTable]) -> None:
    """Give the tables of a GeoPackage their styles, each the one QGIS opens the table with."""
    with closing(sqlite3.connect(path)) as package, package:
        package.execute(_TABLE)
        package.execute(_LISTED)
        for table in tables:
            if table.qgis_style:
                column = GEOMETRY_COLUMN if table.has_geometry else ""
                name = table.title[:_LONGEST_NAME]
                package.execute(_STYLE, (table.name, column, name, table.qgis_style, table.description))
