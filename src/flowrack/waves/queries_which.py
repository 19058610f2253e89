"""Which template takes an order, and why not the others: the same rules as in a plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flowrack.platform import sql
from flowrack.waves import queries_pool
from flowrack.waves.rules_plan import slot_of
from flowrack.waves.rules_pool import PoolOrder, Slot


@dataclass(frozen=True, slots=True)
class Which:
    """An order with the template that takes it and when it would leave; `why_not` says why none does."""

    order_id: int
    number: str
    site_id: int
    order: PoolOrder | None
    slot: Slot | None
    why_not: str


def which(number: str, site_ids: frozenset[int], now: datetime) -> Which | None:
    """The template of an order, by its number; None when there is no such order. Eight queries."""
    row = sql.fetch_one("SELECT id, number, site_id, state FROM sales_order WHERE number = upper(%s)", (number,))
    if row is None or not (0 in site_ids or row[2] in site_ids):
        return None
    here = queries_pool.here(row[2], now)
    if row[3] not in ("confirmed", "released") or here is None:
        return Which(row[0], row[1], row[2], None, None, f"the order is {row[3]}")
    found = queries_pool.pool(here, order_ids=[row[0]])
    if not found:
        return Which(row[0], row[1], row[2], None, None, "nothing of it is left to release")
    order = found[0]
    if not order.can_go:
        why = order.out or next((line.out for line in order.lines if line.out), "nothing of it can go")
        return Which(row[0], row[1], row[2], order, None, why)
    slot = slot_of(queries_pool.site_of(here), order)
    return Which(row[0], row[1], row[2], order, slot, "" if slot else "nothing leaves for its region in two weeks")
