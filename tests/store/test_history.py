"""The history of states and the sums made of it, against a plain reading of the tables they come from."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from geo_service.access import LOCAL_ADMIN
from geo_service.store.local import Cluster
from geo_service.store.session import act_as, transaction
from tests.conftest import engine_on_a_clone
from tests.world import COUNTY, EAST, SECOND_TOWN, SOUTH, TOWN, WEST, build_world, save_plan

FIRST = date(2024, 1, 1)
FORMS = ("professional", "basic")
STEPS = ("planned", "assigned", "in_service", "lapsed")
LADDER_BELOW_SERVICE = ("planned", "assigned", "lapsed", None)

Key = tuple[str, str | None, str | None]


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def counted(connection: Connection, on: date, known: str = "infinity") -> Counter[Key]:
    """Units by area, form and step as the sums have them."""
    rows = connection.execute(
        text(
            "SELECT c.area_code, s.form, s.step, sum(c.units) FROM coverage_change c"
            " JOIN unit_state s ON s.id = c.state_id WHERE c.day <= :on AND c.known_at <= :known"
            " GROUP BY 1, 2, 3 HAVING sum(c.units) <> 0"
        ),
        {"on": on, "known": known},
    )
    return Counter({(area, form, step): int(units) for area, form, step, units in rows})


def read_plainly(connection: Connection, on: date) -> Counter[Key]:
    """The same, unit by unit out of the tables that people write to."""
    arranged = {
        (kind, code): (form, step)
        for kind, code, form, step in connection.execute(
            text(
                "SELECT unit_kind, unit_code, form, step FROM arrangement"
                " WHERE upper_inf(recorded) AND valid @> CAST(:on AS date)"
            ),
            {"on": on},
        )
    }
    zoned: dict[str, bool] = {}
    for code, led in connection.execute(
        text(
            "SELECT m.building_code, EXISTS (SELECT FROM post o WHERE o.zone_id = m.zone_id"
            "  AND o.rank = 'primary' AND o.valid @> CAST(:on AS date))"
            " FROM zone_member m JOIN plan_publication p ON p.plan_id = m.plan_id"
            "  AND p.community_code = m.community_code AND p.effective @> CAST(:on AS date)"
        ),
        {"on": on},
    ):
        zoned[code] = led
    units = connection.execute(
        text(
            "SELECT 'compound', code, community_code FROM compound"
            " UNION ALL SELECT 'building', code, community_code FROM building WHERE compound_code IS NULL"
        )
    ).all()
    lineage = dict(connection.execute(text("SELECT code, lineage FROM area")).all())
    counts: Counter[Key] = Counter()
    for kind, code, community in units:
        form, step = arranged.get((kind, code), (None, None))
        if kind == "building" and code in zoned:
            if zoned[code] and step in LADDER_BELOW_SERVICE:
                form, step = "roving", "in_service"
            elif step in ("planned", "lapsed", None):
                form, step = "roving", "assigned"
        for area in lineage[community]:
            counts[area, form, step] += 1
    return counts


def units_with_a_gap_or_an_overlap(connection: Connection) -> list[str]:
    """Units whose lines believed now do not follow on each other from the beginning of time to its end."""
    lines: dict[str, list[tuple[str, str]]] = {
        code: []
        for (code,) in connection.execute(
            text("SELECT code FROM compound UNION ALL SELECT code FROM building WHERE compound_code IS NULL")
        )
    }
    act_as(connection, LOCAL_ADMIN)
    for code, begins, ends in connection.execute(
        text(
            "SELECT unit_code, valid_from::text, valid_to::text FROM unit_history()"
            " WHERE known_to = 'infinity' ORDER BY unit_code, valid_from"
        )
    ):
        lines[code].append((begins, ends))
    return [
        code
        for code, told in lines.items()
        if ["-infinity", *(ends for _, ends in told)] != [*(begins for begins, _ in told), "infinity"]
    ]


arrangements = st.tuples(
    st.sampled_from([("compound", f"{WEST}-C001"), ("compound", f"{EAST}-C001")]
                    + [("building", f"{WEST}-B000{digit}") for digit in "123"]),
    st.sampled_from(FORMS), st.sampled_from(STEPS), st.integers(0, 20), st.integers(1, 20),
)  # fmt: skip


def arrange(connection: Connection, entry: tuple[tuple[str, str], str, str, int, int]) -> None:
    """Say something of a unit for some days, in place of what was said of those days."""
    (kind, code), form, step, begins, length = entry
    values = {"kind": kind, "code": code, "form": form, "step": step, "community": code[:12],
              "begins": day(begins), "ends": day(begins + length)}  # fmt: skip
    connection.execute(
        text(
            "UPDATE arrangement SET recorded = tstzrange(lower(recorded), clock_timestamp())"
            " WHERE unit_code = :code AND upper_inf(recorded) AND valid && daterange(:begins, :ends)"
        ),
        values,
    )
    connection.execute(
        text(
            "INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid, recorded)"
            " VALUES (:kind, :code, :community, :form, :step, daterange(:begins, :ends),"
            " tstzrange(clock_timestamp(), NULL))"
        ),
        values,
    )


@given(
    entries=st.lists(arrangements, max_size=6), published=st.integers(0, 20), led=st.integers(0, 25),
    imported=st.booleans(),
)  # fmt: skip
@settings(max_examples=15, deadline=None)
def test_sums_are_what_the_tables_say_and_stay_so_as_known(
    cluster: Cluster, template: str, entries: list, published: int, led: int, imported: bool
) -> None:
    with engine_on_a_clone(cluster, template) as engine:
        build_world(
            engine, {TOWN: {WEST: "123\naaP", EAST: "45\nb."}, SECOND_TOWN: {SOUTH: "6"}}, imported=imported
        )
        save_plan(
            engine, WEST, {f"{WEST}001": [f"{WEST}-B0001", f"{WEST}-B0002"]}, effective_from=day(published),
            chiefs={f"{WEST}001": f"{WEST}-P01"}, posts_from=day(led),
        )  # fmt: skip
        days = [day(number) for number in (-1, 0, 3, 7, 12, 20, 30, 60)]
        told = []
        for entry in entries:
            with engine.begin() as connection:
                arrange(connection, entry)
            with engine.connect() as connection:
                moment = connection.execute(text("SELECT clock_timestamp()::text")).scalar_one()
                told.append((moment, [counted(connection, each) for each in days]))
        with engine.connect() as connection:
            for each in days:
                assert counted(connection, each) == read_plainly(connection, each)
            assert units_with_a_gap_or_an_overlap(connection) == []
            for moment, figures in told:
                assert [counted(connection, each, moment) for each in days] == figures


def test_new_units_with_and_without_a_word_of_them_come_in_together(engine: Engine) -> None:
    """One transaction: a unit nobody spoke of, one arranged at once, and one that was there before."""
    build_world(engine, {TOWN: {WEST: "1"}})
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO building (code, community_code, household_count, geom)"
                " SELECT b.community_code || new.code, b.community_code, households, b.geom"
                " FROM building b, (VALUES ('-N1', 20), ('-N2', 30)) AS new (code, households)"
            )
        )
        arrange(connection, (("building", f"{WEST}-N2"), "basic", "in_service", 0, 10))
        connection.execute(text(f"UPDATE building SET household_count = 7 WHERE code = '{WEST}-B0001'"))

    with engine.connect() as connection:
        for each in (day(-1), day(5), day(10)):
            assert counted(connection, each) == read_plainly(connection, each)
        assert units_with_a_gap_or_an_overlap(connection) == []
        households = dict(
            connection.execute(
                text("SELECT area_code, sum(households)::int FROM coverage_change GROUP BY area_code")
            ).all()
        )
    # summed over all days: what is counted at the end of time
    assert households[COUNTY] == households[WEST] == 20 + 30 + 7


def test_a_unit_that_moves_is_counted_where_it_is(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "12"}, SECOND_TOWN: {SOUTH: "3"}})
    with engine.begin() as connection:
        connection.execute(
            text(f"UPDATE building SET community_code = '{SOUTH}' WHERE code = '{WEST}-B0001'")
        )

    with engine.connect() as connection:
        units = {area: count for (area, _, _), count in counted(connection, FIRST).items()}
    assert units == {COUNTY: 3, TOWN: 1, WEST: 1, SECOND_TOWN: 2, SOUTH: 2}


def test_a_unit_taken_away_is_not_counted_and_was(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "12"}})
    with engine.connect() as connection:
        before = connection.execute(text("SELECT clock_timestamp()::text")).scalar_one()
    with engine.begin() as connection:
        connection.execute(text(f"DELETE FROM building WHERE code = '{WEST}-B0001'"))

    with engine.connect() as connection:
        assert counted(connection, FIRST) == {(area, None, None): 1 for area in (COUNTY, TOWN, WEST)}
        assert counted(connection, FIRST, before)[WEST, None, None] == 2


def test_a_building_that_joins_a_compound_is_no_unit_any_more(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "1a"}})
    with engine.begin() as connection:
        connection.execute(
            text(f"UPDATE building SET compound_code = '{WEST}-C001' WHERE code = '{WEST}-B0001'")
        )
    with engine.connect() as connection:
        assert counted(connection, FIRST)[WEST, None, None] == 1


def test_a_community_under_another_sub_district_takes_its_past_along(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "12", EAST: "3"}, SECOND_TOWN: {SOUTH: "4"}})
    with engine.begin() as connection:
        connection.execute(
            text(
                f"UPDATE area SET parent_code = '{SECOND_TOWN}',"
                f" lineage = ARRAY['{COUNTY}', '{SECOND_TOWN}', code] WHERE code = '{EAST}'"
            )
        )
    with engine.connect() as connection:
        units = {area: count for (area, _, _), count in counted(connection, FIRST).items()}
    assert units == {COUNTY: 4, TOWN: 2, WEST: 2, SECOND_TOWN: 2, SOUTH: 1, EAST: 1}


def test_an_empty_table_counts_nothing(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "1a"}})
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE building CASCADE"))
    with engine.connect() as connection:
        assert counted(connection, FIRST)[WEST, None, None] == 1  # the compound


def test_what_is_rolled_back_leaves_no_trace(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "1"}})
    with engine.connect() as connection:
        connection.execute(text("UPDATE building SET household_count = 99"))
        connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        connection.rollback()
        assert connection.execute(text("SELECT count(*) FROM unit_line")).scalar_one() == 1
        assert connection.execute(text("SELECT count(*) FROM access.changed_community")).scalar_one() == 0


def test_two_writers_of_one_community_both_count(engine: Engine) -> None:
    """The second waits for the first at its end, and sums up what both have written."""
    build_world(engine, {TOWN: {WEST: "12\nab"}})
    started, release = threading.Event(), threading.Event()

    def first() -> None:
        with engine.begin() as connection:
            arrange(connection, (("compound", f"{WEST}-C001"), "basic", "in_service", 0, 10))
            connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))  # summed up, and not yet committed
            started.set()
            release.wait(10)

    def second() -> None:
        with engine.begin() as connection:
            arrange(connection, (("compound", f"{WEST}-C002"), "basic", "in_service", 0, 10))

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    assert started.wait(10)
    threads[1].start()
    threads[1].join(0.5)
    assert threads[1].is_alive(), "the second writer did not wait"
    release.set()
    for thread in threads:
        thread.join(10)
    with engine.connect() as connection:
        assert counted(connection, day(5))[WEST, "basic", "in_service"] == 2
        assert counted(connection, day(5)) == read_plainly(connection, day(5))


@pytest.mark.parametrize("table", ["unit_line", "unit_entry", "coverage_change", "unit_state"])
def test_nobody_writes_what_is_derived(engine: Engine, table: str) -> None:
    with pytest.raises(Exception) as refused, transaction(engine, LOCAL_ADMIN) as connection:  # noqa: PT011
        connection.execute(text(f"DELETE FROM {table}"))
    assert not isinstance(refused.value, DBAPIError)
    assert refused.type.__name__ == "Forbidden"


@pytest.mark.parametrize("latitude", [18.0, 34.0, 53.0])
@pytest.mark.parametrize("side", [0.0002, 0.02])
def test_ground_is_measured_on_the_ellipsoid(engine: Engine, latitude: float, side: float) -> None:
    """Against PostGIS's geodesic area; 0.02 degrees are some two kilometres."""
    with engine.connect() as connection:
        ours, geodesic = connection.execute(
            text(
                "SELECT access.ground_area_m2(g), ST_Area(g::geography)"
                " FROM ST_MakeEnvelope(111, :south, 111 + :side, :south + :side, 4490) g"
            ),
            {"south": latitude, "side": side},
        ).one()
    assert ours == pytest.approx(geodesic, rel=1e-6)
