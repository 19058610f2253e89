"""write_notice_message: what left as EDI 856, written at the departure and read back."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import EVE, GUS, KIM, bearer, ctx, signed_in

from flowrack.platform import sql
from flowrack.platform.outbox import drain
from flowrack.shared import ship_notice, x12
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.shipping import commands
from flowrack.shipping.tests import trucks
from flowrack.shipping.types import Departure, ShipConfirm
from flowrack.shipping.types_loads import CloseLoad, LoadPlate
from flowrack.shipping.types_proofs import NoEdiAddress, NoNotice, NotTold, SetNoticeTerms, WriteNoticeMessage

pytestmark = pytest.mark.django_db(transaction=True)


def told(**edi: object) -> int:
    north: int = outbound.value("SELECT id FROM parties_party WHERE code = 'NORTH'")
    commands.set_notice_terms(ctx(KIM), SetNoticeTerms(north, 4, **edi))  # type: ignore[arg-type]
    return north


def test_a_truck_that_left_is_told_as_856_with_pallet_load_and_seal(client):
    yard = trucks.yard()
    north = told(edi_sender="flowrack", edi_receiver="north1", is_edi_test=True)
    order = yard.packed("NORTH")
    sql.execute("UPDATE sales_order SET reference = 'PO-77' WHERE id = %s", (order.order_id,))
    load = yard.started(order, trailer="TR-9")
    commands.load_plate(ctx(GUS), LoadPlate(load.load_id, yard.plate(order)))
    [shipment] = commands.close_load(ctx(GUS), CloseLoad(load.load_id, "SEAL-1")).shipment_ids
    drain()
    answer = client.get(f"/api/v1/shipments/{shipment}/notice/856", headers=bearer(KIM))
    envelope = x12.read(answer.content.decode())
    assert (envelope.sender.id, envelope.receiver.id, envelope.is_test) == ("FLOWRACK", "NORTH1", True)
    notice = ship_notice.read(envelope.sets[0])
    [goods] = notice.goods
    assert (goods.order, goods.reference, goods.sku, goods.units, goods.pallet, goods.carton) == (
        order.number, "PO-77", "4711", 10, yard.plate(order), "",
    )  # fmt: skip
    assert (notice.load, notice.trailer, notice.seal, notice.carrier) == (
        sql.fetch_value("SELECT number FROM shipping_load"), "TR-9", "SEAL-1", "Swift Freight",
    )  # fmt: skip
    [event] = sql.fetch_all("SELECT body::json FROM platform_outboxevent WHERE kind = 'shipping.notice_written'")
    assert (event[0]["shipment_id"], event[0]["customer_id"], event[0]["control"]) == (
        shipment,
        north,
        envelope.control,
    )
    again = client.post(f"/api/v1/shipments/{shipment}/notice/856", headers=bearer(KIM))
    assert (again.status_code, again.json()["control"]) == (201, envelope.control)
    assert sql.fetch_value("SELECT count(*) FROM shipping_noticemessage") == 1
    browser = signed_in(KIM)
    assert "EDI 856" in browser.get(f"/shipments/{shipment}/notice").content.decode()
    assert browser.get(f"/shipments/{shipment}/notice/856").content == answer.content


def test_without_ids_nothing_is_written_until_somebody_enters_them():
    yard = trucks.yard()
    told()
    orders = [yard.packed("NORTH"), yard.packed("SOUTH")]
    leave = ShipConfirm(yard.site, [Departure(order_ids=(order.order_id,)) for order in orders])
    shipment, untold = (one.shipment_id for one in commands.ship_confirm(ctx(GUS), leave).shipments)
    drain()
    req = WriteNoticeMessage(shipment)
    with pytest.raises(NoEdiAddress):
        commands.write_notice_message(ctx(KIM), req)
    with pytest.raises(NoNotice):
        commands.write_notice_message(ctx(KIM), WriteNoticeMessage(untold))
    with pytest.raises(Invalid, match="two ids"):
        told(edi_sender="FLOWRACK")
    with pytest.raises(Invalid, match="no id for an envelope"):
        told(edi_sender="FLOW*RACK", edi_receiver="N1")
    told(edi_sender="FLOWRACK", edi_receiver="NORTH1", edi_qualifier="14")
    with pytest.raises(NotPermitted):
        commands.write_notice_message(ctx(GUS), req)
    with pytest.raises((NoNotice, NotPermitted)):
        commands.write_notice_message(ctx(EVE), req)
    sql.execute("UPDATE catalog_item SET base_uom = 'armful'")
    with pytest.raises(NotTold, match="4711 is counted in “armful”"):
        commands.write_notice_message(ctx(KIM), req)
    sql.execute("UPDATE catalog_item SET base_uom = 'each'")
    assert sql.fetch_value("SELECT count(*) FROM shipping_noticemessage") == 0
    assert "Write EDI 856" in signed_in(KIM).get(f"/shipments/{shipment}/notice").content.decode()
    assert signed_in(KIM).post(f"/shipments/{shipment}/notice/856").status_code == 303
    content = sql.fetch_value("SELECT content FROM shipping_noticemessage")
    assert x12.read(content).receiver == x12.Address("NORTH1", "14")
