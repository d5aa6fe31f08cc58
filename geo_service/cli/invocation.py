"""What a verb of the command line needs: settings, who acts, the database, and where answers go."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Annotated, Any, Concatenate, ParamSpec, TypeVar

import typer
from sqlalchemy import Engine

from geo_service import tokens
from geo_service.access import LOCAL_ADMIN, Actor
from geo_service.deployment import open_engine, read_settings, signing_secret
from geo_service.publish.load import load_layers
from geo_service.publish.model import LayerSet
from geo_service.resources import layers_dir
from geo_service.settings import Settings

Given = ParamSpec("Given")
Answer = TypeVar("Answer")

JsonOption = Annotated[
    bool, typer.Option("--json", help="在标准输出打印一份 JSON · Print one JSON document on stdout.")
]


class Invocation:
    """One run of the program.

    Parameters
    ----------
    token : str, optional
        Acts as this token's actor; the local administrator otherwise.
    """

    def __init__(self, token: str | None = None) -> None:
        self._token = token

    @cached_property
    def settings(self) -> Settings:
        """The settings of the environment, read once."""
        return read_settings()

    @property
    def actor(self) -> Actor:
        """Who acts."""
        if self._token is None:
            return LOCAL_ADMIN
        return tokens.read(self._token, signing_secret(self.settings))

    @property
    def layers(self) -> LayerSet:
        """The deployment's map layers, read and checked.

        Raises
        ------
        InvalidInput
            Naming every fault of their files.
        """
        return load_layers(self.settings.layers_dir or layers_dir())

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        """The deployment's database, ready for use."""
        engine = open_engine(self.settings)
        try:
            yield engine
        finally:
            engine.dispose()

    def run(
        self,
        verb: Callable[Concatenate[Engine, Actor, Given], Answer],
        *given: Given.args,
        **named: Given.kwargs,
    ) -> Answer:
        """What a verb of ``pipeline`` answers to whoever acts."""
        with self.engine() as engine:
            return verb(engine, self.actor, *given, **named)


def answer(document: Any, *, as_json: bool, show: Callable[[Any], None]) -> None:
    """Print a verb's answer: one JSON document on stdout, or ``show`` for people."""
    if as_json:
        sys.stdout.write(json.dumps(document, ensure_ascii=False, default=str) + "\n")
    else:
        show(document)
