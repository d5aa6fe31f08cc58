"""A database for one benchmark."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2

from geo_service.resources import migrations_dir
from geo_service.store import local, schema
from geo_service.store.session import make_engine


@contextmanager
def throwaway_database() -> Iterator[tuple[str, psycopg2.extensions.connection]]:
    """A migrated database of the tests' cluster, dropped at the end, and an owner's connection to it."""
    cluster = local.Cluster(
        Path(tempfile.gettempdir()) / f"geo-service-tests-{os.geteuid()}/database", hasty=True
    )
    local.start(cluster)
    name = f"bench_{os.getpid()}"
    admin = psycopg2.connect(host=str(cluster.socket), user=local.OWNER, dbname="postgres")
    admin.autocommit = True
    admin.cursor().execute(f'CREATE DATABASE "{name}"')
    try:
        engine = make_engine(cluster.url(name))
        schema.upgrade(engine, migrations_dir())
        engine.dispose()
        connection = psycopg2.connect(host=str(cluster.socket), user=local.OWNER, dbname=name)
        connection.autocommit = True
        yield cluster.url(name), connection
        connection.close()
    finally:
        admin.cursor().execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        admin.close()
