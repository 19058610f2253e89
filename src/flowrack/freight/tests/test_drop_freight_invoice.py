"""drop_freight_invoice: an invoice that was entered by mistake counts no more."""

from __future__ import annotations

import pytest
from tests.cast import MAY, NED, ctx, signed_in

from flowrack.freight import commands, queries
from flowrack.freight.tests.sent import Sent, books, charges, enter, line
from flowrack.freight.types import DropFreightInvoice, FreightNoteMissing, WrongFreightState
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


def test_its_number_is_free_and_its_charges_stand_nowhere():
    _, number = Sent().ship()
    made = enter("A1", line(number, "6.49"))
    with pytest.raises(FreightNoteMissing):
        commands.drop_freight_invoice(ctx(NED), DropFreightInvoice(made.invoice_id, ""))
    with pytest.raises(NotPermitted):
        commands.drop_freight_invoice(ctx(MAY), DropFreightInvoice(made.invoice_id, "wrong carrier"))
    assert books() == (1, 0, 1, 0)
    ned = signed_in(NED)
    assert ned.post(f"/freight-invoices/{made.invoice_id}/drop", {"reason": "wrong carrier"}).status_code == 303
    again = enter("A1", line(number, "6.49"))
    assert charges(again.invoice_id)[0][1] == "matched"
    assert [row.state for row in queries.invoices_after(0, limit=5)] == ["dropped", "open"]
    with pytest.raises(WrongFreightState):
        commands.drop_freight_invoice(ctx(NED), DropFreightInvoice(made.invoice_id, "once more"))
