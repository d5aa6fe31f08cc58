"""A verb's report as tables for people; the keys are those of the JSON document."""

from __future__ import annotations

from typing import Any

from geo_service import messages
from geo_service.cli.outcome import nearest_limits
from geo_service.cli.terminal import language, show_facts, show_rows, word
from geo_service.planning.documents.model import percentage

MOST_FINDINGS = 20

Report = dict[str, Any]


def _sentence(entry: Report, prefix: str) -> str:
    return str(entry[f"{prefix}_{language()}"])


def show_import(report: Report) -> None:
    """Counts of one import, and its first findings."""
    counts = ("rows", "inserted", "updated", "unchanged", "rejected", "repaired", "warnings", "offered")
    files = ("rejects_file", "candidates_file")
    show_facts({key: report[key] for key in ("kind", "file", "dry_run", *counts, *files)})
    findings = report["findings"]
    if findings:
        shown = [
            (
                *(f.get("layer"), f["row"], f.get("column") or f["field"]),
                *(word(f["severity"]), _sentence(f, "message")),
            )
            for f in findings[:MOST_FINDINGS]
        ]
        show_rows(word("findings"), ("layer", "row", "field", "severity", "message"), shown)
    _say_rest(len(findings))


def _say_rest(count: int) -> None:
    if count > MOST_FINDINGS:
        print(messages.text("command.more_findings", language(), count=count - MOST_FINDINGS))


def show_plan(report: Report) -> None:
    """How good each community's zones are, the zones themselves, and communities that could not be zoned."""
    show_facts({key: report[key] for key in ("plan_id", "parent_id", "name", "area_code", "limits", "seed")})
    communities = [
        (
            *(each["community_code"], each["name"], each["zones"], each["households"]),
            *(each["distance_m"], _sentence(each, "gap"), _kilometres(each["patrol_m"])),
            *((each["changed_buildings"],) if report["parent_id"] else ()),
        )
        for each in report["communities"]
    ]
    changed = ("changed_buildings",) if report["parent_id"] else ()
    columns = ("community_code", "name", "zones", "households", "distance_m", "quality", "patrol_km")
    show_rows(word("communities"), (*columns, *changed), communities)
    zones = [
        (
            *(zone["code"], zone["name"], zone["households"], zone["buildings"]),
            *(zone["distance_m"], _kilometres(zone["patrol_m"]), zone["locked"]),
        )
        for zone in report["zones"]
    ]
    columns = ("zone_code", "name", "households", "buildings", "distance_m", "patrol_km", "locked")
    show_rows(word("zones"), columns, zones)
    if report["changes"]:
        changes = [(each["building_code"], each["from_zone"], each["to_zone"]) for each in report["changes"]]
        show_rows(word("changes"), ("building_code", "from_zone", "to_zone"), changes[:MOST_FINDINGS])
        _say_rest(len(changes))
    _show_infeasible(report["infeasible"])
    for finding in report["findings"][:MOST_FINDINGS]:
        print(f"{finding.get('where') or ''} {_sentence(finding, 'message')}".strip())
    _say_rest(len(report["findings"]))


def show_explanations(report: Report) -> None:
    """Why each zone is as it is, its walk, and how good the communities' zones are."""
    show_facts({key: report[key] for key in ("plan_id", "name", "limits")})
    rows = [
        (
            each["community_code"],
            each["zones"],
            each["distance_m"],
            _sentence(each, "gap"),
            _kilometres(each["patrol_m"]),
        )
        for each in report["communities"]
    ]
    show_rows(word("communities"), ("community_code", "zones", "distance_m", "quality", "patrol_km"), rows)
    for zone in report["zones"]:
        size = messages.text(
            "command.zone_size", language(), households=zone["households"], buildings=zone["buildings"]
        )
        print(f"{zone['code']} {zone['name']}: {size}")
        for reason in zone["explanation"]:
            print(f"  - {_sentence(reason, 'message')}")
        if zone["patrol_m"] is not None:
            walk = " → ".join(building["name"] or building["code"] for building in zone["walk"])
            print(f"  {word('patrol_km')} {_kilometres(zone['patrol_m'])}: {walk}")
    _show_infeasible(report["infeasible"])


def _kilometres(metres: float | None) -> str | None:
    return None if metres is None else f"{metres / 1000:.2f}"


def _show_infeasible(entries: list[Report]) -> None:
    if not entries:
        return
    rows = [
        (entry["area_code"], entry["name"], _sentence(entry, "reason"), nearest_limits(entry["nearest"]))
        for entry in entries
    ]
    show_rows(word("infeasible"), ("area_code", "name", "reason", "nearest"), rows)
    for entry in entries:
        for remedy in entry.get("remedies", ()):
            print(f"{entry['area_code']} → {_sentence(remedy, 'message')}")


def show_appointments(report: Report) -> None:
    """Who serves which zone, and which zones nobody does."""
    posts = [
        (p["zone_code"], p["person_name"], p["person_code"], p["walk_distance_m"], p["id"])
        for p in report["posts"]
    ]
    show_rows(word("posts"), ("zone_code", "chief", "person_code", "walk_distance_m", "post_id"), posts)
    missing = [(entry["zone_code"], _sentence(entry, "reason")) for entry in report["without_chief"]]
    if missing:
        show_rows(word("without_chief"), ("zone_code", "reason"), missing)
    show_facts({"total_walk_distance_m": report["total_walk_distance_m"]})


def show_publication(report: Report) -> None:
    """Communities a plan now holds in."""
    show_facts({key: report[key] for key in ("plan_id", "name", "from")})
    rows = [
        (c["code"], c["name"], c["zones"], c["households"], "、".join(c["without_chief"]))
        for c in report["communities"]
    ]
    show_rows(word("communities"), ("code", "name", "zones", "households", "without_chief"), rows)


_PLANS_NAMED = 10


def show_coverage(report: Report) -> None:
    """Exact counts and the rate, one row an area, and the milestone."""
    total = {"code": report["area"], "name": word("total"), "figures": report["total"]}
    first = report["measures"][0]
    rows = [
        (row["code"], row["name"], *_counts(row["figures"][first["key"]])) for row in (*report["rows"], total)
    ]
    when = (
        report["on"] if report["known"] is None else f"{report['on']} ({word('known_at')} {report['known']})"
    )
    show_rows(f"{_sentence(first, 'title')} · {when}", ("code", "name", "covered", "base", "rate"), rows)
    if len(report["measures"]) > 1:
        others = [
            (measure["key"], _sentence(measure, "title"), *_counts(report["total"][measure["key"]]))
            for measure in report["measures"]
        ]
        show_rows(f"{report['area_name']} · {when}", ("measure", "title", "covered", "base", "rate"), others)
    print(f"{word('numerator_rule')}: {first['numerator_rule'][language()]}")
    print(f"{word('denominator_rule')}: {first['denominator_rule'][language()]}")
    profile = report["profile"]
    print(f"{word('profile')}: {profile[f'title_{language()}']} ({profile['key']}, {profile['version']})")
    print(f"{word('baseline_date')}: {first['baseline_date'] or word('undated')}")
    if report["unknown_forms"]:
        told = [f"{each['name']} {each['units']}" for each in report["unknown_forms"]]
        print(f"{word('unknown_forms')}: {', '.join(told)}")
    if report["plans"]:
        plans = ", ".join(f"{plan['id']} ({plan['revision']})" for plan in report["plans"][:_PLANS_NAMED])
        print(f"{word('plans_in_force')}: {plans}{'…' if len(report['plans']) > _PLANS_NAMED else ''}")
    milestone = report["milestone"]
    if milestone:
        show_facts({key: milestone[key] for key in ("date", "numerator", "required", "denominator", "met")})


def _counts(figure: Report) -> tuple[object, object, str]:
    return figure["numerator"], figure["denominator"], percentage(figure["rate"])


def show_demo(report: Report) -> None:
    """The county in numbers, its zones, and coverage at each month-end."""
    show_facts({key: report[key] for key in ("area", "units", "compounds", "standalone_buildings")})
    zones = [
        (zone["code"], zone["households"], zone["buildings"], (zone["chief"] or {}).get("name"))
        for zone in report["zones"]
    ]
    show_rows(word("zones"), ("zone_code", "households", "buildings", "chief"), zones)
    for entry in report["infeasible"]:
        place = f"{entry['community_code']} {entry['name']}"
        print(f"{place}: {_sentence(entry, 'reason')} → {nearest_limits(entry['nearest'])}")
    months = [
        (
            day,
            figure["numerator"],
            figure["denominator"],
            percentage(figure["rate"]),
            figure["milestone"] and f"{figure['milestone']}%",
            figure["milestone_met"],
        )
        for day, figure in report["coverage"].items()
    ]
    show_rows(word("coverage"), ("date", "covered", "base", "rate", "milestone", "met"), months)
    show_rows(word("files"), ("path",), [(path,) for path in report["files"]])


def show_files(report: Report) -> None:
    """Files an export wrote."""
    rows = [(f["path"], f["layer"], f["features"], f["bytes"]) for f in report["files"]]
    show_rows(word("files"), ("path", "layer", "features", "bytes"), rows)
    for remark in report["remarks"]:
        print(remark)


def show_good_layers(report: Report) -> None:
    """That every layer is well defined."""
    print(messages.text("command.layers_good", language(), count=len(report["layers"])))
