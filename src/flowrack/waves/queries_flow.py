"""What a continuous template would release now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from flowrack.fulfilment.types import CutOffSeen
from flowrack.waves import queries_floor, queries_pool, rules_flow, rules_plan
from flowrack.waves.queries_floor import SlippedWave
from flowrack.waves.queries_pool import Here
from flowrack.waves.rules_hands import done_by
from flowrack.waves.rules_pool import Slot


def next_of(template_id: int, now: datetime) -> rules_flow.Chosen:
    """The orders that would go now, and why no more. Nine queries."""
    found = queries_pool.template(template_id)
    here = queries_pool.here(found[0], now) if found else None
    if found is None or here is None:
        return rules_flow.Chosen([], "there is no such template")
    site = queries_pool.site_of(here)
    waiting = rules_flow.candidates(site, queries_pool.pool(here), template_id)
    return rules_flow.next_orders(waiting, queries_floor.open_by_zone(here.site_id), found[1].wip_lines)


def slot_of(site_id: int, order_ids: Sequence[int], now: datetime) -> tuple[Here, Slot] | None:
    """The earliest cut-off by which what can go of orders would leave, as plans choose it. Nine queries."""
    here = queries_pool.here(site_id, now)
    if here is None:
        return None
    site, orders = queries_pool.site_of(here), queries_pool.pool(here, order_ids=order_ids)
    slots = [slot for one in orders if one.can_go and (slot := rules_plan.slot_of(site, one))]
    first = min(slots, key=lambda slot: (slot.pick_until, slot.service_id), default=None)
    return None if first is None else (here, first)


def suggested_cut_off(site_id: int, order_ids: Sequence[int], now: datetime) -> CutOffSeen | None:
    """What a person is offered who releases orders by hand; on the site's clock. Nine queries."""
    found = slot_of(site_id, order_ids, now)
    return None if found is None else CutOffSeen(found[1].cut_off_at, found[1].service)


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
