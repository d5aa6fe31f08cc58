"""Two plans held against each other, as tables for people."""

from __future__ import annotations

from typing import Any

from geo_service.cli.tables import MOST_FINDINGS
from geo_service.cli.terminal import show_facts, show_rows, word

Report = dict[str, Any]
_DECIMALS = {"mean_compactness": 3, "largest_deviation_percent": 1, "mean_deviation_percent": 1}


def show_comparison(report: Report) -> None:
    """Figures side by side, the zones in pairs, and the first buildings that differ."""
    a, b = report["a"], report["b"]
    show_facts({f"plan_{side}": f"{plan['plan_id']} {plan['name']}" for side, plan in (("a", a), ("b", b))})
    rows = [(word(key), _figure(key, a["figures"]), _figure(key, b["figures"])) for key in a["figures"]]
    show_rows(word("figures"), ("figure", "plan_a", "plan_b"), rows)
    pairs = [
        (_name(pair["a"]), _name(pair["b"]), pair["shared_households"], pair["shared_buildings"])
        for pair in report["zones"]
    ]
    show_rows(word("zones"), ("zone_in_a", "zone_in_b", "shared_households", "shared_buildings"), pairs)
    show_facts({"differing_buildings": report["differing"]["buildings"]})
    shown = [
        (
            each["code"],
            each["name"] or each["address"],
            each["households"],
            _name(each["a"]),
            _name(each["b"]),
        )
        for each in report["buildings"][:MOST_FINDINGS]
    ]
    if shown:
        columns = ("building_code", "name", "households", "zone_in_a", "zone_in_b")
        show_rows(word("differing_buildings"), columns, shown)


def _figure(key: str, figures: Report) -> object:
    value = figures[key]
    return f"{value:.{_DECIMALS[key]}f}" if key in _DECIMALS and value is not None else value


def _name(zone: Report | None) -> str | None:
    return None if zone is None else zone["name"]
