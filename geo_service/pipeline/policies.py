"""The verbs on policy profiles: find, list, adopt, use."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from geo_service.access import Actor
from geo_service.errors import InvalidInput, NotFound
from geo_service.exchange.own_types import OwnType
from geo_service.pipeline.guard import require_writer
from geo_service.pipeline.layer_policy import answered_by, words_of
from geo_service.planning.policy import DEFAULT_PROFILE, Profile, load_profile, read_profile, shipped_profiles
from geo_service.publish.model import Layer, LayerSet
from geo_service.publish.statements import LayerRequest
from geo_service.store import areas, profiles
from geo_service.store.session import transaction

FEW_CODES = 100
"""As many areas as the database had better know by their codes."""


@dataclass(frozen=True)
class ListedProfile:
    """A profile that can be used."""

    profile: Profile
    is_shipped: bool
    in_use: bool

    def as_json(self) -> dict[str, Any]:
        """A line of the list as the command line and the API print it."""
        return {**self.profile.citation, "shipped": self.is_shipped, "in_use": self.in_use}


def find_profile(connection: Connection, key: str | None = None, version: int | None = None) -> Profile:
    """A profile by its key, the deployment's own by default; one adopted here goes before one that ships.

    Parameters
    ----------
    version : int, optional
        The latest by default, and where this version is not there any more.

    Raises
    ------
    NotFound
        No such profile.
    """
    key = key or areas.profile_key(connection) or DEFAULT_PROFILE
    shipped = load_profile(key) if key in shipped_profiles() else None
    stored = profiles.stored_profile(connection, key, version)
    if stored is None and version is not None and (shipped is None or shipped.version != version):
        stored = profiles.stored_profile(connection, key)
    if stored is not None:
        return _parsed(key, stored.document)
    if shipped is None:
        known = {*shipped_profiles(), *(each.key for each in profiles.stored_profiles(connection))}
        raise NotFound("policy.unknown", where=key, profile=key, known=", ".join(sorted(known)))
    return shipped


def require_form(profile: Profile, form: str, *, where: str) -> None:
    """Refuse a form of management that a profile does not know.

    Raises
    ------
    InvalidInput
        Naming those it knows.
    """
    known = [rule.form for rule in profile.management.forms]
    if form not in known:
        raise InvalidInput(
            "classification.unknown_form", where=where, given=form[:40], known=", ".join(known)
        )


@lru_cache(maxsize=32)
def _parsed(key: str, document: str) -> Profile:
    """A stored document, read once: tiles ask for the deployment's profile over and over."""
    return read_profile(key, document)


def own_types(connection: Connection) -> list[OwnType]:
    """Every type of a profile adopted here, of its earlier versions too: ledgers say them still.

    Those of the deployment's own profile come last: where two are called the same, its own is meant.
    """
    used = areas.profile_key(connection)
    documents = sorted(profiles.every_document(connection), key=lambda each: each[0] == used)
    return [own for _, document in documents for own in _types(document)]


@lru_cache(maxsize=128)
def _types(document: str) -> Sequence[OwnType]:
    # of the classification alone: what else an old version says need not fit what profiles are today
    types = tomllib.loads(document)["management"].get("types")
    return tuple(
        OwnType(types["fact"], option["key"], option["title_zh"].strip(), option["title_en"].strip())
        for option in (types["options"] if types else ())
    )


def by_policy(connection: Connection, request: LayerRequest) -> LayerRequest:
    """A layer's request with what the deployment's profile counts, sorts by and asks for on that day.

    Raises
    ------
    InvalidInput
        When it asks for a target that the profile does not have.
    """
    answered = answered_by(connection, find_profile(connection), request)
    if request.area is None:
        return answered
    codes = areas.few_codes_inside(connection, request.area, at_most=FEW_CODES)
    return answered if codes is None else replace(answered, communities=(request.area, codes))


Worded = TypeVar("Worded", Layer, LayerSet)


def in_own_words(connection: Connection, layers: Worded) -> Worded:
    """A layer, or all, with the words that the deployment's profile has for its types and targets."""
    return layers.worded(words_of(find_profile(connection)))


def list_profiles(engine: Engine, actor: Actor) -> list[ListedProfile]:
    """Every profile, by key."""
    with transaction(engine, actor, read_only=True) as connection:
        used = areas.profile_key(connection) or DEFAULT_PROFILE
        stored = {each.key: each for each in profiles.stored_profiles(connection)}
    return [
        ListedProfile(
            _parsed(key, stored[key].document) if key in stored else load_profile(key),
            is_shipped=key not in stored,
            in_use=key == used,
        )
        for key in sorted({*stored, *shipped_profiles()})
    ]


def read_one_profile(engine: Engine, actor: Actor, key: str | None = None) -> Profile:
    """One profile, the deployment's own by default.

    Raises
    ------
    NotFound
        No such profile.
    """
    with transaction(engine, actor, read_only=True) as connection:
        return find_profile(connection, key)


def adopt_profile(engine: Engine, actor: Actor, *, key: str, document: str) -> Profile:
    """Store a profile's document as its next version.

    Raises
    ------
    InvalidInput
        When the document is wrong; every fault is named.
    Conflict
        When this version, or a later one, is there with other content.
    Forbidden
        When the actor does not administer the whole deployment.
    """
    require_writer(actor)
    profile = read_profile(key, document)
    with transaction(engine, actor) as connection:
        profiles.store_profile(connection, profile.key, profile.version, document, actor.name)
    return profile


def use_profile(engine: Engine, actor: Actor, *, key: str) -> Profile:
    """Make a profile the deployment's own.

    Raises
    ------
    NotFound
        No such profile, or no area is imported yet.
    Forbidden
        When the actor does not administer the whole deployment.
    """
    require_writer(actor)
    with transaction(engine, actor) as connection:
        profile = find_profile(connection, key)
        profiles.use_profile(connection, key)
    return profile
