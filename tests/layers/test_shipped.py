"""The layers that ship pass their own check, with rows in every one of them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Engine

from geo_service.pipeline.checking import check_layers
from tests.layers.asking import items, shipped
from tests.layers.test_rows import fill

WANTED = {
    *("subdistricts", "communities", "compounds", "compounds_by_type", "compounds_by_form"),
    *("standalone_buildings", "barriers", "walkways", "zones", "zone_labels", "chief_posts"),
    *("coverage_by_subdistrict", "coverage_by_community", "milestones_by_subdistrict"),
    *("milestones_by_community", "uncovered_buildings", "no_location"),
}


def test_every_shipped_layer_passes_the_check(engine: Engine) -> None:
    fill(engine)

    check_layers(engine, shipped())

    assert {layer.name for layer in shipped()} >= WANTED
    for layer in shipped():
        assert items(engine, layer.name, on=date(2024, 6, 30)), f"{layer.name} has no row to check"


def test_an_empty_database_passes_too(engine: Engine) -> None:
    check_layers(engine, shipped())
