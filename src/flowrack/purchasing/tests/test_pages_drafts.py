"""A draft is changed on its page; requisitions are asked for, ordered and ended on theirs."""

import pytest
from tests.cast import DI, ED, EVE, MAY, signed_in
from tests.supply import approved, draft, po_state

from flowrack.platform import outbox, sql
from flowrack.purchasing.tests.asking import ask, decide, line, scene, state

pytestmark = pytest.mark.django_db


def grid(*rows, names=("item", "units", "unit_cost")):
    return {f"grid-{name}": [row[at] for row in rows] for at, name in enumerate(names)}


def test_a_draft_is_changed_where_it_stands():
    here, a, _, hose, _, _ = scene()
    po = draft(here.site, a, (hose, 100, "4"))
    browser, url = signed_in(DI), f"/purchase-orders/{po.po_id}/change"
    page = browser.get(url).content.decode()
    assert 'value="V-200"' in page and 'value="100"' in page and 'name="version" value="1"' in page
    form = {"supplier": "A", "site": str(here.site), "version": "1", "due_on": "2999-01-05",
            **grid(("V-200", "80", "4.5"), ("TAP", "5", "2"), ("", "", "")), "idempotency_key": "a"}  # fmt: skip
    assert browser.post(url, form).status_code == 303
    assert po_state(po) == ("draft", [(80, 0, 0), (5, 0, 0)])
    stale = browser.post(url, {**form, "idempotency_key": "b"})
    assert stale.status_code == 412 or "was changed since you read it" in stale.content.decode()
    bound = approved(here.site, a, (hose, 10, "4"))
    assert browser.get(f"/purchase-orders/{bound.po_id}/change").status_code == 409
    assert signed_in(EVE).get(url).status_code == 403


def test_what_the_form_and_the_command_find_wrong_comes_in_one_round():
    here, a, _, hose, _, _ = scene()
    po = draft(here.site, a, (hose, 100, "4"))
    rows = grid(("V-200", "105", ""), ("NOPE", "1", ""), ("V-200", "many", ""), ("NUT", "4", ""))
    form = {"supplier": "A", "site": str(here.site), "due_on": "tomorrow", "version": "1", **rows}
    page = signed_in(DI).post(f"/purchase-orders/{po.po_id}/change", {**form, "idempotency_key": "a"})
    text = page.content.decode()
    assert page.status_code == 422
    for said, times in (
        ("This is no day of the calendar.", 2),
        ("105 is not a multiple of 10; the next quantity that works is 110.", 2),
        ("No item has the code “NOPE”.", 2),
        ("“many” is not a number", 2),
        ("No price is known for NUT from this supplier.", 2),
    ):
        assert text.count(said) == times, said
    assert sql.fetch_value("SELECT count(*) FROM platform_commandrecord WHERE command = 'purchasing.change_po'") == 0
    assert po_state(po) == ("draft", [(100, 0, 0)])


def test_codes_are_looked_up_by_those_who_may_see_them():
    scene()
    found = signed_in(DI).get("/codes/item?q=v-2").content.decode()
    assert 'data-code="V-200"' in found and "TAP" not in found
    assert 'data-code="A"' in signed_in(DI).get("/codes/supplier?q=A Wo").content.decode()
    assert signed_in(DI).get("/codes/customer?q=A Wo").content.decode().strip() == ""
    assert signed_in(DI).get("/codes/nothing?q=x").status_code == 404
    assert signed_in(EVE).get("/codes/item?q=V").status_code == 403


def test_a_requisition_goes_its_way_on_the_pages():
    here, _, _, hose, _, _ = scene()
    names = ("item", "units", "wanted_on", "supplier")
    form = {"site": str(here.site), "wanted_on": "2999-01-05", "reason": "trade fair",
            **grid(("V-200", "50", "", ""), ("TAP", "5", "2999-02-01", "B"), names=names)}  # fmt: skip
    bad = {**form, "reason": "", **grid(("V-200", "0", "soon", "Z"), names=names), "idempotency_key": "a"}
    refused = signed_in(MAY).post("/requisitions/new", bad)
    text = refused.content.decode()
    assert refused.status_code == 422 and "“soon” is not a day." in text and "There is no supplier “Z”." in text
    saved = signed_in(MAY).post("/requisitions/new", {**form, "idempotency_key": "b"})
    assert saved.status_code == 303
    url = saved.headers["Location"]
    number = sql.fetch_value("SELECT number FROM purchasing_requisition")
    for address in (url, "/requisitions?state=requested", "/requisitions?state=requested&format=csv"):
        page = signed_in(MAY).get(address)
        assert page.status_code == 200 and number in page.getvalue().decode()
    assert signed_in(EVE).get(url).status_code == 403
    changed = {**form, "version": "1", **grid(("V-200", "40", "", ""), names=names), "idempotency_key": "c"}
    assert signed_in(MAY).get(f"{url}/change").status_code == 200
    assert signed_in(MAY).post(f"{url}/change", changed).status_code == 303
    made = type("Made", (), {"requisition_id": int(url.rpartition("/")[2])})
    ed, asked = signed_in(ED), sql.fetch_one("SELECT id, content_hash FROM approvals_request WHERE state = 'waiting'")
    assert f'action="{url}/approve"' in ed.get(url).content.decode()
    assert f'action="{url}/approve"' not in signed_in(MAY).get(url).content.decode()
    stale = ed.post(f"{url}/approve", {"request": asked[0], "hash": "older", "idempotency_key": "x"})
    assert stale.status_code == 412 and "is not what you saw" in stale.content.decode()
    said = {"request": asked[0], "hash": asked[1], "idempotency_key": "y"}
    assert ed.post(f"{url}/approve", said).headers["Location"] == url
    outbox.drain()
    assert signed_in(MAY).post(f"{url}/order", {"idempotency_key": "d"}).status_code == 403
    ordered = signed_in(DI).post(f"{url}/order", {"idempotency_key": "e"})
    assert ordered.status_code == 303 and state(made) == "ordered"
    draft_page = signed_in(ED).get(ordered.headers["Location"]).content.decode()
    assert number in draft_page and "Ordered for" in draft_page
    other = ask(here.site, line(hose, 5), cover_reason="more")
    refusing = f"/requisitions/{other.requisition_id}/reject"
    assert "Say what should change." in ed.get(refusing).content.decode()
    seen = sql.fetch_value("SELECT content_hash FROM approvals_request WHERE state = 'waiting'")
    assert ed.post(refusing, {"reason": "no budget", "content_hash": seen, "idempotency_key": "z"}).status_code == 303
    outbox.drain()
    assert state(other) == "rejected" and ed.get(refusing).status_code == 404
    ending = f"/requisitions/{other.requisition_id}/cancel"
    assert signed_in(MAY).get(ending).status_code == 200
    assert signed_in(MAY).post(ending, {"reason": "no fair", "idempotency_key": "f"}).status_code == 303
    assert state(other) == "cancelled"


def test_what_nobody_sells_is_ordered_from_the_supplier_typed_on_the_page():
    here, a, b, hose, _, nut = scene()
    sql.execute("UPDATE catalog_item SET standard_cost = 1 WHERE id = %s", (nut,))
    made = ask(here.site, line(hose, 50), line(nut, 4))
    decide(made)
    browser, url, name = signed_in(DI), f"/requisitions/{made.requisition_id}/order", f"supplier_{made.line_ids[1]}"
    asked = browser.post(url, {"idempotency_key": "a"})
    text = asked.content.decode()
    assert asked.status_code == 422 and f'name="{name}"' in text and 'data-look="/codes/supplier"' in text
    assert "No supplier sells NUT." in text and f"supplier_{made.line_ids[0]}" not in text
    wrong = browser.post(url, {name: "NOBODY", "idempotency_key": "b"})
    assert wrong.status_code == 422 and "There is no supplier “NOBODY”." in wrong.content.decode()
    assert browser.post(url, {name: "B", "idempotency_key": "c"}).status_code == 303
    lines = sql.fetch_all(
        "SELECT po.supplier_id, l.item_id, l.units FROM purchasing_poline l JOIN purchasing_po po ON po.id = l.po_id"
        " ORDER BY l.id"
    )
    assert (lines, state(made)) == ([(a, hose, 50), (b, nut, 4)], "ordered")
