"""Fixtures everybody shares: a real PostGIS of the tests' own, and the real data where it is present."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest
from filelock import FileLock
from sqlalchemy import Engine

from geo_service.resources import migrations_dir
from geo_service.store import local, schema
from geo_service.store.session import make_engine

CHECKOUT = Path(__file__).parent.parent
SHARED_DATA = CHECKOUT.parent / "shared" / "data"


def _test_home() -> Path:
    return Path(tempfile.gettempdir()) / f"geo-service-tests-{os.geteuid()}"


@pytest.fixture(scope="session")
def cluster() -> local.Cluster:
    """The tests' own cluster, left running for the next run; ``scripts/stop_test_cluster`` ends it."""
    # Where a deployment with this home would have its own.
    cluster = local.Cluster(_test_home() / "database", hasty=True)
    local.start(cluster)
    return cluster


def _administer(cluster: local.Cluster, *statements: str) -> None:
    connection = psycopg2.connect(host=str(cluster.socket), user=local.OWNER, dbname="postgres")
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        connection.close()


@pytest.fixture(scope="session")
def template(cluster: local.Cluster) -> str:
    """A migrated, empty database named by the schema's hash, to be cloned."""
    name = f"template_{schema.fingerprint(migrations_dir())}"
    with FileLock(str(_test_home() / "template.lock")):
        connection = psycopg2.connect(host=str(cluster.socket), user=local.OWNER, dbname="postgres")
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT FROM pg_database WHERE datname = %s", (name,))
                made = cursor.fetchone() is not None
        finally:
            connection.close()
        if not made:
            building = f"{name}_building"
            _administer(
                cluster, f'DROP DATABASE IF EXISTS "{building}" WITH (FORCE)', f'CREATE DATABASE "{building}"'
            )
            engine = make_engine(cluster.url(building))
            schema.upgrade(engine, migrations_dir())
            engine.dispose()
            _administer(cluster, f'ALTER DATABASE "{building}" RENAME TO "{name}"')
    return name


def _clone(cluster: local.Cluster, template: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex[:16]}"
    with FileLock(str(_test_home() / "clone.lock")):
        _administer(cluster, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield cluster.url(name)
    _administer(cluster, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def engine_on_a_clone(cluster: local.Cluster, template: str) -> Iterator[Engine]:
    """An engine on an empty, migrated database."""
    clones = _clone(cluster, template)
    engine = make_engine(next(clones))
    try:
        yield engine
    finally:
        engine.dispose()
        next(clones, None)


@pytest.fixture
def database_url(cluster: local.Cluster, template: str) -> Iterator[str]:
    """Address of an empty, migrated database for one test that commits."""
    yield from _clone(cluster, template)


@pytest.fixture
def blank_database(cluster: local.Cluster) -> Iterator[str]:
    """Address of a database that was never migrated."""
    yield from _clone(cluster, "template1")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on an empty, migrated database of this test alone."""
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def module_engine(cluster: local.Cluster, template: str) -> Iterator[Engine]:
    """An engine on an empty, migrated database that the tests of one module fill and share."""
    with engine_on_a_clone(cluster, template) as engine:
        yield engine


@pytest.fixture(scope="session")
def session_engine(cluster: local.Cluster, template: str) -> Iterator[Engine]:
    """An engine on an empty, migrated database that one suite fills once and then only reads."""
    with engine_on_a_clone(cluster, template) as engine:
        yield engine


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the checkout."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the real data is not here: no folder {SHARED_DATA}")
    return SHARED_DATA
