"""Versions of what layers show: renewed by whatever changes it, with the change itself and no sooner."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN
from geo_service.errors import Unavailable
from geo_service.publish.statements import Statement
from geo_service.store.layer_versions import VersionReader, topics_read
from geo_service.store.session import make_engine, transaction
from tests.actors import new_zone
from tests.world import COUNTY, EAST, SECOND_TOWN, SOUTH, TOWN, WEST, build_world

# Written beside every change, or never changed by anybody who works with the service.
WITHOUT_VERSIONS = {
    "audit",
    "import_record",
    "person_contact",
    "ledger_footer",
    "plan_edit",
    "plan_proposal",
    "alembic_version",
    "spatial_ref_sys",
}

EDITS = {
    "unit": f"UPDATE building SET household_count = household_count + 1 WHERE code = '{EAST}-B0001'",
    "zone": f"UPDATE zone SET name = 'x' WHERE community_code = '{EAST}'",
    "person": f"UPDATE person SET name = 'x' WHERE community_code = '{EAST}'",
}  # fmt: skip
EDITS_OF_ALL = {
    "area": f"UPDATE area SET name = 'x' WHERE code = '{EAST}'",
    "barrier": "UPDATE barrier SET name = 'x'",
    "deployment": "UPDATE deployment SET profile_key = 'zhoucun_2017'",
    "plan": "UPDATE plan SET name = 'y'",
}


@pytest.fixture
def world(engine: Engine) -> Engine:
    build_world(engine, {TOWN: {WEST: "1|P", EAST: "2P"}, SECOND_TOWN: {SOUTH: "3"}})
    with engine.begin() as connection:
        new_zone(connection, EAST, f"{EAST}-B0001")
    return engine


@pytest.fixture
def reader(world: Engine) -> Iterator[VersionReader]:
    reader = VersionReader(world)
    yield reader
    reader.close()


def changed(reader: VersionReader, world: Engine, statement: str) -> dict[str, set[str]]:
    """By area: the topics whose versions a statement renews."""
    codes = (None, COUNTY, TOWN, EAST, WEST, SOUTH)
    before = {code: reader.read(code) for code in codes}
    with world.begin() as connection:
        connection.execute(text(statement))
    found = {}
    for code in codes:
        after = reader.read(code)
        assert all(after[topic] >= version for topic, version in before[code].items())
        found[code] = {topic for topic, version in after.items() if version != before[code].get(topic)}
    return found


@pytest.mark.parametrize("topic", EDITS)
def test_an_edit_renews_its_community_and_what_lies_above(
    reader: VersionReader, world: Engine, topic: str
) -> None:
    assert changed(reader, world, EDITS[topic]) == {
        None: {topic}, COUNTY: {topic}, TOWN: {topic}, EAST: {topic}, WEST: set(), SOUTH: set()
    }  # fmt: skip


@pytest.mark.parametrize("topic", EDITS_OF_ALL)
def test_an_edit_of_what_has_no_community_renews_all(
    reader: VersionReader, world: Engine, topic: str
) -> None:
    found = changed(reader, world, EDITS_OF_ALL[topic])
    assert all(topic in topics for topics in found.values()), found


def test_a_building_that_moves_renews_both_communities(reader: VersionReader, world: Engine) -> None:
    found = changed(
        reader,
        world,
        f"UPDATE building SET community_code = '{SOUTH}' WHERE code = '{WEST}-B0001'",
    )
    assert found == {
        None: {"unit"}, COUNTY: {"unit"}, TOWN: {"unit"}, EAST: set(), WEST: {"unit"}, SOUTH: {"unit"}
    }  # fmt: skip


def test_emptying_a_table_renews_all(reader: VersionReader, world: Engine) -> None:
    assert all("zone" in topics for topics in changed(reader, world, "TRUNCATE zone CASCADE").values())


def test_every_commit_is_a_version_of_its_own_however_they_overlap(
    reader: VersionReader, world: Engine
) -> None:
    early, late = world.connect(), world.connect()
    seen = [reader.read(TOWN)]
    early.execute(text(f"UPDATE building SET name = 'x' WHERE code = '{EAST}-B0001'"))
    late.execute(text(f"UPDATE building SET name = 'x' WHERE code = '{WEST}-B0001'"))
    late.commit()
    seen.append(reader.read(TOWN))
    early.commit()
    seen.append(reader.read(TOWN))
    assert seen[0]["unit"] < seen[1]["unit"] < seen[2]["unit"]
    early.close()
    late.close()


def test_what_is_taken_back_was_no_edit(reader: VersionReader, world: Engine) -> None:
    before = reader.read(None)
    with world.connect() as connection:
        connection.execute(text(EDITS["zone"]))
        connection.rollback()
    assert reader.read(None) == before


def test_writers_of_the_same_topics_never_block_each_other_for_good(world: Engine) -> None:
    """In turns of their own, units then zones and zones then units."""
    orders = (("unit", "zone"), ("zone", "unit"))
    failures: list[BaseException] = []

    def write(topics: tuple[str, ...]) -> None:
        try:
            for _ in range(25):
                with world.begin() as connection:
                    for topic in topics:
                        statement = EDITS[topic].replace(EAST, SOUTH if topics[0] == "zone" else WEST)
                        connection.execute(text(statement))
        except Exception as error:  # noqa: BLE001 - told by the assertion, in the thread of the test
            failures.append(error)

    threads = [threading.Thread(target=write, args=(order,)) for order in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_every_table_has_versions_or_is_known_to_need_none(engine: Engine) -> None:
    with engine.connect() as connection:
        tables = set(connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")))
        versioned = set(connection.scalars(text("SELECT table_name FROM access.layer_topic")))
    assert tables - versioned == WITHOUT_VERSIONS
    assert versioned <= tables


def topics(engine: Engine, statement: str) -> frozenset[str] | None:
    with transaction(engine, LOCAL_ADMIN, read_only=True) as connection:
        return topics_read(connection, Statement(statement, {}))


def test_a_query_reads_tables_whatever_its_values(engine: Engine) -> None:
    statement = (
        "SELECT z.code FROM zone z LEFT JOIN plan_publication pp ON pp.plan_id = z.plan_id"
        " WHERE CASE WHEN CAST(:plan AS bigint) IS NULL THEN pp.effective @> CAST(:on AS date) END"
        " AND z.code LIKE '1%'"
    )
    assert topics(engine, statement) == {"zone", "unit"}


def test_a_view_is_its_tables(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE VIEW served AS SELECT p.name, z.code FROM person p, zone z;"
                " GRANT SELECT ON served TO geo_service_app"
            )
        )
    assert topics(engine, "SELECT code FROM served") == {"person", "zone"}


def test_a_table_without_versions_is_told(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE own (code text); GRANT SELECT ON own TO geo_service_app"))
    assert topics(engine, "SELECT o.code FROM own o JOIN area a USING (code)") is None


def test_a_broken_query_leaves_the_connection_usable(engine: Engine) -> None:
    with transaction(engine, LOCAL_ADMIN, read_only=True) as connection:
        for _ in range(2):
            with pytest.raises(Exception, match="no_such_column"):
                topics_read(connection, Statement("SELECT no_such_column FROM area", {}))
        assert topics_read(connection, Statement("SELECT code FROM area", {})) == {"area"}


def test_a_connection_that_was_cut_is_made_anew(reader: VersionReader, world: Engine) -> None:
    before = reader.read(None)
    with world.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        )
    assert reader.read(None) == before


def test_without_a_database_it_is_said_in_words(world: Engine) -> None:
    reader = VersionReader(
        make_engine(world.url.set(database="nowhere").render_as_string(hide_password=False))
    )
    with pytest.raises(Unavailable):
        reader.read(None)
