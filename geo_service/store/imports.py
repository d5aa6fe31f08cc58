"""Imported rows into the database in bulk: one COPY to a staging table, one upsert out of it."""

# Statements are put together from our own table and column names, never from what a user wrote.
# ruff: noqa: S608

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import Connection, text

from geo_service.errors import Conflict
from geo_service.store import copying
from geo_service.store.copying import Column
from geo_service.store.queries import query

# One import at a time in a database; the number is arbitrary and ours.
_IMPORT_LOCK = 7_301_230

TABLES = {
    "areas": "area",
    "compounds": "compound",
    "buildings": "building",
    "barriers": "barrier",
    "walkways": "walkway",
    "people": "person",
}
# From here on indexes and keys built set-wise pay for the lock that it takes.
_BULK_ROWS = 20_000


@dataclass(frozen=True)
class Areas:
    """The areas an import may refer to.

    Parameters
    ----------
    codes, kinds, names, lineages : sequences, shape (a,)
    outlines : array of geometries, shape (a,)
        EPSG:4490; empty array when they were not asked for.
    """

    codes: npt.NDArray[np.object_]
    kinds: npt.NDArray[np.object_]
    names: list[str]
    lineages: list[list[str]]
    outlines: npt.NDArray[np.object_]


@dataclass(frozen=True)
class Changes:
    """What an upsert does, or would do."""

    inserted: int
    updated: int
    unchanged: int


def take_turn(connection: Connection) -> None:
    """Hold the imports' lock to the end of the transaction.

    Raises
    ------
    Conflict
        When another import holds it.
    """
    if not connection.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _IMPORT_LOCK}):
        raise Conflict("import.already_running")


def areas_in_scope(connection: Connection) -> Areas:
    """The areas the actor may write into, with their outlines."""
    return _areas(connection, "access.scope() = '*' OR lineage @> ARRAY[access.scope()]", outlines=True)


def known_areas(connection: Connection) -> Areas:
    """All the areas the actor may refer to, those above the scope included, without outlines."""
    return _areas(connection, "true", outlines=False)


def _areas(connection: Connection, condition: str, *, outlines: bool) -> Areas:
    geometry = "ST_AsBinary(geom)" if outlines else "NULL::bytea"
    rows = connection.execute(
        text(f"SELECT code, kind, name, lineage, {geometry} FROM area WHERE {condition} ORDER BY code")
    ).all()
    return Areas(
        np.array([row[0] for row in rows], dtype=object),
        np.array([row[1] for row in rows], dtype=object),
        [row[2] for row in rows],
        [row[3] for row in rows],
        shapely.from_wkb([None if row[4] is None else bytes(row[4]) for row in rows]),
    )


def codes_present(connection: Connection, table: str, codes: Sequence[str]) -> set[str]:
    """Which of ``codes`` the table has, as far as the actor sees."""
    if not codes:
        return set()
    found = connection.execute(
        text(f'SELECT code FROM "{table}" WHERE code = ANY(:codes)'), {"codes": list(codes)}
    )
    return set(found.scalars())


def codes_taken_elsewhere(connection: Connection, table: str, codes: Sequence[str]) -> set[str]:
    """Which of ``codes`` name a row of ``table`` outside the actor's scope."""
    found = connection.execute(
        text("SELECT access.codes_taken_elsewhere(:table, :codes)"), {"table": table, "codes": list(codes)}
    )
    return set(found.scalars())


def stage(connection: Connection, table: str, columns: Mapping[str, Column]) -> None:
    """COPY ``columns`` into the temporary table ``staged``, typed as the columns of ``table``.

    Geometry columns hold shapely geometries in EPSG:4490; number columns hold floats with NaN for null.
    """
    names = ", ".join(f'"{name}"' for name in columns)
    connection.execute(text("DROP TABLE IF EXISTS staged"))
    connection.execute(
        text(f'CREATE TEMP TABLE staged ON COMMIT DROP AS SELECT {names} FROM "{table}" WITH NO DATA')
    )
    copying.copy_into(connection, "staged", columns)


def compare(connection: Connection, table: str, columns: Sequence[str]) -> Changes:
    """What upserting ``staged`` into ``table`` would change; where a row came from is not a change."""
    if not connection.scalar(text(f'SELECT EXISTS (SELECT FROM "{table}")')):
        return Changes(connection.scalar(text("SELECT count(*) FROM staged")), 0, 0)
    compared = _said(columns)
    theirs, ours = (", ".join(f'{side}."{name}"' for name in compared) for side in ("t", "s"))
    inserted, updated, unchanged = connection.execute(
        text(
            "SELECT count(*) FILTER (WHERE t.code IS NULL),"
            " count(*) FILTER (WHERE t.code IS NOT NULL AND differs),"
            " count(*) FILTER (WHERE t.code IS NOT NULL AND NOT differs)"
            f' FROM staged s LEFT JOIN "{table}" t USING (code)'
            f" CROSS JOIN LATERAL (SELECT ROW({theirs}) IS DISTINCT FROM ROW({ours}) AS differs) d"
        )
    ).one()
    return Changes(inserted, updated, unchanged)


def upsert(
    connection: Connection, table: str, columns: Sequence[str], import_id: int, changes: Changes
) -> None:
    """Insert ``staged`` into ``table`` and update the rows that differ, as ``changes`` foretold."""
    if not changes.updated and not changes.unchanged:
        _insert(connection, table, columns, import_id, changes.inserted)
        return
    compared = _said(columns)
    given = ", ".join(f'"{name}"' for name in columns)
    assigned = ", ".join(
        f'"{name}" = excluded."{name}"' for name in (*columns, "import_id") if name != "code"
    )
    theirs, ours = (", ".join(f'{side}."{name}"' for name in compared) for side in (f'"{table}"', "excluded"))
    connection.execute(
        text(
            f'INSERT INTO "{table}" ({given}, import_id) SELECT {_staged(columns)}, :import_id FROM staged'
            f" ON CONFLICT (code) DO UPDATE SET {assigned} WHERE ROW({theirs}) IS DISTINCT FROM ROW({ours})"
        ),
        {"import_id": import_id},
    )


def _insert(connection: Connection, table: str, columns: Sequence[str], import_id: int, count: int) -> None:
    given = ", ".join(f'"{name}"' for name in columns)
    staged = _staged(columns)
    statement = text(f'INSERT INTO "{table}" ({given}, import_id) SELECT {staged}, :import_id FROM staged')
    if not _at_least_doubles(connection, table, count):
        connection.execute(statement, {"import_id": import_id})
        return
    connection.execute(
        text("SELECT access.load_buildings(:columns, :import_id)"),
        {"columns": list(columns), "import_id": import_id},
    )


def _at_least_doubles(connection: Connection, table: str, count: int) -> bool:
    if table != "building" or count < _BULK_ROWS:
        return False
    present = connection.scalar(text("SELECT reltuples FROM pg_class WHERE oid = 'building'::regclass"))
    return present <= count


def yield_to_later_ledgers(connection: Connection, table: str, columns: Sequence[str], on: date) -> set[str]:
    """Empty the cells of ``staged`` that say otherwise than a ledger of a day after ``on``.

    Returns
    -------
    set of str
        Codes of the units of which they were.
    """
    left = ", ".join(
        f'"{name}" = CASE WHEN t."{name}" IS NULL THEN s."{name}" END' for name in _said(columns)
    )
    otherwise = " OR ".join(f't."{name}" <> s."{name}"' for name in _said(columns))
    yielding = connection.execute(
        text(
            f'UPDATE staged s SET {left} FROM "{table}" t'
            f" WHERE t.code = s.code AND ({otherwise}) AND access.is_later_ledger(t.import_id, :on_date)"
            " RETURNING s.code"
        ),
        {"on_date": on},
    )
    return set(yielding.scalars())


def differing_codes(connection: Connection, table: str, columns: Sequence[str]) -> tuple[set[str], set[str]]:
    """Codes that ``table`` lacks, and codes whose row differs; empty cells say nothing."""
    differs = " OR ".join(
        f't."{name}" <> s."{name}" OR (t."{name}" IS NULL AND s."{name}" IS NOT NULL)'
        for name in _said(columns)
    )
    rows = connection.execute(
        text(
            f'SELECT s.code, t.code IS NULL FROM staged s LEFT JOIN "{table}" t USING (code)'
            f" WHERE t.code IS NULL OR coalesce({differs}, false)"
        )
    ).all()
    return {code for code, new in rows if new}, {code for code, new in rows if not new}


def fill_in(connection: Connection, table: str, columns: Sequence[str], import_id: int, on: date) -> None:
    """Insert the rows of ``staged`` that ``table`` lacks and update the rest; empty cells change nothing.

    A unit that a ledger of a day after ``on`` spoke of goes on to be from that one.
    """
    given = ", ".join(f'"{name}"' for name in columns)
    changes = ", ".join(f'"{name}" = coalesce(s."{name}", t."{name}")' for name in _said(columns))
    differs = " OR ".join(
        f't."{name}" IS DISTINCT FROM coalesce(s."{name}", t."{name}")' for name in _said(columns)
    )
    source = {"import_id": import_id}
    connection.execute(
        text(
            f'UPDATE "{table}" t SET {changes},'
            " import_id = CASE WHEN later.stands THEN t.import_id ELSE :import_id END,"
            " source_row = CASE WHEN later.stands THEN t.source_row ELSE s.source_row END"
            f' FROM staged s JOIN "{table}" was USING (code)'
            " CROSS JOIN LATERAL (SELECT access.is_later_ledger(was.import_id, :on_date) AS stands) later"
            f" WHERE t.code = s.code AND ({differs})"
        ),
        source | {"on_date": on},
    )
    if table == "compound":
        connection.execute(
            text(
                f'INSERT INTO "{table}" ({given}, import_id) SELECT {_staged(columns)}, :import_id'
                f' FROM staged WHERE NOT EXISTS (SELECT FROM "{table}" t WHERE t.code = staged.code)'
            ),
            source,
        )


def _staged(columns: Sequence[str]) -> str:
    """What is inserted: a unit is of the baseline, and a compound, unless the file says that it is not."""
    return ", ".join(_UNSAID.get(name, f'"{name}"') for name in columns)


_UNSAID = {
    "baseline_unmanaged": 'coalesce("baseline_unmanaged", true)',
    "kind": "coalesce(\"kind\", 'compound')",
}


def _said(columns: Sequence[str]) -> list[str]:
    return [name for name in columns if name not in ("code", "source_row")]


def units(connection: Connection, table: str, codes: Sequence[str]) -> dict[str, tuple[str, int, bool]]:
    """(community, households, standalone) of the compounds or buildings of those codes."""
    standalone = "is_standalone" if table == "building" else "false"
    rows = connection.execute(
        text(
            f'SELECT code, community_code, household_count, {standalone} FROM "{table}"'
            " WHERE code = ANY(:codes)"
        ),
        {"codes": list(codes)},
    )
    return {code: (community, households, alone) for code, community, households, alone in rows}


def record(
    connection: Connection, *, kind: str, file_name: str, sha256: str, actor: str, report: dict
) -> int:
    """Note an import that changes something; returns its id, which the rows carry."""
    return connection.execute(
        text(
            "INSERT INTO import_record (kind, file_name, sha256, actor, report)"
            " VALUES (:kind, :file_name, :sha256, :actor, CAST(:report AS jsonb)) RETURNING id"
        ),
        {
            "kind": kind,
            "file_name": file_name,
            "sha256": sha256,
            "actor": actor,
            "report": json.dumps(report, ensure_ascii=False),
        },
    ).scalar_one()


def store_private_phones(connection: Connection, codes: Sequence[str], phones: Sequence[str]) -> int:
    """Store phones the writer may not read back; returns how many are new or changed."""
    return connection.execute(
        text("SELECT access.store_private_phones(:codes, :phones)"),
        {"codes": list(codes), "phones": list(phones)},
    ).scalar_one()


def metric_srid(connection: Connection) -> int | None:
    """The deployment's metric CRS; None before the first areas came."""
    return connection.scalar(text("SELECT metric_srid FROM deployment"))


def settle_deployment(connection: Connection, srid: int) -> None:
    """Fix the metric CRS that everything is measured in from now on."""
    connection.execute(text("INSERT INTO deployment (metric_srid) VALUES (:srid)"), {"srid": srid})


def refresh_lineages(connection: Connection) -> None:
    """Set the lineage of every area anew, where it changed."""
    connection.execute(query("refresh_lineages"))


def discard(connection: Connection) -> None:
    """Check what is only checked at the end, then undo the whole transaction: the end of a dry run."""
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    transaction = connection.get_transaction()
    if transaction is not None:
        transaction.rollback()
