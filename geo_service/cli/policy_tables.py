"""A policy profile as tables for people: targets, rules, and when what is to be done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from geo_service import messages
from geo_service.cli.terminal import language, show_rows, word

Part = dict[str, Any]


def show_profile(document: Part) -> None:
    """A profile as its JSON document has it."""
    title = f"title_{language()}"
    print(f"{document[title]} · {document['key']} v{document['version']}")
    milestones = [
        (target[title], target["kind"], step["date"], _wanted(step), step["section"], _ours(step, target))
        for target in document["targets"]
        for step in target["milestones"]
    ]
    show_rows(word("targets"), ("target", "kind", "date", "wanted", "section", "is_default"), milestones)
    rules = [
        (rule["key"], rule["band"] or "、".join(rule["types"]), _facts(rule["where"]),
         forms_in_words(rule["forms"]), rule["section"], _ours(rule))
        for rule in document["management"]["rules"]
    ]  # fmt: skip
    show_rows(word("rules"), ("rule", "applies_to", "where", "forms", "section", "is_default"), rules)
    calendar = list(_calendar(document))
    if calendar:
        columns = ("what", "title", "every", "begins", "ends", "section", "is_default")
        show_rows(word("calendar"), columns, calendar)


def forms_in_words(forms: list[str]) -> str:
    """Forms of management by name."""
    return "、".join(messages.text(f"form.{form}", language()) for form in forms)


def _calendar(document: Part) -> Iterator[tuple[Any, ...]]:
    """Phases, duties, rounds and rhythms: also those that the plan has on no day."""
    conduct = document["conduct"]
    rounds = document["scoring"]["rounds"] if document["scoring"] else []
    for part in conduct["phases"]:
        yield _line("phase", part, None, part["begins"], part["ends"])
    for part in conduct["duties"]:
        yield _line("coming_duty", part, None, None, part["due"])
    for part in rounds:
        yield _line("coming_round", part, None, None, part["due"])
    for part in conduct["rhythms"]:
        every = word(f"every_{part['every']}" if part["every"] else "as_needed")
        yield _line(f"coming_{part['kind']}", part, every, part["begins"], part["ends"])


def _line(what: str, part: Part, every: str | None, begins: str | None, ends: str | None) -> tuple[Any, ...]:
    title = part[f"title_{language()}"]
    return word(what), title, every, begins, ends, part["section"], _ours(part)


def _ours(*parts: Part) -> str:
    """What of a line is this service's reading: all of it, or some fields."""
    if any(part.get("is_default") for part in parts):
        return word("yes")
    return "、".join(field for part in parts for field in part.get("readings", ()))


def _wanted(milestone: Part) -> str:
    return f"{milestone['percent']}%" if milestone["count"] is None else str(milestone["count"])


def _facts(where: dict[str, bool]) -> str:
    return "、".join(f"{fact}={word('yes' if wanted else 'no')}" for fact, wanted in where.items())
