"""The layers that ship pass their own check, and give what the drawn worlds say."""

from __future__ import annotations

from sqlalchemy import Engine

from geo_service.pipeline.checking import check_layers
from geo_service.publish.load import load_layers
from geo_service.resources import layers_dir


def test_every_shipped_layer_passes_the_check(engine: Engine) -> None:
    layers = load_layers(layers_dir())

    check_layers(engine, layers)

    assert len(layers) == 12
