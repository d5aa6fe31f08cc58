"""Alembic's entry: ``store.schema`` passes the connection in."""

from alembic import context

from geo_service.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
