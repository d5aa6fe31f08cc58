"""The verb ``layers check``: every layer's query is run, and compared with what the layer declares."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, Engine

from geo_service.access import LOCAL_ADMIN
from geo_service.errors import InvalidInput
from geo_service.pipeline.policies import by_policy
from geo_service.publish.layer_files import Faults
from geo_service.publish.load import compare_columns, compare_shapes
from geo_service.publish.model import Layer, LayerSet
from geo_service.publish.statements import (
    LayerRequest,
    Statement,
    describe_statement,
    doubled_keys_statement,
    shapes_statement,
)
from geo_service.store.areas import today
from geo_service.store.layers import (
    limit_time,
    read_columns,
    read_few,
    read_tables,
    volatile_functions,
)
from geo_service.store.session import transaction

CHECK_TIMEOUT_MS = 5_000
FORBIDDEN_TABLES = frozenset({"person_contact", "ledger_footer", "audit"})
"""Private phones and the trail: nothing of them is ever published."""
_MOST_SHAPES = 10_000
_CALL = re.compile(r"([a-z_]\w*)\s*\(", re.IGNORECASE)
# Values of the right types that match nothing.
_NOTHING = LayerRequest(on=date(2000, 1, 1), area="-", plan=0)


def check_layers(
    engine: Engine, layers: LayerSet, *, with_rows: bool = True, timeout_ms: int = CHECK_TIMEOUT_MS
) -> None:
    """Run every layer's query, read-only as the application's role, and compare what it gives.

    Columns and their types with the fields, kinds of geometry and CRS of the first rows with the declaration,
    the key of all rows for being their key; no private table is read and no function that is volatile.

    Parameters
    ----------
    with_rows : bool
        False leaves out what only rows show, and what takes the longer the more of them there are.
    timeout_ms : int
        What one statement may take.

    Raises
    ------
    InvalidInput
        With one entry of ``details`` a fault: file, field and sentence.
    """
    faults = Faults()
    with transaction(engine, LOCAL_ADMIN, read_only=True) as connection:
        request = by_policy(connection, LayerRequest(on=today(connection)))
        limit_time(connection, timeout_ms)
        for layer in layers:
            _check_layer(connection, layer, request, faults, with_rows=with_rows)
    faults.raise_if_any(Path("layers"))


def _check_layer(
    connection: Connection, layer: Layer, request: LayerRequest, faults: Faults, *, with_rows: bool
) -> None:
    file, field = f"{layer.rows_of}/query.sql", ""
    query = Statement(layer.query, _NOTHING.values_for(layer))
    before = len(faults.found)
    try:
        compare_columns(layer, read_columns(connection, describe_statement(layer, _NOTHING)), faults)
        for name in volatile_functions(connection, _CALL.findall(layer.query + layer.where)):
            faults.add(file, "", "function_volatile", name=name)
        for name in sorted(read_tables(connection, query) & FORBIDDEN_TABLES):
            faults.add(file, "", "table_forbidden", name=name)
        if len(faults.found) > before:
            return
        if layer.where:
            file, field = f"{layer.name}/layer.toml", "where"
        most = _MOST_SHAPES if with_rows else 0
        compare_shapes(layer, read_few(connection, shapes_statement(layer, request, most=most)), faults)
        for (value,) in read_few(connection, doubled_keys_statement(layer, request)) if with_rows else ():
            faults.add(f"{layer.rows_of}/layer.toml", "key", "key_doubled", value=value)
    except InvalidInput as refusal:
        faults.add(file, field, "sql_refused", **refusal.values)
