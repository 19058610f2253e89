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
    """The template of an order, by its number; None when there is no such order. Nine queries at the most."""
    row = sql.fetch_one("SELECT id, number, site_id, state FROM sales_order WHERE number = upper(%s)", (number,))
    if row is None or not (0 in site_ids or row[2] in site_ids):
        return None
    here = queries_pool.here(row[2], now)
    if row[3] not in ("confirmed", "released") or here is None:
        return Which(row[0], row[1], row[2], None, None, f"the order is {row[3]}")
    found = queries_pool.pool(here, order_ids=[row[0]])
    if not found:
        return Which(row[0], row[1], row[2], None, None, f"nothing of it is left to release{_went_with(row[0])}")
    order = found[0]
    if not order.can_go:
        why = order.out or next((line.out for line in order.lines if line.out), "nothing of it can go")
        why += _went_with(order.order_id)
        return Which(row[0], row[1], row[2], order, None, why)
    slot = slot_of(queries_pool.site_of(here), order)
    return Which(row[0], row[1], row[2], order, slot, "" if slot else "nothing leaves for its region in two weeks")


def _went_with(order_id: int) -> str:
    """By which wave and template an order went last; empty when nothing of it did. One query."""
    row = sql.fetch_one(
        """
        SELECT w.number, coalesce(r.template, ''), coalesce(r.why, '')
        FROM fulfilment_wave w LEFT JOIN waves_run r ON r.wave_id = w.id
        WHERE w.id = (SELECT max(p.wave_id) FROM fulfilment_pickline p WHERE p.order_id = %s AND p.state <> 'cancelled')
        """,
        (order_id,),
    )
    if row is None:
        return ""
    number, template, why = row
    by = f" by “{template}”" if template else ", which was released by hand"
    return f"; what went is in {number}{by}{f' ({why})' if why else ''}"
