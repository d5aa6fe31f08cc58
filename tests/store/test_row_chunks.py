"""Rows that are streamed come in chunks: a long table never lies in memory whole."""

from __future__ import annotations

from sqlalchemy import Engine

from geo_service.access import LOCAL_ADMIN
from geo_service.publish.statements import Statement
from geo_service.store.layers import ROWS_A_CHUNK, stream_rows
from geo_service.store.session import transaction


def test_a_long_table_comes_in_chunks(engine: Engine) -> None:
    numbers = Statement("SELECT n FROM generate_series(1, :last) n", {"last": 2 * ROWS_A_CHUNK + 1})
    with transaction(engine, LOCAL_ADMIN, read_only=True) as connection:
        chunks = [len(rows) for rows in stream_rows(connection, numbers)]

    assert chunks == [ROWS_A_CHUNK, ROWS_A_CHUNK, 1]
