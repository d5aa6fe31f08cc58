"""The verbs of classification: recommend forms by a profile's rules, and decide otherwise with a reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine

from geo_service.access import Actor
from geo_service.errors import InvalidInput
from geo_service.pipeline.guard import require_reader, require_writer
from geo_service.pipeline.policies import find_profile, require_form
from geo_service.pipeline.wording import LONGEST_REASON, require_words
from geo_service.planning.policy import Profile
from geo_service.planning.policy.classify import (
    NO_RULE,
    UNDEFINED_BY_POLICY,
    Classification,
    UnitFacts,
    Verdict,
    classify,
    facts_missing,
)
from geo_service.store import areas, decisions
from geo_service.store.coverage import Known
from geo_service.store.session import transaction


@dataclass(frozen=True)
class ClassificationReport:
    """The recommended form of every unit of an area."""

    area_code: str
    area_name: str
    on: date
    known: Known
    profile: Profile
    units: list[decisions.ClassifiedUnit]
    facts: UnitFacts
    outcome: Classification

    def as_json(self) -> dict[str, Any]:
        """The report as the command line and the API print it."""
        rows = [self._unit(place) for place in range(len(self.units))]
        counted = Counter((row["verdict"], row["rule"]) for row in rows)
        households = Counter[tuple[str, str | None]]()
        for row in rows:
            households[row["verdict"], row["rule"]] += row["households"]
        return {
            "area": self.area_code,
            "area_name": self.area_name,
            "on": self.on.isoformat(),
            "known": self.known.isoformat() if self.known else None,
            "profile": self.profile.citation,
            "summary": [
                {
                    **self._rule(rule, verdict),
                    "verdict": verdict,
                    "units": units,
                    "households": households[verdict, rule],
                }
                for (verdict, rule), units in sorted(counted.items(), key=lambda each: str(each[0]))
            ],
            "units": rows,
        }

    def _unit(self, place: int) -> dict[str, Any]:
        unit, rules = self.units[place], self.profile.management.rules
        verdict, rule = Verdict(int(self.outcome.verdicts[place])), int(self.outcome.rules[place])
        also = int(self.outcome.also[place])
        missing = facts_missing(rules[rule], self.facts, place) if verdict is Verdict.NEEDS_FACTS else []
        decision = unit.decision
        return {
            "kind": unit.kind,
            "code": unit.code,
            "name": unit.name,
            "community": unit.community_code,
            "households": unit.households,
            "verdict": _VERDICTS[verdict],
            **self._rule(rules[rule].key if rule != NO_RULE else None, _VERDICTS[verdict]),
            "also": rules[also].key if also != NO_RULE else None,
            "missing": missing,
            "decision": decision
            and {
                "form": decision.form,
                "reason": decision.reason,
                "by": decision.decided_by,
                "at": decision.decided_at.isoformat(),
            },
        }

    def _rule(self, key: str | None, verdict: str) -> dict[str, Any]:
        """The rule that decides; what waits for facts is recommended nothing yet."""
        rule = next((rule for rule in self.profile.management.rules if rule.key == key), None)
        if rule is None:
            return {
                "rule": None,
                "forms": [],
                "is_open": False,
                "is_transition": False,
                "arranged_by": [],
                "readings": [],
                "clause": None,
            }
        return {
            "rule": rule.key,
            "forms": list(rule.forms) if verdict == _VERDICTS[Verdict.RECOMMENDED] else [],
            "is_open": rule.is_open,
            "is_transition": rule.is_transition,
            "arranged_by": list(rule.arranged_by),
            "readings": list(rule.readings),
            "clause": {"plan": self.profile.title_zh, "section": rule.section},
        }


_VERDICTS = {
    Verdict.RECOMMENDED: "RECOMMENDED",
    Verdict.UNDEFINED: UNDEFINED_BY_POLICY,
    Verdict.OPEN: "FORM_LEFT_OPEN",
    Verdict.NEEDS_FACTS: "NEEDS_FACTS",
}


def classify_units(
    engine: Engine,
    actor: Actor,
    *,
    area_code: str,
    on: date,
    known: datetime | None = None,
    profile_key: str | None = None,
) -> ClassificationReport:
    """Apply a profile's rules to every compound and standalone building of an area.

    Parameters
    ----------
    on : date
        The day whose arrangements and facts count.
    known : datetime, optional
        Go by what was known at this moment; now by default.
    profile_key : str, optional
        The deployment's own by default.

    Raises
    ------
    NotFound
        No such area in the actor's scope, or no such profile.
    Forbidden
        The actor reads coverage alone, or one zone alone.
    """
    require_reader(actor)
    with transaction(engine, actor, read_only=True) as connection:
        area = areas.require_area(connection, area_code)
        profile = find_profile(connection, profile_key)
        units, facts = decisions.units_to_classify(
            connection, area_code, on=on, known=known, profile_key=profile.key, types=profile.management.types
        )
    outcome = classify(profile.management, facts)
    return ClassificationReport(area.code, area.name, on, known, profile, units, facts, outcome)


def decide_form(
    engine: Engine,
    actor: Actor,
    *,
    unit_code: str,
    form: str | None,
    reason: str,
    profile_key: str | None = None,
) -> dict[str, Any]:
    """Choose a unit's form against the recommendation, or withdraw that; the audit keeps who and why.

    Parameters
    ----------
    form : str or None
        One of the profile's forms; None withdraws the decision.
    reason : str
        Demanded of a decision.

    Raises
    ------
    InvalidInput
        No reason, or a form the profile does not know.
    NotFound
        No such unit in the actor's scope, no such profile, or nothing to withdraw.
    Forbidden
        The actor's role changes no data.
    """
    require_writer(actor)
    if form is not None and not reason.strip():
        raise InvalidInput("classification.no_reason", where=unit_code)
    if reason:
        reason = require_words(reason, where="reason", most=LONGEST_REASON)
    with transaction(engine, actor) as connection:
        profile = find_profile(connection, profile_key)
        if form is not None:
            require_form(profile, form, where=unit_code)
        community = decisions.decide_form(
            connection, unit_code, profile_key=profile.key, form=form, reason=reason, actor=actor.name
        )
    return {
        "unit": unit_code,
        "community": community,
        "profile": profile.key,
        "form": form,
        "reason": reason if form is not None else None,
    }
