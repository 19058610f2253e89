import pytest
from tests.cast import BO, DI, ED, EVE, ctx, signed_in
from tests.supply import draft, house, item, po_state, sells, supplier

from flowrack.platform import sql
from flowrack.purchasing import commands as purchasing
from flowrack.purchasing.types import SubmitPo

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, seller, hose = house(), supplier("OSTLER"), item("V-200")
    sells(seller, hose, "4", moq=10)
    return here, draft(here.site, seller, (hose, 100, "4"))


def test_lists_and_records_are_open_to_those_who_may_see_them(scene):
    _, po = scene
    for url in (
        "/purchase-orders?state=draft",
        f"/purchase-orders/{po.po_id}",
        "/purchase-orders?state=draft&format=csv",
    ):
        page = signed_in(BO).get(url)
        assert page.status_code == 200 and po.number in page.getvalue().decode()
        assert signed_in(EVE).get(url).status_code == 403
    assert signed_in(BO).get("/purchase-orders/new").status_code == 403
    assert signed_in(BO).get("/purchase-orders/999999").status_code == 404


def po_lines(*rows: tuple[str, str, str]) -> dict[str, list[str]]:
    """Rows of the form's grid."""
    names = ("grid-item", "grid-units", "grid-unit_cost")
    return {name: [row[at] for row in rows] for at, name in enumerate(names)}


def test_a_buyer_writes_a_draft_and_a_manager_approves_it(scene):
    here, before = scene
    purchasing.submit_po(ctx(DI), SubmitPo([before.po_id]))
    browser = signed_in(DI)
    form = {"supplier": "OSTLER", "site": str(here.site), **po_lines(("V-200", "40", ""), ("V-200", "20", "3.5")),
            "idempotency_key": "a"}  # fmt: skip
    assert browser.get("/purchase-orders/new").status_code == 200
    covered = browser.post("/purchase-orders/new", form)
    assert covered.status_code == 409 and "come until" in covered.content.decode()
    form["cover_reason"] = "a second site opens"
    saved = browser.post("/purchase-orders/new", form)
    assert saved.status_code == 303
    assert sql.fetch_all("SELECT units, unit_cost::text FROM purchasing_poline ORDER BY id")[1:] == [
        (40, "4.000000"),
        (20, "3.500000"),
    ]
    url = saved.headers["Location"]
    told = browser.get(url).content.decode()
    assert "Counts as coming" in told and "no sales in 3 months" in told
    assert browser.post(f"{url}/approve", {"idempotency_key": "b"}).status_code == 403
    assert signed_in(ED).post(f"{url}/approve", {"idempotency_key": "c"}).status_code == 303
    assert sql.fetch_value("SELECT state FROM purchasing_po ORDER BY id DESC LIMIT 1") == "approved"


def test_a_form_that_is_wrong_says_what_to_change_and_keeps_what_was_typed(scene):
    here, _ = scene
    lines = po_lines(("V-200", "five", ""), ("NOPE", "", "dear"), ("V-200", "10", ""))
    form = {"supplier": "NOBODY", "site": str(here.site), **lines, "idempotency_key": "a"}
    page = signed_in(DI).post("/purchase-orders/new", form)
    text = page.content.decode()
    assert page.status_code == 422
    for said in ("There is no supplier “NOBODY”.", "“five” is not a number", "No item has the code “NOPE”.",
                 "The units are missing.", "“dear” is not a price."):  # fmt: skip
        assert text.count(said) == 2, f"{said} stands in the summary and beside its field"
    assert text.count('aria-invalid="true"') == 5 and 'value="five"' in text and 'href="#grid-item-2"' in text
    low = signed_in(DI).post("/purchase-orders/new", {**form, "supplier": "OSTLER", **po_lines(("V-200", "5", ""))})
    assert low.status_code == 422 and "Order 10." in low.content.decode()


def test_an_order_ends_with_a_reason(scene):
    _, po = scene
    browser = signed_in(DI)
    url = f"/purchase-orders/{po.po_id}/cancel"
    assert browser.get(url).status_code == 200
    assert browser.post(url, {"reason": "", "idempotency_key": "a"}).status_code == 422
    assert browser.post(url, {"reason": "not needed", "idempotency_key": "b"}).status_code == 303
    assert po_state(po)[0] == "cancelled"
    refused = browser.post(f"/purchase-orders/{po.po_id}/close", {"reason": "x", "idempotency_key": "c"})
    assert refused.status_code == 409 and "is cancelled" in refused.content.decode()
