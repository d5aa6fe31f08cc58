"""The sole metadata of the database; ``migrations/`` builds what this describes (a test compares both)."""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    Date,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, JSONB, TSTZRANGE

STORAGE_SRID = 4490
WEB_SRID = 3857

metadata = MetaData()


def _geometry(kind: str, *, nullable: bool = False) -> Column:
    return Column("geom", Geometry(kind, srid=STORAGE_SRID, spatial_index=False), nullable=nullable)


def _web_geometry(kind: str, *, polygon: bool = True) -> Column:
    moved = f"st_transform(geom, {WEB_SRID})"
    return Column(
        "geom_3857",
        Geometry(kind, srid=WEB_SRID, spatial_index=False),
        Computed(f"st_forcepolygoncw({moved})" if polygon else moved, persisted=True),
    )


def _source() -> list[Column]:
    """Where a row came from: every value can be traced to a file and a row."""
    return [Column("import_id", BigInteger, ForeignKey("import_record.id")), Column("source_row", Integer)]


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
    Column("id", BigInteger, Identity(always=True), primary_key=True),
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
    _geometry("MULTIPOLYGON"),
    _web_geometry("MULTIPOLYGON"),
    *_source(),
)

compound = Table(
    "compound",
    metadata,
    Column("code", Text, primary_key=True),
    Column("community_code", Text, ForeignKey("area.code"), nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False, server_default="compound"),
    Column("implementation_class", Text),
    Column("address", Text),
    Column("household_count", Integer, nullable=False, server_default="0"),
    Column("building_count", Integer),
    Column("floor_area_m2", Float),
    Column("built_year", SmallInteger),
    Column("responsible_unit", Text),
    Column("baseline_unmanaged", Boolean, nullable=False, server_default=text("true")),
    _geometry("MULTIPOLYGON", nullable=True),
    _web_geometry("MULTIPOLYGON"),
    *_source(),
)

building = Table(
    "building",
    metadata,
    Column("code", Text, primary_key=True),
    Column("community_code", Text, ForeignKey("area.code"), nullable=False),
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
    _geometry("MULTIPOLYGON"),
    _web_geometry("MULTIPOLYGON"),
    *_source(),
)

barrier = Table(
    "barrier",
    metadata,
    Column("code", Text, primary_key=True),
    Column("area_code", Text, ForeignKey("area.code"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text),
    _geometry("GEOMETRY"),
    _web_geometry("GEOMETRY", polygon=False),
    *_source(),
)

walkway = Table(
    "walkway",
    metadata,
    Column("code", Text, primary_key=True),
    Column("area_code", Text, ForeignKey("area.code"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text),
    _geometry("MULTILINESTRING"),
    _web_geometry("MULTILINESTRING", polygon=False),
    *_source(),
)

person = Table(
    "person",
    metadata,
    Column("code", Text, primary_key=True),
    Column("community_code", Text, ForeignKey("area.code"), nullable=False),
    Column("name", Text, nullable=False),
    Column("chief_role", Text, nullable=False, server_default="grid_chief"),
    Column("work_phone", Text),
    Column("zone_capacity", SmallInteger, nullable=False, server_default="1"),
    Column("home", Geometry("POINT", srid=STORAGE_SRID, spatial_index=False), nullable=False),
    *_source(),
)

person_contact = Table(
    "person_contact",
    metadata,
    Column("person_code", Text, ForeignKey("person.code", ondelete="CASCADE"), primary_key=True),
    Column("private_phone", Text, nullable=False),
)

arrangement = Table(
    "arrangement",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("unit_kind", Text, nullable=False),
    Column("unit_code", Text, nullable=False),
    Column("community_code", Text, ForeignKey("area.code"), nullable=False),
    Column("form", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("valid", DATERANGE, nullable=False),
    Column("recorded", TSTZRANGE, nullable=False, server_default=text("tstzrange(now(), null)")),
    *_source(),
)

plan = Table(
    "plan",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("name", Text, nullable=False),
    Column("area_code", Text, ForeignKey("area.code"), nullable=False),
    Column("state", Text, nullable=False, server_default="draft"),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("parent_id", BigInteger, ForeignKey("plan.id")),
    Column("parameters", JSONB, nullable=False),
    Column("findings", JSONB, nullable=False, server_default=text("'{}'")),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

plan_publication = Table(
    "plan_publication",
    metadata,
    Column("plan_id", BigInteger, ForeignKey("plan.id"), nullable=False),
    Column("community_code", Text, ForeignKey("area.code"), nullable=False),
    Column("effective", DATERANGE, nullable=False),
    PrimaryKeyConstraint("plan_id", "community_code"),
)

plan_outcome = Table(
    "plan_outcome",
    metadata,
    Column("plan_id", BigInteger, ForeignKey("plan.id", ondelete="CASCADE"), nullable=False),
    Column("community_code", Text, ForeignKey("area.code"), nullable=False),
    Column("zones", Integer, nullable=False),
    Column("distance_m", Float),
    Column("patrol_m", Float),
    Column("imbalance", Float),
    Column("border_pairs", Integer),
    Column("objective_m", Float),
    Column("lower_bound_m", Float),
    Column(
        "gap_percent",
        Float,
        Computed(
            "case when objective_m <= lower_bound_m then 0"
            " when lower_bound_m > 0 then 100 * (objective_m - lower_bound_m) / lower_bound_m end",
            persisted=True,
        ),
    ),
    Column("infeasible", JSONB),
    PrimaryKeyConstraint("plan_id", "community_code"),
)

zone = Table(
    "zone",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("plan_id", BigInteger, ForeignKey("plan.id", ondelete="CASCADE"), nullable=False),
    Column("code", Text, nullable=False),
    Column("name", Text),
    Column("community_code", Text, ForeignKey("area.code"), nullable=False),
    Column("household_count", Integer, nullable=False),
    Column("building_count", Integer, nullable=False),
    Column("medoid_building_code", Text, ForeignKey("building.code"), nullable=False),
    Column("locked", Boolean, nullable=False, server_default=text("false")),
    Column("load", Integer),
    Column("distance_m", Float),
    Column("patrol_m", Float),
    Column("compactness", Float),
    Column("explanation", JSONB),
    _geometry("MULTIPOLYGON"),
    _web_geometry("MULTIPOLYGON"),
    UniqueConstraint("plan_id", "code"),
    UniqueConstraint("id", "community_code"),
    UniqueConstraint("id", "plan_id", "community_code"),
)

zone_member = Table(
    "zone_member",
    metadata,
    Column("plan_id", BigInteger, ForeignKey("plan.id", ondelete="CASCADE"), nullable=False),
    Column("building_code", Text, ForeignKey("building.code"), nullable=False),
    Column("zone_id", BigInteger, nullable=False),
    Column("community_code", Text, ForeignKey("area.code"), nullable=False),
    Column("visit_order", Integer),
    PrimaryKeyConstraint("plan_id", "building_code"),
    UniqueConstraint("zone_id", "visit_order", deferrable=True),
    ForeignKeyConstraint(
        ["zone_id", "plan_id", "community_code"],
        ["zone.id", "zone.plan_id", "zone.community_code"],
        ondelete="CASCADE",
    ),
)

post = Table(
    "post",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("zone_id", BigInteger, nullable=False),
    Column("person_code", Text, ForeignKey("person.code"), nullable=False),
    Column("community_code", Text, ForeignKey("area.code"), nullable=False),
    Column("rank", Text, nullable=False, server_default="primary"),
    Column("walk_distance_m", Float, nullable=False),
    Column("valid", DATERANGE),  # null until the zone's plan is published
    ForeignKeyConstraint(
        ["zone_id", "community_code"], ["zone.id", "zone.community_code"], ondelete="CASCADE"
    ),
)

policy_profile = Table(
    "policy_profile",
    metadata,
    Column("key", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("adopted_by", Text, nullable=False),
    Column("adopted_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("key", "version"),
)

form_decision = Table(
    "form_decision",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("unit_kind", Text, nullable=False),
    Column("unit_code", Text, nullable=False),
    Column("community_code", Text, ForeignKey("area.code"), nullable=False),
    Column("profile_key", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("recorded", TSTZRANGE, nullable=False, server_default=text("tstzrange(now(), null)")),
)

evaluation = Table(
    "evaluation",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("unit_kind", Text, nullable=False),
    Column("unit_code", Text, nullable=False),
    Column("community_code", Text, ForeignKey("area.code"), nullable=False),
    Column("profile_key", Text, nullable=False),
    Column("profile_version", Integer, nullable=False),
    Column("round", Text, nullable=False),
    Column("marks", JSONB, nullable=False),
    Column("left_out", ARRAY(Text), nullable=False),
    Column("total", Numeric, nullable=False),
    Column("passes", Boolean, nullable=False),
    Column("evaluated_by", Text, nullable=False),
    Column("recorded", TSTZRANGE, nullable=False, server_default=text("tstzrange(now(), null)")),
)

bulletin = Table(
    "bulletin",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("area_code", Text, ForeignKey("area.code"), nullable=False),
    Column("period", Date, nullable=False),
    Column("cut_off", Date, nullable=False),
    Column("profile_key", Text, nullable=False),
    Column("profile_version", Integer, nullable=False),
    Column("figures", JSONB, nullable=False),
    Column("content_sha256", Text, nullable=False),
    Column("corrects", BigInteger, ForeignKey("bulletin.id")),
    Column("reason", Text),
    Column("objections_until", Date, nullable=False),
    Column("issued_by", Text, nullable=False),
    Column("issued_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
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

__all__ = [
    "STORAGE_SRID", "WEB_SRID", "area", "arrangement", "audit", "barrier", "building", "bulletin", "compound",
    "deployment", "evaluation", "form_decision", "import_record", "metadata", "person", "person_contact",
    "plan", "plan_outcome", "plan_publication", "policy_profile", "post", "walkway", "zone", "zone_member",
]  # fmt: skip
