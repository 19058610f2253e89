"""Continuous release: which orders go next while zones have room. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from flowrack.waves.rules_plan import Site, points_of, slot_of
from flowrack.waves.rules_pool import PoolOrder, Slot

MOST_AT_ONCE = 50


class Waiting(NamedTuple):
    """An order that a template would take next."""

    order: PoolOrder
    slot: Slot
    points: int
    why: str = ""


class Chosen(NamedTuple):
    """The orders that go now, all to one cut-off, and why no more or none."""

    orders: list[Waiting]
    why: str


def candidates(site: Site, orders: Sequence[PoolOrder], template_id: int) -> list[Waiting]:
    """Orders that a template takes, those of the earliest cut-off first, then those whose waiting costs most."""
    found = []
    for order in orders:
        slot = slot_of(site, order) if order.can_go else None
        if slot is not None and slot.template.template_id == template_id:
            points = sum(points_of(site, order, line, slot).points for line in order.can_go)
            found.append(Waiting(order, slot, points))
    return sorted(found, key=lambda w: (w.slot.pick_until, -w.points, w.order.order_id))


def next_orders(waiting: Sequence[Waiting], open_lines: Mapping[int, int], limit: int) -> Chosen:
    """As many as the zones take: none goes to a zone that would be over the limit, except alone into an empty one."""
    if not waiting:
        return Chosen([], "no order of it is due and reserved")
    first = waiting[0].slot
    work = Counter(dict(open_lines))
    full: set[str] = set()
    chosen: list[Waiting] = []
    for one in waiting:
        if len(chosen) == MOST_AT_ONCE or (one.slot.cut_off_at, one.slot.service_id) != (
            first.cut_off_at,
            first.service_id,
        ):
            break
        lines = Counter((line.zone_id, line.zone) for line in one.order.can_go)
        over = [name or "no zone" for (zone, name), n in lines.items() if work[zone] and work[zone] + n > limit]
        if over:
            full.update(over)
            continue
        zones = ", ".join(f"{name or 'no zone'} {work[zone]} of {limit}" for (zone, name), _ in sorted(lines.items()))
        work.update({zone: n for (zone, _), n in lines.items()})
        why = f"next by cut-off {one.slot.cut_off_at:%H:%M} and penalty {one.points}; open lines before: {zones}"
        chosen.append(one._replace(why=why))
    if full:
        names = ", ".join(sorted(full))
        return Chosen(chosen, f"zone {names} is at its limit of {limit} open lines")
    return Chosen(chosen, f"all zones are under {limit} open lines")
