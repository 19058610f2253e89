"""What a continuous template would release now."""

from __future__ import annotations

from datetime import datetime

from flowrack.waves import queries_floor, queries_pool, rules_flow


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
