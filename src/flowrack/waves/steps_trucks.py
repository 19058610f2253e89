"""Writes of cut-offs that follow trucks; run inside somebody's command."""

from __future__ import annotations

from datetime import datetime

from flowrack.platform import sql
from flowrack.waves.locks import LockedPlanWave


def move_planned(
    wave: LockedPlanWave, cut_off_at: datetime, pick_until: datetime, why: str, *, hands: int, floor: int
) -> None:
    """A planned wave has another cut-off: its lines are due by it, its glass stands in the plan. Four statements."""
    sql.execute(
        "UPDATE waves_planwave SET cut_off_at = %s, pick_until = %s, why = left(%s, 300) WHERE id = %s",
        (cut_off_at, pick_until, why, wave.plan_wave_id),
    )
    plan_id = wave.plan.plan_id
    sql.execute(
        """
        UPDATE waves_planline SET pick_until = %s, why = left(%s, 400) WHERE plan_id = %s AND wave_place = %s
        """,
        (pick_until, why, plan_id, wave.place),
    )
    sql.execute(
        """
        INSERT INTO waves_planwindow (plan_id, place, cut_off_at, pick_until, hands, floor)
        SELECT %(plan)s, coalesce(max(place), -1) + 1, %(cut_off)s, %(until)s, %(hands)s, %(floor)s
        FROM waves_planwindow WHERE plan_id = %(plan)s HAVING count(*) FILTER (WHERE pick_until = %(until)s) = 0
        """,
        {"plan": plan_id, "cut_off": cut_off_at, "until": pick_until, "hands": hands, "floor": floor},
    )
    sql.execute(
        """
        DELETE FROM waves_planwindow w WHERE plan_id = %s
          AND NOT EXISTS (SELECT FROM waves_planline x WHERE x.plan_id = w.plan_id AND x.pick_until = w.pick_until)
        """,
        (plan_id,),
    )
