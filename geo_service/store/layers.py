"""Run the statements of map layers: tiles, pages of items, rows for exports, a query's columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from geo_service.errors import InvalidInput

ROWS_A_CHUNK = 5_000


class BoundStatement(Protocol):
    """SQL with ``:named`` parameters and their values."""

    @property
    def text(self) -> str: ...

    @property
    def values(self) -> Mapping[str, Any]: ...


def read_tile(connection: Connection, statement: BoundStatement) -> bytes:
    """The bytes of one vector tile; empty where nothing lies in it."""
    return bytes(connection.execute(text(statement.text), statement.values).scalar_one())


def read_page(connection: Connection, statement: BoundStatement) -> list[tuple[str, str]]:
    """Rows of (key, GeoJSON feature)."""
    return [
        (str(key), feature) for key, feature in connection.execute(text(statement.text), statement.values)
    ]


def stream_rows(connection: Connection, statement: BoundStatement) -> Iterator[Sequence[Sequence[Any]]]:
    """Every row, in chunks: memory holds one chunk, however long the table."""
    result = connection.execute(
        text(statement.text), statement.values, execution_options={"yield_per": ROWS_A_CHUNK}
    )
    yield from result.partitions(ROWS_A_CHUNK)


def read_count(connection: Connection, statement: BoundStatement) -> int:
    """The one number a statement gives."""
    return connection.execute(text(statement.text), statement.values).scalar_one()


# PostgreSQL's own numbers of its types; whatever is not here (a geometry) is called "other".
_KINDS = {
    16: "boolean",
    20: "integer", 21: "integer", 23: "integer",
    25: "text", 1042: "text", 1043: "text",
    700: "number", 701: "number",
    1082: "date",
}  # fmt: skip


def read_columns(connection: Connection, statement: BoundStatement) -> dict[str, str]:
    """The columns a statement gives, each with the kind of its values.

    Raises
    ------
    InvalidInput
        When the database refuses the statement or does not finish it in time.
    """
    with _refusals(connection):
        result = connection.execute(text(statement.text), statement.values)
        return {column[0]: _KINDS.get(column[1], "other") for column in result.cursor.description}


def read_few(connection: Connection, statement: BoundStatement) -> list[Sequence[Any]]:
    """All rows of a statement that gives few.

    Raises
    ------
    InvalidInput
        As ``read_columns``.
    """
    with _refusals(connection):
        return list(connection.execute(text(statement.text), statement.values))


def read_tables(connection: Connection, statement: BoundStatement) -> set[str]:
    """Names of the tables that a statement reads, as the database plans it.

    Raises
    ------
    InvalidInput
        As ``read_columns``.
    """
    with _refusals(connection):
        (plan,) = connection.execute(
            text(f"EXPLAIN (FORMAT JSON, COSTS OFF) {statement.text}"), statement.values
        ).scalar_one()
    return set(_relations(plan["Plan"]))


def _relations(node: Mapping[str, Any]) -> Iterator[str]:
    if "Relation Name" in node:
        yield node["Relation Name"]
    for part in node.get("Plans", ()):
        yield from _relations(part)


def volatile_functions(connection: Connection, names: Sequence[str]) -> list[str]:
    """Those of the functions that may give another answer each time they are called."""
    found = connection.execute(
        text(
            "SELECT proname FROM pg_proc WHERE proname = ANY (:names)"
            " GROUP BY proname HAVING bool_and(provolatile = 'v') ORDER BY proname"
        ),
        {"names": sorted({name.lower() for name in names})},
    )
    return list(found.scalars())


@contextmanager
def _refusals(connection: Connection) -> Iterator[None]:
    """The database's refusal of a statement in its own words; the transaction goes on."""
    try:
        with connection.begin_nested():
            yield
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        diagnosis = getattr(error.orig, "diag", None)
        reason = getattr(diagnosis, "message_primary", None) or str(error.orig)
        raise InvalidInput("layers.sql_refused", reason=reason) from error


def limit_time(connection: Connection, milliseconds: int) -> None:
    """Let no statement of this transaction run longer."""
    connection.execute(
        text("SELECT set_config('statement_timeout', :limit, true)"), {"limit": str(milliseconds)}
    )


def crs_is_known(connection: Connection, srid: int) -> bool:
    """True when PostGIS can transform to this EPSG code."""
    return connection.execute(
        text("SELECT EXISTS (SELECT FROM spatial_ref_sys WHERE srid = :srid)"), {"srid": srid}
    ).scalar_one()


def read_extent(connection: Connection, area_code: str, srid: int) -> tuple[float, float, float, float]:
    """West, south, east and north of an area in the CRS of EPSG code ``srid``."""
    row = connection.execute(
        text(
            "SELECT ST_XMin(g), ST_YMin(g), ST_XMax(g), ST_YMax(g)"
            " FROM (SELECT ST_Transform(geom, CAST(:srid AS integer)) AS g FROM area WHERE code = :code) a"
        ),
        {"code": area_code, "srid": srid},
    ).one()
    return row[0], row[1], row[2], row[3]


def read_area_shape(connection: Connection, area_code: str, srid: int) -> bytes:
    """The extent of an area as WKB in the CRS of EPSG code ``srid``."""
    return bytes(
        connection.execute(
            text(
                "SELECT ST_AsBinary(ST_Transform(geom, CAST(:srid AS integer))) FROM area WHERE code = :code"
            ),
            {"code": area_code, "srid": srid},
        ).scalar_one()
    )


def stream_tiles(connection: Connection, statement: BoundStatement) -> Iterator[tuple[int, int, bytes]]:
    """Column, row and bytes of every tile that is not empty."""
    for rows in stream_rows(connection, statement):
        for x, y, content in rows:
            if content:
                yield x, y, bytes(content)
