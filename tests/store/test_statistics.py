"""The planner is told of plans that have just been drawn."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from geo_service.access import Role
from geo_service.errors import Forbidden
from geo_service.store.session import transaction
from geo_service.store.statistics import renew_statistics
from tests.actors import actor
from tests.world import TOWN


def analysed(engine: Engine) -> bool:
    """Whether the tables of zones have statistics."""
    with engine.connect() as connection:
        counts = connection.execute(
            text("SELECT reltuples FROM pg_class WHERE relname IN ('zone', 'zone_member')")
        ).scalars()
        return all(count >= 0 for count in counts)


def test_statistics_are_renewed_for_many_members_alone(engine: Engine) -> None:
    for members, known in ((999, False), (1_000, True)):
        with transaction(engine, actor(Role.PLANNER, TOWN)) as connection:
            renew_statistics(connection, members)
        assert analysed(engine) is known


def test_who_writes_nothing_renews_nothing(engine: Engine) -> None:
    with pytest.raises(Forbidden), transaction(engine, actor(Role.VIEWER, TOWN)) as connection:
        renew_statistics(connection, 1_000)
    assert not analysed(engine)
