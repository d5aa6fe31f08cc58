"""CSV files read into columns and geometries."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely

from geo_service.errors import InvalidInput
from geo_service.exchange.coordinates import GCJ02_WKT
from geo_service.exchange.field import header_key
from geo_service.exchange.formulas import unguarded
from geo_service.exchange.table import Column, Table
from geo_service.exchange.values import numbers

_X_HEADERS = frozenset({"x", "lon", "lng", "long", "longitude", "经度", "x坐标", "东经"})
_Y_HEADERS = frozenset({"y", "lat", "latitude", "纬度", "y坐标", "北纬"})
_WKT_HEADERS = frozenset({"wkt", "geometry", "geom", "the_geom", "几何"})
# As GDAL names such a column.
_OWN_WKT = re.compile(r"_WKT(?:_EPSG_(\d{4,6})|_GCJ02)")


def read_csv(path: Path) -> Table:
    """A CSV in UTF-8 (with or without BOM) or GB 18030, separated by comma, semicolon or tab.

    A column ``_WKT_EPSG_4490`` holds the geometry and says its CRS, as in our own exports.

    Raises
    ------
    InvalidInput
        When it is not text, or a row is longer than the header.
    """
    header, *lines = _csv_lines(path) or [[]]
    header = [name.strip() for name in header]
    rows = np.array(
        [number for number, line in enumerate(lines, 1) if any(cell.strip() for cell in line)], dtype=np.int64
    )
    columns: dict[str, Column] = {}
    for i, name in enumerate(header):
        if name:
            columns[name] = np.array(
                [unguarded(lines[r - 1][i]) if i < len(lines[r - 1]) else "" for r in rows], dtype=object
            )
    own = next((name for name in columns if _OWN_WKT.fullmatch(name)), None)
    return Table(path.name, columns, _csv_geometry(columns, own, len(rows)), _crs_stated(own), rows)


def _crs_stated(own: str | None) -> str | None:
    if own is None:
        return None
    epsg = _OWN_WKT.fullmatch(own)
    return f"EPSG:{epsg[1]}" if epsg and epsg[1] else GCJ02_WKT


def _csv_lines(path: Path) -> list[list[str]]:
    data = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise InvalidInput("import.not_readable", where=path.name, suffix=".csv")
    if "\x00" in text:
        raise InvalidInput("import.not_readable", where=path.name, suffix=".csv")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    csv.field_size_limit(100_000_000)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise InvalidInput("import.not_readable", where=path.name, suffix=".csv") from error


def _csv_geometry(columns: dict[str, Column], own: str | None, count: int) -> npt.NDArray[np.object_] | None:
    by_key = {header_key(name): name for name in columns}
    wkt = own or next((by_key[key] for key in by_key if key in _WKT_HEADERS), None)
    if wkt is not None:
        return shapely.from_wkt([text or None for text in columns[wkt].tolist()], on_invalid="ignore")
    x = next((by_key[key] for key in by_key if key in _X_HEADERS), None)
    y = next((by_key[key] for key in by_key if key in _Y_HEADERS), None)
    if x is None or y is None:
        return None
    points = np.column_stack([numbers(columns[x]).values, numbers(columns[y]).values])
    geometry = np.full(count, None, dtype=object)
    written = ~np.isnan(points).any(axis=1)
    geometry[written] = shapely.points(points[written])
    return geometry
