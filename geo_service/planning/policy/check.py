"""What is not wrong in a profile but should be looked at: its plan may really have such holes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from geo_service import messages
from geo_service.planning.policy.lines import Place, dotted
from geo_service.planning.policy.management import Band
from geo_service.planning.policy.profile import Profile


@dataclass(frozen=True)
class Remark:
    """One thing to look at."""

    place: Place
    key: str
    values: Mapping[str, int | str]

    @property
    def field(self) -> str:
        """Its name in the document."""
        return dotted(self.place)

    def said(self, language: str) -> str:
        """The sentence."""
        return messages.text(f"policy.warning.{self.key}", language, missing=None, **self.values)


def warnings_of(profile: Profile) -> list[Remark]:
    """Everything in a profile that a careful reader would ask about."""
    return [
        *_holes_and_overlaps(profile.management.bands),
        *_never_used(profile),
        *_open_ended(profile),
    ]


def _holes_and_overlaps(bands: tuple[Band, ...]) -> list[Remark]:
    """Numbers of households in no band or in two, from the least any band names."""
    found: list[Remark] = []
    ordered = sorted(enumerate(bands), key=lambda each: each[1].at_least)
    covered_to: int | None = None
    for (_, before), (place, band) in pairwise(ordered):
        field = ("management", "bands", place)
        reach = None if before.at_most is None else max(before.at_most, covered_to or 0)
        covered_to = reach
        if reach is None or band.at_least <= reach:
            last = band.at_most if reach is None else min(reach, band.at_most or reach)
            values = {"first": band.at_least, "last": "∞" if last is None else last}
            found.append(Remark(field, "bands_overlap", values))
            if reach is None:
                break
        elif band.at_least > reach + 1:
            found.append(Remark(field, "bands_hole", {"first": reach + 1, "last": band.at_least - 1}))
    if bands and ordered[0][1].at_least > 0:
        hole = {"first": 0, "last": ordered[0][1].at_least - 1}
        found.insert(0, Remark(("management", "bands", ordered[0][0]), "bands_hole", hole))
    ends = [band.at_most for band in bands if band.at_most is not None]
    if bands and len(ends) == len(bands):
        last_of_all = max(range(len(bands)), key=lambda place: ends[place])
        found.append(Remark(("management", "bands", last_of_all), "bands_end", {"last": max(ends)}))
    return found


def _never_used(profile: Profile) -> list[Remark]:
    """Types, bands and forms that no rule leads to."""
    rules = profile.management.rules
    used_bands = {rule.band for rule in rules}
    used_types = {key for rule in rules for key in rule.types}
    used_forms = {form for rule in rules for form in rule.forms}
    types = profile.management.types.options if profile.management.types else ()
    found = [
        Remark(("management", "bands", place), "no_rule", {"given": band.key})
        for place, band in enumerate(profile.management.bands)
        if band.key not in used_bands
    ]
    found += [
        Remark(("management", "types", "options", place), "no_rule", {"given": option.key})
        for place, option in enumerate(types)
        if option.key not in used_types
    ]
    found += [
        Remark(("management", "forms", place), "no_rule", {"given": rule.form})
        for place, rule in enumerate(profile.management.forms)
        if rule.form not in used_forms and not rule.is_fallback
    ]
    return found


def _open_ended(profile: Profile) -> list[Remark]:
    """Targets that never ask for everything."""
    return [
        Remark(("targets", place), "target_ends_below", {"given": target.key, "percent": last})
        for place, target in enumerate(profile.targets)
        if (last := target.cumulative[-1].percent) is not None and last < 100 and not target.where
    ]
