"""The history of a plan in words: who did what to which zones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from geo_service import messages
from geo_service.errors import LostRace
from geo_service.store import plans
from geo_service.store.plan_edits import list_edits
from geo_service.store.plans import PlanHead

MOST_TOLD = 100
_ZONES_NAMED = 5


def told(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the history as the API gives it, with its sentence in each language."""
    kept = (
        "number",
        "revision",
        "actor",
        "role",
        "at",
        "kind",
        "community_code",
        "community_name",
        "zones",
        "buildings",
        "of_number",
    )
    return {
        **{key: row[key] for key in kept},
        "is_taken_back": row["is_taken_back"],
        **{f"message_{language}": sentence(row, language) for language in messages.LANGUAGES},
    }


def sentence(row: Mapping[str, Any], language: str) -> str:
    """What was done, in one sentence without who did it."""
    values: dict[str, object] = {
        "zones": _named(row, language),
        "buildings": row["buildings"],
        "changed": len(row["zones"]),
        "zone": zone_in_words(row["edit"].get("zone") or "", row["community_code"], language),
        "name": row["edit"].get("name") or "",
        "was": row["edit"].get("was") or "",
        "parts": row["edit"].get("parts") or "",
        "reason": row["edit"].get("reason") or "",
        "number": row["of_number"],
    }
    if row["of_kind"] is not None:
        of = {**row, "kind": row["of_kind"], "edit": row["of_edit"], "of_kind": None}
        values["what"] = sentence(of, language)
    key = row["kind"]
    if key == "assign" and row["edit"].get("zone") is None:
        key = "take_out"
    if key == "accept":
        key = f"accept_{row['edit']['ask']}"
    if key == "publish" and row["edit"].get("reason"):
        key = "publish_all_the_same"
    return messages.text(f"edits.did.{key}", language, **values)


def _named(row: Mapping[str, Any], language: str) -> str:
    comma = messages.text("edits.comma", language)
    zones = [zone_in_words(code, row["community_code"], language) for code in row["zones"][:_ZONES_NAMED]]
    others = len(row["zones"]) - len(zones)
    named = comma.join(zones)
    return messages.text("edits.and_others", language, named=named, others=others) if others else named


def zone_in_words(code: str, community_code: str | None, language: str) -> str:
    """A zone by its number in its community, as people speak of it."""
    number = code.removeprefix(community_code or "").lstrip("0")
    return messages.text("zoning.zone_number", language, number=number or code)


def lock_as_read(connection: Connection, plan_id: int, expected_revision: int | None) -> PlanHead:
    """Take a plan for writing, as ``plans.lock_plan``; who comes too late is told what has changed.

    Raises
    ------
    NotFound, Conflict
        As ``plans.lock_plan``.
    LostRace
        Its ``details`` are the rows of the history since ``expected_revision``, newest first.
    """
    try:
        return plans.lock_plan(connection, plan_id, expected_revision=expected_revision)
    except LostRace as lost:
        assert expected_revision is not None
        since = list_edits(connection, plan_id, after_revision=expected_revision, most=MOST_TOLD)
        lost.details = [told(row) for row in since]
        raise
