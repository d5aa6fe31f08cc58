"""The sole metadata of the database; ``migrations/`` builds what this describes (a test compares both)."""

from geo_service.store.tables.base import STORAGE_SRID, WEB_SRID, metadata
from geo_service.store.tables.governance import (
    compound_plan,
    consent_round,
    governance_body,
    lapse,
    ledger_footer,
    responsibility,
    responsible_unit,
    target_letter,
)
from geo_service.store.tables.ground import (
    area,
    barrier,
    building,
    compound,
    deployment,
    import_record,
    person,
    person_contact,
    walkway,
)
from geo_service.store.tables.history import (
    arrangement,
    audit,
    coverage_change,
    unit_alias,
    unit_entry,
    unit_line,
    unit_record,
    unit_state,
)
from geo_service.store.tables.plans import (
    plan,
    plan_edit,
    plan_outcome,
    plan_proposal,
    plan_publication,
    post,
    zone,
    zone_member,
)
from geo_service.store.tables.policy import (
    bulletin,
    evaluation,
    form_decision,
    objection,
    policy_profile,
    report_receipt,
)

__all__ = [
    "STORAGE_SRID", "WEB_SRID", "area", "arrangement", "audit", "barrier", "building", "bulletin", "compound",
    "compound_plan", "consent_round", "coverage_change", "deployment", "evaluation", "form_decision",
    "governance_body", "import_record", "lapse", "ledger_footer", "metadata", "objection", "person",
    "person_contact", "plan", "plan_edit", "plan_outcome", "plan_proposal", "plan_publication",
    "policy_profile", "post", "report_receipt", "responsibility", "responsible_unit", "target_letter",
    "unit_alias", "unit_entry", "unit_line", "unit_record", "unit_state", "walkway", "zone", "zone_member",
]  # fmt: skip
