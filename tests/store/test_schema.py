"""Migrations and ``tables.py`` describe one database, and an upgrade can be run again."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text

from geo_service.resources import migrations_dir
from geo_service.store import schema
from geo_service.store.tables import metadata


def test_the_migrations_build_what_the_metadata_describes(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_object": _is_ours, "compare_type": True, "compare_server_default": False},
        )
        assert compare_metadata(context, metadata) == []


def _is_ours(_object: object, name: str | None, kind: str, reflected: bool, _counterpart: object) -> bool:
    # PostGIS brings a table of its own; indexes are the migrations' alone.
    return not (kind == "index" or (kind == "table" and reflected and name == "spatial_ref_sys"))


def test_a_second_upgrade_changes_nothing(engine: Engine) -> None:
    before, after = schema.upgrade(engine, migrations_dir())

    assert before == after == schema.current_revision(engine)


def test_every_table_with_an_area_has_row_level_security(engine: Engine) -> None:
    with engine.connect() as connection:
        open_tables = connection.execute(
            text(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND NOT relrowsecurity"
                " AND relnamespace = 'public'::regnamespace"
                " AND relname NOT IN ('spatial_ref_sys', 'alembic_version')"
            )
        ).scalars()
        assert list(open_tables) == []


def test_every_table_that_can_be_written_leaves_a_trail(engine: Engine) -> None:
    with engine.connect() as connection:
        silent = connection.execute(
            text(
                "SELECT c.relname FROM pg_class c WHERE c.relkind = 'r'"
                " AND c.relnamespace = 'public'::regnamespace"
                " AND c.relname NOT IN ('spatial_ref_sys', 'alembic_version', 'audit')"
                " AND has_table_privilege('geo_service_app', c.oid, 'INSERT, UPDATE, DELETE')"
                " AND 3 > (SELECT count(*) FROM pg_trigger t"
                "          WHERE t.tgrelid = c.oid AND t.tgname LIKE 'audit\\_%')"
            )
        ).scalars()
        assert list(silent) == []
