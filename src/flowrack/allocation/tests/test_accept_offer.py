"""An accepted offer is reserved lines of the order that name the original; what must be agreed to is asked."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import ADA, CY, KIM, LOU, MAY, bearer, ctx, signed_in

from flowrack.allocation import commands_substitutes as commands
from flowrack.allocation import pages_substitutes
from flowrack.allocation import queries_substitutes as queries
from flowrack.allocation.tests.instead import TODAY, accept, seen, short
from flowrack.allocation.types_substitutes import AcceptOffer, BadOffer, NoOffer, OfferChanged, SeenPortion
from flowrack.ledger.tests.house import today
from flowrack.ledger.verify import verify
from flowrack.platform import decisions, sql
from flowrack.sales import queries_substitutes
from flowrack.sales.types import OrderNotFound
from flowrack.shared.errors import Busy, NotPermitted
from flowrack.shared.refs import ref

pytestmark = pytest.mark.django_db


def test_offer_a_becomes_a_line_at_the_price_of_what_was_ordered():
    here = short()
    done = accept(here, "A", key="k")
    asked = AcceptOffer(here.line_id, "A", [SeenPortion(here.s1, 20)], "")
    assert commands.accept_offer(ctx(KIM, "k"), asked) == done
    assert (done.replaced, done.pending, done.approval) == (20, 0, "")
    assert here.lines() == [("P", 100, 35, 20, ""), ("S1", 20, 20, 0, "P")]
    [line_id] = done.line_ids
    assert sql.fetch_value("SELECT unit_price FROM sales_orderline WHERE id = %s", (line_id,)) == 10
    assert queries_substitutes.instead_of([line_id])[line_id].sku == "P"
    fill = queries_substitutes.fill_of_order(here.order.order_id)
    assert (fill.wanted, fill.original, fill.replaced) == (100, 35, 20)
    why = [decisions.why(ref("sales.line", key))[0].sentence for key in (here.line_id, line_id)]
    assert why == ["20 are replaced: 20 S1 for 20. 45 wait for P.", "All 20 reserved from lot L2, instead of 20 P."]
    assert verify() == []


def test_offer_b_waits_for_consent_and_needs_a_reason():
    here = short()
    with pytest.raises(BadOffer):
        accept(here, "B")
    done = accept(here, "B", reason="They need them on Friday")
    assert (done.replaced, done.pending) == (20, 36)
    assert here.lines() == [("P", 100, 35, 20, ""), ("S1", 20, 20, 0, "P")]
    [row] = queries.requests_of_order(here.order.order_id)
    assert (row.state, row.substitutes, row.replaces, row.margin_delta) == ("waiting", "36 × S2", 36, 54)
    assert sql.fetch_one("SELECT amount, sentence FROM approvals_request WHERE number = %s", (done.approval,)) == (
        432, "S2: not for class C without approval.",
    )  # fmt: skip
    with pytest.raises(Busy):
        commands.accept_offer(ctx(LOU), AcceptOffer(here.line_id, "B", seen(here, "B"), "again"))


def test_another_offer_than_was_seen_is_refused_and_changes_nothing():
    here = short()
    before = outbound.books()
    for units in (21, 1):
        with pytest.raises(OfferChanged):
            commands.accept_offer(ctx(KIM), AcceptOffer(here.line_id, "A", [SeenPortion(here.s1, units)], ""))
    with pytest.raises(BadOffer):
        commands.accept_offer(ctx(KIM), AcceptOffer(here.line_id, "C", [], ""))
    with pytest.raises(NotPermitted):
        commands.accept_offer(ctx(CY), AcceptOffer(here.line_id, "A", [], ""))
    with pytest.raises(OrderNotFound):
        commands.accept_offer(ctx(KIM), AcceptOffer(10**9, "A", [], ""))
    assert outbound.books() == before


def test_a_customer_who_takes_none_is_offered_none():
    here = short()
    sql.execute("UPDATE sales_order SET substitutes = 'no'")
    sql.execute("UPDATE allocation_substituteconsent SET ended_at = now()")
    with pytest.raises(NoOffer) as refused:
        commands.accept_offer(ctx(KIM), AcceptOffer(here.line_id, "A", [], ""))
    assert {line.message.partition(": ")[2] for line in refused.value.lines} == {"the customer takes no substitutes"}


def test_what_is_free_of_the_ordered_item_is_reserved_as_well():
    here = short()
    outbound.receive(here.at, here.p, 50, "6")
    done = accept(here, "A")
    assert (done.reserved, done.replaced) == (50, 15)
    assert here.lines() == [("P", 100, 85, 15, ""), ("S1", 15, 15, 0, "P")]
    line = queries.short_line(done.line_ids[0], TODAY)
    assert line is not None and line.need.missing == 0, "a substitute is not replaced again"


def test_the_page_compares_three_ways_and_sends(client):
    here = short(today())
    way = sql.fetch_value("SELECT transit_days FROM sales_order WHERE id = %s", (here.order.order_id,))
    browser = signed_in(LOU)
    assert f"/order-lines/{here.line_id}/instead" in browser.get(f"/orders/{here.order.order_id}").content.decode()
    page = browser.get(f"/order-lines/{here.line_id}/instead").content.decode()
    told = ("Send the part", "Send a substitute", "Substitute, with consent", "Wait for all of it", "3 packs", "−")
    fills = ("55.0 %, 35.0 % without", "91.0 %, 35.0 % without", f"remaining life {45 - way} &lt; 60")
    for words in (*told, *fills):
        assert words in page, words
    assert "against the ordered item" not in signed_in(KIM).get(f"/order-lines/{here.line_id}/instead").content.decode()
    form = {"offer": "A", "item": str(here.s1), "units": "20", "idempotency_key": "a"}
    assert browser.post(f"/order-lines/{here.line_id}/instead/accept", form).status_code == 303
    stale = browser.post(f"/order-lines/{here.line_id}/instead/accept", {**form, "idempotency_key": "b"})
    assert stale.status_code == 409 and "Nothing can be sent instead" in stale.content.decode()
    order = browser.get(f"/orders/{here.order.order_id}").content.decode()
    assert "instead of P" in order and "35.0 %" in order


def test_the_page_offers_what_another_site_can_spare(client):
    here = short(today())
    north = outbound.house("NORTH")
    outbound.receive(north, here.p, 500, "6", "reserve1")
    page = signed_in(MAY).get(f"/order-lines/{here.line_id}/instead").content.decode()
    assert "Transfer from NORTH" in page and "Ship it from NORTH" in page
    assert " over</a>" not in page, "a planner moves no stock"
    page = signed_in(ADA).get(f"/order-lines/{here.line_id}/instead").content.decode()
    assert " over</a>" in page and f"/transfers/new?site={north.site}" in page and "due_on=" in page


def test_one_press_plans_the_transfer_that_brings_what_the_line_lacks():
    here = short(today())
    north = outbound.house("NORTH")
    outbound.receive(north, here.p, 500, "6", "reserve1")
    browser, url = signed_in(MAY), f"/order-lines/{here.line_id}"
    page = browser.get(f"{url}/instead").content.decode()
    assert "Plan transfer of 65" in page and f"{url}/transfer" in page
    form = {"site": north.site, "units": "65", "idempotency_key": "a"}
    assert signed_in(KIM).post(f"{url}/transfer", form).status_code == 403
    assert browser.post(f"{url}/transfer", form).status_code == 303
    [(number, state, due_on, reason, to_site)] = sql.fetch_all(
        "SELECT number, state, due_on, reason, to_site_id FROM storage_transfer WHERE for_ref = %s",
        (f"sales.line:{here.line_id}",),
    )
    assert (state, reason) == ("planned", f"{here.order.number} line 1 for CARE Ltd waits for 65")
    assert to_site == sql.fetch_value("SELECT site_id FROM sales_order WHERE id = %s", (here.order.order_id,))
    assert due_on is not None
    page = browser.get(f"{url}/instead").content.decode()
    assert f"Transfer {number}" in page and "Plan transfer of" not in page, "it is planned already"
    again = browser.post(f"{url}/transfer", {**form, "idempotency_key": "b"})
    assert again.status_code in (400, 409, 422)
    assert f"65 of P are missing, and 65 by {number} are to come." in again.content.decode()
    assert sql.fetch_value("SELECT count(*) FROM storage_transfer") == 1


def test_the_api_offers_and_accepts(client):
    here = short(today())
    url = f"/api/v1/order-lines/{here.line_id}/substitutes"
    found = client.get(url, headers=bearer(LOU)).json()
    assert [(p["sku"], p["units"]) for p in found["b"]["portions"]] == [("S1", 20), ("S2", 36)]
    assert (found["a"]["backorder"], found["b"]["backorder"], found["a"]["margin_delta"]) == (45, 9, "-20.00")
    assert client.get(url, headers=bearer(KIM)).json()["a"]["margin_delta"] is None
    body = {"offer": "A", "seen": [{"item_id": here.s1, "units": 20}]}
    assert client.post(url, body, "application/json", headers=bearer(KIM)).json()["replaced"] == 20
    rates = client.get("/api/v1/fill-rates?since=2020-01-01&until=2040-01-01", headers=bearer(KIM)).json()
    assert (rates["wanted"], rates["original"], rates["replaced"]) == (100, 0, 0), "nothing left yet"


def test_a_transfer_that_would_bring_it_no_sooner_than_what_is_pegged_is_not_planned_for_it(monkeypatch):
    here = short(today())
    north = outbound.house("NORTH")
    outbound.receive(north, here.p, 500, "6", "reserve1")
    browser, url = signed_in(MAY), f"/order-lines/{here.line_id}/instead"
    assert "Plan transfer of 65" in browser.get(url).content.decode()
    monkeypatch.setattr(pages_substitutes, "_covered", lambda line, day: line.need.ship_on)
    page = browser.get(url).content.decode()
    assert "Transfer from NORTH" in page and "No sooner" in page and " anyway" in page
    assert "Plan transfer of" not in page
