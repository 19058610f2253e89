"""Plays a purchase history through the commands: order, approve, receive, send back what was rejected, put away.

What is done next follows from the state of each PO, so an import that was killed goes on where it stopped, and one that
is repeated finds nothing to do. Commands happen at the time that the history tells.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import groupby

from flowrack.catalog import queries as catalog
from flowrack.inbound.commands import close_receipt, receive, return_to_supplier
from flowrack.inbound.types import BackLine, CloseReceipt, CountedLine, GiveUp, Receive, ReturnToSupplier
from flowrack.integrations.masterdata import ItemSpec, MasterData, OfferSpec, SupplierSpec
from flowrack.integrations.people import People
from flowrack.integrations.purchases import queries
from flowrack.integrations.purchases.queries import PoSoFar
from flowrack.integrations.purchases.types import BadPurchases, History, HistoryOrder, Plan, Played
from flowrack.locations import queries as locations
from flowrack.parties import queries as parties
from flowrack.platform import outbox
from flowrack.platform.runner import Context
from flowrack.purchasing.commands import approve_po, create_po
from flowrack.purchasing.types import ApprovePo, CreatePo, NewPo, NewPoLine
from flowrack.shared.errors import BadLine
from flowrack.shared.quantity import Units
from flowrack.storage.commands import confirm_putaway
from flowrack.storage.types import Carried, ConfirmPutaway

REJECTED = "rejected at inspection"
NEVER_CAME = "The history has no receipt of the rest"
HALF_CENT = Decimal("0.005")  # what rounding a line to cents can do
NAMED_UNKNOWN = 50


class Purchases:
    """An import that is going on: who acts, where, and the ids of what the history names."""

    def __init__(self, history: History, plan: Plan, people: People) -> None:
        self._people = people
        self._site_id = plan.site_id
        self._dock_id = locations.first_of_role(plan.site_id, "receiving").location_id
        self._items = catalog.item_ids(list(history.items))
        self._suppliers = {code: row.party_id for code, row in parties.find_by_code(list(history.vendors)).items()}
        self.played = Played()

    def buy(self, on: date, orders: Sequence[HistoryOrder]) -> None:
        """Write and approve the orders of a day: two commands, however many there are."""
        there = self._there(orders)
        fresh = [order for order in orders if order.reference not in there]
        if fresh:
            request = CreatePo([self._new_po(order) for order in fresh])
            done = create_po(self._context("buyer", on, 8, f"create:{_span([o.reference for o in fresh])}"), request)
            self.played.orders += len(fresh)
            for order, po in zip(fresh, done.pos, strict=True):
                if abs(po.total - order.subtotal) > HALF_CENT * len(order.lines):
                    self.played.beyond_rounding.append(order.reference)
            there = self._there(orders)
        drafts = [po.po_id for po in there.values() if po.state == "draft"]
        if drafts:
            approve_po(
                self._context("purchasing_manager", on, 9, f"approve:{_span(drafts)}"), ApprovePo(sorted(drafts))
            )
        self.played.po_ids += [po.po_id for po in there.values()]

    def take_in(self, on: date, orders: Sequence[HistoryOrder]) -> None:
        """The goods of a day: counted, what was rejected sent back, the rest put away, receipts closed."""
        there = self._there(orders)
        for order in orders:
            po = there[order.reference]
            if po.state == "approved":
                self._receive(on, po, order)
        po_ids = [po.po_id for po in there.values()]
        self._send_back(on, po_ids)
        outbox.drain(device=self._people.device)
        waiting = queries.open_putaways(po_ids)
        if waiting:
            confirm_putaway(
                self._context("inventory_controller", on, 11, f"putaway:{_span(waiting)}"),
                ConfirmPutaway([Carried(move_id) for move_id in waiting]),
            )
            self.played.putaways += len(waiting)
        self._close(on, there, {order.reference: order for order in orders})
        outbox.drain(device=self._people.device)

    def _receive(self, on: date, po: PoSoFar, order: HistoryOrder) -> None:
        counted = []
        for line_id, line in zip(po.line_ids, order.lines, strict=True):
            if line.stocked:
                counted.append(CountedLine(Units(line.stocked), po_line_id=line_id))
            if line.rejected:
                counted.append(
                    CountedLine(Units(line.rejected), po_line_id=line_id, quality="damaged", reason=REJECTED)
                )
        if counted:
            request = Receive(po.po_id, self._dock_id, counted, delivery_note=order.reference)
            receive(self._context("receiver", on, 10, f"receive:{po.po_id}"), request)
            self.played.receipts += 1

    def _send_back(self, on: date, po_ids: Sequence[int]) -> None:
        for supplier_id, of in groupby(queries.rejected_goods(po_ids), key=lambda goods: goods.supplier_id):
            goods = list(of)
            lines = [
                BackLine(g.item_id, g.units, g.location_id, quality="damaged", receipt_move_id=g.move_id) for g in goods
            ]
            key = f"back:{supplier_id}:{_span([g.move_id for g in goods])}"
            request = ReturnToSupplier(self._site_id, supplier_id, lines, REJECTED)
            return_to_supplier(self._context("inventory_controller", on, 10, key), request)
            self.played.sent_back += sum(g.units for g in goods)

    def _close(self, on: date, there: dict[str, PoSoFar], orders: dict[str, HistoryOrder]) -> None:
        by_po = {po.po_id: (po, orders[reference]) for reference, po in there.items()}
        for po_id, receipt_id in queries.open_receipts(list(by_po)):
            po, order = by_po[po_id]
            short = [
                GiveUp(line_id, NEVER_CAME)
                for line_id, line in zip(po.line_ids, order.lines, strict=True)
                if line.received < line.ordered
            ]
            close_receipt(self._context("receiver", on, 12, f"close:{receipt_id}"), CloseReceipt(receipt_id, short))

    def _there(self, orders: Sequence[HistoryOrder]) -> dict[str, PoSoFar]:
        return queries.pos_of([(self._suppliers[o.supplier], o.reference) for o in orders], self._site_id)

    def _new_po(self, order: HistoryOrder) -> NewPo:
        return NewPo(
            supplier_id=self._suppliers[order.supplier],
            site_id=self._site_id,
            lines=[NewPoLine(self._items[x.sku], Units(x.ordered), x.unit_price) for x in order.lines],
            due_on=order.due_on,
            supplier_reference=order.reference,
            override_reason="Order history",
            cover_reason="Order history",
        )

    def _context(self, role: str, on: date, hour: int, key: str) -> Context:
        return self._people.context(role, f"purchases:{key}", datetime.combine(on, time(hour), UTC))


def _span(names: Sequence[str] | Sequence[int]) -> str:
    return f"{names[0]}:{names[-1]}:{len(names)}"


def play(history: History, plan: Plan, people: People, tell: Callable[[str], None]) -> Played:
    """Play the history day by day, what is not done yet."""
    if plan.create_missing:
        _make_missing(history, MasterData(people, datetime.combine(_first_day(history), time(7), UTC)))
    _refuse_unknown(history)
    going = Purchases(history, plan, people)
    ordered: dict[date, list[HistoryOrder]] = defaultdict(list)
    came: dict[date, list[HistoryOrder]] = defaultdict(list)
    for order in history.orders:
        ordered[order.ordered_on].append(order)
        came[order.came_on].append(order)
    for on in sorted({*ordered, *came}):
        if on in ordered:
            going.buy(on, ordered[on])
        if on in came:
            going.take_in(on, came[on])
        tell(f"{going.played.orders:,} orders written, {going.played.receipts:,} received, up to {on}")
    return going.played


def _first_day(history: History) -> date:
    return min(order.ordered_on for order in history.orders)


def _make_missing(history: History, master: MasterData) -> None:
    """Suppliers, items and offers that are not known yet; the cheapest supplier of a new item is preferred."""
    known = set(catalog.item_ids(list(history.items)))
    new_items = [sku for sku in sorted(history.items) if sku not in known]
    master.items([ItemSpec(sku, history.items[sku][:240]) for sku in new_items])
    there = set(parties.find_by_code(list(history.vendors)))
    new = [v for code, v in sorted(history.vendors.items()) if code not in there]
    master.suppliers([SupplierSpec(v.code, v.name, country="US", lead_days=v.lead_days) for v in new])
    codes = {v.code for v in new}
    cheapest: dict[str, str] = {}
    for offer in sorted(history.offers, key=lambda o: (o.unit_price, o.supplier)):
        cheapest.setdefault(offer.sku, offer.supplier)
    master.offers(
        [
            OfferSpec(
                o.supplier,
                o.sku,
                o.unit_price,
                moq=o.least,
                is_preferred=o.sku not in known and cheapest[o.sku] == o.supplier,
            )
            for o in history.offers
            if o.supplier in codes
        ]
    )


def _refuse_unknown(history: History) -> None:
    items, suppliers = set(catalog.item_ids(list(history.items))), set(parties.find_by_code(list(history.vendors)))
    bad = [
        BadLine(0, "supplier", f"There is no supplier “{code}”.", "Enter it first.")
        for code in sorted(set(history.vendors) - suppliers)
    ] + [
        BadLine(0, "item", f"There is no item “{sku}”.", "Enter it first.")
        for sku in sorted(set(history.items) - items)
    ]
    if bad:
        raise BadPurchases(
            f"{len(bad)} suppliers and items of the history are unknown.",
            lines=bad[:NAMED_UNKNOWN],
            fix="Make them with --create-missing.",
        )
