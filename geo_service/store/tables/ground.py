"""Areas, units, lines and people: what the imports bring."""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import (
    Boolean,
    Column,
    Computed,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    SmallInteger,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, JSONB

from geo_service.store.tables.base import (
    STORAGE_SRID,
    community,
    geometry,
    identity,
    metadata,
    source,
    web_geometry,
)

deployment = Table(
    "deployment",
    metadata,
    Column("id", Boolean, primary_key=True, server_default=text("true")),
    Column("metric_srid", Integer, nullable=False),
    Column("profile_key", Text, nullable=False, server_default="county_2024"),
)

import_record = Table(
    "import_record",
    metadata,
    identity(),
    Column("kind", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("imported_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("report", JSONB, nullable=False),
)

area = Table(
    "area",
    metadata,
    Column("code", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subdistrict_kind", Text),
    Column("name", Text, nullable=False),
    Column("name_en", Text),
    Column("parent_code", Text, ForeignKey("area.code", deferrable=True, initially="DEFERRED")),
    Column("lineage", ARRAY(Text), nullable=False),
    Column("valid", DATERANGE, nullable=False, server_default=text("'(,)'")),
    Column("is_civilized_unit", Boolean),
    geometry("MULTIPOLYGON"),
    web_geometry("MULTIPOLYGON"),
    *source(),
)

compound = Table(
    "compound",
    metadata,
    Column("code", Text, primary_key=True),
    community(),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False, server_default="compound"),
    Column("implementation_class", Text),
    Column("address", Text),
    Column("household_count", Integer, nullable=False, server_default="0"),
    Column("building_count", Integer),
    Column("floor_area_m2", Float),
    Column("land_area_m2", Float),
    Column("built_year", SmallInteger),
    Column("responsible_unit", Text),
    Column("baseline_unmanaged", Boolean, nullable=False, server_default=text("true")),
    geometry("MULTIPOLYGON", nullable=True),
    web_geometry("MULTIPOLYGON"),
    *source(),
)

building = Table(
    "building",
    metadata,
    Column("code", Text, primary_key=True),
    community(),
    Column("compound_code", Text, ForeignKey("compound.code")),
    Column("is_standalone", Boolean, Computed("compound_code is null", persisted=True)),
    Column("name", Text),
    Column("implementation_class", Text),
    Column("address", Text),
    Column("storeys", SmallInteger),
    Column("unit_count", SmallInteger),
    Column("household_count", Integer, nullable=False, server_default="0"),
    Column("floor_area_m2", Float),
    Column("built_year", SmallInteger),
    Column("baseline_unmanaged", Boolean, nullable=False, server_default=text("true")),
    geometry("MULTIPOLYGON"),
    web_geometry("MULTIPOLYGON"),
    *source(),
)

barrier = Table(
    "barrier",
    metadata,
    Column("code", Text, primary_key=True),
    Column("area_code", Text, ForeignKey("area.code"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text),
    geometry("GEOMETRY"),
    web_geometry("GEOMETRY", polygon=False),
    *source(),
)

walkway = Table(
    "walkway",
    metadata,
    Column("code", Text, primary_key=True),
    Column("area_code", Text, ForeignKey("area.code"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text),
    geometry("MULTILINESTRING"),
    web_geometry("MULTILINESTRING", polygon=False),
    *source(),
)

person = Table(
    "person",
    metadata,
    Column("code", Text, primary_key=True),
    community(),
    Column("name", Text, nullable=False),
    Column("chief_role", Text, nullable=False, server_default="grid_chief"),
    Column("work_phone", Text),
    Column("zone_capacity", SmallInteger, nullable=False, server_default="1"),
    Column("home", Geometry("POINT", srid=STORAGE_SRID, spatial_index=False), nullable=False),
    *source(),
)

person_contact = Table(
    "person_contact",
    metadata,
    Column("person_code", Text, ForeignKey("person.code", ondelete="CASCADE"), primary_key=True),
    Column("private_phone", Text, nullable=False),
)
