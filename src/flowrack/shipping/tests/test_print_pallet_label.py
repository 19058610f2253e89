"""print_pallet_label: the SSCC of a pallet, with what stands on it."""

from __future__ import annotations

import pytest
from tests.cast import EVE, GUS, bearer, ctx
from tests.scanner import Device

from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment.tests import packing
from flowrack.fulfilment.types_packing import WeighCarton
from flowrack.labels.tests.printer import print_out
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted
from flowrack.shipping import commands
from flowrack.shipping.types_pallet_labels import PrintPalletLabel
from flowrack.shipping.types_pallets import CannotStack, StackCartons

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at():
    return packing.staged()


def cartons(at: packing.Staged) -> list[str]:
    """Two cartons of two orders, with 1 and 2 units."""
    orders = [packing.picked(at.site, "ACME", f"T-{many}1", ("4711", many)) for many in (1, 2)]
    return [packing.packed(order).sscc for order in orders]


def test_the_label_tells_cartons_units_and_weight_and_scans(at, client):
    codes = cartons(at)
    for (carton_id,) in sql.fetch_all("SELECT id FROM fulfilment_carton"):
        fulfilment.weigh_carton(ctx(GUS), WeighCarton(carton_id, 550))
    pallet = commands.stack_cartons(ctx(GUS), StackCartons(at.site, codes)).pallet
    body = {"site_id": at.site, "pallet": pallet}
    sent = client.post("/api/v1/pallets/label", body, "application/json", headers=bearer(GUS)).json()
    assert (sent["spec"], sent["copy_of"]) == ("HOUSE-PALLET", 1)
    zpl = client.get(f"/api/v1/label-prints/{sent['print_id']}/label.zpl", headers=bearer(GUS)).content.decode()
    paper = print_out(zpl)
    assert paper.scanned() == [(f"(00){pallet}", "]C1")]
    words = [text for *_, text in paper.texts]
    assert "2 cartons, 3 units" in words and "1.1 kg" in words and "Order 2 orders" in words
    assert commands.print_pallet_label(ctx(GUS), PrintPalletLabel(at.site, pallet)).copy_of == 2
    with pytest.raises(NotPermitted):
        commands.print_pallet_label(ctx(EVE), PrintPalletLabel(at.site, pallet))
    with pytest.raises(CannotStack):
        commands.print_pallet_label(ctx(GUS), PrintPalletLabel(at.site, codes[0]))
    assert sql.fetch_value("SELECT count(*) FROM labels_labelprint") == 2


def test_a_pallet_that_is_built_by_scan_gets_its_label(at):
    one, two = cartons(at)
    device = Device(GUS, "/scan/pallet", at.site)
    device.tap("new")
    device.scan(one)
    device.scan(two)
    device.tap("done")
    kind, code = sql.fetch_one("SELECT kind, code FROM labels_labelprint")
    assert kind == "pallet" and code in device.page and "Open the pallet&#x27;s label" in device.page
