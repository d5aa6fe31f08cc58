"""Policy profiles, and what is decided, scored and told by them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from geo_service.store.tables.base import identity, metadata, record, recorded, unit

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
    identity(),
    *unit(),
    Column("profile_key", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    recorded(),
)

evaluation = Table(
    "evaluation",
    metadata,
    identity(),
    *unit(),
    Column("profile_key", Text, nullable=False),
    Column("profile_version", Integer, nullable=False),
    Column("round", Text, nullable=False),
    Column("marks", JSONB, nullable=False),
    Column("left_out", ARRAY(Text), nullable=False),
    Column("total", Numeric, nullable=False),
    Column("passes", Boolean, nullable=False),
    Column("evaluated_by", Text, nullable=False),
    recorded(),
)

bulletin = Table(
    "bulletin",
    metadata,
    identity(),
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
    UniqueConstraint("id", "area_code"),
)

objection = Table(
    "objection",
    metadata,
    identity(),
    Column("bulletin_id", BigInteger, nullable=False),
    Column("area_code", Text, ForeignKey("area.code"), nullable=False),
    Column("objector", Text, nullable=False),
    Column("wording", Text, nullable=False),
    Column("objected_on", Date, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    ForeignKeyConstraint(["bulletin_id", "area_code"], ["bulletin.id", "bulletin.area_code"]),
)

report_receipt = Table(
    "report_receipt",
    metadata,
    identity(),
    Column("area_code", Text, ForeignKey("area.code"), nullable=False),
    Column("profile_key", Text, nullable=False),
    Column("rhythm", Text, nullable=False),
    Column("period", Date, nullable=False),
    Column("received_on", Date, nullable=False),
    *record(),
)
