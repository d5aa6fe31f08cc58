"""The verb ``layers check``: every layer's query is run against the database and compared with its fields."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from geo_service.access import LOCAL_ADMIN
from geo_service.errors import InvalidInput
from geo_service.publish.load import Faults, compare_columns
from geo_service.publish.model import LayerSet
from geo_service.publish.statements import LayerRequest, describe_statement
from geo_service.store.layers import limit_time, read_columns
from geo_service.store.session import transaction

CHECK_TIMEOUT_MS = 5_000
# Values of the right types that match nothing.
_NOTHING = LayerRequest(on=date(2000, 1, 1), area="-", plan=0)


def check_layers(engine: Engine, layers: LayerSet) -> None:
    """Run every layer's query for no rows, read-only as the application's role.

    Raises
    ------
    InvalidInput
        With one entry of ``details`` a fault: file, field and sentence.
    """
    faults = Faults()
    with transaction(engine, LOCAL_ADMIN, read_only=True) as connection:
        limit_time(connection, CHECK_TIMEOUT_MS)
        for layer in layers:
            try:
                columns = read_columns(connection, describe_statement(layer, _NOTHING))
            except InvalidInput as refusal:
                faults.add(f"{layer.name}/query.sql", "", "sql_refused", **refusal.values)
            else:
                compare_columns(layer, columns, faults)
    faults.raise_if_any(Path("layers"))
