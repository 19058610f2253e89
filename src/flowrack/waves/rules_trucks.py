"""By which cut-off a wave leaves when its truck does not take it as planned. Pure; times are the site's own clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flowrack.waves.rules_plan import Site, by_truck, slot_of
from flowrack.waves.rules_pool import Missed, PoolOrder, Slot
from flowrack.waves.rules_templates import STANDARD

MINUTE = timedelta(minutes=1)


def departures(site: Site, orders: Sequence[PoolOrder], dock: timedelta) -> dict[int, Slot | None]:
    """The next departure of each order that can still be met with so much time for staging and loading."""
    template = replace(STANDARD, staging_minutes=dock // MINUTE, loading_minutes=0)
    here = replace(site, templates=(template,))
    return {order.order_id: slot_of(here, order) for order in orders}


def first(slots: Iterable[Slot | None]) -> Slot | None:
    """The first of them: by it the whole wave must be picked. None when nothing leaves in two weeks."""
    return min((slot for slot in slots if slot), key=lambda slot: (slot.cut_off_at, slot.service_id), default=None)


def over(site: Site, orders: Sequence[PoolOrder], leaves_at: datetime) -> dict[int, datetime]:
    """By when orders had to be picked for a truck that leaves then, of those for which that is over."""
    found = {order.order_id: by_truck(site, replace(order, leaves_at=leaves_at)) for order in orders}
    return {order_id: one.pick_until for order_id, one in found.items() if isinstance(one, Missed)}


@dataclass(frozen=True, slots=True)
class Misses:
    """An order that can not be picked in time for what it was to leave with, and its next departure."""

    number: str
    missed: str
    missed_at: datetime
    next: Slot | None

    def sentence(self, now: datetime) -> str:
        """SO-1001 misses LD-1003 at 11:54; its next departure is 16:30."""
        after = f"its next departure is {_at(self.next.cut_off_at, now)}" if self.next else "nothing leaves for it"
        return f"{self.number} misses {self.missed} at {_at(self.missed_at, now)}; {after}."


def misses(
    site: Site, orders: Sequence[PoolOrder], slots: Mapping[int, Slot | None], cut_off_at: datetime, dock: timedelta
) -> list[Misses]:
    """The orders of a planned wave that can not reach what it was planned for: their truck, or its cut-off."""
    is_over = cut_off_at - dock <= site.now
    found = []
    for order in orders:
        slot = slots[order.order_id]
        if order.leaves_at is not None and order.leaves_at - dock <= site.now:
            found.append(Misses(order.number, order.truck, order.leaves_at, slot))
        elif is_over and order.leaves_at is None:
            found.append(Misses(order.number, "the cut-off", cut_off_at, slot))
    return found


def moved(cause: str, slot: Slot, was_at: datetime, now: datetime) -> str:
    """Why a wave has another cut-off: LD-1003 was called off: broke down; cut-off 16:30 instead of 16:40."""
    return f"{cause}; cut-off {_at(slot.cut_off_at, now)} instead of {_at(was_at, now)}"


def _at(at: datetime, now: datetime) -> str:
    return f"{at:%H:%M}" if at.date() == now.date() else f"{at:%a %H:%M}"
