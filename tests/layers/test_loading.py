"""Layers are data: adding a folder adds a layer, and every fault is named with its file and field."""

# ruff: noqa: E501 - one fault a line reads best

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from sqlalchemy import Engine

from geo_service.access import LOCAL_ADMIN
from geo_service.errors import InvalidInput
from geo_service.pipeline.checking import check_layers
from geo_service.planning.policy.management import Form
from geo_service.planning.policy.part import LAPSED, STEPS
from geo_service.publish.features import items_statement
from geo_service.publish.load import load_layers
from geo_service.publish.statements import LayerRequest
from geo_service.resources import layers_dir
from geo_service.store.layers import read_page
from geo_service.store.session import transaction
from tests.world import EAST, TOWN, WEST, build_world

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


def test_adding_a_folder_adds_a_layer(folder: Path, engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "12", EAST: "3"}})
    _add_tall(folder)

    layers = load_layers(folder)
    check_layers(engine, layers)

    assert [layer.name for layer in layers][-1] == "tall"
    statement = items_statement(layers.get("tall"), LayerRequest(on=None, area=WEST), limit=10)  # type: ignore[arg-type]
    with transaction(engine, LOCAL_ADMIN, read_only=True) as connection:
        assert [key for key, _ in read_page(connection, statement)] == [f"{WEST}-B0001", f"{WEST}-B0002"]


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


@pytest.mark.parametrize("name", ["compounds", "standalone_buildings"])
def test_every_form_and_step_there_is_has_its_word_on_the_map(name: str) -> None:
    words = {field.name: set(field.values) for field in load_layers(layers_dir()).get(name).fields}
    assert words["form"] == set(get_args(Form))
    assert words["status"] == {*STEPS, LAPSED, "uncovered", "managed"}
