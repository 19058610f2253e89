"""approve_freight_invoice: what is payable is released by another person, and reaches the cost a line."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.cast import NED, NOW, OZ, ROB, bearer, ctx, signed_in

from flowrack.analytics.queries.floor import floor_figures
from flowrack.analytics.rules_floor import FloorAsked
from flowrack.freight import commands, queries
from flowrack.freight.tests.sent import Sent, books, enter, line
from flowrack.freight.types import (
    ApproveFreightInvoice,
    DecideCharges,
    FreightInvoiceNotFound,
    FreightOpen,
    WrongFreightState,
)
from flowrack.platform import sql
from flowrack.shared.errors import DutiesConflict, NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


def test_nothing_waits_another_person_approves_and_the_bill_is_the_freight():
    sent = Sent()
    _, number = sent.ship()
    asked = FloorAsked(NOW.date(), NOW.date() + timedelta(days=2), NOW, sent.site)
    assert floor_figures(asked).freight == D("6.49")
    made = enter("A1", line(number, "9.49"))
    approve = ApproveFreightInvoice(made.invoice_id)
    before = books()
    with pytest.raises(FreightOpen):
        commands.approve_freight_invoice(ctx(OZ), approve)
    with pytest.raises(NotPermitted):
        commands.approve_freight_invoice(ctx(NED), approve)
    with pytest.raises(FreightInvoiceNotFound):
        commands.approve_freight_invoice(ctx(OZ), ApproveFreightInvoice(made.invoice_id + 1))
    assert books() == before
    [charge] = queries.charges_of(made.invoice_id)
    assert floor_figures(asked).freight == D("6.49")
    commands.decide_freight_charges(ctx(NED), DecideCharges([charge.id], "accept", "dearer since March"))
    done = commands.approve_freight_invoice(ctx(OZ), approve)
    assert (done.state, done.payable) == ("approved", D("9.49"))
    assert queries.invoice_row(made.invoice_id).released == D("9.49")
    found = floor_figures(asked)
    assert (found.freight, found.priced_lines, found.cost_a_line) == (D("9.49"), 1, D("9.49"))
    with pytest.raises(WrongFreightState):
        commands.approve_freight_invoice(ctx(OZ), approve)


def test_whoever_entered_it_does_not_approve_it_and_pages_and_api_do_the_same(client):
    Sent()
    made = enter("A1", line("X", "1.00"))
    [charge] = queries.charges_of(made.invoice_id)
    commands.decide_freight_charges(ctx(NED), DecideCharges([charge.id], "dispute", "not ours"))
    sql.execute("UPDATE freight_invoice SET entered_by_id = (SELECT id FROM platform_user WHERE username = 'oz')")
    oz = signed_in(OZ)
    refused = oz.post(f"/freight-invoices/{made.invoice_id}/approve")
    assert refused.status_code == DutiesConflict.status
    assert "somebody else approves it" in refused.content.decode()
    sql.execute("UPDATE freight_invoice SET entered_by_id = (SELECT id FROM platform_user WHERE username = 'ned')")
    url = f"/api/v1/freight-invoices/{made.invoice_id}"
    assert client.post(f"{url}/approval", headers=bearer(OZ)).json()["payable"] == "0.0000"
    read = client.get(url, headers=bearer(ROB)).json()
    assert (read["state"], read["charges_of"][0]["words"]) == ("approved", "no shipment of ours has this reference")
    [figure] = client.get("/api/v1/freight-figures", headers=bearer(OZ)).json()
    assert (figure["carrier"], figure["billed"], figure["disputed"]) == ("North Freight", "1.0000", "1.0000")
    assert "North Freight" in oz.get("/freight-by-carrier").content.decode()
