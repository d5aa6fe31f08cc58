"""Many communities over worker processes."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import shapely

from geo_service.errors import Cancelled, InvalidInput, Unavailable
from geo_service.planning.model import CommunityZoning, LoadRange, ZoningArea
from geo_service.planning.zoning import draw_community_zones
from geo_service.planning.zoning.community.many import AHEAD, Commission, draw_communities
from tests.drawn_area import area_of, draw, square

LIMITS = LoadRange(60, 100)
BUDGET = 2_000
CHECKOUT = Path(__file__).parents[2]


def towns() -> list[ZoningArea]:
    """Eleven communities of very different sizes; the fourth cannot be zoned."""
    sizes = (30, 1, 12, 1, 2, 20, 3, 1, 4, 2, 6)
    areas = [draw("\n".join(["oooo"] * size)) for size in sizes]
    areas[3] = draw("a", {"a": 101})
    return [renamed(area, f"99012210{number:04d}") for number, area in enumerate(areas)]


def renamed(area: ZoningArea, code: str) -> ZoningArea:
    return ZoningArea(code, area.outline, area.building_codes, area.footprints, area.households)


def fingerprint(answer: CommunityZoning) -> tuple[object, ...]:
    zones = tuple((zone.code, zone.members.tolist(), zone.outline.wkt) for zone in answer.zones)
    reason = answer.infeasible and answer.infeasible.reason.key
    return answer.area_code, zones, reason, answer.objective_m


def test_answers_come_in_order_and_are_those_of_one_process() -> None:
    areas = towns()
    told: list[tuple[str, int, int | None]] = []
    given: list[int] = []
    kept = 0

    def commissions() -> Iterator[Commission]:
        for number, area in enumerate(areas):
            given.append(number)
            yield Commission(area)

    answers = []
    for answer in draw_communities(
        commissions(),
        LIMITS,
        seed=5,
        budget=BUDGET,
        workers=2,
        total=11,
        progress=lambda *each: told.append(each),
    ):
        answers.append(fingerprint(answer))
        kept = max(kept, len(given) - len(answers))
    alone = [fingerprint(draw_community_zones(area, LIMITS, seed=5, budget=BUDGET)) for area in areas]
    assert answers == alone
    assert answers[3][2] == "zoning.building_too_large"
    # streamed: no more than the workers need is asked for ahead of the answers
    assert kept <= 2 * AHEAD
    assert {(stage, total) for stage, _, total in told} == {("zoning.communities", 11)}
    done = [each[1] for each in told]
    assert (done[0], done[-1], done) == (0, 11, sorted(done))


def test_few_buildings_are_drawn_in_this_process_with_their_own_progress() -> None:
    told: list[str] = []
    areas = towns()[:5]
    answers = list(
        draw_communities(
            map(Commission, areas), LIMITS, budget=BUDGET, progress=lambda *each: told.append(each[0])
        )
    )
    assert [answer.area_code for answer in answers] == [area.code for area in areas]
    assert {"zoning.communities", "zoning.stage_tessellate", "zoning.stage_search"} <= set(told)


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_says_which_community_it_is_of(workers: int) -> None:
    areas = towns()[:3]
    degrees = area_of(shapely.box(112, 34, 112.1, 34.1), [square(112.05, 34.05, 0.01)], [80])
    areas[1] = renamed(degrees, "990122101001")
    answers = draw_communities(map(Commission, areas), LIMITS, budget=BUDGET, workers=workers)
    assert next(answers).area_code == areas[0].code
    with pytest.raises(InvalidInput) as refusal:
        list(answers)
    assert (refusal.value.key, refusal.value.where) == ("zoning.not_metric", "990122101001")


def test_whoever_asked_can_cancel_while_workers_draw() -> None:
    def stop_at_once(stage: str, done: int, total: int | None = None) -> None:
        if done == 1:
            raise Cancelled(stage)

    answers = draw_communities(
        map(Commission, towns()), LIMITS, budget=BUDGET, workers=2, progress=stop_at_once
    )
    next(answers)
    with pytest.raises(Cancelled):
        next(answers)


class _Fatal:
    """Ends the process that receives it, as the kernel does when memory runs out."""

    def __reduce__(self) -> tuple[object, ...]:
        return os._exit, (1,)


def test_a_lost_worker_is_an_error_in_words() -> None:
    area = towns()[0]
    codes = area.building_codes.copy()
    codes[0] = _Fatal()
    fatal = ZoningArea(area.code, area.outline, codes, area.footprints, area.households)
    with pytest.raises(Unavailable) as refusal:
        list(draw_communities([Commission(fatal)] * 2, LIMITS, budget=BUDGET, workers=2))
    assert refusal.value.key == "zoning.worker_lost"


ASKER = """
import multiprocessing
from geo_service.planning.zoning.community.many import Commission, draw_communities
from tests.planning.test_zoning_communities import BUDGET, LIMITS, towns

if __name__ == "__main__":
    answers = draw_communities(map(Commission, towns()), LIMITS, budget=BUDGET, workers=2)
    next(answers)
    print(*(worker.pid for worker in multiprocessing.active_children()), flush=True)
    input()
"""


def test_workers_end_with_whoever_asked(tmp_path: Path) -> None:
    script = tmp_path / "asker.py"
    script.write_text(ASKER)
    asker = subprocess.Popen(
        [sys.executable, script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
    )
    assert asker.stdout is not None
    workers = [int(pid) for pid in asker.stdout.readline().split()]
    assert len(workers) == 2
    asker.kill()
    asker.communicate()
    deadline = time.monotonic() + 60
    while any(map(is_running, workers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_running, workers))


def is_running(pid: int) -> bool:
    """Whether the process runs; one that waits for somebody to take notice of its end does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout
    return bool(state.strip()) and not state.startswith("Z")
