from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.errors import Forbidden, InvalidInput, NotFound
from geo_service.pipeline import CoverageReport, measure_coverage
from geo_service.planning.policy import load_profile
from tests.world import COUNTY, EAST, SECOND_TOWN, SOUTH, TOWN, WEST, build_world, save_plan


@pytest.fixture(scope="module")
def world(module_engine: Engine) -> Engine:
    """Eight units: three standalone buildings and a compound in WEST, two and one in EAST, one in SOUTH.

    Buildings 1 and 2 of WEST are in a zone published from June 2024 whose chief starts in July, building 3 in
    one without a chief. WEST's compound (2 buildings, 60 households) is in service from May on; EAST's has no
    place on the map and is only assigned.
    """
    build_world(module_engine, {TOWN: {WEST: "123\naaP", EAST: "45\nb."}, SECOND_TOWN: {SOUTH: "6"}})
    save_plan(
        module_engine,
        WEST,
        {f"{WEST}001": [f"{WEST}-B0001", f"{WEST}-B0002"], f"{WEST}002": [f"{WEST}-B0003"]},
        effective_from=date(2024, 6, 1),
        chiefs={f"{WEST}001": f"{WEST}-P01"},
        posts_from=date(2024, 7, 1),
    )
    with module_engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid) VALUES"
                f" ('compound', '{WEST}-C001', '{WEST}', 'professional', 'in_service', '[2024-05-01,)'),"
                f" ('compound', '{EAST}-C001', '{EAST}', 'professional', 'assigned', '[2024-05-01,)')"
            )
        )
        connection.execute(text(f"UPDATE compound SET geom = NULL WHERE code = '{EAST}-C001'"))
    return module_engine


def measure(engine: Engine, area: str, on: date, **options: object) -> CoverageReport:
    return measure_coverage(engine, LOCAL_ADMIN, area_code=area, on=on, **options)


def counts(report: CoverageReport, key: str) -> dict[str, tuple[int, int]]:
    return {row.code: (row.figures[key].numerator, row.figures[key].denominator) for row in report.rows}


@pytest.mark.parametrize(
    ("on", "covered"),
    [
        (date(2024, 4, 30), 0),
        (date(2024, 5, 1), 1),  # the compound
        (date(2024, 6, 30), 1),  # the zone is published, its chief is not in post
        (date(2024, 7, 1), 3),  # and now is; the third building's zone has no chief
        (date(2050, 1, 1), 3),
    ],
)
def test_units_count_from_the_day_their_service_begins(world: Engine, on: date, covered: int) -> None:
    assert counts(measure(world, WEST, on), "units") == {WEST: (covered, 4)}


def test_every_measure_counts_the_same_units_in_its_own_unit(world: Engine) -> None:
    # In July: buildings 1 and 2 (10 + 20 households) and the compound (2 buildings, 60); 1000 m2 a building.
    report = measure(world, COUNTY, date(2024, 7, 1))

    assert counts(report, "units") == {WEST: (3, 4), EAST: (0, 3), SOUTH: (0, 1)}
    assert counts(report, "buildings") == {WEST: (4, 5), EAST: (0, 3), SOUTH: (0, 1)}
    assert counts(report, "households") == {WEST: (90, 120), EAST: (0, 120), SOUTH: (0, 60)}
    assert counts(report, "floor_area_m2") == {WEST: (4000, 5000), EAST: (0, 3000), SOUTH: (0, 1000)}
    assert (report.total["units"].numerator, report.total["units"].denominator) == (3, 8)


def test_rules_baseline_and_plans_in_force_stand_beside_the_figures(world: Engine) -> None:
    with world.connect() as connection:
        [plan] = connection.execute(text("SELECT id, revision FROM plan")).all()
    july = measure(world, COUNTY, date(2024, 7, 1)).as_json()
    assert july["plans"] == [{"id": plan.id, "revision": plan.revision, "communities": 1}]
    assert measure(world, COUNTY, date(2024, 5, 31)).as_json()["plans"] == []
    # the county's plan bears no date; Luolong's was issued on 24 June 2020
    assert {each["baseline_date"] for each in july["measures"]} == {None}
    luolong = measure(world, COUNTY, date(2024, 7, 1), profile_key="luolong_2020").as_json()
    assert {each["baseline_date"] for each in luolong["measures"]} == {"2020-06-24"}
    assert (july["profile"]["key"], july["profile"]["version"]) == (
        "county_2024",
        load_profile("county_2024").version,
    )


def test_land_is_what_the_ledger_says_and_else_what_the_map_shows(engine: Engine) -> None:
    """Cells of 20 m: compound a has two, b one; 500 m2 of b stand in the ledger. a is in service."""
    build_world(engine, {TOWN: {WEST: "aab"}})
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE compound SET land_area_m2 = 500 WHERE code = '{WEST}-C002'"))
        connection.execute(
            text(
                "INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid) VALUES"
                f" ('compound', '{WEST}-C001', '{WEST}', 'professional', 'in_service', '[2024-05-01,)')"
            )
        )

    figure = measure(engine, TOWN, date(2024, 7, 1)).total["land_area_m2"]
    # the map's square metres differ from the ground's by the scale of its projection
    assert float(figure.numerator) == pytest.approx(800, rel=1e-3)
    assert float(figure.denominator - figure.numerator) == 500
    assert figure.rate == pytest.approx(800 / 1300, rel=1e-3)


def test_sub_districts_are_the_sums_of_their_communities(world: Engine) -> None:
    report = measure(world, COUNTY, date(2024, 7, 1), by="subdistrict")

    assert counts(report, "units") == {TOWN: (3, 7), SECOND_TOWN: (0, 1)}
    assert [row.name for row in report.rows] == [f"area {TOWN}", f"area {SECOND_TOWN}"]


def test_the_latest_milestone_due_is_judged(world: Engine) -> None:
    assert measure(world, COUNTY, date(2024, 6, 29)).as_json()["milestone"] is None
    # 3 of 8 is 37.5 %: 30 % of 8 are 2.4, so 3 are needed; 80 % are 6.4, so 7.
    july = measure(world, COUNTY, date(2024, 7, 1)).as_json()["milestone"]
    october = measure(world, COUNTY, date(2024, 10, 31)).as_json()["milestone"]
    assert (july["date"], july["required"], july["numerator"], july["met"]) == ("2024-06-30", 3, 3, True)
    assert (october["date"], october["required"], october["met"]) == ("2024-10-31", 7, False)
    assert october["threshold"] == 0.8


def test_one_measure_may_be_shown_alone_and_the_milestone_stays_that_of_the_plan(world: Engine) -> None:
    report = measure(world, COUNTY, date(2024, 7, 1), measure="households").as_json()

    assert list(report["total"]) == ["households"]
    assert [each["key"] for each in report["measures"]] == ["households"]
    assert report["total"]["households"] == {"numerator": 90, "denominator": 300, "rate": 0.3}
    assert (report["milestone"]["measure"], report["milestone"]["denominator"]) == ("units", 8)


def test_units_that_were_managed_before_are_not_in_the_base(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "12\nab"}})
    with engine.begin() as connection:
        connection.execute(text("UPDATE compound SET baseline_unmanaged = false WHERE code LIKE '%-C001'"))

    assert counts(measure(engine, TOWN, date(2024, 7, 1)), "units") == {WEST: (0, 3)}


def test_a_corrected_record_counts_as_it_was_corrected(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "ab"}})
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO arrangement"
                " (unit_kind, unit_code, community_code, form, step, valid, recorded) VALUES"
                f" ('compound', '{WEST}-C001', '{WEST}', 'basic', 'in_service', '[2024-05-01,)',"
                "   '[2024-05-01,2024-06-01)'),"
                f" ('compound', '{WEST}-C001', '{WEST}', 'basic', 'assigned', '[2024-05-01,)',"
                "   '[2024-06-01,)')"
            )
        )

    assert counts(measure(engine, TOWN, date(2024, 5, 15)), "units") == {WEST: (0, 2)}


def test_a_zone_of_a_draft_covers_nobody(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "1P"}})
    save_plan(engine, WEST, {f"{WEST}001": [f"{WEST}-B0001"]}, chiefs={f"{WEST}001": f"{WEST}-P01"})

    assert counts(measure(engine, TOWN, date(2030, 1, 1)), "units") == {WEST: (0, 1)}


def test_viewers_read_coverage_of_their_scope(world: Engine) -> None:
    viewer = Actor("viewer", Role.VIEWER, TOWN)
    report = measure_coverage(world, viewer, area_code=TOWN, on=date(2024, 7, 1))

    assert counts(report, "units") == {WEST: (3, 4), EAST: (0, 3)}
    for above in (COUNTY, SECOND_TOWN):
        with pytest.raises(NotFound):
            measure_coverage(world, viewer, area_code=above, on=date(2024, 7, 1))


def test_what_cannot_be_asked_is_refused(world: Engine) -> None:
    day = date(2024, 7, 1)
    with pytest.raises(NotFound):
        measure(world, "000000000000", day)
    with pytest.raises(NotFound):
        measure(world, COUNTY, day, profile_key="county_1999")
    for wrong in ({"by": "street"}, {"measure": "people"}):
        with pytest.raises(InvalidInput):
            measure(world, COUNTY, day, **wrong)
    with pytest.raises(InvalidInput):
        measure(world, WEST, day, by="subdistrict")
    with pytest.raises(Forbidden):
        measure_coverage(world, Actor("chief", Role.CHIEF, WEST, 1), area_code=WEST, on=day)
