"""What is to be written: a table of features that arrives in chunks and is read once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from geo_service.exchange.coordinates import GCJ02_WKT
from geo_service.exchange.exports.shifted import GCJ02_MARK

Rows = Iterable[Sequence[Sequence[Any]]]


@dataclass(frozen=True)
class ExportField:
    """One column.

    Parameters
    ----------
    name, title : str
        Identifier and readable heading.
    type : str
        ``text``, ``integer``, ``number``, ``boolean`` or ``date``.
    unit : str
    values : mapping of str to str
        Readable names of coded values, for tables people read.
    total : bool
        True when a totals row sums the column.
    ratio : tuple of (str, str), optional
        Numerator and denominator columns of a rate.
    """

    name: str
    title: str
    type: str
    unit: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    total: bool = False
    ratio: tuple[str, str] | None = None

    @property
    def heading(self) -> str:
        """What stands above the column: its title and unit."""
        # A rate is shown as a percentage, which says its unit already.
        return f"{self.title}（{self.unit}）" if self.unit and self.ratio is None else self.title


@dataclass(frozen=True)
class ExportTable:
    """One layer on its way to a file.

    Parameters
    ----------
    name, title, description : str
    fields : sequence of ExportField
    geometry_type : str
        OGR's name of it, such as ``"MultiPolygon"``; ``"Unknown"`` where kinds are mixed, ``"None"`` where
        the layer is a table without any.
    srid : int
        EPSG code of the geometry.
    rows : callable
        Opens the stream of chunks of rows: the fields in order, then the geometry as WKB. In a workbook, the
        longitude and latitude of the centre follow the fields instead, or nothing.
    datum : str
        ``cgcs2000``, or ``gcj02`` where coordinates are shifted on their way into the file.
    qgis_style : str
        The style as QGIS keeps it (QML); empty where there is none.
    batches : callable
        Opens the same stream as Arrow batches, whose columns may be of narrower types than the fields say;
        none for a table that is for a workbook alone.
    """

    name: str
    title: str
    description: str
    fields: Sequence[ExportField]
    geometry_type: str
    srid: int
    rows: Callable[[], Rows]
    batches: Callable[[], Iterator[pa.RecordBatch]] = lambda: iter(())
    qgis_style: str = ""
    datum: str = "cgcs2000"

    @property
    def has_geometry(self) -> bool:
        """False for a layer that is a table."""
        return self.geometry_type != "None"

    @property
    def is_shifted(self) -> bool:
        """Whether the file is in GCJ-02, and must say so."""
        return self.datum == "gcj02" and self.has_geometry

    @property
    def crs(self) -> str:
        """The CRS as GDAL and PROJ read it."""
        return GCJ02_WKT if self.is_shifted else f"EPSG:{self.srid}"

    @property
    def described(self) -> str:
        """The description, with the mark of shifted coordinates."""
        return f"{GCJ02_MARK} {self.description}".rstrip() if self.is_shifted else self.description
