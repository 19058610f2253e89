import pytest
from tests.cast import CY, HAL, signed_in

from flowrack.ledger.tests import house as h
from flowrack.returns.tests.scene import sold

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


def test_a_code_with_two_meanings_asks_which():
    h.house()
    for sku in ("A", "B"):
        h.lot(h.item(sku, tracking="lot"), "SAME")
    assert "means 2 things" in text(signed_in(HAL).get("/trace?code=SAME"))


def test_an_unknown_code_says_what_to_do_and_strangers_stay_out():
    assert "Scan the label again" in text(signed_in(HAL).get("/trace?code=NOPE"), 404)
    assert signed_in(CY).get("/trace").status_code == 403
