"""Departures that can not be met any more, with the orders that hang on them and how these leave instead. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from flowrack.waves.rules_plan import LinePlan
from flowrack.waves.rules_pool import Missed, PoolOrder, Slot


@dataclass(slots=True)
class Overdue:
    """A truck or a cut-off that is too near, or over, for what is not picked; times are the site's own clock."""

    missed: Missed
    orders: list[PoolOrder] = field(default_factory=list)
    lines: int = 0
    next: Slot | None = None

    def is_gone(self, now: datetime) -> bool:
        """Whether the departure itself is over, and not only the time by which it had to be picked."""
        return self.missed.cut_off_at <= now


def overdue(lines: Iterable[LinePlan]) -> list[Overdue]:
    """The departures that were missed, the first first; `next` is the earliest way out for any of its orders."""
    found: dict[Missed, Overdue] = {}
    seen: set[int] = set()
    for line in lines:
        slot = line.slot
        if slot is None or slot.missed is None:
            continue
        one = found.setdefault(slot.missed, Overdue(slot.missed))
        one.lines += 1
        if line.order.order_id not in seen:
            seen.add(line.order.order_id)
            one.orders.append(line.order)
        if one.next is None or slot.cut_off_at < one.next.cut_off_at:
            one.next = slot
    return sorted(found.values(), key=lambda one: (one.missed.cut_off_at, one.missed.name))
