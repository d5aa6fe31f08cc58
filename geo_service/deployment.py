"""What this machine offers, made of the settings: the database's engine and the signing key."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from sqlalchemy import Engine

from geo_service.errors import InvalidInput, Unavailable
from geo_service.resources import migrations_dir
from geo_service.settings import Settings
from geo_service.store import local, schema
from geo_service.store.session import make_engine

# Dates are the county's, wherever the server stands.
_CALENDAR = ZoneInfo("Asia/Shanghai")
_SECRET_BYTES = 48


def read_settings() -> Settings:
    """The settings of the environment.

    Raises
    ------
    InvalidInput
        Naming the variable that cannot be used.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise InvalidInput("settings.unusable", where=name, reason=first["msg"]) from error


def cluster(settings: Settings) -> local.Cluster:
    """The private cluster, in a folder of its own under the home folder: it may belong to another account."""
    return local.Cluster(settings.home / "database")


def read_moment(text: str, *, where: str) -> datetime:
    """A moment as somebody writes it: a day stands for its end.

    Raises
    ------
    InvalidInput
        When the text is neither a day nor a moment.
    """
    written = text.strip()
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise InvalidInput("command.bad_moment", where=where, given=text[:40]) from error
    if len(written) == len("2024-01-01"):
        moment = datetime.combine(moment, time.max)
    return moment if moment.tzinfo else moment.replace(tzinfo=_CALENDAR)


def open_engine(settings: Settings) -> Engine:
    """An engine on the deployment's database, ready for use.

    The private cluster is ours: it is started and brought up to date on the way. A database named by
    ``DATABASE_URL`` belongs to somebody, who upgrades it when they choose to.

    Raises
    ------
    Unavailable
        When there is no database, or its tables are missing or of another version.
    """
    if settings.database_url is None:
        engine = make_engine(local.start(cluster(settings)))
        schema.upgrade(engine, migrations_dir())
        return engine
    engine = make_engine(settings.database_url)
    revision, newest = schema.current_revision(engine), schema.newest_revision(migrations_dir())
    if revision is None:
        raise Unavailable("database.not_migrated", where="DATABASE_URL")
    if revision != newest:
        raise Unavailable("database.other_version", where="DATABASE_URL", found=revision, expected=newest)
    return engine


def signing_secret(settings: Settings) -> str:
    """The secret that signs tokens: the configured one, or a key file made once under the home folder."""
    if settings.secret is not None:
        return settings.secret
    path = settings.home / "token-key"
    try:
        if not path.exists():
            _make_secret(path)
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise Unavailable("database.home_unusable", where=str(path), reason=error.strerror) from error


def _make_secret(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and linked into place: of two processes that meet here, both end with the same key.
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(_SECRET_BYTES))
    try:
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()


def day_of(moment: datetime) -> date:
    """The day a moment falls on by the county's calendar."""
    return moment.astimezone(_CALENDAR).date()


def today() -> date:
    """Today by the county's calendar."""
    return datetime.now(_CALENDAR).date()
