"""Which form of management a unit should have: types, household bands, forms, and the rules between them."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from geo_service.planning.policy.part import (
    Conditions,
    Key,
    Keyed,
    Named,
    Part,
    Rule,
    Section,
    Step,
    fault,
    require_distinct,
    together,
)

Form = Literal[
    "professional",
    "star_rated",
    "basic",
    "subdistrict_assisted",
    "community_staffed",
    "owner_self",
    "community_custody",
    "responsible_unit",
    "committee_self",
    "deliberation_self",
    "roving",
    "management_committee",
    "community_self",
    "interim",
    "employer_managed",
    "socialised",
    "separation_handover",
]
"""Forms of management of the five plans (domain vocabulary, M1 to M15)."""

ONE_FORM: tuple[frozenset[Form], ...] = (
    frozenset({"professional", "star_rated"}),
    frozenset({"employer_managed", "responsible_unit"}),
    frozenset({"owner_self", "committee_self", "deliberation_self"}),
)
"""Forms that ledgers and plans name in wider or narrower words: a plan that names one knows the others."""

Basis = Literal["ownership", "condition", "type", "size"]
"""What a rule looks at first; where two rules apply, the profile says which basis goes before."""

Arranger = Literal["owners_assembly", "owner_representatives", "community", "subdistrict", "responsible_unit"]
"""Who brings a form of management about."""

TypeFact = Literal["implementation_class", "compound_type", "unmanaged_kind"]


class UnitType(Named):
    """One option of the classification a plan sorts its compounds into."""

    section: Section


class UnitTypes(Part):
    """The classification a plan sorts its compounds and standalone buildings into."""

    fact: TypeFact
    """Which column of the ledger holds it."""
    standalone: Key | None = None
    """What a building of no compound is, where the ledger does not say."""
    options: Annotated[tuple[UnitType, ...], Field(min_length=1, strict=False)]

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        require_distinct(self.options, "options")
        if self.standalone is not None and self.standalone not in {each.key for each in self.options}:
            raise fault("unknown_reference", at=("standalone",), given=self.standalone)
        return self


class Band(Keyed):
    """Numbers of households, both ends included (以上 and 以下 include the number)."""

    at_least: Annotated[int, Field(ge=0)] = 0
    at_most: Annotated[int, Field(ge=0)] | None = None
    section: Section

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.at_most is not None and self.at_most < self.at_least:
            raise fault("range_reversed", at=("at_most",), lo=self.at_least, hi=self.at_most)
        return self


class FormRule(Rule):
    """A form the plan knows, and from which step it counts as covered."""

    form: Form
    covered_from: Step | None = None
    """Where it differs from the profile's own step."""
    never_covers: bool = False
    """An interim form bridges a gap and covers nothing."""
    is_fallback: bool = False
    """Government fallback: what follows where a compound's own plan fails."""


class AlsoCounted(Rule):
    """A form that units are counted under besides those the ledger ticks, where its conditions hold."""

    form: Form
    where: Annotated[Conditions, Field(min_length=1)]


class ManagementRule(Keyed, Rule):
    """Where its conditions hold, the forms a unit may have, the first of them by preference."""

    basis: Basis
    types: Annotated[tuple[Key, ...], Field(strict=False)] = ()
    """Any of these types; all types when empty."""
    band: Key | None = None
    where: Conditions
    """What has to be true, or false, of the unit."""
    forms: Annotated[tuple[Form, ...], Field(strict=False)] = ()
    """Empty where the plan names the case and leaves its form open."""
    is_open: bool = False
    """The plan's list of forms ends in "and so on"."""
    is_transition: bool = False
    """A form to move to gradually, without a date."""
    arranged_by: Annotated[tuple[Arranger, ...], Field(strict=False)] = ()
    """Who hires, appoints or organises it, any of these; empty where the plan does not say."""

    @model_validator(mode="after")
    def _has_a_condition(self) -> Self:
        if not (self.types or self.band or self.where):
            raise fault("no_condition")
        return self


class Management(Part):
    """Everything by which a profile recommends forms."""

    precedence: Annotated[tuple[Basis, ...], Field(min_length=1, strict=False)]
    """Which basis decides where rules of several apply, the strongest first."""
    is_default: bool
    """Whether the plan leaves the precedence open."""
    types: UnitTypes | None = None
    bands: Annotated[tuple[Band, ...], Field(strict=False)] = ()
    forms: Annotated[tuple[FormRule, ...], Field(min_length=1, strict=False)]
    rules: Annotated[tuple[ManagementRule, ...], Field(strict=False)] = ()
    also_counted: Annotated[tuple[AlsoCounted, ...], Field(strict=False)] = ()
    """Where several marks of one unit are by the plan's own rule, and not by the ledger alone."""

    @model_validator(mode="after")
    def _refers_to_what_is_there(self) -> Self:
        types = {option.key for option in self.types.options} if self.types else set()
        bands = {band.key for band in self.bands}
        forms = {rule.form for rule in self.forms}
        require_distinct(self.bands, "bands")
        require_distinct(self.rules, "rules")
        unknown = [
            fault("unknown_reference", at=("rules", place, field), given=", ".join(sorted(names)))
            for place, rule in enumerate(self.rules)
            for field, names in (
                ("types", set(rule.types) - types),
                ("band", {rule.band} - bands if rule.band else set()),
                ("forms", set(rule.forms) - forms),
                ("basis", {rule.basis} - set(self.precedence)),
            )
            if names
        ]
        if unknown:
            raise together(unknown)
        return self

    @cached_property
    def known_forms(self) -> frozenset[Form]:
        """The forms the plan names, in whichever words: no other counts as covered.

        Every form, where a list of the plan ends in an "and so on" (等).
        """
        if any(rule.is_open for rule in self.rules):
            return frozenset(get_args(Form))
        named = {rule.form for rule in self.forms}
        return frozenset(named.union(*(forms for forms in ONE_FORM if forms & named)))

    @property
    def fallback(self) -> FormRule | None:
        """The form that follows where a compound's own plan fails; None where the plan names none."""
        return next((rule for rule in self.forms if rule.is_fallback), None)
