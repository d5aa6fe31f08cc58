"""What was true of units when, what was known of it when, and every write."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB

from geo_service.store.tables.base import community, identity, metadata, recorded, source, unit

arrangement = Table(
    "arrangement",
    metadata,
    identity(),
    *unit(),
    Column("form", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("valid", DATERANGE, nullable=False),
    recorded(),
    *source(),
    Column("is_gov_fallback", Boolean, nullable=False, server_default=text("false")),
)

unit_record = Table(
    "unit_record",
    metadata,
    identity(),
    *unit(),
    Column("facts", JSONB, nullable=False, server_default=text("'{}'")),
    Column("details", JSONB, nullable=False, server_default=text("'{}'")),
    Column("observed_on", Date, nullable=False, server_default=text("CURRENT_DATE")),
    Column("valid", DATERANGE, nullable=False, server_default=text("'(,)'")),
    recorded(),
    *source(),
)

unit_alias = Table(
    "unit_alias",
    metadata,
    identity(),
    community(),
    Column("spelling", Text, nullable=False),
    Column("written_code", Text, nullable=False, server_default=text("''")),
    Column("unit_kind", Text, nullable=False),
    Column("unit_code", Text, nullable=False),
    *source(),
    UniqueConstraint("community_code", "spelling", "written_code"),
)

unit_state = Table(
    "unit_state",
    metadata,
    Column("id", Integer, Identity(always=True), primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("is_standalone", Boolean, nullable=False),
    Column("implementation_class", Text),
    Column("baseline_unmanaged", Boolean, nullable=False),
    Column("responsible_unit", Text),
    Column("form", Text),
    Column("step", Text),
    Column("facts", JSONB, nullable=False),
)

unit_line = Table(
    "unit_line",
    metadata,
    Column("unit_kind", Text, nullable=False),
    Column("unit_code", Text, nullable=False),
    Column("community_code", Text, nullable=False),
    Column("state_id", Integer, nullable=False),
    Column("buildings", Integer, nullable=False),
    Column("households", Integer, nullable=False),
    Column("floor_area_dm2", BigInteger, nullable=False),
    Column("land_area_dm2", BigInteger, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=False),
    Column("known_from", DateTime(timezone=True), nullable=False),
    Column("known_to", DateTime(timezone=True), nullable=False, server_default=text("'infinity'")),
)

unit_entry = Table(
    "unit_entry",
    metadata,
    Column("import_id", BigInteger, ForeignKey("import_record.id"), primary_key=True, autoincrement=False),
    Column("known_from", DateTime(timezone=True), nullable=False),
)

coverage_change = Table(
    "coverage_change",
    metadata,
    Column("area_code", Text, nullable=False),
    Column("state_id", Integer, nullable=False),
    Column("day", Date, nullable=False),
    Column("known_at", DateTime(timezone=True), nullable=False),
    Column("units", BigInteger, nullable=False),
    Column("buildings", BigInteger, nullable=False),
    Column("households", BigInteger, nullable=False),
    Column("floor_area_dm2", BigInteger, nullable=False),
    Column("land_area_dm2", BigInteger, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    identity(),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("actor", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("table_name", Text, nullable=False),
    Column("row_key", Text),
    Column("row_count", Integer, nullable=False, server_default="1"),
    Column("before", JSONB),
    Column("after", JSONB),
)
