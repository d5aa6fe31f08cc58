"""Policy profiles of the deployment's own: stored as documents, one row a version, never changed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from geo_service.errors import Conflict, Forbidden, NotFound


@dataclass(frozen=True)
class StoredProfile:
    """A profile's document as it was adopted."""

    key: str
    version: int
    document: str
    adopted_by: str
    adopted_at: datetime


def stored_profile(connection: Connection, key: str, version: int | None = None) -> StoredProfile | None:
    """A version of a profile, the latest by default; None where it was not adopted."""
    row = connection.execute(
        text(
            "SELECT key, version, document, adopted_by, adopted_at FROM policy_profile"
            " WHERE key = :key AND version = coalesce(:version, version) ORDER BY version DESC LIMIT 1"
        ),
        {"key": key, "version": version},
    ).one_or_none()
    return StoredProfile(*row) if row else None


def stored_profiles(connection: Connection) -> list[StoredProfile]:
    """The latest version of every profile, by key."""
    rows = connection.execute(
        text(
            "SELECT DISTINCT ON (key) key, version, document, adopted_by, adopted_at"
            " FROM policy_profile ORDER BY key, version DESC"
        )
    )
    return [StoredProfile(*row) for row in rows]


def every_document(connection: Connection) -> list[tuple[str, str]]:
    """Key and document of every version of every profile, the older ones first."""
    rows = connection.execute(text("SELECT key, document FROM policy_profile ORDER BY key, version"))
    return [(key, document) for key, document in rows]


def store_profile(connection: Connection, key: str, version: int, document: str, actor: str) -> bool:
    """Adopt a document; False when just this one is there already.

    Raises
    ------
    Conflict
        When another document has this version, or a later one is there: a version is never rewritten.
    """
    digest = hashlib.sha256(document.encode()).hexdigest()
    found = dict(
        connection.execute(
            text("SELECT version, sha256 FROM policy_profile WHERE key = :key AND version >= :version"),
            {"key": key, "version": version},
        ).all()
    )
    if found.get(version) == digest:
        return False
    if found:
        raise Conflict("policy.version_taken", where=key, version=version, latest=max(found))
    connection.execute(
        text(
            "INSERT INTO policy_profile (key, version, document, sha256, adopted_by)"
            " VALUES (:key, :version, :document, :digest, :actor)"
        ),
        {"key": key, "version": version, "document": document, "digest": digest, "actor": actor},
    )
    return True


def use_profile(connection: Connection, key: str) -> None:
    """Make a profile the deployment's own.

    Raises
    ------
    NotFound
        Before the first areas are imported.
    Forbidden
        When the actor does not administer the whole deployment.
    """
    if connection.execute(text("SELECT 1 FROM deployment")).one_or_none() is None:
        raise NotFound("area.none_imported")
    changed = connection.execute(text("UPDATE deployment SET profile_key = :key"), {"key": key})
    if changed.rowcount == 0:
        raise Forbidden("policy.administrators_only")
