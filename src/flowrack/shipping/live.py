"""Asking carriers' own systems for orders, before the choice is made and outside of its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flowrack.carriers import asking, queries_live
from flowrack.carriers.asking import Keep
from flowrack.platform.runner import Context
from flowrack.shipping import queries_carriers as queries
from flowrack.shipping import steps_carriers as steps

WORKER_MS = 20_000  # for all calls of one event; its lease is three times as long
PERSON_MS = 6_000  # while a person waits


def ask_for_orders(
    ctx: Context,
    order_ids: Sequence[int],
    keep: Keep,
    *,
    budget_ms: int,
    only_packed: bool = False,
    ready_at: datetime | None = None,
) -> int:
    """Ask the carriers that are switched on for the goods of orders; how many answers there are. One query where none
    is switched on."""
    if not queries_live.accounts_on():
        return 0
    orders = steps.packed_with(order_ids) if only_packed else queries.orders_to(order_ids)
    cases = [one.case for one in steps.wanted(ctx, orders, ready_at=ready_at)]
    return asking.ask_carriers(ctx, cases, queries.site_codes(), keep, budget_ms=budget_ms)
