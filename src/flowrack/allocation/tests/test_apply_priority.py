"""What was allowed is judged anew: promises move, customers hear of it, and nothing is promised twice."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import ADA, DI, KIM, LOU, NOW, ctx, signed_in

from flowrack.allocation import commands_displacement as commands
from flowrack.allocation import queries_tried
from flowrack.allocation.tests.urgent import IN_3, IN_5, TOMORROW, ask, decide, pick_part, pilot
from flowrack.allocation.types_displacement import ApplyPriority
from flowrack.ledger.verify import verify
from flowrack.platform import decisions, outbox, sql
from flowrack.platform.outbox import context_for_system
from flowrack.purchasing.commands_confirmations import DecideConfirmations, decide_confirmations, record_confirmations
from flowrack.purchasing.types_confirmations import ConfirmedLine, NewConfirmation, RecordConfirmations
from flowrack.sales import commands_changes as sales
from flowrack.sales.types import CancelOrder
from flowrack.shared.errors import DutiesConflict
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref

pytestmark = pytest.mark.django_db


def request():
    return sql.fetch_one("SELECT state, outcome FROM allocation_priorityrequest")


def why(order) -> str:
    return decisions.why(ref("sales.line", order.line_ids[0]))[0].sentence


def test_after_the_approval_the_promise_moved_and_the_customer_hears_of_it():
    at = pilot()
    done = ask(at.urgent)
    decide(done.approval)
    assert at.counts() == [(0, 30, 50), (30, 0, 10), (60, 0, 0)]
    assert request() == ("granted", "")
    assert why(at.mid) == (
        f"10 given to {at.urgent.number}, which is urgent, allowed by Lou Sales: they leave on 5 Mar instead of 3 Mar."
    )
    assert "allowed by Lou Sales" in why(at.urgent)
    [row] = sql.fetch_all(
        "SELECT order_line_id, promised_on, covered_on, units, closed_at FROM allocation_promiseexception"
    )
    assert row == (at.mid.line_ids[0], TOMORROW, IN_3, 10, None)
    [text] = [row[0] for row in sql.fetch_all("SELECT text FROM allocation_customernotice")]
    assert text.startswith(
        f"We are sorry: 10 of X X on your order {at.mid.number} cannot reach you on 4 March 2026 as promised. "
        "They will reach you on 6 March 2026."
    )
    assert "HOSPITAL" not in text
    kinds = {row[0] for row in sql.fetch_all("SELECT kind FROM platform_outboxevent")}
    assert {"allocation.displaced", "allocation.notices_drafted", "allocation.priority_ended"} <= kinds
    assert verify() == []
    standing = queries_tried.standing_of(at.mid.line_ids[0], at.item_id, at.at.site, NOW)
    assert standing is not None and standing.sentence.startswith(f"10 went to {at.urgent.number}, which is urgent. ")
    shown = signed_in(KIM).get(f"/allocation/priorities/{done.request_id}").content.decode()
    assert shown.count("All that were looked at</h2>") == 1
    assert shown.count("All that were looked at again, when it was decided</h2>") == 1


def test_who_asked_does_not_decide():
    at = pilot()
    done = ask(at.urgent, by=LOU)
    with pytest.raises(DutiesConflict):
        decide(done.approval, by=LOU)
    decide(done.approval, by=ADA)
    assert at.counts()[2] == (60, 0, 0)


def test_a_rejection_leaves_all_as_it_was_and_says_what_is_left():
    at = pilot()
    done = ask(at.urgent)
    before = at.counts()
    decide(done.approval, "reject", reason="B has a launch tomorrow")
    assert at.counts() == before
    assert request() == ("rejected", "B has a launch tomorrow")
    assert why(at.urgent) == (
        f"Lou Sales said no to {done.number}: B has a launch tomorrow. 10 of X wait; "
        "send the part that is reserved or wait for stock."
    )
    assert sql.fetch_value("SELECT count(*) FROM allocation_customernotice") == 0


def test_what_was_picked_meanwhile_stays():
    at = pilot()
    done = ask(at.urgent)
    pick_part(at.at.site, at.mid, 36)
    decide(done.approval)
    assert at.counts() == [(0, 30, 50), (0, 36, 4), (54, 0, 6)]
    assert request() == ("granted", "Only 4 of 10 can still be moved.")
    assert verify() == []


def test_what_became_free_meanwhile_is_taken_first():
    at = pilot()
    done = ask(at.urgent)
    outbound.receive(at.at, at.item_id, 7, "6")
    decide(done.approval)
    assert at.counts() == [(0, 30, 50), (37, 0, 3), (60, 0, 0)]
    assert request() == ("granted", "7 are free by now.")


def test_if_the_delivery_slips_further_nothing_more_is_taken():
    at = pilot()
    done = ask(at.urgent)
    late = ConfirmedLine(1, Units(100), IN_5)
    answer = RecordConfirmations([NewConfirmation(at.po_id, "OC", [late])])
    open_ids = [x.confirmation_line_id for x in record_confirmations(ctx(DI), answer).lines if x.state == "open"]
    decide_confirmations(ctx(DI), DecideConfirmations(open_ids, "accept"))
    decide(done.approval)
    assert at.counts()[1:] == [(40, 0, 0), (50, 0, 10)]
    assert request()[0] == "voided"
    assert request()[1].startswith("Somebody would wait longer than was allowed")


def test_an_order_that_was_cancelled_takes_nothing():
    at = pilot()
    done = ask(at.urgent)
    sales.cancel_order(ctx(KIM), CancelOrder(at.urgent.order_id, "not wanted"))
    outbox.drain(now=NOW)
    assert request()[0] == "voided"
    assert sql.fetch_value("SELECT state FROM approvals_request WHERE number = %s", (done.approval,)) == "voided"
    assert at.counts()[1] == (40, 0, 0)


def test_a_verdict_is_done_once():
    at = pilot()
    done = ask(at.urgent)
    [content_hash] = sql.fetch_one("SELECT content_hash FROM approvals_request WHERE number = %s", (done.approval,))
    decide(done.approval)
    again = commands.apply_priority(
        context_for_system(NOW, "again"), ApplyPriority(done.request_id, "approved", content_hash)
    )
    assert (again.state, again.units, at.counts()[2]) == ("granted", 0, (60, 0, 0))


def test_the_letter_is_read_and_marked_as_sent():
    at = pilot()
    decide(ask(at.urgent).approval)
    browser = signed_in(KIM)
    notice_id = sql.fetch_value("SELECT id FROM allocation_customernotice")
    assert "We are sorry" in browser.get(f"/allocation/notices/{notice_id}").content.decode()
    assert f"/allocation/notices/{notice_id}" in browser.get(f"/orders/{at.mid.order_id}").content.decode()
    form = {"state": "sent", "idempotency_key": "n"}
    assert browser.post(f"/allocation/notices/{notice_id}/settle", form).status_code == 303
    assert sql.fetch_one("SELECT state, settled_by_id FROM allocation_customernotice") == ("sent", KIM.id)
