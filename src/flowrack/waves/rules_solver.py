"""The best choice of what waits, as an integer programme for HiGHS. Pure; greedy is there when it does not end in time.

Units alike are one variable: how many of them wait. 4,000 lines are a few hundred variables.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_array

from flowrack.waves.rules_fit import ANYWHERE, Fit, Hands, Unit, alike

SECONDS = 3
HALF = 0.5
SURE = 1e-6


def improve(units: Sequence[Unit], hands: Hands, known: Fit, *, seconds: int = SECONDS) -> Fit:
    """A plan of less penalty than `known` where there is one, and the points below which none can be."""
    kinds = alike(units)
    if not known.waiting or not kinds or not hands:
        return Fit(known.waiting, known.points, known.method, known.points if not known.waiting else 0)
    zones = sorted({zone for unit in units for zone, _ in unit.seconds if zone})
    forced = [unit for unit in units if unit.fixed > 0]
    paid = sum(unit.points for unit in units if unit.fixed < 0)
    wait, beyond = len(kinds), len(hands) * len(zones)
    rows, highest = _rows(kinds, hands, zones, forced)
    points = np.array([key[2] for key in kinds] + [0] * beyond)
    most = np.array([len(of) for of in kinds.values()] + [np.inf] * beyond)
    found = milp(
        points,
        constraints=LinearConstraint(rows, -np.inf, highest),
        bounds=Bounds(0, most),
        integrality=np.array([1] * wait + [0] * beyond),
        options={"time_limit": seconds, "mip_rel_gap": 0},
    )
    bound = 0
    if found.mip_dual_bound is not None and np.isfinite(found.mip_dual_bound):
        bound = max(0, int(np.ceil(found.mip_dual_bound - SURE))) + paid
    if found.x is None:
        return Fit(known.waiting, known.points, known.method, min(bound, known.points))
    waiting = {unit.key for unit in units if unit.fixed < 0}
    for count, of in zip(found.x[:wait], kinds.values(), strict=True):
        waiting |= {unit.key for unit in of[: int(count + HALF)]}
    total = sum(unit.points for unit in units if unit.key in waiting)
    if total >= known.points:
        return Fit(known.waiting, known.points, known.method, min(bound, known.points))
    return Fit(frozenset(waiting), total, "solver", min(bound, total))


def _rows(
    kinds: dict[tuple[int, tuple[tuple[int, int], ...], int], list[Unit]],
    hands: Hands,
    zones: Sequence[int],
    forced: Sequence[Unit],
) -> tuple[lil_array, np.ndarray]:
    """For each window: a row for each zone (its work less what waits and what others do fits its own people), and one
    for the people who work anywhere."""
    wait = len(kinds)
    each = len(zones) + 1
    rows = lil_array((len(hands) * each, wait + len(hands) * len(zones)))
    highest = np.zeros(len(hands) * each)
    for window, of_window in enumerate(hands):
        others = window * each + len(zones)
        highest[others] = of_window.get(ANYWHERE, 0)
        for place, zone in enumerate(zones):
            row, column = window * each + place, wait + window * len(zones) + place
            rows[row, column] = -1
            rows[others, column] = 1
            highest[row] = of_window.get(zone, 0)
        place_of = {zone: window * each + place for place, zone in enumerate(zones)} | {ANYWHERE: others}
        for variable, ((first, seconds, _), of) in enumerate(kinds.items()):
            if first > window:
                continue
            for zone, work in seconds:
                highest[place_of[zone]] -= work * len(of)
                rows[place_of[zone], variable] = rows[place_of[zone], variable] - work
        for unit in forced:
            for zone, work in unit.seconds if unit.window <= window else ():
                highest[place_of[zone]] -= work
    return rows, highest
