"""Layers are data: adding a folder adds a layer, and every fault is named with its file and field."""

# ruff: noqa: E501 - one fault a line reads best

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import get_args

import mapbox_vector_tile
import pyogrio
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN
from geo_service.api.app import create_app
from geo_service.errors import InvalidInput
from geo_service.pipeline.checking import check_layers
from geo_service.pipeline.exporting import export_layers
from geo_service.planning.policy.management import Form
from geo_service.planning.policy.part import LAPSED, STEPS
from geo_service.publish.load import load_layers
from geo_service.resources import layers_dir
from geo_service.settings import Settings
from tests.layers.asking import tile_at
from tests.world import EAST, TOWN, WEST, build_world, save_plan

NEW_LAYER = """
title = { zh = "高层单栋", en = "Tall standalone buildings" }
description = { zh = "六层以上", en = "Six storeys or more" }
geometry = "polygon"
key = "code"
minzoom = 13
maxzoom = 18
parameters = ["area"]
roles = ["admin"]

[[fields]]
name = "code"
title = { zh = "编码", en = "Code" }
type = "text"

[[fields]]
name = "storeys"
title = { zh = "层数", en = "Storeys" }
type = "integer"
unit = ""
"""
NEW_QUERY = """
SELECT b.code, b.storeys, b.geom, b.geom_3857
FROM building b
WHERE b.storeys >= 6 AND b.is_standalone
  AND b.community_code IN (SELECT a.code FROM area a WHERE a.lineage @> ARRAY[:area])
"""
NEW_STYLE = {"layers": [{"id": "fill", "type": "fill", "paint": {"fill-color": "#CC79A7"}}], "legend": []}


def _add_tall(folder: Path) -> None:
    (folder / "tall").mkdir()
    (folder / "tall" / "layer.toml").write_text(NEW_LAYER, encoding="utf-8")
    (folder / "tall" / "query.sql").write_text(NEW_QUERY, encoding="utf-8")
    (folder / "tall" / "style.json").write_text(json.dumps(NEW_STYLE), encoding="utf-8")


def test_adding_a_folder_adds_a_layer(folder: Path, engine: Engine, tmp_path: Path) -> None:
    """To the check, the items, the tiles, the exports, the catalogue and the map."""
    build_world(engine, {TOWN: {WEST: "12", EAST: "3"}})
    _add_tall(folder)

    layers = load_layers(folder)
    check_layers(engine, layers)
    assert [layer.name for layer in layers][-1] == "tall"
    west = [f"{WEST}-B0001", f"{WEST}-B0002"]

    export_layers(
        engine, LOCAL_ADMIN, area_code=WEST, layers=["tall"], format="gpkg", out=tmp_path / "tall.gpkg",
        layer_set=layers,
    )  # fmt: skip
    assert sorted(pyogrio.read_dataframe(tmp_path / "tall.gpkg", layer="tall").code) == west

    application = create_app(Settings(layers_dir=folder), engine)
    with TestClient(application, base_url="http://127.0.0.1") as client:
        answer = client.get("/collections/tall/items", params={"area": WEST}).json()
        assert [feature["id"] for feature in answer["features"]] == west
        (entry,) = [each for each in client.get("/api/layers").json() if each["name"] == "tall"]
        assert (entry["title"]["zh"], entry["group"], entry["on_by_default"]) == ("高层单栋", None, True)
        assert "tall" in client.get("/map/style.json").json()["sources"]
        column, row = tile_at(engine, 16, west[0])
        tile = client.get(f"/collections/tall/tiles/WebMercatorQuad/16/{row}/{column}", params={"area": WEST})
        drawn = mapbox_vector_tile.decode(tile.content)["tall"]["features"]
        assert {feature["properties"]["code"] for feature in drawn} == {*west}


def _replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def _append(name: str, addition: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(addition)

    return change


def _write(name: str, text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_text(text, encoding="utf-8") and None


@pytest.mark.parametrize(
    ("change", "file", "field", "key"),
    [
        (_replace("zones/layer.toml", 'title = { zh = "流动物业片区", en', "title = { en"), "zones/layer.toml", "title.zh", "text_missing"),
        (_replace("zones/layer.toml", 'title = { zh = "编码", en = "Code" }', 'title = { zh = "编码" }'), "zones/layer.toml", "fields.code.title.en", "text_missing"),
        (_replace("zones/layer.toml", "minzoom = 11", "minzoom = 19"), "zones/layer.toml", "minzoom", "zoom_order"),
        (_replace("zones/layer.toml", "maxzoom = 18", "maxzoom = 40"), "zones/layer.toml", "maxzoom", "zoom_range"),
        (_replace("zones/layer.toml", 'geometry = "polygon"', 'geometry = "blob"'), "zones/layer.toml", "geometry", "not_one_of"),
        (_replace("zones/layer.toml", 'key = "code"', 'key = "nothing"'), "zones/layer.toml", "key", "field_unknown"),
        (_replace("zones/layer.toml", '"gis"]', '"king"]'), "zones/layer.toml", "roles", "not_among"),
        (_replace("zones/layer.toml", 'type = "text"', 'type = "blob"'), "zones/layer.toml", "fields.code.type", "not_one_of"),
        (_replace("zones/layer.toml", 'type = "integer"\nunit = ""', 'type = "integer"'), "zones/layer.toml", "fields.id.unit", "unit_missing"),
        (_replace("zones/layer.toml", 'name = "name"', 'name = "code"'), "zones/layer.toml", "fields.code", "listed_twice"),
        (_replace("zones/layer.toml", 'name = "name"', 'name = "a b"'), "zones/layer.toml", "fields[2].name", "bad_name"),
        *((_replace("zones/layer.toml", 'name = "name"', f'name = "{name}"'), "zones/layer.toml", f"fields.{name}", "name_is_parameter") for name in ("area", "datetime", "f", "filter", "limit")),
        (_append("zones/layer.toml", "= what"), "zones/layer.toml", "", "not_toml"),
        (_replace("zones/layer.toml", '"on", "plan"]', '"on"]'), "zones/query.sql", "plan", "parameter_undeclared"),
        (_replace("walkways/layer.toml", '["area"]', '["area", "on"]'), "walkways/query.sql", "on", "parameter_unused"),
        (_append("walkways/query.sql", "; DROP TABLE area"), "walkways/query.sql", "", "not_one_select"),
        (_write("walkways/query.sql", "DELETE FROM area WHERE code = :area"), "walkways/query.sql", "", "not_one_select"),
        (lambda folder: (folder / "walkways/query.sql").unlink(), "walkways/query.sql", "", "file_missing"),
        (lambda folder: (folder / "walkways/style.json").unlink(), "walkways/style.json", "", "file_missing"),
        (_append("walkways/style.json", "]"), "walkways/style.json", "", "not_json"),
        (_replace("zones/style.json", '"colour_index"]', '"colour"]'), "zones/style.json", "layers[1].paint.fill-color", "field_unknown"),
        (_replace("zones/style.json", '"colour_index"]', '"work_phone"]'), "zones/style.json", "layers[1].paint.fill-color", "field_not_in_tiles"),
        (_replace("zones/style.json", '["match"', '["rainbow"'), "zones/style.json", "layers[1].paint.fill-color", "operator_unknown"),
        (_replace("zones/style.json", '"type": "fill"', '"type": "symbol"'), "zones/style.json", "layers[1].type", "not_one_of"),
        (_replace("zones/style.json", '"zh": "片区", ', ""), "zones/style.json", "legend[1].label.zh", "text_missing"),
        (_replace("map.toml", '"zones",', '"zones", "zones",'), "map.toml", "layers", "listed_twice"),
        (lambda folder: shutil.rmtree(folder / "zones"), "map.toml", "layers", "folder_missing"),
        (lambda folder: (folder / "map.toml").unlink(), "map.toml", "", "file_missing"),
        (_replace("map.toml", 'zh = "流动物业", ', ""), "map.toml", "groups.zones.zh", "text_missing"),
        (_replace("map.toml", "[groups]", "[group]"), "map.toml", "group", "entry_unknown"),
        (_replace("zones/layer.toml", 'group = "zones"', 'group = "zone"'), "zones/layer.toml", "group", "not_one_of"),
        (_replace("zones/layer.toml", "minzoom = 11", "minzom = 11"), "zones/layer.toml", "minzom", "entry_unknown"),
        (_replace("zones/layer.toml", "in_tiles = false", "in_tile = false"), "zones/layer.toml", "fields.work_phone.in_tile", "entry_unknown"),
        (_replace("zones/layer.toml", "in_tiles = false", 'in_tiles = "no"'), "zones/layer.toml", "fields.work_phone.in_tiles", "not_boolean"),
        (_replace("zones/layer.toml", "centre_in_tables = true", "centre_in_tables = 1"), "zones/layer.toml", "centre_in_tables", "not_boolean"),
        (_replace("zones/layer.toml", '["area", "communities", "on", "plan"]', '["communities", "on", "plan"]'), "zones/layer.toml", "parameters", "area_missing"),
        (_replace("words.toml", 'roving = { zh = "流动物业", ', "roving = { "), "words.toml", "forms.roving.zh", "text_missing"),
        (_replace("words.toml", "[forms]", "[shapes]"), "compounds/layer.toml", "fields.form.values_of", "words_unknown"),
        (_replace("compounds_by_type/layer.toml", '"compounds"', '"compound"'), "compounds_by_type/layer.toml", "rows_of", "layer_unknown"),
        (_replace("compounds_by_type/layer.toml", '"compounds"', '"compounds_by_form"'), "compounds_by_type/layer.toml", "rows_of", "rows_of_rows"),
        (_replace("compounds_by_type/layer.toml", "on_by", 'key = "name"\non_by'), "compounds_by_type/layer.toml", "key", "rows_are_of"),
        (_write("compounds_by_type/query.sql", "SELECT 1"), "compounds_by_type/query.sql", "", "rows_are_of"),
        (lambda folder: (folder / "compounds_by_type/style.json").unlink(), "compounds_by_type/style.json", "", "file_missing"),
        (_replace("no_location/layer.toml", '"geom IS NULL"', '"geom IS NULL; DROP TABLE area"'), "no_location/layer.toml", "where", "not_a_condition"),
        (_replace("no_location/layer.toml", '"geom IS NULL"', '"code = :area"'), "no_location/layer.toml", "where", "not_a_condition"),
        (_replace("coverage_by_community/layer.toml", 'measures.units = { zh = "管理单元", ', "measures.units = { "), "coverage_by_community/layer.toml", "measures.units.zh", "text_missing"),
        (_replace("coverage_by_community/layer.toml", "measures.units", "measures.doors"), "coverage_by_community/style.json", "layers[1].paint.fill-color", "field_unknown"),
        (_replace("zones/layer.toml", 'group = "zones"', 'measures.id = { zh = "甲", en = "A" }'), "zones/style.json", "", "measure_unread"),
        (_replace("compounds/style.json", '"lapsed", "#CC79A7"', '"lapse", "#CC79A7"'), "compounds/style.json", "layers[1].paint.fill-color", "value_unknown"),
        (_replace("compounds/style.json", '{"status": "lapsed"}', '{"status": "lapse"}'), "compounds/style.json", "legend[7].properties.status", "value_unknown"),
        (_replace("compounds/style.json", '{"status": "lapsed"}', '{"form": "roving"}'), "compounds/style.json", "legend[7].properties.form", "legend_unread"),
        (_replace("compounds/style.json", '{"status": "lapsed"}', '{"doors": 1}'), "compounds/style.json", "legend[7].properties.doors", "field_unknown"),
        (_replace("compounds_by_type/style.json", '"each": "type"', '"each": "doors"'), "compounds_by_type/style.json", "legend[1].each", "field_unknown"),
        (_replace("compounds_by_type/style.json", '"place": "type_place"', '"place": "households"'), "compounds_by_type/style.json", "legend[1].place", "legend_unread"),
        (_replace("milestones_by_community/style.json", '{"target_place": 1, "flag": "amber"}', '{"target_place": 2, "flag": "amber"}'), "milestones_by_community/style.json", "legend[2]", "legend_not_drawn"),
        (_replace("walkways/style.json", '"#bdb7a8"', '"tan"'), "walkways/style.json", "layers[1].paint.line-color", "not_a_colour"),
        (_replace("walkways/style.json", '["match", ["get", "kind"], "lane", "#bdb7a8", "#5c5c5c"]', '["interpolate", ["linear"], ["get", "kind"], 1, "#bdb7a8"]'), "walkways/style.json", "layers[1].paint.line-color", "not_a_colour"),
    ],
)  # fmt: skip
def test_each_fault_is_named_with_file_and_field(
    folder: Path, change: Callable[[Path], None], file: str, field: str, key: str
) -> None:
    change(folder)

    with pytest.raises(InvalidInput) as refused:
        load_layers(folder)

    faults = {(fault["file"], fault["field"], fault["key"]) for fault in refused.value.details}
    assert (file, field, f"layers.fault.{key}") in faults


def test_all_faults_are_reported_at_once_in_both_languages(folder: Path) -> None:
    _replace("zones/layer.toml", "minzoom = 11", "minzoom = 19")(folder)
    _replace("walkways/layer.toml", 'key = "code"', 'key = "nothing"')(folder)

    with pytest.raises(InvalidInput) as refused:
        load_layers(folder)

    assert {fault["file"] for fault in refused.value.details} == {"zones/layer.toml", "walkways/layer.toml"}
    assert all(fault["message_zh"] and fault["message_en"] for fault in refused.value.details)


@pytest.mark.parametrize(
    ("change", "field", "key"),
    [
        (_replace("walkways/query.sql", "w.name", "w.nam"), "", "sql_refused"),
        (_replace("walkways/query.sql", "FROM walkway", "FROM nowhere"), "", "sql_refused"),
        (_replace("walkways/query.sql", "w.name,", ""), "name", "column_missing"),
        (_replace("walkways/query.sql", "w.name,", "w.name, w.area_code,"), "area_code", "column_undeclared"),
        (_replace("walkways/query.sql", ", w.geom_3857", ""), "geom_3857", "column_missing"),
        (_replace("walkways/query.sql", "w.name,", "length(w.name) AS name,"), "name", "column_type"),
    ],
)
def test_the_database_finds_what_the_files_cannot_show(
    folder: Path, module_engine: Engine, change: Callable[[Path], None], field: str, key: str
) -> None:
    change(folder)

    with pytest.raises(InvalidInput) as refused:
        check_layers(module_engine, load_layers(folder))

    (fault,) = refused.value.details
    assert (fault["file"], fault["field"], fault["key"]) == (
        "walkways/query.sql",
        field,
        f"layers.fault.{key}",
    )


@pytest.fixture(scope="module")
def filled(module_engine: Engine) -> Engine:
    """A world with rows in every layer: what only rows show is found."""
    build_world(module_engine, {TOWN: {WEST: "12H\n..P", EAST: "3aa\nP.."}})
    save_plan(
        module_engine,
        WEST,
        {f"{WEST}001": [f"{WEST}-B0001"]},
        effective_from=date(2024, 6, 1),
        chiefs={f"{WEST}001": f"{WEST}-P01"},
    )
    return module_engine


_GEOM = "w.geom, w.geom_3857"


@pytest.mark.parametrize(
    ("change", "file", "field", "key"),
    [
        (_replace("walkways/layer.toml", 'geometry = "line"', 'geometry = "polygon"'), "walkways/query.sql", "geom", "geometry_kind"),
        (_replace("walkways/query.sql", _GEOM, "w.geom, ST_Centroid(w.geom_3857) AS geom_3857"), "walkways/query.sql", "geom_3857", "geometry_kind"),
        (_replace("walkways/query.sql", _GEOM, "ST_Transform(w.geom, 4326) AS geom, w.geom_3857"), "walkways/query.sql", "geom", "geometry_srid"),
        (_replace("walkways/query.sql", _GEOM, "w.geom, w.geom AS geom_3857"), "walkways/query.sql", "geom_3857", "geometry_srid"),
        (_replace("standalone_buildings/layer.toml", 'key = "code"', 'key = "implementation_class"'), "standalone_buildings/layer.toml", "key", "key_doubled"),
        (_replace("standalone_buildings/layer.toml", 'key = "code"', 'key = "form"'), "standalone_buildings/layer.toml", "key", "key_doubled"),
        (_replace("walkways/query.sql", "w.name,", "(SELECT private_phone FROM person_contact LIMIT 1) AS name,"), "walkways/query.sql", "", "table_forbidden"),
        (_replace("walkways/query.sql", "w.name,", "(SELECT rolpassword FROM pg_authid LIMIT 1) AS name,"), "walkways/query.sql", "", "sql_refused"),
        (_replace("walkways/query.sql", "w.name,", "md5(random()::text) AS name,"), "walkways/query.sql", "", "function_volatile"),
        (_replace("walkways/query.sql", "FROM walkway w", "FROM walkway w, (DELETE FROM area RETURNING 1) AS d"), "walkways/query.sql", "", "sql_refused"),
        (_replace("walkways/query.sql", "w.name,", "(SELECT name FROM access.store_private_phones('{}', '{}') AS s (name)) ::text AS name,"), "walkways/query.sql", "", "function_volatile"),
        (_replace("no_location/layer.toml", "geom IS NULL", "nothing IS NULL"), "no_location/layer.toml", "where", "sql_refused"),
        (_replace("compounds/query.sql", "FROM compound c", "FROM nowhere c"), "compounds/query.sql", "", "sql_refused"),
    ],
)  # fmt: skip
def test_rows_that_are_not_what_was_declared_are_found(
    folder: Path, filled: Engine, change: Callable[[Path], None], file: str, field: str, key: str
) -> None:
    change(folder)

    with pytest.raises(InvalidInput) as refused:
        check_layers(filled, load_layers(folder))

    found = [(fault["file"], fault["field"], fault["key"]) for fault in refused.value.details]
    assert (file, field, f"layers.fault.{key}") in found
    assert {(where, what) for where, _, what in found} == {(file, f"layers.fault.{key}")}


def test_a_query_that_takes_too_long_is_stopped_and_named(folder: Path, filled: Engine) -> None:
    _replace(
        "walkways/query.sql",
        "w.name,",
        "(SELECT count(*) FROM generate_series(1, 1000000000))::text AS name,",
    )(folder)

    with pytest.raises(InvalidInput) as refused:
        check_layers(filled, load_layers(folder), timeout_ms=300)

    (fault,) = refused.value.details
    assert (fault["file"], fault["key"]) == ("walkways/query.sql", "layers.fault.sql_refused")
    assert "statement timeout" in fault["message_en"]


def test_what_the_check_runs_cannot_write(folder: Path, filled: Engine) -> None:
    """Nor can a function of the deployment's own that says that it is stable."""
    with filled.begin() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION sly() RETURNS text LANGUAGE plpgsql STABLE AS"
                " $$ BEGIN EXECUTE 'UPDATE walkway SET name = 1'; RETURN 1; END $$"
            )
        )
    _replace("walkways/query.sql", "w.name,", "sly() AS name,")(folder)

    with pytest.raises(InvalidInput) as refused:
        check_layers(filled, load_layers(folder))

    (fault,) = refused.value.details
    assert fault["key"] == "layers.fault.sql_refused"
    with filled.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM walkway WHERE name = '1'")) == 0


@pytest.mark.parametrize("name", ["compounds", "standalone_buildings"])
def test_every_form_and_step_there_is_has_its_word_on_the_map(name: str) -> None:
    words = {field.name: set(field.values) for field in load_layers(layers_dir()).get(name).fields}
    assert words["form"] == set(get_args(Form))
    assert words["status"] == {*STEPS, LAPSED, "uncovered", "managed"}
