"""The verb that appoints chiefs: load, assign, save."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sqlalchemy import Engine

from geo_service import messages
from geo_service.access import Actor
from geo_service.pipeline.edit_words import lock_as_read
from geo_service.pipeline.guard import require_writer
from geo_service.planning.assignment import NOBODY, assign_chiefs
from geo_service.progress import Progress, silent
from geo_service.store import areas, posts
from geo_service.store.plan_edits import record_edit
from geo_service.store.session import transaction


@dataclass(frozen=True)
class Appointment:
    """One zone and its chief."""

    id: int
    zone_id: int
    zone_code: str
    person_code: str
    person_name: str
    walk_distance_m: float


@dataclass(frozen=True)
class AppointmentReport:
    """Who serves which zone, and which zones nobody could be found for."""

    plan_id: int
    revision: int
    posts: tuple[Appointment, ...]
    without_chief: tuple[dict[str, str], ...]

    def as_json(self) -> dict[str, Any]:
        """The report as the command line and the API print it."""
        return {
            "plan_id": self.plan_id,
            "revision": self.revision,
            "posts": [asdict(post) for post in self.posts],
            "without_chief": list(self.without_chief),
            "total_walk_distance_m": sum(post.walk_distance_m for post in self.posts),
        }


@dataclass(frozen=True)
class _Choice:
    zone: posts.ZoneToAppoint
    person: posts.Candidate
    walk_distance_m: float

    @property
    def is_kept(self) -> bool:
        return self.zone.holder == self.person.code


def appoint_chiefs(
    engine: Engine,
    actor: Actor,
    *,
    plan_id: int,
    expected_revision: int | None = None,
    progress: Progress = silent,
) -> AppointmentReport:
    """Choose one primary chief for each zone out of the zone's own community.

    In a draft every zone's chief is chosen anew, and only changed posts are rewritten; in a published plan
    the zones without a chief get one from today on. Walking distance is the straight line, in metres, from
    the home to the zone's medoid building: no path network is imported yet.

    Raises
    ------
    NotFound
        No such plan in the actor's scope.
    Conflict
        The plan is superseded, or no longer at ``expected_revision``.
    """
    require_writer(actor)
    with transaction(engine, actor) as connection:
        plan = lock_as_read(connection, plan_id, expected_revision)
        srid = areas.metric_srid(connection)
        zones = posts.zones_to_appoint(connection, plan_id, srid=srid)
        people = posts.candidates(connection, plan_id, srid=srid)
        earlier = posts.earlier_chiefs(connection, plan_id)

        chosen: list[_Choice] = []
        without_chief: list[dict[str, str]] = []
        communities = sorted({zone.community_code for zone in zones})
        for number, community in enumerate(communities):
            progress("chiefs.communities", number, len(communities))
            here = [zone for zone in zones if zone.community_code == community]
            candidates = [person for person in people if person.community_code == community]
            choices = _choose(here, candidates, earlier)
            chosen += choices
            served = {choice.zone.id for choice in choices}
            reason = "chiefs.all_full" if candidates else "chiefs.nobody"
            without_chief += [_without_chief(zone.code, reason) for zone in here if zone.id not in served]
        progress("chiefs.communities", len(communities), len(communities))

        changed = [choice for choice in chosen if not choice.is_kept]
        kept = {choice.zone.post_id for choice in chosen if choice.is_kept}
        removed = [zone.post_id for zone in zones if zone.post_id is not None and zone.post_id not in kept]
        new = posts.replace_posts(
            connection, removed, [(c.zone.id, c.person.code, c.walk_distance_m) for c in changed]
        )
        revision = plan.revision
        if changed or removed:
            revision = record_edit(connection, plan_id, "appoint", {"posts": len(changed)}).revision
    appointed = (
        Appointment(
            choice.zone.post_id if choice.is_kept else new[choice.zone.id],
            choice.zone.id,
            choice.zone.code,
            choice.person.code,
            choice.person.name,
            choice.walk_distance_m,
        )
        for choice in chosen
    )
    return AppointmentReport(
        plan_id, revision, tuple(sorted(appointed, key=lambda post: post.zone_code)), tuple(without_chief)
    )


def _choose(
    zones: list[posts.ZoneToAppoint], people: list[posts.Candidate], earlier: set[tuple[int, str]]
) -> list[_Choice]:
    centres = np.array([[zone.x, zone.y] for zone in zones]).reshape(-1, 1, 2)
    homes = np.array([[person.x, person.y] for person in people]).reshape(1, -1, 2)
    walk_distance_m = np.linalg.norm(centres - homes, axis=2)
    capacity = np.array([person.free for person in people], dtype=np.int64)
    known = np.array([[(zone.id, person.code) in earlier for person in people] for zone in zones], dtype=bool)
    answer = assign_chiefs(walk_distance_m, capacity, known.reshape(len(zones), len(people)))
    return [
        _Choice(zones[z], people[p], float(walk_distance_m[z, p]))
        for z, p in enumerate(answer.person)
        if p != NOBODY
    ]


def _without_chief(zone_code: str, reason: str) -> dict[str, str]:
    return {
        "zone_code": zone_code,
        **{f"reason_{language}": messages.text(reason, language) for language in messages.LANGUAGES},
    }
