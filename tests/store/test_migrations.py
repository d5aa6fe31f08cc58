"""A database of an earlier revision is brought up to date with what it holds."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from geo_service.access import LOCAL_ADMIN
from geo_service.errors import Conflict
from geo_service.pipeline.editing import undo_edit
from geo_service.resources import migrations_dir
from geo_service.store import local, schema
from geo_service.store.session import make_engine, transaction
from tests.actors import new_zone
from tests.pipeline.editing_world import FIRST, SECOND, b, do, planned, state
from tests.world import EAST, TOWN, WEST, build_world

# Deployments hold data under these revisions: what they built is never rewritten, only followed by another.
FROZEN = {"0001": "f3fdde446ed428cb", "0002": "eec0d1f08e703a02", "0003": "ade845686f8e445f",
          "0004": "b3ea6ef9fea56877", "0005": "7c2ed3664c8e16bd", "0006": "51d94abb0fb7764c",
          "0007": "b5faa1a4e01e9ce5", "0008": "bd4e0ad362abd9cf", "0009": "95c81ec5b65a5c06",
          "0010": "1ef5219bc0c5f102", "0011": "e2c44f291914ed3b", "0012": "259cac16622bf078",
          "0013": "29e26f217e0be45a", "0014": "3b996f1dd66d76e6"}  # fmt: skip


@pytest.mark.parametrize("revision", FROZEN)
def test_a_released_revision_is_frozen(revision: str) -> None:
    folder = migrations_dir()
    digest = hashlib.sha256()
    for path in sorted([*folder.glob(f"versions/{revision}_*.py"), *folder.glob(f"sql/{revision}/*.sql")]):
        digest.update(path.read_bytes())
    assert digest.hexdigest()[:16] == FROZEN[revision]


def draw(connection: Connection, area: str, zones: dict[str, str], *, findings: dict[str, object]) -> None:
    """A draft with zones of the buildings ``B000<digit>`` of their community, as revision 0001 has them."""
    plan = connection.execute(
        text(
            "INSERT INTO plan (name, area_code, parameters, findings, created_by)"
            " VALUES ('x', :area, '{}', :findings, 'x') RETURNING id"
        ),
        {"area": area, "findings": json.dumps(findings)},
    ).scalar_one()
    for code, digits in zones.items():
        community = code[:-3]
        buildings = [f"{community}-B000{digit}" for digit in digits]
        _, zone = new_zone(connection, community, buildings[0], plan, code)
        connection.execute(
            text("INSERT INTO zone_member SELECT :plan, unnest(:buildings), :zone, :community"),
            {"plan": plan, "buildings": buildings, "zone": zone, "community": community},
        )


@pytest.fixture
def first_revision(cluster: local.Cluster, blank_database: str, tmp_path: Path) -> Iterator[Engine]:
    """A database at revision 0001: plan 1 published in WEST, refused in EAST; plan 2 a draft of EAST."""
    old = tmp_path / "migrations"
    shutil.copytree(migrations_dir(), old, ignore=shutil.ignore_patterns("000[2-9]*", "00[1-9]*"))
    engine = make_engine(blank_database)
    schema.upgrade(engine, old)
    build_world(engine, {TOWN: {WEST: "123P", EAST: "45"}})
    published, draft = {f"{WEST}001": "12", f"{WEST}002": "3"}, {f"{EAST}001": "12"}
    why = {"area_code": EAST, "reason_en": "too few households", "proven": True}
    with engine.begin() as connection:
        draw(connection, TOWN, published, findings={"infeasible": [why], "findings": []})
        connection.execute(text("UPDATE plan SET state = 'published'"))
        connection.execute(text(f"INSERT INTO plan_publication VALUES (1, '{WEST}', '[2024-06-01,)')"))
        draw(connection, EAST, draft, findings={})
    yield engine
    engine.dispose()


def test_plans_drawn_before_get_their_outcomes(first_revision: Engine) -> None:
    assert schema.upgrade(first_revision, migrations_dir())[0] == "0001"

    with transaction(first_revision, LOCAL_ADMIN, read_only=True) as connection:
        outcomes = connection.execute(
            text(
                "SELECT plan_id, community_code, zones, gap_percent, infeasible ->> 'reason_en'"
                " FROM plan_outcome ORDER BY plan_id, community_code"
            )
        ).all()
        zone = connection.execute(
            text(
                "SELECT load, distance_m, patrol_m, compactness, explanation"
                " FROM zone WHERE plan_id = 1 LIMIT 1"
            )
        ).one()
    assert [tuple(row) for row in outcomes] == [
        (1, WEST, 2, None, None),
        (1, EAST, 0, None, "too few households"),
        (2, EAST, 1, None, None),
    ]
    assert tuple(zone) == (None,) * 5


def test_what_was_published_before_is_frozen_after(first_revision: Engine) -> None:
    schema.upgrade(first_revision, migrations_dir())

    for statement in (
        "UPDATE plan_outcome SET zones = 3 WHERE plan_id = 1 AND zones > 0",
        "UPDATE zone SET patrol_m = 1 WHERE plan_id = 1",
        "UPDATE zone_member SET visit_order = NULL WHERE plan_id = 1",
    ):
        with pytest.raises(Conflict) as conflict, transaction(first_revision, LOCAL_ADMIN) as connection:
            connection.execute(text(statement))
        assert conflict.value.key == "plan.frozen"


def test_edits_of_before_can_be_undone_after_walks_were_settled_at_once(engine: Engine) -> None:
    plan = planned(engine)
    do(engine, plan, kind="assign", zone=FIRST, buildings=[b(3)])  # outlines as edits derive them
    before = state(engine, plan)
    do(engine, plan, kind="assign", zone=SECOND, buildings=[b(2), b(3)])
    with engine.begin() as connection:
        for statement in (
            "ALTER TABLE zone RENAME COLUMN visits_outdated TO walk_is_quick",
            "ALTER TABLE plan_edit RENAME CONSTRAINT plan_edit_undoable TO plan_edit_check2",
            "UPDATE plan_edit SET inverse = "
            "replace(inverse::text, 'visits_outdated', 'walk_is_quick')::jsonb",
            "DROP FUNCTION access.is_later_ledger",
            "DROP FUNCTION access.analyze_zones",
            "UPDATE alembic_version SET version_num = '0012'",
        ):
            connection.execute(text(statement))
        told = connection.execute(text("SELECT count(*) FROM audit")).scalar_one()

    assert schema.upgrade(engine, migrations_dir()) == ("0012", "0014")

    with engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM audit")).scalar_one() == told
    undo_edit(engine, LOCAL_ADMIN, plan_id=plan)
    assert state(engine, plan) == before
