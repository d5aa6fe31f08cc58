"""Plans of zones, and who leads them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, JSONB

from geo_service.store.tables.base import community, geometry, identity, metadata, web_geometry

plan = Table(
    "plan",
    metadata,
    identity(),
    Column("name", Text, nullable=False),
    Column("area_code", Text, ForeignKey("area.code"), nullable=False),
    Column("state", Text, nullable=False, server_default="draft"),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("parent_id", BigInteger, ForeignKey("plan.id")),
    Column("parameters", JSONB, nullable=False),
    Column("findings", JSONB, nullable=False, server_default=text("'{}'")),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("id", "area_code"),
)

plan_edit = Table(
    "plan_edit",
    metadata,
    Column("plan_id", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),
    Column("area_code", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("actor", Text, nullable=False, server_default=func.access.actor()),
    Column("role", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("kind", Text, nullable=False),
    Column("community_code", Text, ForeignKey("area.code")),
    Column("zones", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("buildings", Integer, nullable=False, server_default="0"),
    Column("edit", JSONB, nullable=False),
    Column("inverse", JSONB),
    Column("of_number", Integer),
    Column("stands", Integer),
    Column("again", Integer),
    PrimaryKeyConstraint("plan_id", "number"),
    UniqueConstraint("plan_id", "revision"),
    ForeignKeyConstraint(["plan_id", "area_code"], ["plan.id", "plan.area_code"], ondelete="CASCADE"),
    ForeignKeyConstraint(["plan_id", "of_number"], ["plan_edit.plan_id", "plan_edit.number"]),
)

plan_proposal = Table(
    "plan_proposal",
    metadata,
    identity(),
    Column("plan_id", BigInteger, nullable=False),
    Column("area_code", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("actor", Text, nullable=False, server_default=func.access.actor()),
    Column("asked", JSONB, nullable=False),
    Column("state", Text, nullable=False, server_default="running"),
    Column("stage", Text, nullable=False, server_default="proposals.waiting"),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("total", Integer),
    Column("answer", JSONB),
    Column("problem", JSONB),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("heartbeat", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    ForeignKeyConstraint(["plan_id", "area_code"], ["plan.id", "plan.area_code"], ondelete="CASCADE"),
)

plan_publication = Table(
    "plan_publication",
    metadata,
    Column("plan_id", BigInteger, ForeignKey("plan.id"), nullable=False),
    community(),
    Column("effective", DATERANGE, nullable=False),
    PrimaryKeyConstraint("plan_id", "community_code"),
)

plan_outcome = Table(
    "plan_outcome",
    metadata,
    Column("plan_id", BigInteger, ForeignKey("plan.id", ondelete="CASCADE"), nullable=False),
    community(),
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
    Column("unassigned", Integer),
    PrimaryKeyConstraint("plan_id", "community_code"),
)

zone = Table(
    "zone",
    metadata,
    identity(),
    Column("plan_id", BigInteger, ForeignKey("plan.id", ondelete="CASCADE"), nullable=False),
    Column("code", Text, nullable=False),
    Column("name", Text),
    community(),
    Column("household_count", Integer, nullable=False),
    Column("building_count", Integer, nullable=False),
    Column("medoid_building_code", Text, ForeignKey("building.code"), nullable=False),
    Column("locked", Boolean, nullable=False, server_default=text("false")),
    Column("load", Integer),
    Column("distance_m", Float),
    Column("patrol_m", Float),
    Column("compactness", Float),
    Column("explanation", JSONB),
    Column("span_m", Float),
    Column("stranded", ARRAY(Text)),
    Column("barriers_crossed", ARRAY(Text)),
    Column("visits_outdated", Boolean, nullable=False, server_default=text("false")),
    geometry("MULTIPOLYGON"),
    web_geometry("MULTIPOLYGON"),
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
    community(),
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
    identity(),
    Column("zone_id", BigInteger, nullable=False),
    Column("person_code", Text, ForeignKey("person.code"), nullable=False),
    community(),
    Column("rank", Text, nullable=False, server_default="primary"),
    Column("walk_distance_m", Float, nullable=False),
    Column("valid", DATERANGE),  # null until the zone's plan is published
    ForeignKeyConstraint(
        ["zone_id", "community_code"], ["zone.id", "zone.community_code"], ondelete="CASCADE"
    ),
)
