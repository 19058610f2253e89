"""Row locks of waves: a plan first, then what other stages lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class LockedPlan:
    """A plan, locked."""

    plan_id: int
    number: str
    site_id: int
    state: str


def plan(plan_id: int) -> LockedPlan | None:
    """One plan. One statement."""
    row = sql.fetch_one("SELECT id, number, site_id, state FROM waves_plan WHERE id = %s FOR NO KEY UPDATE", (plan_id,))
    return LockedPlan(*row) if row else None


@dataclass(frozen=True, slots=True)
class LockedPlanWave:
    """A wave of a plan; the plan is locked with it."""

    plan_wave_id: int
    place: int
    state: str
    template: str
    method: str
    cut_off_at: datetime
    pick_until: datetime
    why: str
    plan: LockedPlan


_PLAN_WAVE = """
    SELECT w.id, w.place, w.state, w.template, w.method, w.cut_off_at, w.pick_until, w.why, p.id, p.number, p.site_id,
           p.state
    FROM waves_plan p JOIN waves_planwave w ON w.plan_id = p.id
"""


def _plan_wave(row: Sequence[Any]) -> LockedPlanWave:
    wave_id, place, state, template, method, cut_off_at, pick_until, why, *of_plan = row
    return LockedPlanWave(wave_id, place, state, template, method, cut_off_at, pick_until, why, LockedPlan(*of_plan))


def plan_wave(plan_wave_id: int) -> LockedPlanWave | None:
    """One wave of a plan, and the plan. One statement."""
    row = sql.fetch_one(_PLAN_WAVE + " WHERE w.id = %s FOR NO KEY UPDATE OF p, w", (plan_wave_id,))
    return _plan_wave(row) if row else None


def plan_waves(plan_wave_ids: Sequence[int]) -> list[LockedPlanWave]:
    """Waves of plans that are planned still, and their plans. One statement."""
    rows = sql.fetch_all(
        _PLAN_WAVE
        + " WHERE w.id = ANY(%s::bigint[]) AND w.state = 'planned' ORDER BY p.id, w.id FOR NO KEY UPDATE OF p, w",
        (list(plan_wave_ids),),
    )
    return [_plan_wave(row) for row in rows]


@dataclass(frozen=True, slots=True)
class LockedRun:
    """The times of a wave on the floor, locked."""

    wave_id: int
    cut_off_at: datetime
    pick_until: datetime


def runs(wave_ids: Sequence[int]) -> list[LockedRun]:
    """The times of waves. One statement."""
    rows = sql.fetch_all(
        """
        SELECT wave_id, cut_off_at, pick_until FROM waves_run WHERE wave_id = ANY(%s::bigint[])
        ORDER BY wave_id FOR NO KEY UPDATE
        """,
        (list(wave_ids),),
    )
    return [LockedRun(*row) for row in rows]


def site_templates(site_id: int) -> dict[int, bool]:
    """The templates of a site, and whether each is in use. One statement."""
    rows = sql.fetch_all(
        "SELECT id, is_active FROM waves_template WHERE site_id = %s ORDER BY id FOR NO KEY UPDATE", (site_id,)
    )
    return dict(rows)


# Through the lists that are to be picked: waves that were picked in time stay without a word of slipping for ever.
_SLIPPING = """
    WITH to_pick AS MATERIALIZED (
        SELECT DISTINCT l.wave_id FROM fulfilment_picklist l JOIN fulfilment_pickline p ON p.pick_list_id = l.id
        WHERE l.state IN ('open', 'taken', 'parked') AND p.state = 'open'
    )
    SELECT r.wave_id, w.site_id FROM to_pick JOIN waves_run r ON r.wave_id = to_pick.wave_id
    JOIN fulfilment_wave w ON w.id = r.wave_id
    WHERE r.slipped_at IS NULL AND r.pick_until < %s
    ORDER BY r.wave_id LIMIT 200 FOR NO KEY UPDATE OF r
"""


def slipping(now: datetime) -> list[tuple[int, int]]:
    """(wave, site) of waves past the time by which they had to be picked, not told yet. One statement."""
    rows = sql.fetch_all(_SLIPPING, (now,))
    return [(row[0], row[1]) for row in rows]
