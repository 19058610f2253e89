"""What whoever enters orders should know before the customer does: days that cannot be kept. Nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flowrack.sales import queries_days, rules_days
from flowrack.sales.queries_days import AskedDay, FirstDay
from flowrack.sales.queries_entry import Terms
from flowrack.sales.types import NewOrder


def first_days(orders: Sequence[NewOrder], known: Sequence[Terms], now: datetime) -> list[FirstDay]:
    """The days of orders of known customers at known sites. One query."""
    asked = [
        AskedDay(
            order.site_id, head.customer_id or 0, head.ship_to_id, order.requested_on, order.ship_on, order.latest_on
        )
        for order, head in zip(orders, known, strict=True)
    ]
    return queries_days.first_days(asked, now)


def warnings(orders: Sequence[NewOrder], known: Sequence[Terms], now: datetime) -> list[list[str]]:
    """The sentences about days that each order cannot keep. One query where an order names days."""
    named = [at for at, order in enumerate(orders) if order.requested_on or order.ship_on or order.latest_on]
    found: list[list[str]] = [[] for _ in orders]
    days = first_days([orders[at] for at in named], [known[at] for at in named], now)
    for at, day in zip(named, days, strict=True):
        found[at] = said(orders[at], day)
    return found


def said(order: NewOrder, day: FirstDay) -> list[str]:
    """What is too late of one order."""
    return rules_days.too_late(
        leaves_on=day.leaves_on,
        arrives_on=day.arrives_on,
        latest_leaves_on=day.latest_leaves_on,
        latest_on=order.latest_on,
        first_leaves_on=day.first_leaves_on,
        first_arrives_on=day.first_arrives_on,
        gives_ship_day=order.ship_on is not None,
        cut_off=day.cut_off,
        there_on=day.there_on,
    )
