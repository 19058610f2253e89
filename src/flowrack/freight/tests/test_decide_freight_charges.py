"""decide_freight_charges: accepted, disputed, credited; above the limit by a controller."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.cast import MAY, NED, OZ, bearer, ctx, signed_in

from flowrack.freight import commands, queries
from flowrack.freight.tests.sent import Sent, books, enter, line
from flowrack.freight.types import (
    ApproveFreightInvoice,
    DecideCharges,
    DropFreightInvoice,
    FreightChargeNotFound,
    FreightNoteMissing,
    FreightOverLimit,
    WrongFreightState,
)
from flowrack.platform import sql
from flowrack.shared.errors import DutiesConflict, Invalid, NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


def decide(who, ids: list[int], action: str, note: str = "as agreed") -> str:
    return commands.decide_freight_charges(ctx(who), DecideCharges(ids, action, note)).state


def ids_of(invoice_id: int) -> list[int]:
    return [one.id for one in queries.charges_of(invoice_id)]


@pytest.fixture
def charges() -> list[int]:
    """Charges of 80.00, 9.00 and 6.49 (matched), the greatest difference first."""
    _, number = Sent().ship()
    return ids_of(enter("A1", line("X", "80.00"), line("Y", "9.00"), line(number, "6.49")).invoice_id)


def test_a_dispute_is_paid_as_expected_and_ends_in_a_credit_or_is_accepted(charges):
    high, low, _ = charges
    assert decide(NED, [high, low], "dispute", "not our parcels") == "disputed"
    [row] = queries.invoices_after(0, limit=5)
    assert (row.open, row.disputed, row.payable) == (0, 2, Decimal("6.49"))
    assert decide(NED, [high], "credit", "note C-7") == "credited"
    assert decide(NED, [low], "accept", "it was a return") == "accepted"
    [row] = queries.invoices_after(0, limit=5)
    assert (row.disputed, row.payable) == (0, Decimal("15.49"))
    [kept] = queries.charges_named([high])
    assert (kept.note, kept.decided_by, kept.state) == ("note C-7", NED.full_name, "credited")


def test_above_the_limit_a_clerk_does_not_accept(charges):
    high, low, matched = charges
    before = books()
    with pytest.raises(FreightOverLimit, match=r"2 charges of invoice A1 are 89\.00 more than expected, above 50\.00"):
        decide(NED, [high, low], "accept")
    for ids, error in (([matched], WrongFreightState), ([10**9], FreightChargeNotFound), ([], WrongFreightState)):
        with pytest.raises(error):
            decide(NED, ids, "accept")
    with pytest.raises(FreightNoteMissing):
        decide(NED, [low], "accept", " x")
    with pytest.raises(NotPermitted):
        decide(MAY, [low], "accept")
    assert books() == before
    assert decide(OZ, [high, low], "accept") == "accepted"


def test_the_limit_counts_for_all_that_clerks_accept_of_an_invoice():
    Sent()
    first, second, third = ids_of(enter("A1", line("X", "30.00"), line("Y", "20.00"), line("Z", "0.01")).invoice_id)
    [other] = ids_of(enter("A2", line("X", "50.00")).invoice_id)
    assert decide(NED, [first], "accept") == "accepted"
    assert decide(NED, [second, other], "accept") == "accepted"
    before = books()
    with pytest.raises(FreightOverLimit, match=r"Z is 0\.01 more .* with 50\.00 accepted before, above 50\.00"):
        decide(NED, [third], "accept")
    assert books() == before
    assert decide(OZ, [third], "accept") == "accepted"


def test_what_a_controller_accepted_does_not_count_for_a_clerk():
    Sent()
    high, low = ids_of(enter("A1", line("X", "80.00"), line("Y", "9.00")).invoice_id)
    assert decide(OZ, [high], "accept") == "accepted"
    assert decide(NED, [low], "accept") == "accepted"


def test_nobody_accepts_more_of_an_approved_invoice_but_another_person_who_may_release_it():
    Sent()
    made = enter("A1", line("Y", "40.00"), line("Z", "8.00"))
    high, low = ids_of(made.invoice_id)
    decide(NED, [high, low], "dispute")
    assert commands.approve_freight_invoice(ctx(OZ), ApproveFreightInvoice(made.invoice_id)).payable == 0
    before = books()
    with pytest.raises(WrongFreightState, match="Invoice A1 is approved; what is accepted of it now would be paid"):
        decide(NED, [low], "accept")
    sql.execute("UPDATE freight_invoice SET ended_by_id = entered_by_id, entered_by_id = ended_by_id")
    with pytest.raises(DutiesConflict, match="You entered invoice A1; somebody else releases more of it"):
        decide(OZ, [low], "accept")
    sql.execute("UPDATE freight_invoice SET ended_by_id = entered_by_id, entered_by_id = ended_by_id")
    assert books() == before
    row = queries.invoice_row(made.invoice_id)
    assert (row.state, row.payable, row.released) == ("approved", 0, 0)
    assert decide(NED, [high], "credit") == "credited"
    assert decide(OZ, [low], "accept") == "accepted"
    row = queries.invoice_row(made.invoice_id)
    assert (row.payable, row.released) == (Decimal("8.00"), Decimal("8.00"))


def test_what_is_credited_in_whole_is_billed_anew_and_what_is_credited_in_part_is_not():
    _, number = Sent().ship()
    first = enter("A1", line(number, "60.00")).invoice_id
    decide(NED, ids_of(first), "dispute")
    assert decide(NED, ids_of(first), "credit", "note C-7") == "credited"
    again = enter("A2", line(number, "6.49")).invoice_id
    assert [(c.cause, c.expected) for c in queries.charges_of(again)] == [("twice", 0)]
    assert decide(NED, ids_of(first), "void", "note C-7 is for all of it") == "voided"
    anew = enter("A3", line(number, "6.49")).invoice_id
    assert [(c.cause, c.state) for c in queries.charges_of(anew)] == [("matched", "matched")]
    assert [queries.invoice_row(one).payable for one in (first, again, anew)] == [0, 0, Decimal("6.49")]
    commands.drop_freight_invoice(ctx(NED), DropFreightInvoice(anew, "A2 is the right one"))
    decide(NED, ids_of(again), "accept")
    last = enter("A3", line(number, "6.49")).invoice_id
    assert [c.words for c in queries.charges_of(last)] == [f"{number} stands in invoice A2 already"]


def test_page_and_api(charges, client):
    high, low, _ = charges
    ned = signed_in(NED)
    page = ned.get(f"/freight-charges/decide?ids={low}").content.decode()
    assert "Y: no shipment of ours has this reference. 9.00 more than expected." in page
    assert (
        ned.post(f"/freight-charges/decide?ids={low}", {"action": "dispute", "note": "a parcel of May"}).status_code
        == 303
    )
    body = {"charge_ids": [high], "action": "accept", "note": "as agreed"}
    said = {"content_type": "application/json"}
    refused = client.post("/api/v1/freight-charges/decisions", body, headers=bearer(NED), **said)
    assert (refused.status_code, refused.json()["code"]) == (409, "freight_over_limit")
    nul = client.post("/api/v1/freight-charges/decisions", body | {"note": "a\0gain"}, headers=bearer(OZ), **said)
    assert (nul.status_code, nul.json()["title"]) == (Invalid.status, "A text has characters that cannot be stored.")
    done = client.post("/api/v1/freight-charges/decisions", body, headers=bearer(OZ), **said).json()
    assert done == {"charge_ids": [high], "state": "accepted", "requests": []}
    listed = ned.get("/freight-charges?view=all").content.decode()
    assert "a parcel of May" in listed
