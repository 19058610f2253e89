import pytest
from tests.cast import JO, KIM, ctx
from tests.scanner import Device

from flowrack.platform import sql
from flowrack.returns import commands
from flowrack.returns.tests.scene import sold
from flowrack.returns.types import CreateRma, NewRmaLine

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    """A return of 6 of a lot, announced, and a phone that has scanned it."""
    s = sold(10, sku="MILK", lot="L-26")
    rma = commands.create_rma(
        ctx(KIM), CreateRma(s.house.site, "changed_mind", [NewRmaLine(6, s.line)], order_id=s.order)
    )
    phone = Device(JO, "/scan/returns", s.house.site)
    assert phone.scan(rma.number) == "ok"
    return s, phone


def came():
    return sql.fetch_all(
        "SELECT l.code, r.units, r.condition FROM returns_returnedlot r JOIN catalog_lot l ON l.id = r.lot_id"
    )


def test_a_plain_lot_label_is_enough_and_the_grade_must_be_chosen(scene):
    _, phone = scene
    assert phone.scan("L-26") == "more" and "lot L-26" in phone.page
    assert 'aria-pressed="true"' not in phone.html
    assert phone.type("2") == "wrong" and "Which grade is it?" in phone.page
    assert phone.type("2", "B") == "ok"
    assert came() == [("L-26", 2, "B")]


def test_the_lot_is_asked_for_and_the_same_goods_scanned_again_count_once_more(scene):
    _, phone = scene
    assert phone.scan("MILK") == "more" and "Scan lot" in phone.page
    assert phone.scan("L-99") == "wrong" and "MILK has no lot L-99." in phone.page
    assert phone.scan("L-26") == "more"
    assert phone.scan("MILK") == "more" and " 2 of 6 announced" in phone.page
    assert phone.scan("OTHER") == "wrong"
    assert phone.type("6", "A") == "done"
    assert came() == [("L-26", 6, "A")]


def test_an_order_without_a_return_says_with_what_it_left():
    s = sold(10)
    sql.execute(
        "INSERT INTO shipping_shipmentorder (shipment_id, order_id, is_waiting)"
        " SELECT h.id, o.id, false FROM shipping_shipment h, sales_order o"
    )
    number, shipment = sql.fetch_one("SELECT o.number, h.number FROM sales_order o, shipping_shipment h")
    phone = Device(JO, "/scan/returns", s.house.site)
    assert phone.scan(number) == "wrong"
    assert f"{number} left with {shipment}, but no return of it is announced." in phone.page
