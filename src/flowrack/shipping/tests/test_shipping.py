"""prepare_shipment, ship_confirm, cancel_shipment, set_tracking, and the papers."""

from __future__ import annotations

import re
from decimal import Decimal
from io import BytesIO

import pytest
import zxingcpp
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader
from tests import outbound
from tests.cast import EVE, GUS, NOW, ctx

from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment.types import Pack, PackOrders
from flowrack.ledger import queries as stock
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted, WrongState
from flowrack.shipping import commands, documents, queries
from flowrack.shipping.types import (
    CancelShipment,
    Departure,
    NotComplete,
    NothingToShip,
    OnOtherShipment,
    PrepareShipment,
    SetTracking,
    ShipConfirm,
)

pytestmark = pytest.mark.django_db(transaction=True)


def picked(at, units: int = 12, who: str = "ACME", sku: str = "4711"):
    order = outbound.order(at.site, who, (sku, units))
    outbound.allocate(at.site, order)
    outbound.pick_all(outbound.release(at.site, order))
    return order


@pytest.fixture
def case():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 12, "1.50", "forward_pick1")
    outbound.receive(at, item, 1000, "2", "forward_pick1")
    outbound.customer()
    return at, item


def leave(*orders) -> list[Departure]:
    return [Departure(order_ids=(order.order_id,)) for order in orders]


def test_goods_leave_at_cost_and_the_proof_names_every_line(case):
    at, _ = case
    order = picked(at)
    [carton] = fulfilment.pack_orders(ctx(GUS), PackOrders([Pack(order.order_id)])).cartons
    req = ShipConfirm(at.site, leave(order))
    done = commands.ship_confirm(ctx(GUS, "k"), req)
    [left] = done.shipments
    assert (left.units, left.cost) == (12, Decimal("18.00"))
    assert outbound.counts(order.line_ids[0]) == {"units": 12, "shipped": 12}
    assert outbound.order_state(order) == "shipped"
    [line] = queries.lines_of(left.shipment_id)
    assert (line.units, line.lpn, line.cost) == (12, carton.sscc, Decimal("18.0000"))
    assert sql.fetch_value("SELECT state FROM fulfilment_carton") == "shipped"
    assert sql.fetch_value("SELECT count(*) FROM ledger_reservation") == 0
    balance = {row.account: row.value for row in stock.trial_balance(at.site)}
    assert balance["cogs"] == Decimal("18.0000")
    assert sum(balance.values()) == 0
    assert commands.ship_confirm(ctx(GUS, "k"), req) == done
    assert not verify()


def test_what_is_picked_ships_and_the_rest_stays_open(case):
    at, _ = case
    order = outbound.order(at.site, "ACME", ("4711", 2000))
    outbound.allocate(at.site, order)
    outbound.pick_all(outbound.release(at.site, order))
    commands.ship_confirm(ctx(GUS), ShipConfirm(at.site, leave(order)))
    assert outbound.counts(order.line_ids[0]) == {"units": 2000, "waiting": 988, "shipped": 1012}
    assert outbound.order_state(order) == "released"


def test_a_complete_order_does_not_leave_in_parts(case):
    at, _ = case
    outbound.customer("WHOLE", policy="complete")
    order = picked(at, who="WHOLE")
    sql.execute("UPDATE sales_orderline SET units = 13 WHERE id = %s", (order.line_ids[0],))
    before = outbound.books()
    with pytest.raises(NotComplete):
        commands.ship_confirm(ctx(GUS), ShipConfirm(at.site, leave(order)))
    assert outbound.books() == before


def test_refusals_leave_no_trace(case):
    at, _ = case
    unpicked = outbound.order(at.site, "ACME", ("4711", 1))
    order = picked(at)
    before = outbound.books()
    with pytest.raises(NothingToShip) as refused:
        commands.ship_confirm(ctx(GUS), ShipConfirm(at.site, leave(order, unpicked)))
    assert refused.value.lines[0].message == f"Nothing is staged for {unpicked.number}."
    with pytest.raises(NotPermitted):
        commands.ship_confirm(ctx(EVE), ShipConfirm(at.site, leave(order)))
    assert outbound.books() == before


def test_a_prepared_shipment_holds_its_orders_until_it_leaves_or_is_called_off(case):
    at, _ = case
    order = picked(at)
    first = commands.prepare_shipment(ctx(GUS), PrepareShipment(at.site, [order.order_id], "Road Co"))
    with pytest.raises(OnOtherShipment):
        commands.prepare_shipment(ctx(GUS), PrepareShipment(at.site, [order.order_id]))
    commands.cancel_shipment(ctx(GUS), CancelShipment(first.shipment_id, "no truck"))
    second = commands.prepare_shipment(ctx(GUS), PrepareShipment(at.site, [order.order_id], "Road Co"))
    commands.set_tracking(ctx(GUS), SetTracking(second.shipment_id, "Rail Co", "R-77"))
    commands.ship_confirm(ctx(GUS), ShipConfirm(at.site, [Departure(second.shipment_id)]))
    row = queries.access_shipment(second.shipment_id, frozenset({0}))
    assert (row.state, row.carrier, row.tracking, row.units) == ("shipped", "Rail Co", "R-77", 12)
    with pytest.raises(WrongState):
        commands.cancel_shipment(ctx(GUS), CancelShipment(second.shipment_id, "too late"))
    with pytest.raises(WrongState):
        commands.ship_confirm(ctx(GUS), ShipConfirm(at.site, [Departure(second.shipment_id)]))
    assert not verify()


def test_many_shipments_take_as_many_statements_as_one(case):
    at, _ = case

    def statements(count: int) -> int:
        orders = [picked(at, 2) for _ in range(count)]
        context = ctx(GUS)
        with CaptureQueriesContext(connection) as seen:
            commands.ship_confirm(context, ShipConfirm(at.site, leave(*orders)))
        return len(seen)

    statements(1)
    assert statements(1) == statements(12)


def test_the_label_is_read_back_and_the_slip_lists_what_left(case):
    at, _ = case
    order = picked(at)
    [carton] = fulfilment.pack_orders(ctx(GUS), PackOrders([Pack(order.order_id)])).cartons
    [left] = commands.ship_confirm(ctx(GUS), ShipConfirm(at.site, leave(order))).shipments
    label = documents.carton_label(queries.carton_label(carton.carton_id, frozenset({0})))
    assert carton.sscc in PdfReader(BytesIO(label)).pages[0].extract_text().replace(" ", "")
    svg = documents.sscc_svg(carton.sscc)
    [code] = zxingcpp.read_barcodes(_picture(svg))
    assert (code.text, code.symbology_identifier) == (f"(00){carton.sscc}", "]C1")
    shipment = queries.access_shipment(left.shipment_id, frozenset({0}))
    slip = documents.packing_slip(
        shipment, queries.orders_on(left.shipment_id), queries.lines_of(left.shipment_id), printed_at=NOW
    )
    text = PdfReader(BytesIO(slip)).pages[0].extract_text()
    assert left.number in text and order.number in text and "4711" in text and carton.sscc in text


def _picture(svg: str) -> memoryview:
    """The bars of the SVG as grey pixels: what a scanner sees."""
    found = re.search(r'<svg width="(\d+)" height="(\d+)"', svg)
    assert found is not None
    width, height = int(found[1]), int(found[2])
    row = bytearray(b"\xff" * width)
    for at, wide in re.findall(r"M(\d+) 0h(\d+)v", svg):
        row[int(at) : int(at) + int(wide)] = bytes(int(wide))
    return memoryview(bytes(row) * height).cast("B", (height, width))
