"""Papers of an order that was split between sites carry the customer's own number, not what the house calls it."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import GUS, KIM, ctx

from flowrack.fulfilment import queries_labels, queries_slips
from flowrack.platform import sql
from flowrack.promise import commands_sites
from flowrack.promise.types_sites import MoveLines, MoveUnits
from flowrack.sales.types import EnteredOrder
from flowrack.shipping import commands, queries, queries_notices, queries_pallet_labels, queries_papers
from flowrack.shipping.tests import trucks
from flowrack.shipping.types import Departure, ShipConfirm
from flowrack.shipping.types_pallets import StackCartons

pytestmark = pytest.mark.django_db(transaction=True)


def beside() -> tuple[trucks.Yard, EnteredOrder]:
    """Ten of an order of 30 with the number PO 7 come from the yard, picked; the house tells the orders apart."""
    yard = trucks.yard()
    first = outbound.order(outbound.house("FAR").site, "NORTH", ("4711", 30), reference="PO 7")
    req = MoveLines(first.order_id, [MoveUnits(first.line_ids[0], 10)], yard.site, "it lies there")
    [moved] = commands_sites.move_lines(ctx(KIM), req).moved
    told = sql.fetch_all("SELECT reference FROM sales_order ORDER BY id")
    assert told == [("PO 7",), ("PO 7 W1",)]
    order = EnteredOrder(moved.order_id, moved.number, moved.line_ids)
    outbound.allocate(yard.site)
    outbound.pick_all(outbound.release(yard.site, order))
    return yard, order


def test_labels_slips_and_papers_of_the_truck_name_the_number_that_the_customer_gave():
    yard, moved = beside()
    [carton] = outbound.pack(moved)
    [label] = queries_labels.label_values([carton.carton_id]).values()
    [slip] = queries_slips.slips([moved.order_id]).values()
    pallet = commands.stack_cartons(ctx(GUS), StackCartons(yard.site, [carton.sscc])).pallet
    plate = queries_pallet_labels.label_of(pallet, yard.site, copies=0)
    assert plate is not None
    [stop] = queries_papers.paper_stops(yard.planned(moved).load_id)
    names = [one.values["customer_order"] for one in (label, slip.wanted, plate)]
    assert [*names, stop.references] == ["PO 7"] * 4


def test_what_has_left_is_told_with_it_too():
    yard, moved = beside()
    gone = ShipConfirm(yard.site, [Departure(order_ids=(moved.order_id,))])
    [left] = commands.ship_confirm(ctx(GUS), gone).shipments
    [on] = queries.orders_on(left.shipment_id)
    [line] = queries_notices.departure_lines(left.shipment_id)
    assert (on.reference, line.reference) == ("PO 7", "PO 7")
