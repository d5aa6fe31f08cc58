"""Long SQL lives in ``sql/*.sql``; this reads it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from sqlalchemy import TextClause, text

from geo_service.store.kept_plans import KEPT_AS


@cache
def query(name: str) -> TextClause:
    """The statement of ``sql/<name>.sql``; its ``:parameters`` are bound by whoever executes it."""
    return text((files(__package__) / "sql" / f"{name}.sql").read_text(encoding="utf-8"))


@cache
def kept_query(name: str) -> TextClause:
    """As ``query``, for a short statement that is asked again and again: its plan is kept."""
    return query(name).execution_options(**{KEPT_AS: name})
