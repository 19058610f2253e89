"""print_plate_labels: a label for each pallet that was received."""

from __future__ import annotations

import pytest
from tests.cast import BO, EVE, bearer, ctx, signed_in

from flowrack.dock.tests.yard import announced, line, sscc, yard
from flowrack.inbound import commands_labels
from flowrack.inbound.tests.dockside import pallet
from flowrack.inbound.types_labels import PrintPlateLabels
from flowrack.labels.tests.printer import print_out
from flowrack.platform import sql
from flowrack.shared.errors import NotFound, NotPermitted

pytestmark = pytest.mark.django_db


def test_each_pallet_of_a_receipt_gets_its_label_by_command_page_and_api(client):
    at = yard()
    announced(at, line(quantity="600", sscc=sscc(1)), line(quantity="360", sscc=sscc(2)))
    receipt = pallet(at, sscc(1)).receipts[0].receipt_id
    pallet(at, sscc(2))
    done = commands_labels.print_plate_labels(ctx(BO, "k"), PrintPlateLabels(receipt))
    assert commands_labels.print_plate_labels(ctx(BO, "k"), PrintPlateLabels(receipt)) == done
    assert done.plates == [sscc(1), sscc(2)]
    url = f"/api/v1/label-prints/{done.print_ids[1]}/label.zpl"
    paper = print_out(client.get(url, headers=bearer(BO)).content.decode())
    assert paper.scanned() == [(sscc(2), "]C0")]
    assert "360 units" in [text for *_, text in paper.texts]
    browser = signed_in(BO)
    assert "Print pallet labels" in browser.get(f"/receipts/{receipt}").content.decode()
    assert browser.post(f"/receipts/{receipt}/labels").status_code == 303
    sent = client.post(f"/api/v1/receipts/{receipt}/labels", {}, "application/json", headers=bearer(BO))
    assert sent.json()["plates"] == [sscc(1), sscc(2)]
    assert sql.fetch_all("SELECT max(copy_of), count(*) FROM labels_labelprint WHERE kind = 'receipt'") == [(3, 6)]


def test_no_plates_or_no_right_prints_nothing():
    at = yard()
    announced(at, line(quantity="600", sscc=sscc(1)))
    receipt = pallet(at, sscc(1)).receipts[0].receipt_id
    with pytest.raises(NotPermitted):
        commands_labels.print_plate_labels(ctx(EVE), PrintPlateLabels(receipt))
    sql.execute("UPDATE locations_lpn SET closed_at = now() WHERE code = %s", (sscc(1),))
    with pytest.raises(NotFound):
        commands_labels.print_plate_labels(ctx(BO), PrintPlateLabels(receipt))
    assert sql.fetch_value("SELECT count(*) FROM labels_labelprint") == 0
