"""Units by their names, and the other spellings that people have confirmed for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from geo_service.store.queries import query


@dataclass(frozen=True)
class NamedUnit:
    """A compound or standalone building as the database calls it."""

    kind: str
    code: str
    community_code: str
    name: str | None
    address: str | None
    has_place: bool


@dataclass(frozen=True)
class Alias:
    """What a ledger calls a unit: a name without blanks, and the code it gives it, empty where none."""

    community_code: str
    spelling: str
    written_code: str
    unit_kind: str
    unit_code: str
    source_row: int


def named_units(connection: Connection, communities: Sequence[str]) -> list[NamedUnit]:
    """Every unit of some communities, as far as the actor sees."""
    rows = connection.execute(query("named_units"), {"communities": sorted(set(communities))})
    return [NamedUnit(*row) for row in rows]


def unit_aliases(connection: Connection, communities: Sequence[str]) -> dict[tuple[str, str, str], str]:
    """The unit's code by community, spelling and written code; only of units that there still are."""
    rows = connection.execute(query("unit_aliases"), {"communities": sorted(set(communities))})
    return {(community, spelling, written): code for community, spelling, written, code in rows}


def remember(connection: Connection, aliases: Sequence[Alias], import_id: int) -> None:
    """Keep spellings as confirmed, in place of what they meant before."""
    if aliases:
        connection.execute(
            query("remember_aliases"), [vars(alias) | {"import_id": import_id} for alias in aliases]
        )


def without_place(connection: Connection, area_code: str) -> list[NamedUnit]:
    """The compounds of an area that the map does not show."""
    rows = connection.execute(
        text(
            "SELECT 'compound', c.code, c.community_code, c.name, c.address, false FROM compound c"
            " JOIN area a ON a.code = c.community_code AND a.lineage @> ARRAY[CAST(:area AS text)]"
            " WHERE c.geom IS NULL ORDER BY c.community_code, c.code"
        ),
        {"area": area_code},
    )
    return [NamedUnit(*row) for row in rows]
