"""The schema's versions: bring a database up to date, and say which version it has."""

from __future__ import annotations

import hashlib
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from geo_service.store.session import translated

# One upgrade at a time in a database; the number is arbitrary and ours.
_UPGRADE_LOCK = 7_301_229


def _config(migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    return config


def upgrade(engine: Engine, migrations: Path) -> tuple[str | None, str]:
    """Bring the database to the newest revision in one transaction.

    Returns
    -------
    tuple of (str or None, str)
        The revision before and after.
    """
    config = _config(migrations)
    newest = newest_revision(migrations)
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
            before = MigrationContext.configure(connection).get_current_revision()
            if before != newest:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
    except DBAPIError as error:
        raise translated(error) from error
    return before, newest


def current_revision(engine: Engine) -> str | None:
    """The revision the database has; None where it was never migrated."""
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except DBAPIError as error:
        raise translated(error) from error


def newest_revision(migrations: Path) -> str:
    """The revision this version of the service works with."""
    newest = ScriptDirectory.from_config(_config(migrations)).get_current_head()
    if newest is None:
        raise RuntimeError(f"no revision in {migrations}")
    return newest


def fingerprint(migrations: Path) -> str:
    """Hash of everything the migrations are made of: names the tests' template database."""
    digest = hashlib.sha256()
    for path in sorted(migrations.rglob("*")):
        if path.suffix in (".py", ".sql"):
            digest.update(path.relative_to(migrations).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
