"""Goods that were sold and shipped, ready to come back."""

from __future__ import annotations

from dataclasses import dataclass

from tests.cast import GUS

from flowrack.ledger.tests import house as h
from flowrack.ledger.types import Move
from flowrack.platform import sql


@dataclass
class Sold:
    """A shipped order line and all that a return needs to know."""

    house: h.House
    item: int
    customer: int
    order: int
    line: int


def sold(units, cost="2.00", *, sku="WIDGET", costing="fifo", lot=None, at=None, **item):
    """Receive `units` at `cost`, sell and ship all of them; optionally of one lot."""
    house = at or h.house()
    item_id = h.item(sku, costing, tracking="lot" if lot else "none", **item)
    lot_id = h.lot(item_id, lot) if lot else 0
    h.receive(house, item_id, units, cost, lot_id=lot_id)
    customer = h.value(
        "INSERT INTO parties_party (code, name, is_customer) VALUES (%s, %s, true) RETURNING id", f"C-{sku}", f"C {sku}"
    )
    order, line = order_line(house, customer, item_id, units)
    move = Move(item_id, units, house["reserve1"], house.virtual("CUSTOMER"), "ship", lot_id=lot_id)
    posting = h.steps.post(h.context(), [move])
    shipment = h.value(
        """INSERT INTO shipping_shipment (number, site_id, state, carrier, tracking, prepared_at, prepared_by_id,
                                          shipped_at, posting_id)
           VALUES (%s, %s, 'shipped', '', '', now(), %s, now(), %s) RETURNING id""",
        f"SH-{sku}", house.site, GUS.id, posting.posting_id,
    )  # fmt: skip
    sql.execute(
        """INSERT INTO shipping_shipmentline (shipment_id, order_line_id, item_id, lot_id, lpn_id, units, cost, move_id)
           VALUES (%s, %s, %s, %s, 0, %s, %s, %s)""",
        (shipment, line, item_id, lot_id, units, posting.values[0], posting.move_ids[0]),
    )
    return Sold(house, item_id, customer, order, line)


def order_line(house, customer, item_id, units):
    """A customer order of one line, all of it shipped."""
    order = h.value(
        """INSERT INTO sales_order (number, customer_id, site_id, reference, tier, policy, min_life_days, state,
                                    ordered_at, requested_on, entered_by_id)
           VALUES (%s, %s, %s, '', 'B', 'partial', 0, 'shipped', now(), current_date, %s) RETURNING id""",
        f"SO-{item_id}", customer, house.site, GUS.id,
    )  # fmt: skip
    line = h.value(
        """INSERT INTO sales_orderline (order_id, line_no, item_id, units, allocated_units, released_units,
                                        picked_units, shipped_units, cancelled_units, unit_price)
           VALUES (%s, 1, %s, %s, 0, 0, 0, %s, 0, 5) RETURNING id""",
        order, item_id, units, units,
    )  # fmt: skip
    return order, line
