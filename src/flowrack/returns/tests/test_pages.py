import pytest
from django.urls import reverse
from tests.cast import CY, JO, KIM, OZ, signed_in

from flowrack.ledger.tests import house as h
from flowrack.returns.models import Disposition, ReturnedLot, Rma
from flowrack.returns.tests.scene import sold
from flowrack.returns.tests.test_create_rma import announce
from flowrack.returns.tests.test_receive_return import receive

pytestmark = pytest.mark.django_db


def text(response, status=200):
    assert response.status_code == status, response.getvalue()[:1500]
    return response.getvalue().decode()


def test_a_return_is_announced_from_its_order_on_the_page():
    s = sold(10)
    browser = signed_in(KIM)
    number = h.sql.fetch_value("SELECT number FROM sales_order WHERE id = %s", (s.order,))
    assert "Can come back" in text(browser.get(f"/returns/new?order={number}"))
    form = {"idempotency_key": "n1", "order": number, "reason": "changed_mind", f"units_{s.line}": "4"}
    assert browser.post("/returns/new", form).status_code == 303
    assert Rma.objects.get().state == "announced"
    too_many = {**form, "idempotency_key": "n2", f"units_{s.line}": "7"}
    assert "6 can come back" in text(browser.post("/returns/new", too_many), 409)
    assert "There is no order" in text(browser.get("/returns/new?order=SO-NONE"), 422)


def test_goods_are_received_and_decided_on_the_page():
    s = sold(10)
    rma = announce(s, 4)
    browser = signed_in(JO)
    form = {
        "idempotency_key": "r1",
        "location": s.house.places["return_review1"],
        f"units_{rma.line_ids[0]}": "4",
        f"condition_{rma.line_ids[0]}": "A",
    }
    assert browser.post(reverse("returns_receive", args=[rma.rma_id]), form).status_code == 303
    lot = ReturnedLot.objects.get()
    page = text(browser.get(f"/returns/{rma.rma_id}"))
    assert "Restock: as new and with enough life left." in page
    decision = {
        "idempotency_key": "d1",
        "location": s.house.places["receiving1"],
        f"units_{lot.pk}_restock": "3",
        f"units_{lot.pk}_damaged": "1",
    }
    refused = text(browser.post(reverse("returns_dispose", args=[rma.rma_id]), decision), 422)
    assert "Line 1, reason: The proposal is restock; another verdict needs a reason" in refused.replace(
        "Reason", "reason"
    )
    kept = {name: f'name="units_{lot.pk}_{name}" inputmode="numeric" value="{n}"' for name, n in
            (("restock", 3), ("damaged", 1), ("scrap", ""))}  # fmt: skip
    assert all(html in refused for html in kept.values())
    assert Disposition.objects.count() == 0
    decision |= {"idempotency_key": "d2", f"reason_{lot.pk}": "box torn"}
    assert browser.post(reverse("returns_dispose", args=[rma.rma_id]), decision).status_code == 303
    assert Rma.objects.get().state == "closed"


def test_the_desk_lists_returns_by_age_and_hides_cost():
    s = sold(10, "3.00")
    receive(s, announce(s, 4), 4)
    assert "12.00" in text(signed_in(OZ).get("/returns"))
    page = text(signed_in(JO).get("/returns"))
    assert "C WIDGET" in page and "12.00" not in page
    assert signed_in(CY).get("/returns").status_code == 403


def test_goods_are_received_by_scan():
    s = sold(10)
    rma = announce(s, 2)
    browser = signed_in(JO)

    def scan(kind, value, state, key, reason=""):
        form = {"kind": kind, "value": value, "state": state, "key": key, "reason": reason}
        return browser.post("/scan/returns", form)

    def token(response):
        return text(response).split('name="state" value="')[1].split('"')[0]

    opened = scan("code", rma.number, token(browser.get("/scan/returns")), "s1")
    asked = scan("code", "WIDGET", token(opened), "s2")
    assert "which grade?" in text(asked)
    done = scan("qty", "2", token(asked), "s3", "C")
    assert done["X-Scan-Feedback"] == "done"
    assert (ReturnedLot.objects.get().units, ReturnedLot.objects.get().proposal) == (2, "damaged")
    wrong = scan("code", "NOTHING", token(browser.get("/scan/returns")), "s4")
    assert wrong["X-Scan-Feedback"] == "wrong"
