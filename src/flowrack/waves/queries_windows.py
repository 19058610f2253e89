"""Reads of the cut-offs of a plan: hands and work up to each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flowrack.platform import sql
from flowrack.waves.rules_plan import Plan, Window


@dataclass(frozen=True, slots=True)
class WindowRow:
    """A cut-off of a plan, as a glass: hands up to it, work before it, and what waits. Seconds of one person."""

    place: int
    cut_off_at: datetime
    pick_until: datetime
    hands: int
    floor: int
    planned: int
    waiting: int
    lines: int
    lines_waiting: int


def windows_of(plan_id: int) -> list[WindowRow]:
    """The windows of a plan; work is counted from now up to each. One query."""
    rows = sql.fetch_all(
        """
        SELECT w.place, w.cut_off_at, w.pick_until, w.hands, w.floor,
               coalesce(sum(x.seconds) FILTER (WHERE x.fate = 'goes'), 0)::bigint,
               coalesce(sum(x.seconds) FILTER (WHERE x.fate = 'waits' AND x.pick_until = w.pick_until), 0)::bigint,
               count(*) FILTER (WHERE x.fate = 'goes' AND x.pick_until = w.pick_until),
               count(*) FILTER (WHERE x.fate = 'waits' AND x.pick_until = w.pick_until)
        FROM waves_planwindow w LEFT JOIN waves_planline x ON x.plan_id = w.plan_id AND x.pick_until <= w.pick_until
        WHERE w.plan_id = %s GROUP BY w.id ORDER BY w.pick_until, w.place
        """,
        (plan_id,),
    )
    return [WindowRow(*row) for row in rows]


def work_until(plan: Plan, window: Window) -> int:
    """Seconds of the plan's work up to the end of a window."""
    return sum(one.planned for one in plan.windows if one.pick_until <= window.pick_until)
