"""The metadata, and columns that several tables have."""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, Column, Computed, ForeignKey, Integer, MetaData

STORAGE_SRID = 4490
WEB_SRID = 3857

metadata = MetaData()


def geometry(kind: str, *, nullable: bool = False) -> Column:
    """The geometry as it is stored."""
    return Column("geom", Geometry(kind, srid=STORAGE_SRID, spatial_index=False), nullable=nullable)


def web_geometry(kind: str, *, polygon: bool = True) -> Column:
    """The geometry as tiles show it."""
    moved = f"st_transform(geom, {WEB_SRID})"
    return Column(
        "geom_3857",
        Geometry(kind, srid=WEB_SRID, spatial_index=False),
        Computed(f"st_forcepolygoncw({moved})" if polygon else moved, persisted=True),
    )


def source() -> list[Column]:
    """Where a row came from: every value can be traced to a file and a row."""
    return [Column("import_id", BigInteger, ForeignKey("import_record.id")), Column("source_row", Integer)]
