"""A house with one record of each kind, for tests that look at all of them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from flowrack.dock.commands import create_asns
from flowrack.dock.types import CreateAsns, NewAsn, NewAsnLine
from flowrack.inbound.types import CountedLine
from flowrack.ledger.tests.house import house as stock_of_another_house
from flowrack.platform import outbox, sql
from flowrack.returns.commands import receive_blind
from flowrack.returns.types import BlindLine, ReceiveBlind
from flowrack.shared.quantity import Units
from flowrack.storage.commands_transfers import send_stock
from flowrack.storage.types import StockAt
from flowrack.storage.types_transfers import SendStock
from tests import outbound, supply
from tests.cast import ADA, BO, JO, NOW, ctx

SSCC = "340123450000000017"
ANNOUNCED = "340123450000000024"
GTIN = "04012345000009"


@pytest.fixture
def scene() -> dict[str, tuple[str, str]]:
    """One record of each kind: kind -> (code, address)."""
    house = outbound.house()
    widget = outbound.item("WIDGET-9", tracking="lot")
    sql.execute("UPDATE catalog_item SET name = 'Blue enamel jug' WHERE id = %s", (widget,))
    sql.execute(
        "INSERT INTO catalog_packlevel (item_id, level, factor, gtin) VALUES (%s, 'each', 1, %s)", (widget, GTIN)
    )
    lot = outbound.lot(widget, "L-77")
    outbound.receive(house, widget, 50, "2.00", place="forward_pick1", lot_id=lot)
    outbound.customer("ACME")
    order = outbound.order(house.site, "ACME", ("WIDGET-9", 5), reference="THEIR-4711")
    outbound.allocate(house.site, order)
    wave = outbound.release(house.site, order)
    supplier = supply.supplier("OSTLER")
    po = supply.approved(house.site, supplier, (widget, 10, "2"), due=(NOW + timedelta(days=3)).date())
    pallet = outbound.value(
        "INSERT INTO locations_lpn (code, kind, site_id) VALUES (%s, 'pallet', %s) RETURNING id", SSCC, house.site
    )
    shipment = outbound.value(
        """
        INSERT INTO shipping_shipment (number, site_id, state, carrier, tracking, prepared_at, prepared_by_id)
        VALUES ('SH-9', %s, 'open', '', '', %s, %s) RETURNING id
        """,
        house.site, NOW, ADA.id,
    )  # fmt: skip
    came = supply.receive(po, house, CountedLine(Units(4), po_line_id=po.line_ids[0], lot="L-78"))
    outbox.drain()
    announced = NewAsn(supplier, house.site, "DN-77", [NewAsnLine("WIDGET-9", Decimal(2), sscc=ANNOUNCED, lot="L-79")])
    [asn] = create_asns(ctx(BO), CreateAsns([announced])).asns
    waits = sql.fetch_value("SELECT min(id) FROM storage_plannedmove WHERE kind = 'putaway'")
    there = stock_of_another_house("W2")
    at = StockAt(house.places["forward_pick1"], widget, Units(3), lot)
    sent = send_stock(ctx(BO), SendStock(house.site, there.site, [at]))
    back = BlindLine(widget, 1, "A", lot_id=lot)
    customer_id = sql.fetch_value("SELECT id FROM parties_party WHERE code = 'ACME'")
    rma = receive_blind(
        ctx(JO), ReceiveBlind(house.site, customer_id, house.places["return_review1"], "unknown", [back])
    )
    bin_code = sql.fetch_value("SELECT code FROM locations_location WHERE id = %s", (house.places["forward_pick1"],))
    return {
        "Item": ("WIDGET-9", f"/items/{widget}"),
        "Order": (order.number, f"/orders/{order.order_id}"),
        "Purchase order": (po.number, f"/purchase-orders/{po.po_id}"),
        "Location": (bin_code, f"/locations/{house.places['forward_pick1']}"),
        "LPN": (SSCC, f"/trace/lpns/{pallet}"),
        "Lot": ("L-77", f"/trace/lots/{lot}"),
        "Company": ("OSTLER", f"/parties/{supplier}"),
        "Shipment": ("SH-9", f"/shipments/{shipment}"),
        "Receipt": (came.number, f"/receipts/{came.receipt_id}"),
        "ASN": (asn.number, f"/asns/{asn.asn_id}"),
        "Putaway": (f"Putaway {waits}", f"/putaways/{waits}"),
        "Transfer": (sent.number, f"/transfers/{sent.transfer_id}"),
        "Return": (sql.fetch_value("SELECT number FROM returns_rma"), f"/returns/{rma.rma_id}"),
        "Wave": (wave.number, f"/waves/{wave.wave_id}"),
    }
