"""Where ``layers/``, ``migrations/`` and the web build are: in the checkout, or inside an installed wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def _bundled_or_checkout(name: str) -> Path:
    bundled = _PACKAGE / "bundled" / name
    return bundled if bundled.is_dir() else _PACKAGE.parent / name


def layers_dir() -> Path:
    """The folder of layers that ships with the service."""
    return _bundled_or_checkout("layers")


def migrations_dir() -> Path:
    """The Alembic folder."""
    return _bundled_or_checkout("migrations")


def web_build_dir() -> Path:
    """The built front end; missing in a checkout that was never built."""
    return _PACKAGE / "webapp" / "dist"
