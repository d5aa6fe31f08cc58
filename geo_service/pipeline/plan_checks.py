"""The check list of a plan: what breaks the rules it was drawn with, and what is good to know, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine

from geo_service import messages
from geo_service.access import Actor
from geo_service.pipeline.edit_words import zone_in_words
from geo_service.pipeline.guard import require_reader
from geo_service.planning.model import LoadRange
from geo_service.store import plan_rules, plans
from geo_service.store.session import transaction

Breach = dict[str, Any]


def check_plan(engine: Engine, actor: Actor, *, plan_id: int) -> dict[str, Any]:
    """What of a plan breaks its rules; it is published as it is only for a reason that is recorded.

    ``notes`` are good to know and refuse nothing: zones without a chief, communities of the plan's area
    with buildings to zone and no zone, chiefs of several zones.

    Raises
    ------
    NotFound
        No such plan in the actor's scope.
    """
    require_reader(actor)
    with transaction(engine, actor, read_only=True) as connection:
        plan = plans.get_plan(connection, plan_id)
        communities = list(plans.zones_by_community(connection, plan_id))
        found = breaches(connection, plan_id, communities)
        noted = [_note(row) for row in plan_rules.notes(connection, plan_id, plan["area_code"])]
    kept = {key: plan[key] for key in ("revision", "state")}
    return {"plan_id": plan_id, **kept, "breaches": found, "notes": noted}


def breaches(connection: Connection, plan_id: int, communities: Sequence[str]) -> list[Breach]:
    """What breaks the rules in some communities of a plan, zone by zone.

    Loads outside the limits, zones in pieces, zones across a barrier, buildings in no zone, pairs that must
    share a zone and do not or must not and do. Plans that do not say what they were drawn with keep to all.
    """
    parameters = plans.plan_parameters(connection, plan_id)
    if not parameters.get("limits"):
        return []
    limits = LoadRange.parse(parameters["limits"])
    rows = plan_rules.broken_rules(connection, plan_id, communities, limits)
    found = [breach for row in rows for breach in _of_row(row, limits)]
    return found + _of_pairs(connection, plan_id, communities, parameters)


def _of_row(row: Mapping[str, Any], limits: LoadRange) -> Iterator[Breach]:
    if row["unassigned"]:
        yield _breach("unassigned", row, community=row["community_name"], buildings=row["unassigned"])
    if row["load"] is not None and not limits.lo <= row["load"] <= limits.hi:
        rule = "under" if row["load"] < limits.lo else "over"
        yield _breach(rule, row, load=row["load"], limits=str(limits))
    if row["barriers"]:
        yield _breach("crosses_barrier", row, barriers=", ".join(row["barriers"]))
    if row["stranded"]:
        yield _breach("in_pieces", row, buildings=row["stranded"])


def _of_pairs(
    connection: Connection, plan_id: int, communities: Sequence[str], parameters: Mapping[str, Any]
) -> list[Breach]:
    together, apart = parameters.get("together", ()), parameters.get("apart", ())
    named = sorted({code for pair in (*together, *apart) for code in pair})
    if not named:
        return []
    zone_of = plan_rules.zones_of_buildings(connection, plan_id, communities, named)
    found = []
    for rule, pairs, must_share in (("parted", together, True), ("not_apart", apart, False)):
        for one, other in pairs:
            here = zone_of.get(one)
            shared = here is not None and here == zone_of.get(other)
            known = one in zone_of or other in zone_of
            if known and shared is not must_share and (must_share or shared):
                code, community = zone_of.get(one) or zone_of[other]
                where = {"community_code": community, "zone_code": code}
                found.append(_breach(rule, where, one=one, other=other))
    return found


def _breach(rule: str, row: Mapping[str, Any], **values: object) -> Breach:
    zone = row["zone_code"]
    return {
        "rule": rule,
        "community_code": row["community_code"],
        "zone_code": zone,
        **{
            f"message_{language}": messages.text(
                f"edits.broken.{rule}", language, zone=_zone_of(row, zone or "", language), **values
            )
            for language in messages.LANGUAGES
        },
    }


def _note(row: Mapping[str, Any]) -> Breach:
    return {
        **{key: row[key] for key in ("rule", "community_code", "zone_code")},
        **{
            f"message_{language}": messages.text(
                f"edits.noted.{row['rule']}",
                language,
                community=row["community_name"],
                chief=row["chief_name"],
                buildings=row["buildings"],
                count=len(row["zones"]),
                zones=messages.text("edits.comma", language).join(
                    _zone_of(each, each["code"], language) for each in row["zones"]
                ),
            )
            for language in messages.LANGUAGES
        },
    }


def _zone_of(row: Mapping[str, Any], code: str, language: str) -> str:
    """A zone with its community, where that is known: several have a first one."""
    zone = zone_in_words(code, row["community_code"], language)
    community = row.get("community_name")
    return messages.text("edits.zone_of", language, community=community, zone=zone) if community else zone
