"""Many communities, each drawn in a worker process, the answers in the order they were asked for."""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from multiprocessing.synchronize import Event
from threading import Thread
from typing import Protocol

from geo_service.errors import Cancelled, GeoServiceError, Unavailable
from geo_service.planning.model import CommunityZoning, LoadRange, ZoningArea
from geo_service.planning.zoning.community.brief import Brief, ZoneCount
from geo_service.planning.zoning.community.draw import NO_WISHES, draw_community_zones
from geo_service.progress import Progress, silent

STAGE = "zoning.communities"
# A worker needs about two seconds to load the engine: with fewer buildings none is started.
WORTH_WORKERS = 5_000
# Communities under way for each worker: enough that none waits for its next, few enough to hold.
AHEAD = 4
# How often whoever asked is told, and can cancel, while communities are being drawn.
TELL_EVERY_S = 0.2


@dataclass(frozen=True)
class Commission:
    """One community to be drawn, with the wishes that are its own."""

    area: ZoningArea
    brief: Brief = NO_WISHES
    zones: ZoneCount = None


class _Draw(Protocol):
    def __call__(self, commission: Commission, *, progress: Progress) -> CommunityZoning: ...


def draw_communities(
    commissions: Iterable[Commission],
    limits: LoadRange,
    *,
    seed: int = 1,
    budget: int | None = None,
    workers: int | None = None,
    total: int | None = None,
    progress: Progress = silent,
) -> Iterator[CommunityZoning]:
    """Draw community after community as ``draw_community_zones`` does, several at a time.

    The answers come in the order of the commissions and are the same whatever the number of workers. Both
    are streamed: a few communities a worker are held, never all. Workers are processes, not threads: about
    half of the work, that beside the kernels and GEOS, holds Python's lock.

    Parameters
    ----------
    commissions : iterable of Commission
        Read in the caller's thread, a little ahead of the answers.
    limits : LoadRange
    seed, budget
        As for ``draw_community_zones``, for every community.
    workers : int, optional
        1 draws in this process, with the progress of each community's own stages. By default one worker a
        CPU this process may use, or 1 where there are few buildings.
    total : int, optional
        How many commissions there are, for ``progress``.
    progress : Progress
        Told of communities done; may raise ``Cancelled``, which ends the workers' searches too.

    Raises
    ------
    GeoServiceError
        Of the first commission, in their order, that cannot be drawn; ``where`` has the community's code.
    Unavailable
        A worker process was lost, as when memory runs out.
    """
    draw = partial(_draw, limits=limits, seed=seed, budget=budget)
    commissions = iter(commissions)
    if workers is None:
        sample, many = _enough(commissions)
        workers = _cpus() if many else 1
        commissions = chain(sample, commissions)
    if workers < 2:
        return _one_by_one(commissions, draw, total, progress)
    return _side_by_side(commissions, draw, workers, total, progress)


def _draw(
    commission: Commission, *, limits: LoadRange, seed: int, budget: int | None, progress: Progress
) -> CommunityZoning:
    code = commission.area.code
    try:
        return draw_community_zones(
            commission.area,
            limits,
            brief=commission.brief,
            zones=commission.zones,
            seed=seed,
            budget=budget,
            progress=progress,
        )
    except GeoServiceError as error:
        error.where = error.where or code
        raise
    except Exception as fault:
        fault.add_note(f"while drawing community {code}")
        raise


def _enough(commissions: Iterator[Commission]) -> tuple[list[Commission], bool]:
    """The first commissions, and whether they are work enough for workers."""
    sample: list[Commission] = []
    buildings = 0
    for commission in commissions:
        sample.append(commission)
        buildings += len(commission.area.footprints)
        if buildings >= WORTH_WORKERS and len(sample) > 1:
            return sample, True
    return sample, False


def _cpus() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _one_by_one(
    commissions: Iterator[Commission], draw: _Draw, total: int | None, progress: Progress
) -> Iterator[CommunityZoning]:
    progress(STAGE, 0, total)
    for done, commission in enumerate(commissions, start=1):
        answer = draw(commission, progress=progress)
        progress(STAGE, done, total)
        yield answer


def _side_by_side(
    commissions: Iterator[Commission], draw: _Draw, workers: int, total: int | None, progress: Progress
) -> Iterator[CommunityZoning]:
    context = get_context("spawn")
    cancelled = context.Event()
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(cancelled,))
    work = partial(_work, draw)
    try:
        under_way = deque(pool.submit(work, each) for each in islice(commissions, AHEAD * workers))
        done = 0
        while under_way:
            tell = partial(progress, STAGE, done, total)
            answer = _awaited(under_way.popleft(), tell)
            under_way.extend(pool.submit(work, each) for each in islice(commissions, 1))
            done += 1
            yield answer
        progress(STAGE, done, total)
    except BrokenProcessPool as lost:
        raise Unavailable("zoning.worker_lost") from lost
    finally:
        cancelled.set()
        pool.shutdown(cancel_futures=True)


def _awaited(future: Future[CommunityZoning], tell: Callable[[], None]) -> CommunityZoning:
    """The answer, with whoever asked told while it is not there yet."""
    tell()
    while not wait((future,), TELL_EVERY_S).done:
        tell()
    return future.result()


# What follows runs in the workers.
_cancelled: Event | None = None


def _start(cancelled: Event) -> None:
    global _cancelled
    _cancelled = cancelled
    # an interrupt reaches the whole process group: whoever asked decides, and says so by the event
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_leave_with_whoever_asked, daemon=True).start()


def _leave_with_whoever_asked() -> None:
    """End this worker when its parent is killed: nobody else would."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(draw: _Draw, commission: Commission) -> CommunityZoning:
    return draw(commission, progress=_go_on)


def _go_on(stage: str, done: int, total: int | None = None) -> None:
    if _cancelled is not None and _cancelled.is_set():
        raise Cancelled(stage)
