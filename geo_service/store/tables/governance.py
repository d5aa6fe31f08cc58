"""What is agreed and done for one unit: consent, bodies, who answers for it, targets, plans, lapses."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from geo_service.store.tables.base import community, identity, metadata, record, unit

consent_round = Table(
    "consent_round",
    metadata,
    identity(),
    *unit(),
    Column("proposal", Text, nullable=False),
    Column("form", Text),
    Column("began", Date, nullable=False),
    Column("ended", Date, nullable=False),
    Column("heads_agree", Integer, nullable=False),
    Column("heads_all", Integer, nullable=False),
    Column("area_agree_m2", Numeric, nullable=False),
    Column("area_all_m2", Numeric, nullable=False),
    Column("profile_key", Text, nullable=False),
    Column("profile_version", Integer, nullable=False),
    Column("clause", Text, nullable=False),
    Column("rule", JSONB, nullable=False),
    Column("passes", Boolean, nullable=False),
    *record(),
    UniqueConstraint("id", "unit_kind", "unit_code"),
)

governance_body = Table(
    "governance_body",
    metadata,
    identity(),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("unit_kind", Text),
    Column("unit_code", Text),
    community(),
    Column("founded_on", Date, nullable=False),
    Column("dissolved_on", Date),
    Column("filing_number", Text),
    *record(),
)

responsible_unit = Table(
    "responsible_unit",
    metadata,
    identity(),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("area_code", Text, ForeignKey("area.code"), nullable=False),
    *record(),
)

responsibility = Table(
    "responsibility",
    metadata,
    identity(),
    *unit(),
    Column("responsible_code", Text, nullable=False),
    *record(),
)

target_letter = Table(
    "target_letter",
    metadata,
    identity(),
    Column("giver_code", Text, ForeignKey("area.code"), nullable=False),
    Column("taker_code", Text, ForeignKey("area.code"), nullable=False),
    Column("signed_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("target_percent", SmallInteger),
    Column("target_count", Integer),
    Column("document_no", Text, nullable=False),
    *record(),
)

compound_plan = Table(
    "compound_plan",
    metadata,
    identity(),
    *unit(),
    Column("form", Text, nullable=False),
    Column("measures", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("entered_on", Date, nullable=False),
    Column("consent_round_id", BigInteger),
    Column("reason", Text),
    Column("profile_key", Text, nullable=False),
    Column("profile_version", Integer, nullable=False),
    *record(),
    ForeignKeyConstraint(
        ["consent_round_id", "unit_kind", "unit_code"],
        ["consent_round.id", "consent_round.unit_kind", "consent_round.unit_code"],
    ),
)

lapse = Table(
    "lapse",
    metadata,
    identity(),
    *unit(),
    Column("lapsed_on", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("ended_arrangement_id", BigInteger, ForeignKey("arrangement.id"), nullable=False),
    *record(),
)

ledger_footer = Table(
    "ledger_footer",
    metadata,
    identity(),
    community(),
    Column("on_date", Date, nullable=False),
    Column("filler", Text),
    Column("filler_phone", Text),
    Column("person_in_charge", Text),
    Column("charge_phone", Text),
    Column("file_name", Text, nullable=False),
    Column("sheet", Text, nullable=False),
    *record(),
)
