"""The pilot's house for tests of urgent orders: 120 units, three orders, a delivery in two days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from tests import outbound
from tests.cast import ADA, CY, KIM, LOU, NOW, Person, ctx
from tests.supply import approved, supplier

from flowrack.allocation import commands_displacement as commands
from flowrack.allocation.types_displacement import PriorityRequested, RequestPriority
from flowrack.approvals import commands as approvals
from flowrack.approvals.types import Decide, Seen
from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment.types import ConfirmPicks, Pick, RecallOrders
from flowrack.platform import outbox, sql
from flowrack.promise.commands_setup import set_policy
from flowrack.promise.types import SetPolicy
from flowrack.sales.types import EnteredOrder

TODAY, TOMORROW, IN_3, IN_5 = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 5), date(2026, 3, 7)


@dataclass
class Pilot:
    """The house with its orders: `low` (C, 80, of which 30 are picked), `mid` (B, 40), `urgent` (A, 60)."""

    at: outbound.House
    item_id: int
    low: EnteredOrder
    mid: EnteredOrder
    urgent: EnteredOrder
    po_id: int

    def counts(self) -> list[tuple[int, int, int]]:
        """Promised, picked and waiting units of low, mid, urgent."""
        rows = [outbound.counts(order.line_ids[0]) for order in (self.low, self.mid, self.urgent)]
        return [(row.get("allocated", 0), row.get("picked", 0), row.get("waiting", 0)) for row in rows]


def pilot(today: date = TODAY, *, coming: int = 100) -> Pilot:
    """Everything up to the moment at which somebody calls the third order urgent."""
    at, item_id = outbound.house(), outbound.item("X")
    set_policy(ctx(ADA), SetPolicy(at.site, unknown_days=0))  # suppliers deliver on the day that they confirm
    sql.execute("UPDATE catalog_item SET list_price = 10 WHERE id = %s", (item_id,))
    outbound.receive(at, item_id, 120, "6")
    for code, tier in (("LOW", "C"), ("MID", "B"), ("HOSPITAL", "A")):
        outbound.customer(code, tier=tier)
    low = outbound.order(at.site, "LOW", ("X", 80), ships=today + timedelta(days=5))
    mid = outbound.order(at.site, "MID", ("X", 40), ships=today + timedelta(days=1))
    outbound.allocate(at.site, low, mid)
    pick_part(at.site, low, 30)
    po = approved(at.site, supplier(), (item_id, coming, "6"), due=today + timedelta(days=2))
    urgent = outbound.order(at.site, "HOSPITAL", ("X", 60), ships=today)
    outbox.drain(now=NOW)
    return Pilot(at, item_id, low, mid, urgent, po.po_id)


def pick_part(site: int, order: EnteredOrder, units: int) -> None:
    """Cy picks so many units of an order, and the rest is called back."""
    [pick_id] = outbound.release(site, order).pick_ids
    fulfilment.confirm_picks(ctx(CY), ConfirmPicks([Pick(pick_id, units)]))
    fulfilment.recall_orders(ctx(ADA), RecallOrders([order.order_id], "not now"))


def ask(order: EnteredOrder, *, by: Person = KIM, key: str | None = None) -> PriorityRequested:
    """Kim calls an order urgent."""
    return commands.request_priority(ctx(by, key), RequestPriority(order.order_id, "A hospital waits"))


def decide(number: str, verdict: str = "approve", *, by: Person = LOU, reason: str = "looked at it") -> None:
    """Lou decides in the inbox, and everybody has heard of it."""
    seen = sql.fetch_one("SELECT id, content_hash FROM approvals_request WHERE number = %s", (number,))
    assert seen is not None
    approvals.decide(ctx(by), Decide([Seen(*seen)], verdict, reason))
    outbox.drain(now=NOW)
