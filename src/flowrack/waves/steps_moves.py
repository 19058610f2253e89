"""Writes of planned waves that leave at another time because the planner said so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flowrack.platform import sql
from flowrack.waves import locks, queries_moves, steps_trucks
from flowrack.waves.drawing import day_word
from flowrack.waves.locks import LockedPlanWave
from flowrack.waves.queries_moves import Moved
from flowrack.waves.queries_pool import Here
from flowrack.waves.rules_hands import seconds_until
from flowrack.waves.rules_plan import Site


def move_planned(here: Here, site: Site, wave: LockedPlanWave, cut_off_at: datetime, because: str) -> datetime:
    """A planned wave leaves at another time, and its lines with it: by when it must be picked. Five statements.

    The glass of its cut-off has the hands up to it and what is on the floor before it. Back at the time of its plan
    nothing says any more that it was moved.
    """
    pick_until = cut_off_at - (wave.cut_off_at - wave.pick_until)
    until = here.clock(pick_until)
    [hands] = seconds_until(site.crew, site.now, [until])
    floor = sum(seconds for (end, _), seconds in site.floor.items() if end <= until)
    times = [day_word(here.clock(at), here.local) for at in (cut_off_at, wave.cut_off_at)]
    why = f"the planner moved it: {because}; cut-off {times[0]} instead of {times[1]}"
    steps_trucks.move_planned(wave, cut_off_at, pick_until, why, hands=sum(hands.values()), floor=floor)
    sql.execute(
        """
        UPDATE waves_planwave SET moved_from = nullif(coalesce(moved_from, %(was)s), %(at)s),
               moved_because = CASE WHEN coalesce(moved_from, %(was)s) = %(at)s THEN '' ELSE %(because)s END,
               why = CASE WHEN coalesce(moved_from, %(was)s) = %(at)s THEN '' ELSE why END
        WHERE id = %(wave)s
        """,
        {"was": wave.cut_off_at, "at": cut_off_at, "because": because, "wave": wave.plan_wave_id},
    )
    return pick_until


def move_again(here: Here, site: Site, plan_id: int, moved: Sequence[Moved]) -> None:
    """What the planner had moved leaves at his time also in the plan that was made anew, where its wave is still there
    and its time is to come."""
    known = dict(queries_moves.named(plan_id, moved))
    for wave in locks.plan_waves(list(known)):
        one = known[wave.plan_wave_id]
        if one.cut_off_at > here.at(here.local):
            move_planned(here, site, wave, one.cut_off_at, one.because)
