"""Units beyond the tolerance: asked for at the scan, decided in the inbox, let in once."""

from __future__ import annotations

import pytest
from tests.cast import ADA, BO, DI, ED, ctx, signed_in
from tests.supply import approved, house, item, receive, supplier

from flowrack.approvals import commands as approvals
from flowrack.approvals.types import Decide, Seen
from flowrack.inbound import commands_over as commands
from flowrack.inbound.types import CountedLine
from flowrack.inbound.types_over import AskOverReceipt, BadOverReceipt
from flowrack.platform import outbox, sql
from flowrack.purchasing import commands_versions as changes
from flowrack.purchasing.tests.changing import change
from flowrack.purchasing.types import OverReceipt
from flowrack.purchasing.types_versions import LineChange
from flowrack.shared.errors import DutiesConflict, NotPermitted
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    """A hundred of an order came, and two more are tolerated."""
    here, hose = house(), item("V-200")
    po = approved(here.site, supplier(), (hose, 100, "4"))
    receive(po, here, CountedLine(units=Units(102), item_id=hose))
    return here, hose, po


def asking(scene, units=1, by=BO):
    _, hose, po = scene
    return commands.ask_over_receipt(ctx(by), AskOverReceipt(po.po_id, hose, Units(units), "they sent a full case"))


def decide(number, verdict="approve", by=ADA, reason=""):
    request_id, content = sql.fetch_one("SELECT id, content_hash FROM approvals_request WHERE number = %s", (number,))
    done = approvals.decide(ctx(by), Decide([Seen(request_id, content)], verdict, reason))
    outbox.drain()
    return done


def states():
    return [row[0] for row in sql.fetch_all("SELECT state FROM inbound_overreceipt ORDER BY id")]


def test_what_is_approved_comes_in_once_and_no_unit_more(scene):
    here, hose, po = scene
    asked = asking(scene, 8)
    assert (asked.state, asked.units, states()) == ("waiting", 8, ["waiting"])
    shown = sql.fetch_one("SELECT label, field, before, after FROM approvals_requestchange ORDER BY id DESC LIMIT 1")
    assert shown == (f"V-200 on {po.number}", "Most that may come", "102", "110")
    with pytest.raises(OverReceipt):
        receive(po, here, CountedLine(units=Units(1), item_id=hose))
    decide(asked.approval)
    assert states() == ["allowed"]
    receive(po, here, CountedLine(units=Units(8), item_id=hose))
    with pytest.raises(OverReceipt):
        receive(po, here, CountedLine(units=Units(1), item_id=hose))
    assert asking(scene, 2).state == "waiting", "the next ones are asked for anew"


def test_who_asked_does_not_approve_and_a_rejection_changes_nothing(scene):
    here, hose, po = scene
    asked = asking(scene, by=ADA)
    with pytest.raises(DutiesConflict):
        decide(asked.approval, by=ADA)
    decide(asked.approval, "reject", by=ED, reason="send them back")
    assert states() == ["rejected"]
    with pytest.raises(OverReceipt):
        receive(po, here, CountedLine(units=Units(1), item_id=hose))


def test_the_same_question_waits_once_and_another_number_of_units_voids_it(scene):
    first = asking(scene, 3)
    assert asking(scene, 3).approval == first.approval
    second = asking(scene, 5)
    assert second.approval != first.approval and states() == ["voided", "waiting"]
    assert sql.fetch_value("SELECT state FROM approvals_request WHERE number = %s", (first.approval,)) == "voided"


def test_what_was_approved_for_an_order_that_changed_falls_away(scene):
    here, hose, _ = scene
    po = approved(here.site, supplier("OTHER"), (hose, 100, "4"), (item("CUP"), 5, "1"))
    receive(po, here, CountedLine(units=Units(102), item_id=hose))
    asked = asking((here, hose, po), 3)
    changes.revise_pos(ctx(DI), change(po, LineChange(1, units=Units(150))))
    decide(sql.fetch_value("SELECT number FROM approvals_request ORDER BY id DESC LIMIT 1"), by=ED)
    assert sql.fetch_value("SELECT max(units) FROM purchasing_poline WHERE po_id = %s", (po.po_id,)) == 150
    decide(asked.approval)
    assert states() == ["voided"]
    assert sql.fetch_value("SELECT state FROM approvals_request WHERE number = %s", (asked.approval,)) == "voided"
    assert sql.fetch_value("SELECT sum(allowed_units) FROM purchasing_poline") == 0


def test_a_question_without_units_or_by_who_may_not_receive_is_refused(scene):
    with pytest.raises(BadOverReceipt):
        asking(scene, 0)
    with pytest.raises(NotPermitted):
        asking(scene, by=DI)


def test_the_scan_offers_to_ask(scene):
    _, _, po = scene
    bo, state = signed_in(BO), ""

    def send(kind, value, key):
        nonlocal state
        answer = bo.post("/scan/receive", {"kind": kind, "value": value, "key": key, "state": state})
        state = answer.context["state_token"]
        return answer

    send("code", po.number, "k1")
    send("code", "V-200", "k2")
    send("action", "units", "k2a")
    send("qty", "4", "k3")
    refused = send("action", "loose", "k4")
    assert refused.headers["X-Scan-Feedback"] == "wrong"
    assert "Ask the supervisor" in refused.content.decode() and "4 too many" in refused.content.decode()
    asked = send("action", "ask_over", "k5")
    assert "asked, AP-" in asked.content.decode()
    assert states() == ["waiting"]
