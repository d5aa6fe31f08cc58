"""Answers of layers by their edition: which may be sent from memory, and which a client has already.

An edition is what a layer shows to somebody: the layer as its files describe it, the area, day, plan and
target asked for, the caller's rights, and the versions of everything its query reads. Whatever changes any of
it makes another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

from cachetools import LRUCache
from fastapi import Response
from sqlalchemy import Engine

from geo_service.access import LOCAL_ADMIN, Actor
from geo_service.api.conditions import RequestConditions, compressed
from geo_service.api.layers import within_scope
from geo_service.publish.model import Layer
from geo_service.publish.statements import LayerRequest, Statement
from geo_service.store.layer_versions import VersionReader, topics_read
from geo_service.store.session import transaction

# Edited data: a client asks again each time; what one caller may see is nobody else's.
NOT_SHARED = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Accept-Language, Accept-Encoding"}

_EDITIONS_KEPT = 4096
_QUESTIONS_KEPT = 50_000
# About what a key takes, so that empty tiles count too.
_KEY_BYTES = 200
# Read by every request, whatever the layer: whether the area is in scope, and what the profile counts.
_ALWAYS = frozenset({"area", "deployment", "policy_profile"})


@dataclass(frozen=True)
class Edition:
    """One edition of a layer.

    Parameters
    ----------
    request : LayerRequest
        What was asked for, within the caller's scope and by the deployment's profile.
    tag : str
        Names the edition; empty where nobody keeps account of what the layer's query reads.
    area_code : str
        Whose versions count.
    versions : mapping of str to int
        The version of every topic that counts.
    """

    request: LayerRequest
    tag: str
    area_code: str
    versions: Mapping[str, int]


def joined(editions: Sequence[Edition]) -> Edition:
    """The edition of several layers together, asked for alike by one caller."""
    tags = [edition.tag for edition in editions]
    versions = {topic: version for edition in editions for topic, version in edition.versions.items()}
    first = editions[0]
    return Edition(first.request, _digest(*tags) if all(tags) else "", first.area_code, versions)


@dataclass(frozen=True)
class Answer:
    """The name of one answer of an edition.

    Parameters
    ----------
    edition : Edition
    parts : tuple
        What tells it from the other answers of the edition.
    media_type : str
    """

    edition: Edition
    parts: tuple[object, ...]
    media_type: str

    @cached_property
    def headers(self) -> Mapping[str, str]:
        """What names it, compressed or not, and whose it is."""
        if not self.edition.tag:
            return NOT_SHARED
        return {**NOT_SHARED, "ETag": f'W/"{_digest(self.edition.tag, *self.parts)}"'}

    def not_modified(self, conditions: RequestConditions) -> Response | None:
        """The answer to a client that has it already."""
        headers = self.headers
        return Response(status_code=304, headers=headers) if conditions.has(headers.get("ETag")) else None

    def response(self, body: bytes, conditions: RequestConditions) -> Response:
        """The answer itself; the body is compressed where the client takes it so."""
        if not body:
            return Response(status_code=204, headers=self.headers)
        encoding = {"Content-Encoding": "gzip"} if conditions.takes_gzip else {}
        return Response(body, media_type=self.media_type, headers={**self.headers, **encoding})


class Editions:
    """The editions asked for last, and the answers of each that are kept.

    Parameters
    ----------
    engine : Engine
    cache_bytes : int
        Memory for answers; those unused the longest go first.
    """

    def __init__(self, engine: Engine, cache_bytes: int) -> None:
        self._engine = engine
        self._versions = VersionReader(engine)
        self._topics: dict[str, frozenset[str] | None] = {}
        self._editions: LRUCache[Hashable, Edition] = LRUCache(_EDITIONS_KEPT)
        self._questions: LRUCache[Hashable, Answer] = LRUCache(_QUESTIONS_KEPT)
        self._bodies: LRUCache[Hashable, bytes] = LRUCache(cache_bytes, getsizeof=_size_bytes)
        self._lock = Lock()

    def of(self, layer: Layer, caller: Actor, request: LayerRequest) -> Edition:
        """The layer's edition as it is now.

        Raises
        ------
        NotFound
            When the area or the plan does not exist or lies outside the caller's scope.
        InvalidInput
            When the deployment's profile has no such target.
        Unavailable
            When the database is not there.
        """
        # Before anything else is read: an answer may be newer than its edition says, never older.
        area_code = request.area or caller.scope
        found = self._versions.read(area_code)
        topics = self._topics_of(layer)
        versions = {topic: found.get(topic, 0) for topic in sorted((topics or frozenset()) | _ALWAYS)}
        key = (layer.name, caller.role, caller.scope, caller.post_id, request, *versions.items())
        with self._lock:
            edition = self._editions.get(key)
        if edition is None:
            with transaction(self._engine, caller, read_only=True) as connection:
                chosen = within_scope(connection, caller, request)
            # What a chief may see ends with the post, on a day that no version tells.
            if topics is None or caller.post_id is not None:
                return Edition(chosen, "", area_code, versions)
            edition = Edition(chosen, _digest(layer, key), area_code, versions)
            with self._lock:
                self._editions[key] = edition
        return edition

    def body(self, answer: Answer, conditions: RequestConditions, make: Callable[[], bytes]) -> bytes:
        """The answer's body from memory, or made and kept, compressed where the client takes it so."""
        body = self._kept(answer, conditions)
        if body is None:
            body = compressed(make()) if conditions.takes_gzip else make()
            self._keep(answer, conditions, body)
        return body

    def remember(self, question: Hashable, answer: Answer) -> None:
        """Note what answered a question."""
        if answer.edition.tag:
            with self._lock:
                self._questions[question] = answer

    def recall(self, question: Hashable, conditions: RequestConditions) -> Answer | None:
        """What answered a question the last time, if it could be repeated; it may be past."""
        with self._lock:
            answer = self._questions.get(question)
        if answer is None or conditions.has(answer.headers["ETag"]):
            return answer
        return None if self._kept(answer, conditions) is None else answer

    async def repeat(self, answer: Answer, conditions: RequestConditions) -> Response | None:
        """An answer once more from memory; None where anything has changed since, or it is not kept."""
        found = await self._versions.read_soon(answer.edition.area_code)
        if any(found.get(topic, 0) != version for topic, version in answer.edition.versions.items()):
            return None
        unchanged = answer.not_modified(conditions)
        if unchanged is not None:
            return unchanged
        body = self._kept(answer, conditions)
        return None if body is None else answer.response(body, conditions)

    def close(self) -> None:
        """Give back what is held open."""
        self._versions.close()

    def _kept(self, answer: Answer, conditions: RequestConditions) -> bytes | None:
        with self._lock:
            return self._bodies.get((answer.edition.tag, answer.parts, conditions.takes_gzip))

    def _keep(self, answer: Answer, conditions: RequestConditions, body: bytes) -> None:
        if answer.edition.tag and _size_bytes(body) <= self._bodies.maxsize:
            with self._lock:
                self._bodies[(answer.edition.tag, answer.parts, conditions.takes_gzip)] = body

    def _topics_of(self, layer: Layer) -> frozenset[str] | None:
        if layer.name not in self._topics:
            with transaction(self._engine, LOCAL_ADMIN, read_only=True) as connection:
                self._topics[layer.name] = topics_read(connection, Statement(layer.sql, {}))
        return self._topics[layer.name]


def _size_bytes(body: bytes) -> int:
    return len(body) + _KEY_BYTES


def _digest(*parts: object) -> str:
    return hashlib.blake2b(repr(parts).encode(), digest_size=12).hexdigest()
