"""Settings, read once by ``cli.py`` and ``api/`` and passed down; nothing below them imports this."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def default_home() -> Path:
    """Where the private cluster and the signing key live when ``GEO_SERVICE_HOME`` is not set.

    PostgreSQL refuses to run as root, and its stand-in account cannot read root's own home.
    """
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/geo-service")
    return user_data_path("geo-service")


class Settings(BaseSettings):
    """What a deployment may set, each by an environment variable of the same name."""

    # Without the prefix a field's own name would be a variable too, and ``home`` would be the user's HOME.
    model_config = SettingsConfigDict(populate_by_name=True, env_prefix="GEO_SERVICE_", env_ignore_empty=True)

    database_url: str | None = Field(default=None, alias="DATABASE_URL")
    home: Path = Field(default_factory=default_home, alias="GEO_SERVICE_HOME")
    language: str = Field(default="zh", alias="GEO_SERVICE_LANG", pattern="^(zh|en)$")
    metric_crs: str | None = Field(default=None, alias="GEO_SERVICE_METRIC_CRS")
    secret: str | None = Field(default=None, alias="GEO_SERVICE_SECRET", min_length=32)
    require_token: bool = Field(default=False, alias="GEO_SERVICE_REQUIRE_TOKEN")
    layers_dir: Path | None = Field(default=None, alias="GEO_SERVICE_LAYERS")
    upload_limit_mb: int = Field(default=512, alias="GEO_SERVICE_UPLOAD_LIMIT_MB", ge=1)
    tile_cache_mb: int = Field(default=256, alias="GEO_SERVICE_TILE_CACHE_MB", ge=0)
    work_dir: Path = Field(default_factory=lambda: Path(tempfile.gettempdir()), alias="GEO_SERVICE_WORK_DIR")

    @field_validator("home", "work_dir", "layers_dir")
    @classmethod
    def _from_root(cls, path: Path | None) -> Path | None:
        """PostgreSQL's own processes run elsewhere, where a relative folder would be another one."""
        return None if path is None else path.expanduser().absolute()
