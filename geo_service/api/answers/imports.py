"""What an import did."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from geo_service.api.answers.answer import Answer, Sentence

Kind = Literal["areas", "compounds", "buildings", "barriers", "walkways", "people", "ledger"]
Datum = Literal["cgcs2000", "wgs84", "gcj02", "bd09"]


class ImportFinding(Sentence):
    """A remark about a row, or about a whole layer or file; what does not apply is missing."""

    row: int | None = Field(description="As the user counts it")
    field: str
    severity: Literal["rejected", "repaired", "warning", "offered"]
    key: str
    layer: str = ""
    column: str = Field(default="", description="Letter and heading, where the file is a workbook")
    value: str = ""
    candidates: list[dict[str, Any]] = Field(default=[], description="Units that may be meant, best first")


class ImportReport(Answer):
    """What an import did, or in a dry run would do; counts are rows."""

    kind: Kind
    file: str
    dry_run: bool
    rows: int
    inserted: int
    updated: int
    unchanged: int
    rejected: int
    repaired: int
    warnings: int
    offered: int
    findings: list[ImportFinding]
    rejects_file: str | None
    candidates_file: str | None
