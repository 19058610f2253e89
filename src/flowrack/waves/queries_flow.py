"""What a continuous template would release now."""

from __future__ import annotations

from datetime import datetime, timedelta

from flowrack.waves import queries_floor, queries_pool, rules_flow
from flowrack.waves.queries_floor import SlippedWave
from flowrack.waves.rules_hands import done_by


def next_of(template_id: int, now: datetime) -> rules_flow.Chosen:
    """The orders that would go now, and why no more. Nine queries."""
    found = queries_pool.template(template_id)
    here = queries_pool.here(found[0], now) if found else None
    if found is None or here is None:
        return rules_flow.Chosen([], "there is no such template")
    site = queries_pool.site_of(here)
    waiting = rules_flow.candidates(site, queries_pool.pool(here), template_id)
    return rules_flow.next_orders(waiting, queries_floor.open_by_zone(here.site_id), found[1].wip_lines)


def can_release(template_id: int, now: datetime) -> bool:
    """Whether anything of a continuous template could go: an idle round leaves no trace."""
    return bool(next_of(template_id, now).orders)


def ready_at(wave: SlippedWave, now: datetime) -> datetime:
    """When a wave that slipped would be picked, staged and loaded by the people who are there; a day on where they do
    not get through with it. Four queries."""
    here = queries_pool.here(wave.site_id, now)
    if here is None:
        return now
    policy, crew = here.house.policy, queries_pool.crew(here)
    work = wave.open_picks * policy.line_seconds + wave.open_units * policy.hundred_seconds // 100
    by = done_by(crew, here.local, work) if crew.is_known else here.local
    picked = here.at(by) if by else now + timedelta(days=1)
    return picked + (wave.cut_off_at - wave.pick_until)
