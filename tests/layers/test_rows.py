"""Every layer of a drawn world gives the rows that were worked out by hand from the drawing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from importlib.resources import files

import pytest
import shapely
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.errors import NotFound
from geo_service.pipeline.milestones import follow_milestones
from geo_service.pipeline.policies import adopt_profile, by_policy, in_own_words, use_profile
from geo_service.publish.features import items_statement
from geo_service.publish.statements import LayerRequest
from geo_service.publish.tiles import tile_statement
from geo_service.store.layers import read_page
from geo_service.store.session import transaction
from tests.layers.asking import items, properties, shipped
from tests.world import COUNTY, EAST, SECOND_TOWN, SOUTH, TOWN, WEST, build_world, post_of, save_plan

APRIL, JUNE, SEPTEMBER = date(2024, 4, 30), date(2024, 6, 30), date(2024, 9, 30)
ZONE = f"{WEST}001"
AREAS = (COUNTY, TOWN, EAST, "no such area")
EASTERN = [f"{EAST}-C001", f"{EAST}-C002", f"{EAST}-C900"]
INSIDE = [f"{EAST}-B0002", f"{EAST}-B0003", f"{EAST}-B0004"]
# West: two standalone buildings of 10 and 20 households, a river with a bridge.
# East: one of 30, compound C001 of two buildings, C002 of one; C900 without a location.
# South, in another town: one of 50 that had management before, compound C001 of one building.
DRAWING = {TOWN: {WEST: "12H\n..P", EAST: "3aab\nP..."}, SECOND_TOWN: {SOUTH: "5cP"}}


def fill(engine: Engine) -> int:
    """West's first building is zoned and led from June on; the C001 of East and South served from May on."""
    build_world(engine, DRAWING)
    with engine.begin() as connection:
        for community, form in ((EAST, "professional"), (SOUTH, "basic")):
            connection.execute(
                text(
                    "INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid) VALUES"
                    " ('compound', :code, :community, :form, 'in_service', '[2024-05-01,)')"
                ),
                {"code": f"{community}-C001", "community": community, "form": form},
            )
        connection.execute(
            text(
                "INSERT INTO compound (code, community_code, name, household_count)"
                " VALUES (:code, :community, '没有位置', 7)"
            ),
            {"code": f"{EAST}-C900", "community": EAST},
        )
        connection.execute(
            text("UPDATE compound SET implementation_class = 'A' WHERE code = :code"),
            {"code": f"{EAST}-C002"},
        )
        connection.execute(
            text("UPDATE building SET baseline_unmanaged = false WHERE code = :code"),
            {"code": f"{SOUTH}-B0001"},
        )
    return save_plan(
        engine,
        WEST,
        {ZONE: [f"{WEST}-B0001"]},
        effective_from=date(2024, 6, 1),
        chiefs={ZONE: f"{WEST}-P01"},
    )


@pytest.fixture(scope="module")
def world(module_engine: Engine) -> Engine:
    fill(module_engine)
    return module_engine


@pytest.mark.parametrize(
    ("layer", "county", "town", "community"),
    [
        ("counties", [COUNTY], [], []),
        ("subdistricts", [TOWN, SECOND_TOWN], [TOWN], []),
        ("communities", [WEST, EAST, SOUTH], [WEST, EAST], [EAST]),
        ("community_labels", [WEST, EAST, SOUTH], [WEST, EAST], [EAST]),
        ("coverage_by_subdistrict", [TOWN, SECOND_TOWN], [TOWN], []),
        ("coverage_by_community", [WEST, EAST, SOUTH], [WEST, EAST], [EAST]),
        ("milestones_by_subdistrict", [f"{TOWN}/coverage", f"{SECOND_TOWN}/coverage"],
         [f"{TOWN}/coverage"], []),
        ("milestones_by_community", [f"{c}/coverage" for c in (WEST, EAST, SOUTH)],
         [f"{WEST}/coverage", f"{EAST}/coverage"], [f"{EAST}/coverage"]),
        ("zones", [ZONE], [ZONE], []),
        ("zone_labels", [ZONE], [ZONE], []),
        ("compounds", [*EASTERN, f"{SOUTH}-C001"], EASTERN, EASTERN),
        ("compounds_by_type", [*EASTERN, f"{SOUTH}-C001"], EASTERN, EASTERN),
        ("compounds_by_form", [*EASTERN, f"{SOUTH}-C001"], EASTERN, EASTERN),
        ("compound_buildings", [*INSIDE, f"{SOUTH}-B0002"], INSIDE, INSIDE),
        ("standalone_buildings", [f"{WEST}-B0001", f"{WEST}-B0002", f"{EAST}-B0001", f"{SOUTH}-B0001"],
         [f"{WEST}-B0001", f"{WEST}-B0002", f"{EAST}-B0001"], [f"{EAST}-B0001"]),
        ("uncovered_buildings", [f"{WEST}-B0002", f"{EAST}-B0001", f"{EAST}-B0004", f"{SOUTH}-B0002"],
         [f"{WEST}-B0002", f"{EAST}-B0001", f"{EAST}-B0004"], [f"{EAST}-B0001", f"{EAST}-B0004"]),
        ("barriers", [f"{WEST}-R01"], [f"{WEST}-R01"], []),
        ("walkways", [f"{WEST}-W01"], [f"{WEST}-W01"], []),
        ("no_location", [f"{EAST}-C900"], [f"{EAST}-C900"], [f"{EAST}-C900"]),
    ],
)  # fmt: skip
def test_a_layer_gives_the_rows_of_the_area_asked_for(
    world: Engine, layer: str, county: Sequence[str], town: Sequence[str], community: Sequence[str]
) -> None:
    """At the end of June 2024, of the county, of one town, of its eastern community, of none of them."""
    found = {area: set(items(world, layer, on=JUNE, area=area)) for area in AREAS}
    if layer in ("barriers", "walkways"):
        # The bridge ends at the border that both communities share.
        found[EAST] -= {f"{WEST}-W01"}

    assert found == {COUNTY: {*county}, TOWN: {*town}, EAST: {*community}, "no such area": set()}


def test_every_layer_is_among_those_tested_here() -> None:
    (mark,) = test_a_layer_gives_the_rows_of_the_area_asked_for.pytestmark
    tested = {row[0] for row in mark.args[1]}

    assert tested | {"chief_posts"} == {layer.name for layer in shipped()}
    assert {parameter for layer in shipped() for parameter in layer.parameters} >= {"area", "on", "plan"}
    assert all("area" in layer.parameters for layer in shipped())


def test_compounds_say_their_type_form_and_step(world: Engine) -> None:
    found = {
        code[-4:]: tuple(row[name] for name in ("type", "type_place", "form", "status", "covered"))
        for code, row in properties(world, "compounds", on=JUNE, area=TOWN).items()
    }

    assert found == {
        "C001": ("b", 2, "professional", "in_service", True),
        "C002": ("a", 1, None, "uncovered", False),
        "C900": (None, 0, None, "uncovered", False),
    }
    for layer in ("compounds_by_type", "compounds_by_form"):
        assert properties(world, layer, on=JUNE) == properties(world, "compounds", on=JUNE)


def test_a_type_is_what_the_profile_in_use_sorts_by(engine: Engine) -> None:
    """Zhoucun's plan sorts by the ledger's type; what it does not know is shown by its code, last."""
    fill(engine)
    with engine.begin() as connection:
        for code, kind in ((f"{EAST}-C001", "old"), (f"{EAST}-C002", "castle")):
            connection.execute(
                text(
                    "INSERT INTO unit_record (unit_kind, unit_code, community_code, facts)"
                    " VALUES ('compound', :code, :community, CAST(:facts AS jsonb))"
                ),
                {"code": code, "community": EAST, "facts": json.dumps({"compound_type": kind})},
            )
    use_profile(engine, LOCAL_ADMIN, key="zhoucun_2017")

    found = properties(engine, "compounds_by_type", on=JUNE, area=EAST)
    places = {code[-4:]: (row["type"], row["type_place"]) for code, row in found.items()}
    assert places == {"C001": ("old", 2), "C002": ("castle", 0), "C900": (None, 0)}

    with transaction(engine, LOCAL_ADMIN, read_only=True) as connection:
        layer = in_own_words(connection, shipped()).get("compounds_by_type")
    field = layer.field("type")
    assert field.shown("old", "zh") == "老旧住宅小区"
    assert field.shown("castle", "zh") == "castle"
    assert [(entry.label.zh, entry.properties["type_place"]) for entry in layer.legend] == [
        ("商品房住宅小区", 1),
        ("老旧住宅小区", 2),
        ("新型农村社区", 3),
        ("机关事业单位自管小区", 4),
        ("企业自管小区", 5),
        ("未形成小区的独幢楼房", 6),
        ("其他或未分类", 0),
    ]


def test_what_is_not_covered_is_shown_building_by_building(world: Engine) -> None:
    """What had management before need not be covered; basic service is none of the county plan's forms."""
    now = {code: row["status"] for code, row in properties(world, "uncovered_buildings", on=JUNE).items()}
    before = properties(world, "uncovered_buildings", on=APRIL)

    assert now == {
        f"{WEST}-B0002": "uncovered",
        f"{EAST}-B0001": "uncovered",
        f"{EAST}-B0004": "uncovered",
        f"{SOUTH}-B0002": "in_service",
    }
    assert set(before) == {*now, f"{WEST}-B0001", f"{EAST}-B0002", f"{EAST}-B0003"}
    assert before[f"{EAST}-B0003"]["compound"] == f"compound {EAST}-C001"


def test_coverage_of_a_town_is_the_sum_of_its_communities(world: Engine) -> None:
    """Six units in the base: three standalone buildings, three compounds; two are covered."""
    town = properties(world, "coverage_by_subdistrict", on=JUNE)[TOWN]

    assert {key: value for key, value in town.items() if not key.endswith("_rate")} == {
        "code": TOWN, "name": f"area {TOWN}", "kind": "subdistrict", "parent": f"area {COUNTY}",
        "units": 6, "units_covered": 2,
        "buildings": 6, "buildings_covered": 3,
        "households": 157, "households_covered": 70,
        "floor_area_m2": 6000, "floor_area_m2_covered": 3000,
    }  # fmt: skip
    assert town["units_rate"] == 2 / 6
    assert town["floor_area_m2_rate"] == 0.5
    other = properties(world, "coverage_by_subdistrict", on=JUNE)[SECOND_TOWN]
    assert (other["units"], other["units_covered"], other["households"]) == (1, 0, 30)


def test_milestones_are_judged_on_exact_counts(world: Engine) -> None:
    """30 % are due on 30 June, 80 % on 31 October.

    By the end of June the pace since the end of May carries West and the town to October; by the end of
    September nothing was added since June, so West will miss it; East has missed June with one of four.
    """

    def flags(on: date) -> dict[str, tuple[str, int | None, int | None]]:
        rows = {
            **properties(world, "milestones_by_community", on=on),
            **properties(world, "milestones_by_subdistrict", on=on),
        }
        return {
            key.removesuffix("/coverage"): (row["flag"], row["next_required"], row["next_expected"])
            for key, row in rows.items()
        }

    assert flags(JUNE) == {
        WEST: ("green", 2, 2),
        EAST: ("red", 4, 1),
        SOUTH: ("red", 1, 0),
        TOWN: ("green", 5, 6),
        SECOND_TOWN: ("red", 1, 0),
    }
    assert flags(SEPTEMBER)[WEST] == ("amber", 2, 1)
    assert flags(SEPTEMBER)[TOWN] == ("amber", 5, 2)
    assert flags(date(2025, 3, 1))[WEST] == ("red", None, None)


FLOOR_AND_COUNT = """
version = 1
title_zh = "面积与个数"
title_en = "Floor area and counts"
reporting_level = "community"

[coverage]
measure = "units"
base = "unmanaged_baseline"
covered_from = "in_service"
is_default = true
section = "一"

[[targets]]
key = "by_floor"
title_zh = "按面积"
title_en = "By floor area"
measure = "floor_area_m2"
base = "all"
kind = "incremental"

[[targets.milestones]]
date = 2024-06-15
percent = 33
section = "一"

[[targets.milestones]]
date = 2024-08-20
percent = 33
section = "一"

[[targets]]
key = "two_served"
title_zh = "两个小区"
title_en = "Two of them"
counts = "professional"
where = { is_standalone = false }

[[targets.milestones]]
date = 2024-05-31
count = 1
section = "二"

[[targets.milestones]]
date = 2024-10-01
count = 2
section = "二"
"""


def with_management(document: str, other: str) -> str:
    """A profile's targets with the forms and rules of another."""
    return document + other[other.index("[management]") :]


@pytest.mark.parametrize("by", ["community", "subdistrict"])
def test_the_layer_says_what_the_verb_says(engine: Engine, by: str) -> None:
    """Of every target, on days before, on, between and after its milestones, of hundredths of a metre too."""
    fill(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE building SET floor_area_m2 = 333.33 WHERE code LIKE '%B0001'"))
        connection.execute(
            text(
                "INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid) VALUES"
                " ('compound', :code, :community, 'professional', 'in_service', '[2024-07-10, 2024-09-01)')"
            ),
            {"code": f"{EAST}-C002", "community": EAST},
        )
    shipped_profile = files("geo_service.planning.policy") / "profiles" / "county_2024.toml"
    document = with_management(FLOOR_AND_COUNT, shipped_profile.read_text(encoding="utf-8"))
    adopt_profile(engine, LOCAL_ADMIN, key="floor", document=document)
    seen = set()
    for profile in ("county_2024", "floor", "zhengzhou_etdz_2018", "meihekou_2021"):
        use_profile(engine, LOCAL_ADMIN, key=profile)
        for on in (
            date(2018, 9, 1), date(2023, 12, 31), date(2024, 3, 20), date(2024, 5, 31), date(2024, 6, 10),
            date(2024, 6, 15), JUNE, date(2024, 7, 5), date(2024, 8, 19), SEPTEMBER, date(2024, 10, 31),
            date(2024, 12, 31), date(2025, 6, 1),
        ):  # fmt: skip
            rows = properties(engine, f"milestones_by_{by}", on=on)
            expected = {}
            for target in follow_milestones(
                engine, LOCAL_ADMIN, area_code=COUNTY, by=by, on=on
            ).profile.targets:
                report = follow_milestones(
                    engine, LOCAL_ADMIN, area_code=COUNTY, by=by, on=on, target_key=target.key
                )
                for row in report.rows:
                    told = row.as_json()
                    ahead = told["next"] or {"date": None, "required": None, "gap": None, "expected": None}
                    expected[f"{row.code}/{target.key}"] = (
                        told["flag"], told["numerator"], told["denominator"], told["rate"],
                        ahead["date"], ahead["required"], ahead["gap"], ahead["expected"],
                    )  # fmt: skip
            found = {
                key: tuple(
                    row[name]
                    for name in (
                        "flag", "numerator", "denominator", "rate",
                        "next_on", "next_required", "next_gap", "next_expected",
                    )
                )
                for key, row in rows.items()
            }  # fmt: skip
            assert found == expected, (profile, on)
            seen |= {row["flag"] for row in rows.values()}
    assert seen == {"red", "amber", "green", "none"}


def test_a_chief_stands_at_the_middle_building_and_no_phone_is_told(world: Engine) -> None:
    posts = items(world, "chief_posts", on=JUNE, area=TOWN)
    ((_, post),) = posts.items()
    buildings = items(world, "standalone_buildings", on=JUNE)

    told = ("chief", "rank", "chief_role", "zone_code", "since")
    assert {key: post["properties"][key] for key in told} == {
        "chief": f"person {WEST}-P01",
        "rank": "primary",
        "chief_role": "grid_chief",
        "zone_code": ZONE,
        "since": "2024-06-01",
    }
    home = shapely.from_geojson(json.dumps(post["geometry"]))
    outline = shapely.from_geojson(json.dumps(buildings[f"{WEST}-B0001"]["geometry"]))
    assert outline.contains(home)
    assert "phone" not in " ".join(field.name for field in shipped().get("chief_posts").fields)
    assert "0990-1234567" not in json.dumps(posts)
    assert items(world, "chief_posts", on=date(2024, 5, 31)) == {}
    assert items(world, "chief_posts", on=JUNE, area=SOUTH) == {}


def test_posts_of_a_draft_are_shown_by_its_number_only(engine: Engine) -> None:
    fill(engine)
    draft = save_plan(
        engine, SOUTH, {f"{SOUTH}001": [f"{SOUTH}-B0001"]}, chiefs={f"{SOUTH}001": f"{SOUTH}-P01"}
    )

    assert {row["zone_code"] for row in properties(engine, "chief_posts", on=JUNE).values()} == {ZONE}
    drafted = properties(engine, "chief_posts", on=JUNE, plan=draft)
    assert {row["zone_code"] for row in drafted.values()} == {f"{SOUTH}001"}


def test_a_table_lists_rows_without_places_and_has_no_tiles(world: Engine) -> None:
    found = items(world, "no_location", on=JUNE)

    assert {key: feature["geometry"] for key, feature in found.items()} == {f"{EAST}-C900": None}
    assert found[f"{EAST}-C900"]["properties"]["households"] == 7
    with pytest.raises(NotFound):
        tile_statement(shipped().get("no_location"), LayerRequest(JUNE), 0, 0, 0)


def test_nobody_sees_rows_beyond_the_scope(world: Engine) -> None:
    planner = Actor("planner", Role.PLANNER, SECOND_TOWN)

    for layer in shipped():
        for key, row in properties(world, layer.name, on=JUNE, actor=planner).items():
            # Everybody reads rivers and lanes, and the outline of the county around the scope.
            if layer.name not in ("barriers", "walkways", "counties"):
                assert "".join(str(value) for value in row.values()).count(SECOND_TOWN[:6]), (layer.name, key)


def test_a_chief_sees_the_chiefs_own_post_alone(engine: Engine) -> None:
    west = fill(engine)
    zone = f"{SOUTH}001"
    south = save_plan(
        engine,
        SOUTH,
        {zone: [f"{SOUTH}-B0001"]},
        effective_from=date(2024, 6, 1),
        chiefs={zone: f"{SOUTH}-P01"},
    )

    for plan, code in ((west, ZONE), (south, zone)):
        chief = Actor("chief", Role.CHIEF, code[:-3], post_of(engine, plan, code))
        seen = properties(engine, "chief_posts", on=JUNE, actor=chief)
        assert {row["zone_code"] for row in seen.values()} == {code}


@pytest.mark.parametrize("name", ["zones", "zone_labels", "chief_posts"])
def test_zones_of_an_area_are_the_same_whether_its_communities_are_named_or_not(
    world: Engine, name: str
) -> None:
    """The one zone is West's, of the town: it is there for the county, the town and nobody else."""
    layer = shipped().get(name)
    counts = []
    for area in (*AREAS, None, WEST):
        with transaction(world, LOCAL_ADMIN, read_only=True) as connection:
            asked = by_policy(connection, LayerRequest(JUNE, area))
            assert (asked.communities is None) == (area is None)
            found = [
                read_page(connection, items_statement(layer, each, limit=100))
                for each in (asked, replace(asked, communities=None))
            ]
        assert found[0] == found[1]
        counts.append(len(found[0]))
    assert counts == [1, 1, 0, 0, 1, 1]
