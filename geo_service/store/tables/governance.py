"""What is agreed and done for one unit: consent, bodies, who answers for it, targets, plans, lapses."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Integer,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE

from geo_service.store.tables.base import metadata


def _id() -> Column:
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def _unit() -> list[Column]:
    """The unit a record is about."""
    return [
        Column("unit_kind", Text, nullable=False),
        Column("unit_code", Text, nullable=False),
        Column("community_code", Text, ForeignKey("area.code"), nullable=False),
    ]


def _record() -> list[Column]:
    """Who recorded it, and when it was believed."""
    return [
        Column("recorded_by", Text, nullable=False),
        Column("recorded", TSTZRANGE, nullable=False, server_default=text("tstzrange(now(), null)")),
    ]


consent_round = Table(
    "consent_round",
    metadata,
    _id(),
    *_unit(),
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
    *_record(),
    UniqueConstraint("id", "unit_kind", "unit_code"),
)

governance_body = Table(
    "governance_body",
    metadata,
    _id(),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("unit_kind", Text),
    Column("unit_code", Text),
    Column("community_code", Text, ForeignKey("area.code"), nullable=False),
    Column("founded_on", Date, nullable=False),
    Column("dissolved_on", Date),
    Column("filing_number", Text),
    *_record(),
)

responsible_unit = Table(
    "responsible_unit",
    metadata,
    _id(),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("area_code", Text, ForeignKey("area.code"), nullable=False),
    *_record(),
)

responsibility = Table(
    "responsibility",
    metadata,
    _id(),
    *_unit(),
    Column("responsible_code", Text, nullable=False),
    *_record(),
)

target_letter = Table(
    "target_letter",
    metadata,
    _id(),
    Column("giver_code", Text, ForeignKey("area.code"), nullable=False),
    Column("taker_code", Text, ForeignKey("area.code"), nullable=False),
    Column("signed_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("target_percent", SmallInteger),
    Column("target_count", Integer),
    Column("document_no", Text, nullable=False),
    *_record(),
)

compound_plan = Table(
    "compound_plan",
    metadata,
    _id(),
    *_unit(),
    Column("form", Text, nullable=False),
    Column("measures", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("entered_on", Date, nullable=False),
    Column("consent_round_id", BigInteger),
    Column("reason", Text),
    Column("profile_key", Text, nullable=False),
    Column("profile_version", Integer, nullable=False),
    *_record(),
    ForeignKeyConstraint(
        ["consent_round_id", "unit_kind", "unit_code"],
        ["consent_round.id", "consent_round.unit_kind", "consent_round.unit_code"],
    ),
)

lapse = Table(
    "lapse",
    metadata,
    _id(),
    *_unit(),
    Column("lapsed_on", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("ended_arrangement_id", BigInteger, ForeignKey("arrangement.id"), nullable=False),
    *_record(),
)

ledger_footer = Table(
    "ledger_footer",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("community_code", Text, ForeignKey("area.code"), nullable=False),
    Column("on_date", Date, nullable=False),
    Column("filler", Text),
    Column("filler_phone", Text),
    Column("person_in_charge", Text),
    Column("charge_phone", Text),
    Column("file_name", Text, nullable=False),
    Column("sheet", Text, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("recorded", TSTZRANGE, nullable=False, server_default=text("tstzrange(now(), null)")),
)
