import pytest
from tests import supply
from tests.cast import CY, HAL, signed_in

from flowrack.inbound.types import CountedLine
from flowrack.ledger.tests import house as h
from flowrack.returns.tests.scene import sold
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


def text(response, status=200):
    assert response.status_code == status, response.getvalue()[:1500]
    return response.getvalue().decode()


def test_a_lot_is_traced_on_the_page_and_as_a_file():
    s = sold(300, lot="L-9")
    lot = h.value("SELECT id FROM catalog_lot WHERE code = 'L-9'")
    h.receive(s.house, s.item, 180, "2.00", lot_id=lot)
    page = text(signed_in(HAL).get("/trace?code=L-9"))
    assert "480 units: 300 shipped to 1 customer, 180 on hand." in page
    assert "Every unit is accounted for." in page and "C WIDGET" in page
    rows = text(signed_in(HAL).get(f"/trace/lots/{lot}?format=csv")).strip().split("\r\n")
    assert len(rows) == 3 and rows[1].endswith("480,2,Tess")


def test_a_purchase_order_a_receipt_a_shipment_and_an_order_are_traced_by_their_numbers():
    here = h.house()
    item = supply.item("BRIE", tracking="lot")
    po = supply.approved(here.site, supply.supplier("DAIRY"), (item, 10, "2"))
    came = supply.receive(po, here, CountedLine(Units(6), po_line_id=po.line_ids[0], lot="B-1", lpn="PALLET-1"))
    browser = signed_in(HAL)
    page = text(browser.get(f"/trace?code={po.number.lower()}"))
    assert "6 units of 1 item came from" in page and "B-1" in page and "PALLET-1" in page
    assert "Nothing of its lots has left the house." in page
    assert "6 units of 1 item came from" in text(browser.get(f"/trace?code={came.number}"))
    rows = text(browser.get(f"/trace/po/{po.po_id}?format=csv")).strip().split("\r\n")
    assert len(rows) == 2 and ",6,1," in rows[1]
    sold(300, lot="L-9", at=here)
    for code in ("SH-WIDGET", h.sql.fetch_value("SELECT number FROM sales_order")):
        page = text(browser.get(f"/trace?code={code}"))
        assert "300 units of 1 item went to C WIDGET." in page and "L-9" in page
    assert browser.get("/trace/po/999999").status_code == 404
    assert browser.get("/trace/nonsense/1").status_code == 404


def test_a_code_with_two_meanings_asks_which():
    h.house()
    for sku in ("A", "B"):
        h.lot(h.item(sku, tracking="lot"), "SAME")
    assert "means 2 things" in text(signed_in(HAL).get("/trace?code=SAME"))


def test_an_unknown_code_says_what_to_do_and_strangers_stay_out():
    assert "Scan the label again" in text(signed_in(HAL).get("/trace?code=NOPE"), 404)
    assert signed_in(CY).get("/trace").status_code == 403
