"""An urgent order takes at once what harms nobody, asks for the rest, and says why."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import CY, KIM, LOU, bearer, ctx, signed_in

from flowrack.allocation import commands_displacement as commands
from flowrack.allocation import queries_urgent as queries
from flowrack.allocation.tests.urgent import IN_3, IN_5, TOMORROW, ask, pick_part, pilot
from flowrack.allocation.types_displacement import BadPriority, NothingToMove, RequestPriority, UrgentLine
from flowrack.ledger.tests.house import today
from flowrack.ledger.verify import verify
from flowrack.platform import decisions, sql
from flowrack.sales import commands_holds
from flowrack.sales.types import OrderNotFound
from flowrack.sales.types_holds import PlaceHolds
from flowrack.shared.errors import NotPermitted
from flowrack.shared.refs import ref

pytestmark = pytest.mark.django_db


def test_the_pilot_moves_fifty_and_asks_for_ten():
    at = pilot()
    done = ask(at.urgent, key="k")
    assert ask(at.urgent, key="k") == done
    [line_id] = at.urgent.line_ids
    assert (done.state, done.lines) == ("waiting", [UrgentLine(line_id, 50, 10, 10)])
    assert at.counts() == [(0, 30, 50), (40, 0, 0), (50, 0, 10)]
    rows = queries.displaced([done.request_id])[done.request_id]
    assert [(r.number, r.units, r.moved, r.is_automatic, r.promised_on, r.leaves_on, r.slip_days) for r in rows] == [
        (at.low.number, 50, 50, True, IN_5, IN_3, 0),
        (at.mid.number, 10, 0, False, TOMORROW, IN_3, 2),
    ]
    assert queries.pending_of(at.urgent.order_id) == {line_id: 10}
    assert verify() == []


def test_the_inbox_shows_who_loses_what_before_and_after():
    at = pilot()
    done = ask(at.urgent)
    request = sql.fetch_one(
        "SELECT amount, reason, requester_id, summary FROM approvals_request WHERE number = %s", (done.approval,)
    )
    assert request == (100, "A hospital waits", KIM.id, f"{done.number} 10 for {at.urgent.number}, HOSPITAL Ltd")
    shown = sql.fetch_all(
        """
        SELECT c.label, c.field, c.before, c.after, c.is_exception FROM approvals_requestchange c
        JOIN approvals_request r ON r.id = c.request_id WHERE r.number = %s ORDER BY c.line_no
        """,
        (done.approval,),
    )
    assert shown == [
        (f"{at.urgent.number} HOSPITAL Ltd, tier A", "X it gets", "50 of 60", "60 of 60", False),
        (f"{at.mid.number} MID Ltd, tier B", "10 of X leave", "Tue 3 Mar", "Thu 5 Mar (+2 days)", True),
        (f"{at.mid.number} MID Ltd, tier B", "Value that waits", "", "100.00", False),
    ]  # fmt: skip
    facts = dict(
        sql.fetch_all(
            "SELECT f.name, f.value FROM approvals_requestfact f JOIN approvals_request r ON r.id = f.request_id "
            "WHERE r.number = %s",
            (done.approval,),
        )
    )
    assert (facts["units"], facts["slip_days"], facts["losers"], facts["loser_tier"]) == ("10", "2", "1", "B")


def test_every_line_says_why():
    at = pilot()
    done = ask(at.urgent)
    subjects = [ref("sales.line", order.line_ids[0]) for order in (at.low, at.mid, at.urgent)]
    low, mid, urgent = (decisions.why(subject)[0] for subject in subjects)
    assert low.sentence == (
        f"50 given to {at.urgent.number}, which is urgent: they leave by 5 Mar, the promise of 7 Mar holds."
    )
    assert mid.kind != "displacement", "nothing happened to it yet"
    assert urgent.sentence == (
        f"Urgent, 60 missing: 50 from {at.low.number} (tier C, still in time for 7 Mar), 10 from {at.mid.number} "
        f"(tier B, 2 days late; waits for consent, {done.approval})."
    )
    assert urgent.detail["candidates"] == [
        [at.low.number, "C", "2026-03-07", 50, "gives way in time"],
        [at.mid.number, "B", "2026-03-03", 10, "gives way, 2 days late"],
        [at.low.number, "C", "2026-03-07", 30, "stays: picked goods never move"],
        [at.mid.number, "B", "2026-03-03", 30, "stays: not needed"],
    ]


def test_asked_twice_it_keeps_its_request_and_takes_nothing_more():
    at = pilot()
    done = ask(at.urgent)
    again = ask(at.urgent, by=LOU)
    assert (again.request_id, again.approval) == (done.request_id, done.approval)
    assert again.lines == [UrgentLine(at.urgent.line_ids[0], 0, 10, 10)]
    assert at.counts() == [(0, 30, 50), (40, 0, 0), (50, 0, 10)]


def test_free_stock_needs_nobody():
    at = pilot()
    outbound.receive(at.at, at.item_id, 60, "6")
    done = ask(at.urgent)
    assert (done.state, done.approval, at.counts()) == ("granted", "", [(50, 30, 0), (40, 0, 0), (60, 0, 0)])
    with pytest.raises(NothingToMove):
        ask(at.urgent)


def test_what_a_picker_has_stays_and_nobody_else_can_give():
    at = pilot()
    outbound.release(at.at.site, at.low, at.mid)
    before = outbound.books()
    with pytest.raises(NothingToMove) as refused:
        ask(at.urgent)
    assert refused.value.message == (
        "Nobody can give way for the 60 of X that are missing: picked goods never move; a picker has them."
    )
    assert outbound.books() == before


def test_no_reason_a_held_order_and_people_who_may_not():
    at = pilot()
    with pytest.raises(BadPriority):
        commands.request_priority(ctx(KIM), RequestPriority(at.urgent.order_id, " "))
    with pytest.raises(NotPermitted):
        commands.request_priority(ctx(CY), RequestPriority(at.urgent.order_id, "mine"))
    with pytest.raises(OrderNotFound):
        commands.request_priority(ctx(KIM), RequestPriority(10**9, "no such"))
    commands_holds.place_holds(ctx(KIM), PlaceHolds("look", [at.urgent.order_id], []))
    with pytest.raises(BadPriority):
        ask(at.urgent)


def test_two_clicks_and_a_reason_on_the_page(client):
    at = pilot(today())
    browser = signed_in(KIM)
    order = browser.get(f"/orders/{at.urgent.order_id}").content.decode()
    assert f"/orders/{at.urgent.order_id}/urgent" in order
    page = browser.get(f"/orders/{at.urgent.order_id}/urgent").content.decode()
    assert "50 move at once, 10 when somebody else consents." in page
    assert "2 days late" in page and "at once: still in time" in page
    form = {"reason": "A hospital waits", "idempotency_key": "a"}
    assert browser.post(f"/orders/{at.urgent.order_id}/urgent", form).status_code == 303
    assert at.counts() == [(0, 30, 50), (40, 0, 0), (50, 0, 10)]
    request_id = sql.fetch_value("SELECT id FROM allocation_priorityrequest")
    shown = browser.get(f"/allocation/priorities/{request_id}").content.decode()
    assert "picked goods never move" in shown and "the same result" in shown
    assert browser.get("/allocation/priorities").status_code == 200
    number = sql.fetch_value("SELECT number FROM allocation_priorityrequest")
    urgent = browser.get(f"/orders/{at.urgent.order_id}").content.decode()
    assert "10 proposed, needs consent" in urgent and 'fill="url(#hatch)"' in urgent
    assert f"10 of {at.mid.number} are asked for it ({number}): somebody must consent." in urgent
    mid = browser.get(f"/orders/{at.mid.order_id}?line={at.mid.line_ids[0]}").content.decode()
    assert f"10 of it are asked for by {at.urgent.number}, which is urgent ({number}): not decided yet." in mid
    answer = client.get(f"/api/v1/priority-requests/{request_id}", headers=bearer(KIM)).json()
    assert [(line["units"], line["moved"], line["slip_days"]) for line in answer["lines"]] == [(50, 50, 0), (10, 0, 2)]


def test_a_page_that_can_do_nothing_says_why_and_the_way_out_and_has_no_form():
    at = pilot(today())
    kim, url = signed_in(KIM), f"/orders/{at.urgent.order_id}/urgent"
    outbound.release(at.at.site, at.low, at.mid)
    page = kim.get(url).content.decode()
    assert "Nobody can give way for the 60 of X that are missing: picked goods never move; a picker has them." in page
    assert "Offer a substitute or a part, or wait for the next delivery." in page
    assert f"/order-lines/{at.urgent.line_ids[0]}/instead" in page and "#ladder" in page
    assert "Why it cannot wait" not in page
    before = outbound.books()
    assert kim.post(url, {"reason": "now", "idempotency_key": "a"}).status_code == 409
    assert outbound.books() == before
    commands_holds.place_holds(ctx(KIM), PlaceHolds("look", [at.urgent.order_id], []))
    page = kim.get(url).content.decode()
    assert f"What waits of {at.urgent.number} is on hold." in page and f"/orders/holds?q={at.urgent.number}" in page


def test_an_order_that_is_urgent_already_leads_to_its_request():
    at = pilot(today())
    kim, url = signed_in(KIM), f"/orders/{at.urgent.order_id}/urgent"
    assert kim.post(url, {"reason": "now", "idempotency_key": "a"}).status_code == 303
    [row] = queries.requests_of_order(at.urgent.order_id)
    page = kim.get(url).content.decode()
    assert "called it urgent already." in page and "10 units wait for somebody else&#x27;s consent." in page
    assert f"/allocation/priorities/{row.id}" in page and "Why it cannot wait" not in page


def test_the_api_asks_the_same(client):
    at = pilot(today())
    body = {"reason": "A hospital waits"}
    url = f"/api/v1/orders/{at.urgent.order_id}/priority"
    done = client.post(url, body, "application/json", headers=bearer(KIM))
    assert done.status_code == 201
    assert [(line["units"], line["pending"]) for line in done.json()["lines"]] == [(50, 10)]
    listed = client.get("/api/v1/priority-requests", headers=bearer(KIM)).json()
    assert [row["pending"] for row in listed["items"]] == [10]


def test_picked_while_it_waits_is_pending_no_more():
    at = pilot()
    ask(at.urgent)
    pick_part(at.at.site, at.mid, 36)
    assert at.counts()[1] == (4, 36, 0)
