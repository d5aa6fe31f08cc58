"""The zones of several communities mended and evened out, with a limit on all buildings that change zone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from geo_service.errors import GeoServiceError
from geo_service.planning.editing.division import Division
from geo_service.planning.editing.figures import imbalance
from geo_service.planning.editing.ground import EditGround
from geo_service.planning.model import CommunityZoning, Finding, Infeasibility, LoadRange
from geo_service.planning.proposing.redivision import (
    Taste,
    brief_of,
    free_buildings,
    members_by_code,
    moved_buildings,
)
from geo_service.planning.zoning.problem import Earlier
from geo_service.planning.zoning.rebalance.community import rebalance_on_ground
from geo_service.progress import Progress, silent

STAGE_MENDING = "proposals.mending"
STAGE_EVENING = "proposals.evening"
# What a building of mean weight may go further for a unit of load nearer to the mean: load counts first.
EVENING_M = 20.0

Redivide = Callable[[Division, CommunityZoning], Division]


@dataclass(frozen=True)
class Community:
    """A community whose zones are to be rebalanced; ``redivide`` gives the solver's zones their codes."""

    ground: EditGround
    division: Division
    redivide: Redivide


@dataclass(frozen=True)
class Rebalanced:
    """What becomes of one community: another division, or the reason why it stays as it is."""

    division: Division
    refusal: Infeasibility | None = None


def rebalance_communities(
    communities: Mapping[str, Community],
    limits: LoadRange,
    taste: Taste,
    *,
    most_moves: int | None = None,
    seed: int = 1,
    progress: Progress = silent,
) -> dict[str, Rebalanced]:
    """Mend every community with the fewest buildings changing zone, as far as ``most_moves`` do over all.

    Those that need fewest are mended first. With ``most_moves``, what is left of them evens out the loads,
    where these are most uneven first.

    Returns
    -------
    dict of str to Rebalanced
        By code; communities that cannot be mended stay as they are.

    Raises
    ------
    GeoServiceError
        When rules contradict each other; ``where`` has the community's code.
    """
    mended: dict[str, Rebalanced] = {}
    for number, (code, community) in enumerate(communities.items()):
        progress(STAGE_MENDING, number, len(communities))
        mended[code] = _rebalanced(community, limits, taste, most_moves, seed=seed, evened=False)
    if most_moves is None:
        return mended
    needs = {code: _moves(communities[code], mended[code]) for code in mended}
    left = most_moves
    for code in sorted(needs, key=lambda code: (needs[code], code)):
        if needs[code] > left:
            mended[code] = _too_many(communities[code], code, needs[code], left)
            needs[code] = 0
        left -= needs[code]
    evenable = [code for code in communities if mended[code].refusal is None]
    evenable.sort(key=lambda code: (-_unevenness(communities[code], mended[code]), code))
    for number, code in enumerate(evenable):
        progress(STAGE_EVENING, number, len(evenable))
        if not left:
            break
        room = needs[code] + left
        evened = _rebalanced(communities[code], limits, taste, room, seed=seed, evened=True)
        moves = _moves(communities[code], evened)
        if evened.refusal is None and moves <= room:
            mended[code] = evened
            left = room - moves
    return mended


def _rebalanced(
    community: Community, limits: LoadRange, taste: Taste, most_moves: int | None, *, seed: int, evened: bool
) -> Rebalanced:
    ground, division = community.ground, community.division
    earlier = members_by_code(division)
    free = free_buildings(division)
    if not len(free) or all(head.locked for head in division.zones):
        return Rebalanced(division)
    brief = brief_of(ground, division, taste)
    brief = replace(brief, earlier=Earlier(division.zone_of, taste.change_cost_m))
    mean_weight = 1.0 if brief.weights is None else float(brief.weights[free].mean())
    try:
        answer = rebalance_on_ground(
            ground.ground.rebriefed(brief),
            limits,
            earlier,
            most_changes=most_moves,
            even_out_m=EVENING_M * mean_weight if evened else None,
            seed=seed,
        )
    except GeoServiceError as error:
        error.where = error.where or ground.code
        raise
    if answer.infeasible is not None:
        return Rebalanced(division, answer.infeasible)
    return Rebalanced(community.redivide(division, answer))


def _moves(community: Community, rebalanced: Rebalanced) -> int:
    return len(moved_buildings(community.division, rebalanced.division))


def _too_many(community: Community, code: str, needs: int, left: int) -> Rebalanced:
    reason = Finding("proposals.moves_used_up", code, {"needs": needs, "left": left})
    return Rebalanced(community.division, Infeasibility(code, reason, (), proven=False))


def _unevenness(community: Community, rebalanced: Rebalanced) -> float:
    division, loads = rebalanced.division, community.ground.ground.loads
    held = [int(loads[division.zone_of == place].sum()) for place in _open_zones(division)]
    return imbalance(held)


def _open_zones(division: Division) -> Sequence[int]:
    return [place for place, head in enumerate(division.zones) if not head.locked]
