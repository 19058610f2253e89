"""apply_freight_approvals: above the limit a second controller releases what one accepted."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.cast import NED, NOW, OZ, Person, ctx, signed_in

from flowrack.approvals import commands as approvals
from flowrack.approvals.types import Decide, Seen
from flowrack.freight import commands, queries
from flowrack.freight.tests.sent import Sent, enter, line
from flowrack.freight.types import (
    ApplyFreightApprovals,
    ApproveFreightInvoice,
    DecideCharges,
    DecidedFreight,
    DropFreightInvoice,
    WrongFreightState,
)
from flowrack.platform import outbox, sql
from flowrack.shared.errors import FlowrackError, NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal
VIV = Person("viv", "Viv Controller", ("finance_controller",))
LATER = NOW + timedelta(hours=1)


def verdict(number: str, said: str, *, by: Person, reason: str = "looked at it") -> None:
    seen = sql.fetch_one("SELECT id, content_hash FROM approvals_request WHERE number = %s", (number,))
    assert seen is not None
    approvals.decide(ctx(by), Decide([Seen(*seen)], said, reason))
    outbox.drain(now=LATER)


def asked(*amounts: str) -> tuple[int, str]:
    """Oz has accepted charges of nobody and asks for the release: the invoice and the request."""
    Sent()
    made = enter("A1", *(line(f"X{n}", amount) for n, amount in enumerate(amounts)))
    ids = [one.id for one in queries.charges_of(made.invoice_id)]
    commands.decide_freight_charges(ctx(OZ), DecideCharges(ids, "accept", "as agreed on the phone"))
    done = commands.approve_freight_invoice(ctx(OZ), ApproveFreightInvoice(made.invoice_id))
    assert (done.state, done.payable) == ("waiting", sum((D(one) for one in amounts), D(0)))
    assert "Accepted above the limit by whoever approves" in done.why
    return made.invoice_id, done.request


def standing(invoice_id: int) -> tuple[str, Decimal | None, str]:
    row = queries.invoice_row(invoice_id)
    return row.state, row.released, row.ended_by


def test_whoever_accepted_above_the_limit_does_not_release_it_alone_but_another_controller_does():
    invoice_id, number = asked("80.00")
    assert "Waits for" in signed_in(OZ).get(f"/freight-invoices/{invoice_id}").content.decode()
    with pytest.raises(FlowrackError):
        verdict(number, "approve", by=OZ)
    with pytest.raises(WrongFreightState, match="A1 is waiting"):
        commands.approve_freight_invoice(ctx(VIV), ApproveFreightInvoice(invoice_id))
    assert standing(invoice_id) == ("waiting", None, "")
    verdict(number, "approve", by=VIV)
    assert standing(invoice_id) == ("approved", D("80.00"), "Viv Controller")


def test_what_another_controller_accepted_is_released_by_one_alone():
    Sent()
    made = enter("A1", line("X", "80.00"))
    [charge] = queries.charges_of(made.invoice_id)
    commands.decide_freight_charges(ctx(VIV), DecideCharges([charge.id], "accept", "as agreed"))
    assert commands.approve_freight_invoice(ctx(OZ), ApproveFreightInvoice(made.invoice_id)).state == "approved"


def test_a_rejected_release_is_open_again_and_its_charge_can_be_disputed():
    invoice_id, number = asked("80.00")
    verdict(number, "reject", by=VIV, reason="not our pallet")
    assert standing(invoice_id) == ("open", None, "")
    with pytest.raises(FlowrackError, match="not our pallet"):
        commands.approve_freight_invoice(ctx(OZ), ApproveFreightInvoice(invoice_id))
    [charge] = queries.charges_of(invoice_id)
    commands.decide_freight_charges(ctx(NED), DecideCharges([charge.id], "dispute", "not our pallet"))
    assert commands.approve_freight_invoice(ctx(OZ), ApproveFreightInvoice(invoice_id)).payable == 0


def test_a_charge_that_is_decided_anew_or_a_dropped_invoice_asks_no_more():
    invoice_id, number = asked("80.00", "70.00")
    first, _ = queries.charges_of(invoice_id)
    commands.decide_freight_charges(ctx(NED), DecideCharges([first.id], "dispute", "too dear"))
    assert standing(invoice_id)[0] == "open"
    state = "SELECT state FROM approvals_request WHERE number = %s"
    assert sql.fetch_value(state, (number,)) == "voided"
    again = commands.approve_freight_invoice(ctx(OZ), ApproveFreightInvoice(invoice_id))
    assert (again.state, again.payable) == ("waiting", D("70.00"))
    commands.drop_freight_invoice(ctx(NED), DropFreightInvoice(invoice_id, "sent twice"))
    assert sql.fetch_value(state, (again.request,)) == "voided"
    assert standing(invoice_id)[0] == "dropped"


def test_more_that_is_accepted_of_an_approved_invoice_waits_too_and_is_disputed_again_when_it_is_rejected():
    Sent()
    made = enter("A1", line("X", "80.00"), line("Y", "9.00"))
    high, low = (one.id for one in queries.charges_of(made.invoice_id))
    commands.decide_freight_charges(ctx(NED), DecideCharges([high, low], "dispute", "not ours"))
    commands.approve_freight_invoice(ctx(OZ), ApproveFreightInvoice(made.invoice_id))
    done = commands.decide_freight_charges(ctx(OZ, now=LATER), DecideCharges([high], "accept", "it was ours"))
    [number] = done.requests
    assert standing(made.invoice_id) == ("waiting", 0, OZ.full_name)
    with pytest.raises(WrongFreightState, match="waits for the release of what was accepted since"):
        commands.decide_freight_charges(ctx(OZ, now=LATER), DecideCharges([low], "accept", "so was this"))
    with pytest.raises(WrongFreightState, match="was released"):
        commands.drop_freight_invoice(ctx(NED), DropFreightInvoice(made.invoice_id, "sent twice"))
    verdict(number, "reject", by=VIV, reason="no")
    assert standing(made.invoice_id) == ("approved", 0, OZ.full_name)
    assert [one.state for one in queries.charges_of(made.invoice_id)] == ["disputed", "disputed"]
    commands.decide_freight_charges(ctx(OZ, now=LATER), DecideCharges([low], "accept", "this one was"))
    assert standing(made.invoice_id) == ("approved", D("9.00"), OZ.full_name)


def test_only_flowrack_itself_applies_what_was_decided():
    with pytest.raises(NotPermitted):
        commands.apply_freight_approvals(ctx(OZ), ApplyFreightApprovals([DecidedFreight(1, "approved", "x")]))
