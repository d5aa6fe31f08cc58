"""The metadata, and columns that several tables have."""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Column,
    Computed,
    ForeignKey,
    Identity,
    Integer,
    MetaData,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import TSTZRANGE

STORAGE_SRID = 4490
WEB_SRID = 3857

metadata = MetaData()


def identity() -> Column:
    """A number that the database gives."""
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def community() -> Column:
    """The community a row lies in."""
    return Column("community_code", Text, ForeignKey("area.code"), nullable=False)


def unit() -> list[Column]:
    """The management unit a record is about."""
    return [
        Column("unit_kind", Text, nullable=False),
        Column("unit_code", Text, nullable=False),
        community(),
    ]


def recorded() -> Column:
    """When a record was believed."""
    return Column("recorded", TSTZRANGE, nullable=False, server_default=text("tstzrange(now(), null)"))


def record() -> list[Column]:
    """Who recorded it, and when it was believed."""
    return [Column("recorded_by", Text, nullable=False), recorded()]


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
