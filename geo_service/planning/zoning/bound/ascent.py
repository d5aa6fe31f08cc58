"""Rounds of the subgradient method: multipliers that make the relaxed problem cost as much as possible."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo_service.planning.compiled import compiled
from geo_service.planning.model import Counts
from geo_service.planning.zoning.bound.columns import Columns
from geo_service.planning.zoning.bound.knapsack import (
    Filling,
    Scratch,
    ZoneLoad,
    best_price,
    value_at_price,
)
from geo_service.planning.zoning.bound.whole import Table, best_whole
from geo_service.planning.zoning.problem import Metres

MOMENTUM = 0.7
SHORTEN = 0.5
# Rounds over the likely centres between two over all of them; failures of the latter before a shorter step.
SKIP = 3
PATIENCE = 4
# The step aims no further above the bound than this, however far the known answer is.
FARTHEST_AIM = 0.1
NEAREST_AIM = 0.001
# Centres looked at between two rounds over all.
LIKELY_ZONES = 2
LEAST_LIKELY = 10
EVEN = 1e-12
# Far more than what sums of a few thousand doubles lose.
ROUNDING = 1e-9


class Ascent(NamedTuple):
    """The state between rounds.

    Parameters
    ----------
    multipliers, best_multipliers : Metres, shape (n,)
        What serving a building pays, now and where the bound was highest.
    direction : Metres, shape (n,)
        Smoothed subgradient.
    prices, values : Metres, shape (c,)
        Last best price of load around each centre, and the value found there.
    open : array of bool, shape (c,)
        Medoids that an answer better than the known one may still have.
    best_m, step : Metres, shape (1,)
        Highest bound, and the step's share of the way to the aim.
    failures : Counts, shape (1,)
        Rounds over all centres since the bound last rose.
    """

    multipliers: Metres
    best_multipliers: Metres
    direction: Metres
    prices: Metres
    values: Metres
    open: npt.NDArray[np.bool_]
    best_m: Metres
    step: Metres
    failures: Counts


def ascent_of(columns: Columns, multipliers: Metres) -> Ascent:
    """The state before the first round."""
    centres = len(columns.seats)
    return Ascent(
        multipliers.copy(),
        multipliers.copy(),
        np.zeros_like(multipliers),
        np.zeros(centres),
        np.zeros(centres),
        np.ones(centres, dtype=np.bool_),
        np.full(1, -np.inf),
        np.ones(1),
        np.zeros(1, dtype=np.int64),
    )


@compiled
def zone_around(
    columns: Columns,
    zone: ZoneLoad,
    ascent: Ascent,
    centre: int,
    scratch: Scratch,
    table: Table,
    indivisible: bool,
) -> Filling:
    """The best zone around a centre at the present multipliers."""
    filling = best_price(columns, zone, ascent.multipliers, centre, scratch)
    ascent.prices[centre] = filling.price
    if indivisible:
        filling = best_whole(columns, zone, ascent.multipliers, centre, filling, scratch, table)
    ascent.values[centre] = filling.value
    return filling


@compiled
def climb(
    columns: Columns,
    zone: ZoneLoad,
    ascent: Ascent,
    medoids: int,
    upper_m: float,
    enough_m: float,
    rounds: int,
    indivisible: bool,
    scratch: Scratch,
    table: Table,
) -> None:
    """Do ``rounds`` rounds with ``medoids`` zones around free medoids; every fixed centre has one as well.

    Ends early when the bound is ``enough_m``.
    """
    buildings = len(ascent.multipliers)
    likely = np.flatnonzero(ascent.open[:buildings])
    for done in range(rounds):
        if done % SKIP == 0:
            _evaluate_all(columns, zone, ascent, medoids, scratch, table, indivisible)
            likely = np.flatnonzero(ascent.open[:buildings])
            likely = likely[np.argsort(ascent.values[likely])]
        else:
            for candidate in likely:
                zone_around(columns, zone, ascent, int(candidate), scratch, table, indivisible)
            likely = likely[np.argsort(ascent.values[likely])]
        value_m = _relaxed_value(ascent, likely[:medoids])
        if done % SKIP == 0:
            _close(ascent, likely, medoids, upper_m - value_m)
            likely = likely[: max(LIKELY_ZONES * medoids, medoids + LEAST_LIKELY)]
            went_back = _note(ascent, value_m)
            if ascent.best_m[0] >= enough_m:
                return
            if went_back:
                continue
        chosen = np.append(likely[:medoids], np.arange(buildings, len(columns.seats)))
        misfit = _misfit(columns, zone, ascent, chosen, scratch, table, indivisible)
        if not _step(columns, ascent, misfit, upper_m - value_m):
            return


@compiled
def _evaluate_all(
    columns: Columns,
    zone: ZoneLoad,
    ascent: Ascent,
    medoids: int,
    scratch: Scratch,
    table: Table,
    indivisible: bool,
) -> None:
    """Values of all open centres: exact for the ``medoids`` least, at the last price for those above them."""
    buildings = len(ascent.multipliers)
    for centre in range(buildings, len(columns.seats)):
        zone_around(columns, zone, ascent, centre, scratch, table, indivisible)
    candidates = np.flatnonzero(ascent.open[:buildings])
    for candidate in candidates:
        ascent.values[candidate] = value_at_price(
            columns, zone, ascent.multipliers, int(candidate), ascent.prices[candidate]
        )
    candidates = candidates[np.argsort(ascent.values[candidates])]
    exact = 0
    highest = np.inf
    while exact < len(candidates) and ascent.values[candidates[exact]] < highest:
        for candidate in candidates[exact : exact + medoids + LEAST_LIKELY]:
            zone_around(columns, zone, ascent, int(candidate), scratch, table, indivisible)
        exact = min(len(candidates), exact + medoids + LEAST_LIKELY)
        if 0 < medoids <= exact:
            highest = float(np.sort(ascent.values[candidates[:exact]])[medoids - 1])


@compiled
def _relaxed_value(ascent: Ascent, chosen: Counts) -> float:
    """What the relaxed problem costs; rounded down by more than floating-point sums can be off."""
    paid = 0.0
    sums = 0.0
    for multiplier in ascent.multipliers:
        paid += multiplier
        sums += abs(multiplier)
    for centre in chosen:
        paid += ascent.values[centre]
        sums += abs(ascent.values[centre])
    for centre in range(len(ascent.multipliers), len(ascent.values)):
        paid += ascent.values[centre]
        sums += abs(ascent.values[centre])
    return paid - ROUNDING * sums if paid < np.inf else np.inf


@compiled
def _note(ascent: Ascent, value_m: float) -> bool:
    """Keep the multipliers of the highest bound; go back to them for shorter steps after some failures."""
    if value_m > ascent.best_m[0]:
        ascent.best_m[0] = value_m
        ascent.best_multipliers[:] = ascent.multipliers
        ascent.failures[0] = 0
        return False
    ascent.failures[0] += 1
    if ascent.failures[0] < PATIENCE:
        return False
    ascent.failures[0] = 0
    ascent.step[0] *= SHORTEN
    ascent.multipliers[:] = ascent.best_multipliers
    ascent.direction[:] = 0
    return True


@compiled
def _close(ascent: Ascent, ranked: Counts, medoids: int, slack_m: float) -> None:
    """Give up the medoids that would lift the relaxed problem above the known answer (variable fixing)."""
    if not 0 < medoids < len(ranked):
        return
    highest = ascent.values[ranked[medoids - 1]]
    for centre in ranked[medoids:]:
        if ascent.values[centre] - highest > slack_m + ROUNDING * abs(ascent.best_m[0]):
            ascent.open[centre] = False


@compiled
def _misfit(
    columns: Columns,
    zone: ZoneLoad,
    ascent: Ascent,
    chosen: Counts,
    scratch: Scratch,
    table: Table,
    indivisible: bool,
) -> Metres:
    """How often each building is missing from the chosen zones (negative: taken more than once)."""
    missing = np.ones(len(ascent.multipliers))
    for centre in chosen:
        filling = zone_around(columns, zone, ascent, centre, scratch, table, indivisible)
        if columns.seats[centre] >= 0:
            missing[columns.seats[centre]] -= 1
        for slot in range(filling.whole):
            missing[scratch.buildings[slot]] -= 1
        if filling.share > 0:
            missing[scratch.buildings[filling.whole]] -= filling.share
        for slot in range(filling.light, len(scratch.buildings)):
            missing[scratch.buildings[slot]] -= 1
    return missing


@compiled
def _step(columns: Columns, ascent: Ascent, missing: Metres, slack_m: float) -> bool:
    """Pay more for what is missing, less for what is taken twice (Polyak's step); False when nothing is."""
    squares = np.sum(missing * missing)
    if squares < EVEN:
        return False
    aim_m = FARTHEST_AIM * abs(ascent.best_m[0])
    if slack_m < aim_m:
        aim_m = max(slack_m, NEAREST_AIM * aim_m)
    length = ascent.step[0] * aim_m / squares
    for building in range(len(missing)):
        ascent.direction[building] = (
            MOMENTUM * ascent.direction[building] + (1 - MOMENTUM) * missing[building]
        )
        ascent.multipliers[building] = min(
            columns.ceilings_m[building],
            ascent.multipliers[building] + length * ascent.direction[building],
        )
    return True
